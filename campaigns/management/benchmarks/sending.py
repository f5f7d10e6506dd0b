"""Our own lane, measured: messages per second, and what one costs."""

import time
from contextlib import suppress
from pathlib import Path

from django.db import connection

from campaigns.gateways.base import Gateway
from campaigns.management.benchmarks.rows import make_filled_campaign
from campaigns.models import Campaign, Channel, Message
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.channels import open_gateway
from campaigns.services.dispatch import send_due


def send_ours(channel: Channel, certificate: str, count: int) -> tuple[float, float]:
    """(messages per second, CPU microseconds per message) of the real lane."""
    campaign = make_filled_campaign(channel, count)
    gateway = open_gateway(channel, verify=certificate)
    _open_connections(channel, campaign, gateway)
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


def _open_connections(channel: Channel, campaign: Campaign, gateway: Gateway) -> None:
    """As the pools we are compared with have theirs: another campaign goes first."""
    this = Campaign.objects.filter(pk=campaign.pk)
    this.update(status=CampaignStatus.PAUSED)
    make_filled_campaign(channel, channel.connections)
    send_due(channel.pk, gateway=gateway)
    this.update(status=CampaignStatus.SENDING)


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
