"""Settings that must not be forgotten are asked for at the start."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.management.commands.demo import demo_environment

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"SECRET_KEY": "x" * 50, "FIELD_KEYS": "bGFwdG9wLW9ubHktZmllbGQta2V5LTMyLWJ5dGVzISE="}


def check(tmp_path, **environment):
    clean = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


def test_a_laptop_needs_no_settings(tmp_path):
    assert check(tmp_path).returncode == 0


def test_production_starts_with_its_own_secrets(tmp_path):
    assert check(tmp_path, DEBUG="off", **KEYS).returncode == 0


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_KEYS"])
def test_production_does_not_start_on_a_default_secret(tmp_path, missing):
    given = {name: value for name, value in KEYS.items() if name != missing}
    refused = check(tmp_path, DEBUG="off", **given)
    assert refused.returncode != 0
    assert f"Set {missing}" in refused.stderr


def test_the_sandbox_is_refused_in_production(tmp_path):
    assert 'SANDBOX="demo"' in check(tmp_path, DEBUG="off", SANDBOX="on", **KEYS).stderr
    assert check(tmp_path, DEBUG="off", SANDBOX="demo", **KEYS).returncode == 0


def test_the_demo_leaves_the_database_of_production_alone(tmp_path, monkeypatch):
    """Its login is known to everybody; a `.env` beside it must not lend it another database."""
    monkeypatch.setenv("DATABASE_URL", "postgres://127.0.0.1:1/production")
    code = "from django.conf import settings; print(settings.DATABASES['default']['NAME'])"
    environment = {**os.environ, **demo_environment(tmp_path, 8000)}
    environment["DJANGO_SETTINGS_MODULE"] = "mmsportal.settings"
    command = [sys.executable, "-c", code]
    asked = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == str(tmp_path / "portal.sqlite3")


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/3"])
def test_redis_is_the_cache_where_it_is_named(tmp_path, url):
    code = (
        "import django; django.setup(); from django.core.cache import caches, cache;"
        "from django_q.brokers import get_broker;"
        "print(type(get_broker()).__name__, type(caches['default']).__name__, cache.get(1))"
    )
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "REDIS_URL": url}
    environment["DJANGO_SETTINGS_MODULE"] = "mmsportal.settings"
    command = [sys.executable, "-c", code]
    asked = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == ["Doorbell", "SparableCache" if url else "LocMemCache", "None"]


def test_time_zones_are_those_of_the_pinned_package():
    """A system's may be years old: British Columbia stopped changing its clocks in 2026."""
    summer, winter = (
        datetime(2027, month, 1, tzinfo=ZoneInfo("America/Vancouver")) for month in (7, 1)
    )
    assert summer.utcoffset() == winter.utcoffset()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [("LOG_FORMAT", "xml", 'LOG_FORMAT is "line"'), ("MONITOR_TOKEN", "short", "be guessed")],
)
def test_what_would_leave_it_unwatched_is_refused(tmp_path, name, value, why):
    assert why in check(tmp_path, **{name: value}).stderr
