"""Filling the outbox: one row per recipient of a launched campaign, chunk by chunk."""

import time
from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex

from django.db import connection, transaction
from django.db.models import Max

from campaigns.models import Campaign, Message
from campaigns.rules.mergefields import CONTACT_FIELDS
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.campaigns import pause_by_machine
from campaigns.services.groups import arrange_groups, find_group_problems
from campaigns.services.outbox import CHUNK, OPTED_OUT
from campaigns.services.queue import release_lease, ring, take_lease
from campaigns.services.wording import names_in

S = MessageStatus
FILL_SECONDS = 20
FILL_LEASE_SECONDS = 60


def fill_outbox(campaign_id: int, now: datetime) -> None:
    """Make one row per recipient, chunk by chunk, for up to `FILL_SECONDS`; then ring for more.

    Doing it again, or half, does no harm. Recipients are the contacts that were on the campaign's
    lists when it was launched.
    """
    owner = token_hex(8)
    if not take_lease(f"fill:{campaign_id}", owner, now, FILL_LEASE_SECONDS):
        return
    try:
        is_filled = _fill_for_a_while(campaign_id, now)
    finally:
        release_lease(f"fill:{campaign_id}", owner)
    if not is_filled:
        ring("outbox.fill", campaign_id)


def _fill_for_a_while(campaign_id: int, now: datetime) -> bool:
    """False when the time was over before the recipients were."""
    ends_at = time.monotonic() + FILL_SECONDS
    made = Message.objects.filter(campaign=campaign_id)
    last_id = made.aggregate(last=Max("contact_id"))["last"] or 0
    while time.monotonic() < ends_at:
        campaign = Campaign.objects.get(pk=campaign_id)
        if campaign.status != CampaignStatus.FILLING:
            return True
        last_id = _fill_chunk(campaign, last_id, now)
        if last_id is None:
            _open_for_sending(campaign, now)
            return True
    return False


_MEMBERS = """
    SELECT DISTINCT m.contact_id FROM campaigns_membership m
    JOIN campaigns_campaign_lists l ON l.contactlist_id = m.contact_list_id
    WHERE l.campaign_id = %s AND m.added_at <= %s AND m.contact_id > %s
"""
_LAST_OF_CHUNK = f"""
    SELECT max(contact_id), count(*)
    FROM ({_MEMBERS} ORDER BY m.contact_id LIMIT %s) chunk
"""  # noqa: S608 our own words
#: `{{merge_values}}` is what a later `.format` puts in.
_FILL = f"""
    INSERT INTO campaigns_message (campaign_id, channel_id, revision_id, sender, contact_id, phone,
        reference, merge_values, shown_to, status, reason, owner, retry_count, resend_count,
        provider_id, code, sent_as, created_at, changed_at)
    SELECT %s, %s, %s, %s, c.id, c.phone, %s || '-' || c.id,
        {{merge_values}}, '',
        CASE WHEN o.id IS NULL THEN {S.QUEUED:d} ELSE {S.SKIPPED:d} END,
        CASE WHEN o.id IS NULL THEN '' ELSE '{OPTED_OUT}' END,
        '', 0, 0, '', '', '', %s, %s
    FROM campaigns_contact c LEFT JOIN campaigns_optout o ON o.phone = c.phone
    WHERE c.id IN ({_MEMBERS} AND m.contact_id <= %s)
    ORDER BY c.id
    ON CONFLICT DO NOTHING
"""  # noqa: S608 our own numbers


def _fill_chunk(campaign: Campaign, after_id: int, now: datetime) -> int | None:
    """Fill the next chunk; its last contact's id, or None when it was the last chunk.

    The end is set before the rows are made: a membership that goes meanwhile shifts nothing.
    """
    at = connection.ops.adapt_datetimefield_value(now)
    launched_at = connection.ops.adapt_datetimefield_value(campaign.launched_at)
    members = [campaign.pk, launched_at, after_id]
    values = [campaign.pk, campaign.channel_id, campaign.revision_id, campaign.sender.number]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LAST_OF_CHUNK, [*members, CHUNK])
        last_id, count = cursor.fetchone()
        if count:
            merge_values, names = _merge_values_sql(names_in(campaign.revision))
            sql = _FILL.format(merge_values=merge_values)
            cursor.execute(sql, [*values, campaign.key, *names, at, at, *members, last_id])
    return last_id if count == CHUNK else None


#: vendor → one attribute of a contact. A path would stumble over a quote in its name.
_ATTRIBUTE = {
    "postgresql": "c.attributes -> %s",
    "sqlite": """(SELECT CASE type WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' ELSE atom END
        FROM json_each(c.attributes) WHERE key = %s)""",
}


def _merge_values_sql(names: Sequence[str]) -> tuple[str, list[str]]:
    """What is known of a contact for these merge fields, as a JSON object: (SQL, parameters)."""
    if not names:
        return "''", []
    pairs, parameters = [], []
    for name in names:
        is_column = name in CONTACT_FIELDS
        pairs.append(f"%s, {f'c.{name}' if is_column else _ATTRIBUTE[connection.vendor]}")
        parameters += [name] if is_column else [name, name]
    if connection.vendor == "postgresql":  # it must be told that a parameter is text
        pairs = [pair.replace("%s", "%s::text") for pair in pairs]
        return f"json_build_object({', '.join(pairs)})::text", parameters
    return f"json_object({', '.join(pairs)})", parameters


def _open_for_sending(campaign: Campaign, now: datetime) -> None:
    # An import that was under way at the launch may have changed its groups.
    until = campaign.launched_at
    if campaign.as_group and (problems := find_group_problems(campaign, until=until)):
        pause_by_machine(campaign, " ".join(problems))
        return
    filling = Campaign.objects.filter(pk=campaign.pk, status=CampaignStatus.FILLING)
    count = Message.objects.filter(campaign=campaign).count()
    with transaction.atomic():
        if campaign.as_group:
            arrange_groups(campaign)
        filling.update(status=CampaignStatus.SENDING, filled_at=now, recipient_count=count)
        ring("outbox.send_due", campaign.channel_id)
