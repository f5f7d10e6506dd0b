"""The benchmarks run: their short form, whose figures mean nothing, gives every row."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.journey
SENDING = {
    f"dispatch.vs_{name}"
    for name in ("session_pool", "bare_pool", "sdk", "celery", "task_per_message")
}
ROWS = SENDING | {
    "dispatch.vs_latency_bound",
    "dispatch.cpu_per_message",
    "dispatch.flat_10k_to_1m",
    "dispatch.worker_memory",
    "callbacks.vs_insert",
    "callbacks.p99_under_load",
    "callbacks.events_per_second",
    "callbacks.verify",
    "callbacks.web_memory",
}


def test_the_short_form_measures_every_row(tmp_path):
    figures, page = tmp_path / "rows.json", tmp_path / "benchmarks.md"
    manage = str(settings.BASE_DIR / "manage.py")
    command = [sys.executable, manage, "bench", "--short", "--json", figures, "--doc", page]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "mmsportal.settings"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(figures.read_text())
    rows = told["rows"]
    assert {row["name"] for row in rows} == ROWS
    assert [row["name"] for row in rows].count("dispatch.vs_celery") == 2
    for row in rows:
        assert row["skipped"] or (row["ours"] > 0 and row["baseline"] > 0 and row["ratio"] > 0)
        assert row["database"].startswith("SQLite 3.")
    assert "Python 3." in " ".join(told["about"])
    assert all(name in done.stdout and name in page.read_text() for name in ROWS)
    assert page.with_suffix(".svg").exists()
