"""`bench callbacks`: posts stored per second under gunicorn, against a bare INSERT view."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaigns.management.benchmarks.dispatch import make_channel
from campaigns.management.benchmarks.report import Row, more_is_better
from campaigns.management.benchmarks.servers import running
from campaigns.models import WebhookPost
from campaigns.services.channels import hash_token

SECONDS = 4
CONNECTIONS = 8
TOKEN = "a-token-of-the-benchmark"  # noqa: S105


def run(rounds: int) -> list[Row]:
    channel = make_channel("https://127.0.0.1/")
    channel.hook_hash = hash_token(TOKEN)
    channel.save()
    ours, bare = [], []
    for _ in range(rounds):
        with server("mmsportal.settings") as port:
            ours.append(posts_per_second(port, f"/hooks/{TOKEN}/"))
        with server("campaigns.management.benchmarks.bare_settings") as port:
            bare.append(posts_per_second(port, f"/bare/{channel.pk}/"))
    return [more_is_better("callbacks.vs_insert", ours, bare, "posts/s")]


def posts_per_second(port: int, path: str) -> float:
    """Every post that was answered 200 must be a row."""
    before = WebhookPost.objects.count()
    load = [sys.executable, str(Path(__file__).with_name("load.py"))]
    shape = ["127.0.0.1", str(port), path, str(SECONDS), str(CONNECTIONS)]
    done = subprocess.run([*load, *shape], stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    posts, _ = done.stdout.split()
    stored = WebhookPost.objects.count() - before
    if stored != int(posts):
        raise RuntimeError(f"{posts} posts were answered 200, {stored} are rows.")
    return int(posts) / SECONDS


@contextmanager
def server(settings_module: str) -> Iterator[int]:
    """gunicorn as in production: 2 processes of 4 threads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "mmsportal.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "30"),
        *("--log-level", "error", "--no-control-socket"),
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings_module}
    with running(*command, **environment):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
