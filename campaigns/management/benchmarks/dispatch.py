"""`bench dispatch`: messages per second against three baselines on the same stub."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex
from threading import local

import requests
from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from campaigns.gateways.http import Wire
from campaigns.management.benchmarks.report import Row, more_is_better, under_limit
from campaigns.management.benchmarks.servers import running, stub
from campaigns.models import (
    Campaign,
    Channel,
    Contact,
    ContactList,
    Membership,
    Message,
    Mms,
    MmsRevision,
    Sender,
    Slide,
)
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.channels import open_gateway
from campaigns.services.dispatch import send_due
from campaigns.services.filling import fill_outbox

THREADS = 16
QUEUED_ROWS = 100_000
BODY = (
    b'{"action":"sendmms","from":"12015550100","service-id":"svc","message-subject":"Spring",'
    b'"fallback-sms-text":"See our offer:","slide":[{"message-text":"20 % off"}],'
    b'"to":"12015550123","client-reference":"0123456789ab-12345"}'
)
HEADERS = {"x-api-key": "k", "Content-Type": "application/json; charset=utf-8"}


def run(messages: int, rounds: int, latency_ms: float) -> list[Row]:
    """Each round measures ours and the bare pools one after the other."""
    with stub(Path(settings.DATA_DIR), latency_ms) as (url, certificate):
        channel = make_channel(url)
        ours, sessions, wires, cpu = [], [], [], []
        for _ in range(rounds):
            rate, cost = send_ours(channel, certificate, messages)
            ours.append(rate)
            cpu.append(cost)
            some = max(messages // 5, 1000)
            sessions.append(time_pool(session_poster(url, certificate), some))
            wires.append(time_pool(wire_poster(url, certificate), some))
        per_task = send_by_tasks(channel, url, certificate, min(messages // 20, 600))
        memory = measure_worker_memory(channel, certificate)
    unit = "messages/s"
    return [
        more_is_better("dispatch.vs_session_pool", ours, sessions, unit),
        more_is_better("dispatch.vs_bare_pool", ours, wires, unit),
        more_is_better("dispatch.vs_task_per_message", ours, [per_task] * rounds, unit),
        under_limit("dispatch.cpu_per_message", min(cpu), 1000, "µs"),
        under_limit("dispatch.worker_memory", memory, 200, "MB"),
    ]


def make_channel(url: str) -> Channel:
    channel = Channel.objects.create(
        name=f"Bench {token_hex(3)}",
        base_url=url,
        requests_per_second=1_000_000,
        connections=THREADS,
        settings={"service_id": "svc"},
        secrets={"x_api_key": "k"},
        hook_hash=token_hex(32),
    )
    Sender.objects.create(channel=channel, number="12015550100")
    return channel


def make_recipients(count: int) -> ContactList:
    contact_list, _ = ContactList.objects.get_or_create(name=f"Bench {count}")
    if not contact_list.memberships.exists():
        Contact.objects.bulk_create(
            (Contact(phone=str(12010000000 + n)) for n in range(count)),
            batch_size=5000,
            ignore_conflicts=True,
        )
        ids = Contact.objects.order_by("id").values_list("pk", flat=True)[:count]
        Membership.objects.bulk_create(
            (Membership(contact_list=contact_list, contact_id=pk) for pk in ids), batch_size=5000
        )
    return contact_list


def make_campaign(channel: Channel, count: int) -> Campaign:
    """Launched and filled: every row waits."""
    mms = Mms.objects.create(name="Bench")
    revision = MmsRevision.objects.create(mms=mms, subject="Spring", fallback_text="See our offer:")
    Slide.objects.create(revision=revision, position=1, text="20 % off")
    campaign = Campaign.objects.create(
        name="Bench",
        channel=channel,
        sender=channel.senders.get(),
        mms=mms,
        revision=revision,
        key=token_hex(6),
        status=CampaignStatus.FILLING,
        launched_at=timezone.now(),
    )
    campaign.lists.add(make_recipients(count))
    Campaign.objects.filter(pk=campaign.pk).update(launched_at=timezone.now())
    fill_outbox(campaign.pk, timezone.now())
    return campaign


def send_ours(channel: Channel, certificate: str, count: int) -> tuple[float, float]:
    """(messages per second, CPU microseconds per message) of the real lane."""
    campaign = make_campaign(channel, count)
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


def session_poster(url: str, certificate: str) -> Callable[[int], None]:
    """`Session.post`, a session per thread."""
    own = local()

    def post(number: int) -> None:
        if not hasattr(own, "session"):
            own.session = requests.Session()
        answer = own.session.post(url, data=BODY, headers=HEADERS, verify=certificate, timeout=60)
        assert answer.json()["status"] == "success"

    return post


def wire_poster(url: str, certificate: str) -> Callable[[int], None]:
    """Our own transport and nothing else."""
    wire = Wire(connections=THREADS, verify=certificate)

    def post(number: int) -> None:
        assert wire.post(url, HEADERS, BODY).status == 200

    return post


def send_by_tasks(channel: Channel, url: str, certificate: str, count: int) -> float:
    """Messages per second of one default django-q2 task per message."""
    campaign = make_campaign(channel, count)
    # The cluster also runs our sweep, which would send these rows by a lane.
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.PAUSED)
    open_rows = Message.objects.filter(campaign=campaign, status=MessageStatus.QUEUED)
    task = "campaigns.management.benchmarks.per_message.send_one"
    for pk in open_rows.values_list("pk", flat=True):
        async_task(task, pk, url, certificate)
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
    make_campaign(channel, QUEUED_ROWS)
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
