"""Filling the outbox: one row per recipient of a launched campaign, chunk by chunk."""

import time
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from campaigns.models import Campaign, Contact, Message, OptOut, Recipient, Wave
from campaigns.models.rows import rows_parameter, rows_sql
from campaigns.rules.ladder import REASONS, Rung
from campaigns.rules.mergefields import CONTACT_FIELDS
from campaigns.rules.places import NOWHERE
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.campaigns import pause_by_machine
from campaigns.services.chunks import in_chunks, let_others_write
from campaigns.services.doubted import give_back, note_doubted, why_gone
from campaigns.services.groups import arrange_groups, find_group_problems
from campaigns.services.ladder import count_entries, frozen_rows
from campaigns.services.outbox import CHUNK, change_in_chunks, count_statuses
from campaigns.services.planning import Turn, plan_turn, waves_of
from campaigns.services.policy import lock_policy
from campaigns.services.queue import held, ring
from campaigns.services.quiethours import read_table
from campaigns.services.replanning import replan
from campaigns.services.segments import problems_of
from campaigns.services.waiting import WAITING
from campaigns.services.wording import names_in

S = MessageStatus
FILL_SECONDS = 20
FILL_LEASE_SECONDS = 60


def fill_outbox(campaign_id: int, now: datetime) -> None:
    """Make one row per recipient, chunk by chunk, for up to `FILL_SECONDS`; then ring for more.

    Doing it again, or half, does no harm. Recipients are the contacts that were on the campaign's
    lists and in its segments when it was launched.
    """
    with held(f"fill:{campaign_id}", now, FILL_LEASE_SECONDS) as is_ours:
        is_filled = not is_ours or _fill_for_a_while(campaign_id, now)
    if not is_filled:
        ring("outbox.fill", campaign_id)


def _fill_for_a_while(campaign_id: int, now: datetime) -> bool:
    """False when the time was over before the recipients were."""
    ends_at = time.monotonic() + FILL_SECONDS
    turns: Turns | None = None
    done: dict[Rung, int] = {}
    while time.monotonic() < ends_at:
        campaign = Campaign.objects.get(pk=campaign_id)
        if campaign.status != CampaignStatus.FILLING:
            if campaign.status == CampaignStatus.CANCELLED:  # the last chunk was under way
                ring("outbox.cancel_stopped", campaign_id)
            return True
        if campaign.frozen_at is None and (problems := find_audience_damage(campaign)):
            pause_by_machine(campaign, " ".join(problems))
            return True
        turns = turns or freeze_audience(campaign, now)
        if not any(_fill_chunk(campaign, rung, turns, done, now) for rung in _FILLED):
            if campaign.planned_at and not replan(campaign, ends_at):
                return False
            _open_for_sending(campaign, now)
            return True
        let_others_write()
    return False


# --- Freezing ------------------------------------------------------------------------------------

Turns = dict[str, Turn]


def freeze_audience(campaign: Campaign, now: datetime) -> Turns:
    """Note once who the recipients are and on which rung, by one statement; the turn of every
    place among those who have no row yet. What is only counted holds nobody up."""
    if campaign.frozen_at is None:
        with transaction.atomic():
            lock_policy()  # two audiences at once would not see each other, and break the limit
            _note_recipients(campaign, now)
            campaign.frozen_at = now
            campaign.save(update_fields=["frozen_at"])
    turns = _plan(campaign)
    if not campaign.ladder:
        campaign.ladder = {"entries": count_entries(campaign, now), **_count_rungs(campaign)}
        with transaction.atomic():
            campaign.save(update_fields=["ladder"])
            _make_waves(campaign, turns)
    return turns


def find_audience_damage(campaign: Campaign) -> list[str]:
    """What was deleted since the launch and is needed to know who is meant."""
    segments = [*campaign.segments.all(), *campaign.excluded_segments.all()]
    return [problem for segment in segments for problem in problems_of(segment)]


def _note_recipients(campaign: Campaign, now: datetime) -> None:
    select, parameters = frozen_rows(campaign, now).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO campaigns_recipient (campaign_id, contact_id, rung) {select}",
            parameters,
        )
        if connection.vendor == "postgresql":  # or it would plan each chunk as for an empty table
            cursor.execute("ANALYZE campaigns_recipient")
            # Now, not at the commit: by then the campaign is locked, and a pause would wait.
            connection.check_constraints()


