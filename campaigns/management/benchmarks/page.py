"""`bench page`: CPU time of pages at 100,000 and 1,000,000 recipients, and of the composer."""

import statistics
import time

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.management.benchmarks.composer import look_at_eight_slides
from campaigns.management.benchmarks.report import Row, under_limit
from campaigns.management.benchmarks.rows import make_channel, make_filled_campaign
from campaigns.management.benchmarks.threads import fill_inbox, make_long_thread
from campaigns.models import Campaign, Channel
from campaigns.rules.statuses import MessageStatus

RECIPIENTS, MANY = 100_000, 1_000_000
S = MessageStatus


#: By the last digit of the id: refused, left out, on the way, delivered, waiting, held for a day.
_SPREAD = f"""
    UPDATE campaigns_message SET
        status = CASE id %% 10 WHEN 0 THEN {S.FAILED:d} WHEN 1 THEN {S.SKIPPED:d}
            WHEN 2 THEN {S.SENT:d} WHEN 3 THEN {S.ACCEPTED:d} WHEN 4 THEN {S.DELIVERED:d}
            WHEN 5 THEN {S.DELIVERED:d} ELSE {S.QUEUED:d} END,
        code = CASE id %% 10 WHEN 0 THEN 'E' || id %% 7 ELSE '' END,
        reason = CASE id %% 10 WHEN 0 THEN 'The carrier refused it.'
            WHEN 1 THEN 'They opted out.' ELSE '' END,
        send_after = CASE WHEN id %% 10 > 6 THEN {{later}} ELSE send_after END
    WHERE campaign_id = %s
"""  # noqa: S608 our own numbers
_LATER = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:00:00', 'now', '+' || (1 + id / 10 %% 20) || ' hours')",
    "postgresql": "date_trunc('hour', now()) + (1 + id / 10 %% 20) * interval '1 hour'",
}


def run() -> list[Row]:
    channel = make_channel("https://127.0.0.1/")
    campaign = make_filled_campaign(channel, RECIPIENTS)
    spread_states(campaign)
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
    rows.append(under_limit("page.composer_look", look, 50, "ms"))
    return [*rows, *_of_a_million(client, channel)]


def _of_a_million(client: Client, channel: Channel) -> list[Row]:
    campaign = make_filled_campaign(channel, MANY)
    spread_states(campaign)
    pages = {"page.campaign_1m": "change", "page.live_1m": "live"}
    return [
        under_limit(
            name,
            cpu_of(client, reverse(f"admin:campaigns_campaign_{page}", args=[campaign.pk])),
            100,
            "ms",
        )
        for name, page in pages.items()
    ]


def spread_states(campaign: Campaign) -> None:
    """Some of its rows in each of many states."""
    sql = _SPREAD.format(later=_LATER[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, [campaign.pk])
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE campaigns_message")


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
