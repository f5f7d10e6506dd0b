"""A web process as in production, posts to it, and what it holds."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaigns.management.benchmarks.servers import is_open, running, wait_until
from campaigns.management.ports import find_port
from campaigns.models import WebhookPost

CONNECTIONS = 8


@contextmanager
def server(settings_module: str) -> Iterator[tuple[int, int]]:
    """Port and process id of gunicorn as in production: 2 processes of 4 threads."""
    port = find_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "mmsportal.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "30"),
        *("--log-level", "error", "--no-control-socket"),
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings_module}
    with running(*command, **environment) as process:
        wait_until(lambda: is_open(port), process)
        yield port, process.pid


def post(
    port: int, path: str, seconds: float, *, rate: float = 0, posts: int = 0
) -> tuple[int, float]:
    """How many were answered 200, and the 99th percentile in ms. Each must be a row."""
    before = WebhookPost.objects.count()
    load = [sys.executable, str(Path(__file__).with_name("load.py"))]
    shape = [port, path, seconds, CONNECTIONS, rate, posts]
    done = subprocess.run(  # noqa: S603
        [*load, "127.0.0.1", *map(str, shape)], stdout=subprocess.PIPE, text=True, check=True
    )
    count, slowest = done.stdout.split()
    stored = WebhookPost.objects.count() - before
    if stored != int(count):
        raise RuntimeError(f"{count} posts were answered 200, {stored} are rows.")
    return int(count), float(slowest)


def most_memory(pid: int) -> float:
    """MB that the largest process under this one held at most (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    held = (Path(f"/proc/{child}/status").read_text() for child in children)
    return max(int(status.split("VmHWM:")[1].split()[0]) for status in held) / 1024
