"""`bench dispatch`: messages per second against bare pools, the SDK and one task per message."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from campaigns.gateways import GATEWAYS
from campaigns.management.benchmarks.contenders import (
    check_celery,
    sdk_loop,
    send_by_celery,
    send_by_default_queue,
    session_poster,
    time_pool,
    wire_poster,
)
from campaigns.management.benchmarks.flat import compare_tables
from campaigns.management.benchmarks.kinds import one_request
from campaigns.management.benchmarks.report import Missing, Row, more_is_better, under_limit
from campaigns.management.benchmarks.rows import THREADS, make_channel, make_filled_campaign
from campaigns.management.benchmarks.sending import send_ours
from campaigns.management.benchmarks.servers import stub
from campaigns.management.benchmarks.sizes import Sizes
from campaigns.models import Channel

MANY_THREADS = 128
UNIT = "messages/s"
#: row → (least ratio, what it is).
AGAINST: dict[str, tuple[float | None, str]] = {
    "vs_session_pool": (3, "a bare thread pool of requests' Session.post, a session per thread"),
    "vs_bare_pool": (0.8, "a bare thread pool on our own transport, which writes no row"),
    "vs_sdk": (
        None,
        "the official package `sinch` in a loop, one after the other: sms.batches.send_mms of its "
        "SMS REST API, since it has no call for the MMS JSON API",
    ),
    "vs_celery": (
        10,
        "Celery with a Redis of its own, one task per message: one SELECT, Session.post, one "
        "UPDATE; a process per core without latency, threads as many as our connections with it",
    ),
    "vs_task_per_message": (
        None,
        "a stock django-q2 cluster with its table as the queue, one task per message: "
        "requests.post and save()",
    ),
}
CPU = (
    "CPU of the sending process and of its database's, database connections of the same machine "
    "included; the best round, since a busy machine only adds to it"
)
BOUND = "connections divided by the latency: as many as could be under way at all"


def run(sizes: Sizes, latencies: Sequence[float], kind: str) -> Iterator[Row]:
    """Each round measures ours and all others one after the other."""
    for latency_ms in latencies:
        connections = MANY_THREADS if latency_ms else THREADS
        with stub(Path(settings.DATA_DIR), latency_ms, kind) as (url, certificate):
            channel = make_channel(url, kind, connections)
            yield from _compare(channel, certificate, sizes.at(latency_ms, connections), latency_ms)
            if kind == "sinch_mms" and latency_ms == min(latencies):
                memory = measure_worker_memory(channel, certificate, sizes.queued)
                yield under_limit("dispatch.worker_memory", memory, 200, "MB")
    if kind == "sinch_mms":
        with stub(Path(settings.DATA_DIR)) as (url, certificate):
            yield compare_tables(make_channel(url), certificate, sizes)


def _compare(channel: Channel, certificate: str, sizes: Sizes, latency_ms: float) -> Iterator[Row]:
    name = "dispatch" if channel.kind == "sinch_mms" else channel.kind
    at, ours, costs = f"{latency_ms:g} ms, {channel.connections} connections", [], []
    others: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        contenders, missing = _contenders(channel, certificate, sizes, latency_ms, stack)
        for _ in range(sizes.rounds):
            rate, cost = send_ours(channel, certificate, sizes.messages)
            ours.append(rate)
            costs.append(cost)
            for key, measure in contenders.items():
                others[key].append(measure())
    for key in AGAINST:
        least, note = AGAINST[key]
        if latency_ms and key != "vs_bare_pool":
            least = None  # the latency bounds how much better anybody can be
        if key in others:
            yield more_is_better(
                f"{name}.{key}", ours, others[key], UNIT, least=least, at=at, note=note
            )
        elif key in missing:
            yield Row(f"{name}.{key}", at=at, skipped=missing[key])
    if latency_ms:
        bound = [channel.connections / latency_ms * 1000] * len(ours)
        # Promised at 50 ms; the longer the latency, the more the start and the end weigh.
        least = 0.9 if latency_ms == 50 else None
        bounded = f"{name}.vs_latency_bound"
        yield more_is_better(bounded, ours, bound, UNIT, least=least, at=at, note=BOUND)
    else:
        yield under_limit(f"{name}.cpu_per_message", min(costs), 200, "µs", note=CPU)


def _contenders(
    channel: Channel, certificate: str, sizes: Sizes, latency_ms: float, stack: ExitStack
) -> tuple[dict[str, Callable[[], float]], dict[str, str]]:
    """What can be measured here, and why the others cannot."""
    batch, many = GATEWAYS[channel.kind].limits.batch, channel.connections
    request = one_request(channel.kind, channel.base_url)
    some = max(sizes.messages // 5 // batch, min(sizes.messages, 20))
    session = session_poster(request, certificate)
    wire = wire_poster(request, certificate, many)
    found: dict[str, Callable[[], float]] = {
        "vs_session_pool": lambda: batch * time_pool(session, some, many),
        "vs_bare_pool": lambda: batch * time_pool(wire, some, many),
    }
    missing: dict[str, str] = {}
    if channel.kind != "sinch_mms":
        return found, missing
    try:
        loop = stack.enter_context(sdk_loop(latency_ms))
        in_a_row = min(sizes.tasks, int(3000 / latency_ms)) if latency_ms else sizes.tasks
        found["vs_sdk"] = lambda: loop(in_a_row)
    except Missing as reason:
        missing["vs_sdk"] = str(reason)
    found["vs_task_per_message"] = lambda: send_by_default_queue(channel, certificate, sizes.tasks)
    try:
        check_celery()
        found["vs_celery"] = lambda: send_by_celery(channel, certificate, sizes.tasks * 3)
    except Missing as reason:
        missing["vs_celery"] = str(reason)
    return found, missing


def measure_worker_memory(channel: Channel, certificate: str, queued: int) -> float:
    """MB that a worker holds at most while it sends with so many rows queued."""
    make_filled_campaign(channel, queued)
    module = "campaigns.management.benchmarks.worker_memory"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "mmsportal.settings"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, str(channel.pk), certificate],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        cwd=settings.BASE_DIR,
    )
    return float(done.stdout)