def _count_rungs(campaign: Campaign) -> dict[str, int]:
    rungs = Recipient.objects.filter(campaign=campaign).order_by().values_list("rung")
    return {Rung(rung).name.lower(): count for rung, count in rungs.annotate(count=Count("id"))}


def _plan(campaign: Campaign) -> Turns:
    table = read_table()
    people = Recipient.objects.filter(campaign=campaign, contact__isnull=False).order_by()
    places = people.values("contact__place")
    found = places.distinct().values_list("contact__place", flat=True)
    turns = {place: plan_turn(campaign, place, table, campaign.launched_at) for place in found}
    # Whose place changes while the rows are made: the strictest turn, and it is asked again when
    # the row is sent.
    turns[NOWHERE] = plan_turn(campaign, NOWHERE, table, campaign.launched_at)
    return turns


# --- Filling -------------------------------------------------------------------------------------

#: Who is written to comes first; who is left out by choice gets no row.
_FILLED = tuple(rung for rung in Rung if rung != Rung.EXCLUDED)
_LAST_OF_CHUNK = """
    SELECT max(contact_id) FROM (
        SELECT contact_id FROM campaigns_recipient
        WHERE campaign_id = %s AND rung = %s AND contact_id > %s
        ORDER BY contact_id LIMIT %s) chunk
"""
#: place → when its people get it, and why not at once or not at all.
_TURN = {"place": "text", "send_after": "time", "held": "text", "skipped": "text"}
#: What is in braces twice is put in by a later `.format`.
_FILL = f"""
    {{turns}}
    INSERT INTO campaigns_message (campaign_id, purpose, channel_id, revision_id, sender,
        contact_id, phone, place, rung, reference, merge_values, shown_to, status, reason,
        send_after, owner, retry_count, resend_count, provider_id, code, sent_as, created_at,
        changed_at)
    SELECT a.campaign_id, {Message.Purpose.CAMPAIGN:d}, %s, %s, %s,
        c.id, c.phone, c.place, a.rung, %s || '-' || c.id, {{merge_values}}, '', {{state}},
        '', 0, 0, '', '', '', %s, %s
    FROM campaigns_recipient a
    JOIN campaigns_contact c ON c.id = a.contact_id {{join}}
    WHERE a.campaign_id = %s AND a.rung = %s AND a.contact_id > %s AND a.contact_id <= %s
    ORDER BY a.contact_id
    ON CONFLICT DO NOTHING
"""  # noqa: S608 our own numbers
#: Cast and joined from the left, SQLite looks a place up by an index of its own making.
_TURNS_SQL = """WITH turn AS MATERIALIZED (
    SELECT CAST(place AS text) AS place, send_after, held, skipped FROM {rows})"""
_JOIN = f"""LEFT JOIN turn r ON r.place = c.place
    JOIN turn n ON n.place = '{NOWHERE}'"""
_SKIPPED, _HELD = "COALESCE(r.skipped, n.skipped)", "COALESCE(r.held, n.held)"
_BY_TURN = f"""CASE WHEN {_SKIPPED} = '' THEN {S.QUEUED:d} ELSE {S.SKIPPED:d} END,
    CASE WHEN {_SKIPPED} = '' THEN {_HELD} ELSE {_SKIPPED} END,
    COALESCE(r.send_after, n.send_after)"""
_FORGET = """
    DELETE FROM campaigns_recipient
    WHERE campaign_id = %s AND rung = %s AND contact_id > %s AND contact_id <= %s
"""


