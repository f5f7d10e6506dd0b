"""Filling the outbox of a launched campaign against one bare INSERT … SELECT of the same rows."""

import time

from django.db import connection
from django.utils import timezone

from campaigns.management.benchmarks.report import Row, more_is_better
from campaigns.management.benchmarks.rows import make_campaign, make_channel, make_list
from campaigns.models import Campaign, Message
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.filling import fill_outbox

_BARE = f"""
    INSERT INTO campaigns_message (campaign_id, purpose, channel_id, revision_id, sender,
        contact_id, phone, place, rung, reference, merge_values, shown_to, status, reason,
        send_after, owner, retry_count, resend_count, provider_id, code, sent_as, created_at,
        changed_at)
    SELECT %s, 0, %s, %s, '12015550100', c.id, c.phone, c.place, 0, %s || '-' || c.id, '', '',
        {MessageStatus.QUEUED:d}, '', %s, '', 0, 0, '', '', '', %s, %s
    FROM campaigns_membership m JOIN campaigns_contact c ON c.id = m.contact_id
    WHERE m.contact_list_id = %s
"""  # noqa: S608 our own numbers


def run(people: int, rounds: int) -> list[Row]:
    """Recipients per second; both sides begin with an empty outbox each time."""
    contact_list = make_list(people)
    channel = make_channel("https://127.0.0.1:1/")
    campaign = make_campaign(channel, contact_list)
    pairs = [(fill_ours(campaign, people), fill_bare(campaign, people)) for _ in range(rounds)]
    ours, bare = zip(*pairs, strict=True)
    return [more_is_better("fill.vs_insert_select", ours, bare, "recipients/s")]


def fill_ours(campaign: Campaign, people: int) -> float:
    _empty_outbox()
    Campaign.objects.filter(pk=campaign.pk).update(
        status=CampaignStatus.FILLING, launched_at=timezone.now(), frozen_at=None, filled_at=None
    )
    started = time.perf_counter()
    while Campaign.objects.get(pk=campaign.pk).status == CampaignStatus.FILLING:
        fill_outbox(campaign.pk, timezone.now())
    return _rate(people, started)


def fill_bare(campaign: Campaign, people: int) -> float:
    _empty_outbox()
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    contact_list = campaign.lists.get()
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            _BARE,
            [
                *(campaign.pk, campaign.channel_id, campaign.revision_id, campaign.key),
                *(at, at, at, contact_list.pk),
            ],
        )
    return _rate(people, started)


def _empty_outbox() -> None:
    Message.objects.all()._raw_delete(Message.objects.db)


def _rate(people: int, started: float) -> float:
    seconds = time.perf_counter() - started
    waiting = Message.objects.filter(status=MessageStatus.QUEUED).count()
    if waiting != people:
        raise RuntimeError(f"{waiting:,} of {people:,} recipients wait in the outbox.")
    return people / seconds
