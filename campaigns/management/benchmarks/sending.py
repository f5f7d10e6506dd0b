"""Our own lane, measured: messages per second, and what one costs."""

import time
from contextlib import suppress
from pathlib import Path

from django.db import connection

from campaigns.management.benchmarks.rows import make_filled_campaign
from campaigns.models import Channel, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services.channels import open_gateway
from campaigns.services.dispatch import send_due


def send_ours(channel: Channel, certificate: str, count: int) -> tuple[float, float]:
    """(messages per second, CPU microseconds per message) of the real lane."""
    campaign = make_filled_campaign(channel, count)
    gateway = open_gateway(channel, verify=certificate)
    started, cpu = time.perf_counter(), cpu_seconds()
    waiting = Message.objects.filter(campaign=campaign, status=MessageStatus.QUEUED)
    while left := waiting.count():
        send_due(channel.pk, gateway=gateway)
        if waiting.count() == left:
            raise RuntimeError(f"None of {left:,} messages was sent.")
    seconds, spent = time.perf_counter() - started, cpu_seconds() - cpu
    gateway.close()
    accepted = Message.objects.filter(campaign=campaign, status=MessageStatus.ACCEPTED).count()
    if accepted != count:
        raise RuntimeError(f"{accepted} of {count} messages were accepted.")
    return count / seconds, spent / count * 1e6


def cpu_seconds() -> float:
    """Of this process, and of the one that PostgreSQL keeps for its connection."""
    own = time.process_time()
    if connection.vendor != "postgresql":
        return own
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with suppress(FileNotFoundError):  # it is on another machine
        ticks = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[11:13]
        own += sum(map(int, ticks)) / 100
    return own
