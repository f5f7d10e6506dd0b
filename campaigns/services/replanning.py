"""A moved start: the turns of waiting rows are planned anew, chunk by chunk, while the campaign
is being prepared. Dying half way, or doing it again, does no harm."""

import time
from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count

from campaigns.models import Campaign, Message, Wave
from campaigns.models.rows import rows_parameter, rows_sql
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.chunks import let_others_write
from campaigns.services.outbox import CHUNK
from campaigns.services.planning import PLANNED_AWAY, Turn, plan_turn, waves_of
from campaigns.services.quiethours import read_table

S = MessageStatus
Turns = dict[str, Turn]


def replan(campaign: Campaign, ends_at: float) -> bool:
    """False when the steady clock reached `ends_at`, or somebody paused or stopped it, before all
    rows had their new turn.

    Without waves everything is planned anew, also who was left out for their time; with waves
    only the rows of those that have not started.
    """
    turns = _plan(campaign)
    statuses = (S.QUEUED,) if campaign.waves.exists() else (S.QUEUED, S.SKIPPED)
    for status in statuses:
        last_id = 0
        while (upto := _end_of_chunk(campaign, status, last_id)) is not None:
            if time.monotonic() >= ends_at or not still_filling(campaign):
                return False
            _replan_chunk(campaign, turns, status, last_id, upto)
            last_id = upto
            let_others_write()
    _note_waves(campaign, turns)
    return True


def still_filling(campaign: Campaign) -> bool:
    return Campaign.objects.filter(pk=campaign.pk, status=CampaignStatus.FILLING).exists()


def _plan(campaign: Campaign) -> Turns:
    table = read_table()
    places = Message.objects.filter(campaign=campaign).order_by().values("place").distinct()
    return {
        place: plan_turn(campaign, place, table, campaign.planned_at)
        for place in places.values_list("place", flat=True)
    }


def _end_of_chunk(campaign: Campaign, status: S, last_id: int) -> int | None:
    rows = Message.objects.filter(campaign=campaign, status=status, pk__gt=last_id)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    return ids[-1] if ids else None


_TURN = {"place": "text", "send_after": "time", "held": "text", "skipped": "text"}
#: Written only where it changes something: a second pass is quick.
_REPLAN = f"""
    UPDATE campaigns_message AS m SET
        send_after = r.send_after, changed_at = %s,
        status = CASE r.skipped WHEN '' THEN {S.QUEUED:d} ELSE {S.SKIPPED:d} END,
        reason = CASE r.skipped WHEN '' THEN r.held ELSE r.skipped END
    FROM {{turns}}
    WHERE m.campaign_id = %s AND m.status = {{status:d}} AND m.id > %s AND m.id <= %s
        AND m.place = r.place {{which}}
        AND (m.send_after <> r.send_after OR m.reason NOT IN (r.held, r.skipped))
"""  # noqa: S608 our own numbers
_UNSTARTED = """
        AND ({all} OR m.send_after IN (SELECT w.starts_at FROM campaigns_wave w
            WHERE w.campaign_id = m.campaign_id AND w.started_at IS NULL))"""
_LEFT_OUT = """
        AND m.reason IN ({reasons}) AND m.contact_id IS NOT NULL
        AND substr(m.phone, 1, 1) <> '{erased}' AND NOT EXISTS (SELECT 1 FROM campaigns_optout o
            WHERE o.phone = m.phone AND (o.channel_id IS NULL OR o.channel_id = m.channel_id))"""


def _replan_chunk(campaign: Campaign, turns: Turns, status: S, after: int, upto: int) -> None:
    at = connection.ops.adapt_datetimefield_value
    rows = [(place, str(at(t.send_after)), t.held, t.skipped) for place, t in turns.items()]
    if status == S.QUEUED:
        which = _UNSTARTED.format(all="FALSE" if campaign.waves.exists() else "TRUE")
        reasons: tuple[str, ...] = ()
    else:
        which = _LEFT_OUT.format(
            reasons=", ".join(["%s"] * len(PLANNED_AWAY)), erased=Message.ERASED
        )
        reasons = PLANNED_AWAY
    sql = _REPLAN.format(turns=rows_sql(_TURN), status=status, which=which)
    now = at(campaign.planned_at)
    with transaction.atomic(), connection.cursor() as cursor:
        parameters = [now, rows_parameter(_TURN, rows), campaign.pk, after, upto, *reasons]
        cursor.execute(sql, parameters)


@transaction.atomic
def _note_waves(campaign: Campaign, turns: Turns) -> None:
    """The waves that have not started, as the waiting rows say."""
    campaign.waves.filter(started_at=None).delete()
    if campaign.start == Campaign.Start.NOW:
        return
    moments = {turn.send_after for turn in turns.values() if not turn.skipped}
    begun = set(campaign.waves.values_list("starts_at", flat=True))
    Wave.objects.bulk_create(
        wave
        for wave in waves_of(campaign, turns, _count_waiting(campaign, moments, turns))
        if wave.starts_at not in begun
    )


def _count_waiting(campaign: Campaign, moments: set[datetime], turns: Turns) -> dict[str, int]:
    """Place → how many wait there for its new turn."""
    waiting = Message.objects.filter(campaign=campaign, status=S.QUEUED, send_after__in=moments)
    found = waiting.order_by().values_list("place", "send_after").annotate(count=Count("pk"))
    counts: defaultdict[str, int] = defaultdict(int)
    for place, send_after, count in found:
        if turns[place].send_after == send_after:
            counts[place] += count
    return counts