def _fill_chunk(
    campaign: Campaign, rung: Rung, turns: Turns, done: dict[Rung, int], now: datetime
) -> bool:
    """Move the next recipients of a rung to the outbox; False when there was none left.

    `done` is how far this run has come: what was deleted before it need not be walked through.
    """
    start = [campaign.pk, rung, done.get(rung, 0)]
    at = connection.ops.adapt_datetimefield_value(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LAST_OF_CHUNK, [*start, CHUNK])
        last_id = cursor.fetchone()[0]
        if last_id is None:
            return False
        merge_values, names = _merge_values_sql(names_in(campaign.revision))
        sender = [campaign.channel_id, campaign.revision_id, campaign.sender.number, campaign.key]
        last = [*start, last_id]
        if rung == Rung.WRITTEN_TO:
            rows = rows_parameter(_TURN, [_turn_row(*turn) for turn in turns.items()])
            parts = {
                "turns": _TURNS_SQL.format(rows=rows_sql(_TURN)),
                "join": _JOIN,
                "state": _BY_TURN,
            }
            sql = _FILL.format(merge_values=merge_values, **parts)
            cursor.execute(sql, [rows, *sender, *names, at, at, *last])
        else:
            parts = {"turns": "", "join": "", "state": f"{S.SKIPPED:d}, %s, %s"}
            sql = _FILL.format(merge_values=merge_values, **parts)
            cursor.execute(sql, [*sender, *names, REASONS[rung], at, at, at, *last])
        cursor.execute(_FORGET, last)
    done[rung] = last_id
    return True


def _turn_row(place: str, turn: Turn) -> tuple[str, str, str, str]:
    at = str(connection.ops.adapt_datetimefield_value(turn.send_after))
    return (place, at, turn.held, turn.skipped)


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


# --- Opening -------------------------------------------------------------------------------------


def _open_for_sending(campaign: Campaign, now: datetime) -> None:
    # An import that was under way at the launch may have changed its groups.
    until = campaign.launched_at
    if campaign.as_group and (problems := find_group_problems(campaign, until=until)):
        pause_by_machine(campaign, " ".join(problems))
        return
    filling = Campaign.objects.filter(pk=campaign.pk, status=CampaignStatus.FILLING)
    count = sum(count_statuses(campaign).values())
    is_early = campaign.waves.exists() and not campaign.waves.exclude(started_at=None).exists()
    status = CampaignStatus.SCHEDULED if is_early else CampaignStatus.SENDING
    _skip_newly_gone(campaign)
    with transaction.atomic():
        if not filling.select_for_update(no_key=True).exists():
            return  # paused or stopped a moment ago
        if campaign.planned_at is None:
            note_doubted(campaign)
        give_back(campaign, now)
        if campaign.as_group and campaign.planned_at is None:
            arrange_groups(campaign)
        filling.update(status=status, filled_at=now, recipient_count=count)
        if is_early:
            ring("outbox.start_due")
        else:
            ring("outbox.send_due", campaign.channel_id)


def _skip_newly_gone(campaign: Campaign) -> None:
    """Who opted out, or took back their consent, while the rows were made. They are looked for
    without holding anybody up."""
    newer = OptOut.objects.on(campaign.channel_id).filter(created_at__gte=campaign.frozen_at)
    gone = Message.objects.filter(
        WAITING, campaign=campaign, phone__in=newer.order_by().values("phone")
    )
    for ids in in_chunks(gone.order_by("pk").values_list("pk", flat=True), CHUNK):
        gone.filter(pk__in=ids).update(
            status=S.SKIPPED, reason=why_gone(), changed_at=timezone.now()
        )
    waiting = Message.objects.filter(campaign=campaign, status=S.QUEUED)
    without = Contact.objects.filter(pk=OuterRef("contact_id"), consented_at=None)
    silent = waiting.filter(Exists(without))
    without_consent = {"status": S.SKIPPED, "reason": REASONS[Rung.NO_CONSENT]}
    change_in_chunks(silent, **without_consent, changed_at=timezone.now())


def _make_waves(campaign: Campaign, turns: Turns) -> None:
    """Of a campaign that does not start at once: its moments, and how many people each has."""
    if campaign.start == Campaign.Start.NOW:
        return
    people = Recipient.objects.filter(campaign=campaign, rung=Rung.WRITTEN_TO)
    people = people.filter(contact__isnull=False).order_by()
    counts = people.values("contact__place").annotate(count=Count("contact_id"))
    at_places = dict(counts.values_list("contact__place", "count"))
    Wave.objects.bulk_create(waves_of(campaign, turns, at_places))
