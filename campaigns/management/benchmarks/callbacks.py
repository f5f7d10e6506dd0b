"""`bench callbacks`: posts stored per second under gunicorn, against a bare INSERT view; what a
signature costs beside storing."""

import hmac
import os
import socket
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from django.utils import timezone

from campaigns.gateways.base import Seal
from campaigns.gateways.signature import ALGORITHM, NONCE, SIGNATURE, TIMESTAMP, verify
from campaigns.management.benchmarks.dispatch import make_channel
from campaigns.management.benchmarks.report import Row, more_is_better, under_limit
from campaigns.management.benchmarks.servers import running
from campaigns.models import WebhookPost
from campaigns.services.channels import hash_token
from campaigns.services.journal import keep_post

SECONDS = 4
TIMES = 1000
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
    verifying, storing = measure_signature(rounds)
    return [
        more_is_better("callbacks.vs_insert", ours, bare, "posts/s"),
        under_limit("callbacks.verify", verifying, storing / 10, "µs"),
    ]


def measure_signature(rounds: int) -> tuple[float, float]:
    """Microseconds to verify a signed post of 2 KB, and to store it."""
    channel = make_channel("https://127.0.0.1/", "sinch_conversation")
    secret, nonce, now = "benchmark", token_hex(13), timezone.now()
    body = b'{"app_id":"01BENCH","text":"%s"}' % (b"x" * 2000)
    signed = b".".join((body, nonce.encode(), str(int(now.timestamp())).encode()))
    headers = {
        SIGNATURE: b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode(),
        TIMESTAMP: str(int(now.timestamp())),
        NONCE: nonce,
        ALGORITHM: "HmacSHA256",
    }
    assert verify(headers, body, now, [secret]) == Seal(nonce=nonce)

    def store() -> None:
        keep_post(channel.pk, now, headers, body, now)

    verifying = [_microseconds(lambda: verify(headers, body, now, [secret])) for _ in range(rounds)]
    storing = [_microseconds(store) for _ in range(rounds)]
    return statistics.median(verifying), statistics.median(storing)


def _microseconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(TIMES):
        step()
    return (time.perf_counter() - started) / TIMES * 1e6


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
