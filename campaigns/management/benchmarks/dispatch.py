"""`bench dispatch`: messages per second against three baselines on the same stub."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

import requests
from django.conf import settings
from django_q.tasks import async_task

from campaigns.gateways import GATEWAYS
from campaigns.gateways.http import Wire
from campaigns.management.benchmarks.kinds import one_request
from campaigns.management.benchmarks.report import Row, more_is_better, under_limit
from campaigns.management.benchmarks.rows import THREADS, make_channel, make_filled_campaign
from campaigns.management.benchmarks.servers import running, stub
from campaigns.models import (
    Campaign,
    Channel,
    Message,
)
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.channels import open_gateway
from campaigns.services.dispatch import send_due

QUEUED_ROWS = 100_000
#: Address, headers, body.
Request = tuple[str, dict[str, str], bytes]


def run(messages: int, rounds: int, latency_ms: float, kind: str) -> list[Row]:
    """Each round measures ours and the bare pools one after the other."""
    batch, name = GATEWAYS[kind].limits.batch, "dispatch" if kind == "sinch_mms" else kind
    with stub(Path(settings.DATA_DIR), latency_ms, kind) as (url, certificate):
        channel = make_channel(url, kind)
        request = one_request(kind, channel.base_url)
        ours, sessions, wires, cpu = [], [], [], []
        for _ in range(rounds):
            rate, cost = send_ours(channel, certificate, messages)
            ours.append(rate)
            cpu.append(cost)
            some = max(messages // 5, 1000) // batch or 20
            sessions.append(batch * time_pool(session_poster(request, certificate), some))
            wires.append(batch * time_pool(wire_poster(request, certificate), some))
        unit = "messages/s"
        rows = [
            more_is_better(f"{name}.vs_session_pool", ours, sessions, unit),
            more_is_better(f"{name}.vs_bare_pool", ours, wires, unit),
            under_limit(f"{name}.cpu_per_message", min(cpu), 1000, "µs"),
        ]
        if kind == "sinch_mms":
            rows += _compare_tasks(channel, certificate, messages, ours)
    return rows


def _compare_tasks(
    channel: Channel, certificate: str, messages: int, ours: list[float]
) -> list[Row]:
    per_task = send_by_tasks(channel, certificate, min(messages // 20, 600))
    memory = measure_worker_memory(channel, certificate)
    baseline = [per_task] * len(ours)
    return [
        more_is_better("dispatch.vs_task_per_message", ours, baseline, "messages/s"),
        under_limit("dispatch.worker_memory", memory, 200, "MB"),
    ]


def send_ours(channel: Channel, certificate: str, count: int) -> tuple[float, float]:
    """(messages per second, CPU microseconds per message) of the real lane."""
    campaign = make_filled_campaign(channel, count)
    gateway = open_gateway(channel, verify=certificate)
    started, cpu = time.perf_counter(), time.process_time()
    waiting = Message.objects.filter(campaign=campaign, status=MessageStatus.QUEUED)
    while waiting.exists():
        send_due(channel.pk, gateway=gateway)
    seconds = time.perf_counter() - started
    accepted = Message.objects.filter(campaign=campaign, status=MessageStatus.ACCEPTED).count()
    if accepted != count:
        raise RuntimeError(f"{accepted} of {count} messages were accepted.")
    return count / seconds, (time.process_time() - cpu) / count * 1e6


def time_pool(post: Callable[[int], None], count: int) -> float:
    """Calls per second of a bare thread pool."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(post, range(THREADS)))  # connections are open, as ours are
        started = time.perf_counter()
        list(pool.map(post, range(count)))
        return count / (time.perf_counter() - started)


def session_poster(request: Request, certificate: str) -> Callable[[int], None]:
    """`Session.post`, a session per thread."""
    own, (url, headers, body) = local(), request

    def post(number: int) -> None:
        if not hasattr(own, "session"):
            own.session = requests.Session()
        answer = own.session.post(url, data=body, headers=headers, verify=certificate, timeout=60)
        assert answer.json()

    return post


def wire_poster(request: Request, certificate: str) -> Callable[[int], None]:
    """Our own transport and nothing else."""
    wire = Wire(connections=THREADS, verify=certificate)

    def post(number: int) -> None:
        assert wire.post(*request).status < 300

    return post


def send_by_tasks(channel: Channel, certificate: str, count: int) -> float:
    """Messages per second of one default django-q2 task per message."""
    campaign = make_filled_campaign(channel, count)
    # The cluster also runs our sweep, which would send these rows by a lane.
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.PAUSED)
    open_rows = Message.objects.filter(campaign=campaign, status=MessageStatus.QUEUED)
    task = "campaigns.management.benchmarks.per_message.send_one"
    for pk in open_rows.values_list("pk", flat=True):
        async_task(task, pk, channel.base_url, certificate)
    default = "campaigns.management.benchmarks.default_queue"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": default, "LOG_LEVEL": "ERROR"}
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    with running(sys.executable, manage, "qcluster", **environment):
        while open_rows.count() > count * 0.9:  # it has started
            time.sleep(0.02)
        first, started = open_rows.count(), time.perf_counter()
        while (left := open_rows.count()) and time.perf_counter() - started < 120:
            time.sleep(0.05)
        return (first - left) / (time.perf_counter() - started)


def measure_worker_memory(channel: Channel, certificate: str) -> float:
    """MB that a worker holds at most while it sends with 100,000 rows queued."""
    make_filled_campaign(channel, QUEUED_ROWS)
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
