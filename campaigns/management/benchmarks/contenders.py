"""What sending is compared with: bare pools, the official SDK, one task per message."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from threading import local
from typing import Any

import requests
from django.conf import settings
from django_q.tasks import async_task

from campaigns.gateways.http import Wire
from campaigns.management.benchmarks.report import Missing
from campaigns.management.benchmarks.rows import make_filled_campaign
from campaigns.management.benchmarks.servers import redis, running, stub
from campaigns.models import Campaign, Channel, Message
from campaigns.rules.statuses import CampaignStatus, MessageStatus

MANAGE = str(Path(settings.BASE_DIR) / "manage.py")
CELERY = "campaigns.management.benchmarks.celery_tasks"
SECONDS = 120
#: Address, headers, body.
Request = tuple[str, dict[str, str], bytes]


def time_pool(post: Callable[[int], None], count: int, connections: int) -> float:
    """Calls per second of a bare thread pool."""
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(post, range(connections)))  # connections are open, as ours are
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


def wire_poster(request: Request, certificate: str, connections: int) -> Callable[[int], None]:
    """Our own transport and nothing else."""
    wire = Wire(connections=connections, verify=certificate)

    def post(number: int) -> None:
        assert wire.post(*request).status < 300

    return post


# --- The official SDK ----------------------------------------------------------------------------


@contextmanager
def sdk_loop(latency_ms: float) -> Iterator[Callable[[int], float]]:
    """Messages per second of the SDK's own call for an MMS, one after the other."""
    if find_spec("sinch") is None:
        raise Missing("the package sinch is not installed (requirements-dev.txt)")
    folder = Path(settings.DATA_DIR) / "sdk"
    folder.mkdir(exist_ok=True)
    with stub(folder, latency_ms, "sinch_sms") as (url, certificate), trusting(certificate):
        send = sdk_sender(url)

        def measure(count: int) -> float:
            send()
            started = time.perf_counter()
            for _ in range(count):
                send()
            return count / (time.perf_counter() - started)

        yield measure


def sdk_sender(url: str) -> Callable[[], Any]:
    from sinch import SinchClient

    client = SinchClient(service_plan_id="plan1", sms_api_token="t", sms_region="us")  # noqa: S106
    client.configuration.sms_domain_with_service_plan_id = f"{url}sms/{{}}"
    body = {"url": "https://example.org/a.jpg", "message": "20 % off", "subject": "Spring"}
    return lambda: client.sms.batches.send_mms(to=["12015550123"], from_="12015550100", body=body)


@contextmanager
def trusting(certificate: str) -> Iterator[None]:
    """The SDK takes no certificate; requests asks the environment for one."""
    os.environ["REQUESTS_CA_BUNDLE"] = certificate
    try:
        yield
    finally:
        del os.environ["REQUESTS_CA_BUNDLE"]


# --- One task per message ------------------------------------------------------------------------


def send_by_default_queue(channel: Channel, certificate: str, count: int) -> float:
    """Messages per second of one default django-q2 task per message."""
    task = "campaigns.management.benchmarks.per_message.send_one"
    rows = wait_for_tasks(channel, count)
    for pk in rows.values_list("pk", flat=True):
        async_task(task, pk, channel.base_url, certificate)
    default = "campaigns.management.benchmarks.default_queue"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": default, "LOG_LEVEL": "ERROR"}
    with running(sys.executable, MANAGE, "qcluster", **environment) as process:
        return rate_of(rows, count, process)


def send_by_celery(channel: Channel, certificate: str, count: int) -> float:
    """Messages per second of one Celery task per message, over a Redis of its own."""
    rows = wait_for_tasks(channel, count)
    with redis(Path(settings.DATA_DIR)) as url:
        os.environ["BENCH_BROKER"] = url
        from campaigns.management.benchmarks.celery_tasks import app, send_one

        with app.connection_for_write(url) as connection:
            for pk in rows.values_list("pk", flat=True):
                send_one.apply_async((pk, channel.base_url, certificate), connection=connection)
        # It warns of root at length.
        own = {"DJANGO_SETTINGS_MODULE": "mmsportal.settings", "PYTHONWARNINGS": "ignore"}
        environment = {**os.environ, **own}
        with running(*celery_worker(channel), **environment) as process:
            return rate_of(rows, count, process)


def check_celery() -> None:
    if find_spec("celery") is None:
        raise Missing("the package celery is not installed (requirements-dev.txt)")
    if which("redis-server") is None:
        raise Missing("there is no redis-server (apt-get install redis-server)")


def celery_worker(channel: Channel) -> list[str]:
    """A process per core, its default; with latency, threads as many as our connections."""
    has_latency = channel.connections > 16
    many = channel.connections if has_latency else os.cpu_count() or 2
    return [
        *(sys.executable, "-m", "celery", "-A", CELERY, "worker", "--loglevel", "ERROR"),
        *("--pool", "threads" if has_latency else "prefork", "--concurrency", str(many)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def wait_for_tasks(channel: Channel, count: int) -> Any:
    """Rows that wait for a task each; our own workers leave them alone."""
    campaign = make_filled_campaign(channel, count)
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.PAUSED)
    return Message.objects.filter(campaign=campaign, status=MessageStatus.QUEUED)


def rate_of(rows: Any, count: int, process: Any) -> float:
    """Rows done per second, from when a tenth is done."""
    ends_at = time.perf_counter() + SECONDS
    seen, left = time.perf_counter(), count
    while (now_left := rows.count()) > count * 0.9:  # it has not quite started
        if process.poll() is not None or time.perf_counter() > ends_at:
            raise RuntimeError(f"{process.args} does nothing.")
        seen, left = time.perf_counter(), now_left
        time.sleep(0.02)
    first = left
    while (left := rows.count()) and time.perf_counter() < ends_at:
        time.sleep(0.02)
    return (first - left) / (time.perf_counter() - seen)
