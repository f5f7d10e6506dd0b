"""`bench page`: CPU time of pages at 100,000 recipients, and of the composer's preview."""

import statistics
import time

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.management.benchmarks.composer import look_at_eight_slides
from campaigns.management.benchmarks.report import Row, under_limit
from campaigns.management.benchmarks.rows import make_channel, make_filled_campaign
from campaigns.management.benchmarks.threads import fill_inbox, make_long_thread
from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus

RECIPIENTS = 100_000
SPREAD = (MessageStatus.DELIVERED, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.QUEUED)


def run() -> list[Row]:
    campaign = make_filled_campaign(make_channel("https://127.0.0.1/"), RECIPIENTS)
    for number, status in enumerate(SPREAD):
        rows = Message.objects.filter(campaign=campaign, id__iregex=f"[{number}{number + 4}]$")
        rows.update(status=status, reason="The carrier refused it." if number == 2 else "")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(
        User.objects.create_superuser("reader", password="x" * 20),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    pages = {
        "page.campaign_100k": reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
        "page.campaign_live_100k": reverse("admin:campaigns_campaign_live", args=[campaign.pk]),
        "page.today_100k": reverse("admin:index"),
        "page.outbox_100k": reverse("admin:campaigns_message_changelist"),
    }
    rows = [under_limit(name, cpu_of(client, url), 300, "ms") for name, url in pages.items()]
    fill_inbox(campaign)
    inbox = reverse("admin:campaigns_thread_changelist")
    rows.append(under_limit("page.inbox_100k", cpu_of(client, inbox), 300, "ms"))
    thread = reverse("admin:campaigns_thread_change", args=[make_long_thread(campaign).pk])
    rows.append(under_limit("page.thread_10k", cpu_of(client, thread), 200, "ms"))
    address, form = look_at_eight_slides()
    look = cpu_of(client, address, form)
    return [*rows, under_limit("page.composer_look", look, 50, "ms")]


def cpu_of(client: Client, url: str, form: dict | None = None) -> float:
    """Milliseconds of this process, median of five after a first; a form is posted."""
    headers = {"HX-Request": "true"} if form else {}
    spent = []
    for _ in range(6):
        started = time.process_time()
        answer = client.post(url, form, headers=headers) if form else client.get(url)
        spent.append((time.process_time() - started) * 1000)
        if answer.status_code not in (200, 286):
            raise RuntimeError(f"{url} answered {answer.status_code}")
    return statistics.median(spent[1:])
