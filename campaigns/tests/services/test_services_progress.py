"""The live page of a large campaign asks only for what is counted already."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Message, OptOut
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import progress
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.outbox import OPTED_OUT
from campaigns.services.progress import Again, measure_progress

S = MessageStatus


@pytest.fixture
def mixed(make_campaign, marketer):
    """Twelve people: four failed with a code, two were left out, three wait for an hour."""
    campaign = make_campaign(contacts=12)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    ids = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    rows = Message.objects
    rows.filter(pk__in=ids[:4]).update(status=S.FAILED, code="E101", reason="Refused.")
    rows.filter(pk__in=ids[4:6]).update(status=S.SKIPPED, reason=OPTED_OUT)
    rows.filter(pk__in=ids[6:9]).update(send_after=timezone.now() + timedelta(hours=1))
    return campaign


def test_no_page_counts_or_groups_the_rows_of_the_outbox(mixed, client, administrator, monkeypatch):
    monkeypatch.setattr(progress, "MOST_LOOKED_AT", 0)
    assert mixed.status == CampaignStatus.SENDING
    client.force_login(administrator)
    pages = [
        reverse("admin:campaigns_campaign_change", args=[mixed.pk]),
        reverse("admin:campaigns_campaign_live", args=[mixed.pk]),
        reverse("admin:campaigns_campaign_changelist"),
        reverse("admin:index"),
    ]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert [client.get(page).status_code for page in pages] == [200] * len(pages)
    walked = [
        query["sql"]
        for query in asked.captured_queries
        if re.search(r'FROM "campaigns_message"', query["sql"])
        and re.search(r"COUNT\(|GROUP BY", query["sql"])
        and "LIMIT" not in query["sql"]
    ]
    assert walked == []


def test_why_is_told_by_code_or_by_reason(mixed):
    shown = measure_progress(mixed, timezone.now())
    told = [(reason.status, reason.code, reason.words, reason.count) for reason in shown.reasons]
    assert told == [(S.FAILED, "E101", "Refused.", 4), (S.SKIPPED, "", OPTED_OUT, 2)]
    assert [reason.query for reason in shown.reasons] == [
        "status__exact=71&code=E101",
        "status__exact=90&reason__startswith=They+opted+out.",
    ]
    assert shown.held.total == 3


def test_who_opted_out_is_looked_up_only_among_a_few(mixed, monkeypatch, client, administrator):
    phone = Message.objects.filter(status=S.FAILED).first().phone
    OptOut.objects.create(phone=phone, source=OptOut.Source.STAFF)
    assert measure_progress(mixed, timezone.now()).again == [Again(S.FAILED, 3, 1)]
    monkeypatch.setattr(progress, "MOST_LOOKED_AT", 3)
    shown = measure_progress(mixed, timezone.now()).again
    assert shown == [Again(S.FAILED, 4, 0, is_bound=True)]
    client.force_login(administrator)
    page = client.get(reverse("admin:campaigns_campaign_live", args=[mixed.pk])).content.decode()
    assert "Send again to up to 4 people?" in page
    assert "Who of the “failed” opted out meanwhile is left alone." in page
