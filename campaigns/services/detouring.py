"""Detours: while a channel is out, what can go as SMS leaves by another one, if it is set up so.

A message is moved only while it waits and was never sent: by one conditional UPDATE, so that a
kill, a pause or a claim at the same moment leaves it on one of the two lanes. No more is moved
than the other lane sends in two minutes; once the channel is well, who has not left is taken back.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from campaigns.models import Campaign, Channel, Detour, Message, OptOut, Sender
from campaigns.models.rows import states_are
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.audit import record
from campaigns.services.chunks import let_others_write
from campaigns.services.outbox import lock_in_order
from campaigns.services.queue import held, ring
from campaigns.services.senders import allowance_of
from campaigns.services.standins import can_go_as_sms, find_stand_in, lane_of

S, C = MessageStatus, CampaignStatus
#: A write lock is held for so many.
CHUNK = 5_000
LEASE_SECONDS = 120
#: So much of the other lane's pace may wait there: twice the time from sweep to sweep.
AHEAD = timedelta(minutes=2)
#: Nobody tried for so long: it may be well by now, so somebody tries first.
TRIED_WITHIN = timedelta(minutes=2)
GOING_ON = (C.SENDING, C.PAUSED)


def ring_for_outages(now: datetime) -> None:
    """Every channel whose messages should make a detour, or have one open."""
    trouble = Q(lane__trouble_since__isnull=False, outage_sender__isnull=False)
    open_ones = Detour.objects.filter(ended_at=None).order_by().values("campaign__channel")
    channels = Channel.objects.select_related("lane", "outage_sender__channel")
    for channel in channels.filter(trouble | Q(pk__in=open_ones)):
        if find_stand_in(channel, now) or _open_of(channel).exists():
            ring("outbox.detour", channel.pk)


def detour(channel_id: int, now: datetime) -> int:
    """Move what may leave by another lane, or take back who has not left; how many were moved to
    the other lane. Nothing while somebody else does it; doing it half, or again, does no harm."""
    with held(f"detour:{channel_id}", now, LEASE_SECONDS) as is_ours:
        return _detour(channel_id, now) if is_ours else 0


def _detour(channel_id: int, now: datetime) -> int:
    channel = Channel.objects.select_related("lane", "outage_sender__channel").get(pk=channel_id)
    stand_in = find_stand_in(channel, now)
    for each in _open_of(channel).select_related("campaign"):
        if stand_in is None or not _goes_on(each, stand_in):
            _end(each, now)
    if stand_in is None or not _was_tried(channel, now):
        return 0
    return _move_out(channel, stand_in, now)


def _open_of(channel: Channel) -> QuerySet[Detour]:
    return Detour.objects.filter(campaign__channel=channel, ended_at=None)


def _goes_on(each: Detour, stand_in: Sender) -> bool:
    same = (each.channel_id, each.sender) == (stand_in.channel_id, stand_in.number)
    return same and each.campaign.status in GOING_ON


def _was_tried(channel: Channel, now: datetime) -> bool:
    """Whether somebody has just tried, in vain."""
    held_until = channel.lane.hold_until
    return held_until is not None and held_until > now - TRIED_WITHIN


# --- There -------------------------------------------------------------------------------------


def _move_out(channel: Channel, stand_in: Sender, now: datetime) -> int:
    """Every campaign its fair part of the room."""
    room = _find_room(stand_in, now)
    sending = Campaign.objects.sending(now).filter(channel=channel).select_related("revision__mms")
    able = [campaign for campaign in sending.order_by("pk") if can_go_as_sms(campaign)]
    count = 0
    for position, campaign in enumerate(able):
        part = -(-(room - count) // (len(able) - position))
        rows = _movable(campaign, stand_in, now)
        while part > 0:
            moved = _move_chunk(campaign, stand_in, rows, min(part, CHUNK), now)
            if not moved:
                break
            part, count = part - moved, count + moved
            let_others_write()
    return count


def _find_room(stand_in: Sender, now: datetime) -> int:
    """How many more may wait there: nothing where nothing goes through either."""
    lane = lane_of(stand_in.channel)
    if lane and lane.trouble:
        return 0
    pace = stand_in.channel.requests_per_second * (lane.factor if lane else 1)
    if stand_in.per_minute:
        pace = min(pace, stand_in.per_minute / 60)
    most = max(int(pace * AHEAD.total_seconds()), 1)
    waiting = Message.objects.filter(states_are(S.QUEUED), channel=stand_in.channel)
    due = waiting.filter(send_after__lte=now).order_by()[:most].count()
    return min(most, allowance_of(stand_in).left_today(now)) - due


def _movable(campaign: Campaign, stand_in: Sender, now: datetime) -> QuerySet[Message]:
    """Rows that are due and were never sent. Whom the other number does not reach, and who opted
    out of it, waits here."""
    first = campaign.waves.filter(started_at=None).aggregate(at=Min("starts_at"))["at"]
    gone = OptOut.objects.on(stand_in.channel_id).filter(phone=OuterRef("phone"))
    rows = Message.objects.filter(
        states_are(S.QUEUED),
        ~Exists(gone),
        _is_reached_by(stand_in),
        channel=campaign.channel_id,
        campaign=campaign,
        send_after__lte=now,
        resend_count=0,
    )
    return rows.filter(send_after__lt=first) if first else rows


def _is_reached_by(sender: Sender) -> Q:
    """By the country that a row's place begins with; none is not known."""
    countries = {each.strip() for each in sender.countries.upper().split(",")} - {""}
    reached = Q(place__startswith=";") if countries else Q()
    for country in countries:
        reached |= Q(place__startswith=f"{country};")
    return reached


@transaction.atomic
def _move_chunk(
    campaign: Campaign, stand_in: Sender, rows: QuerySet[Message], count: int, now: datetime
) -> int:
    """The row and the detour's count change together, or neither does."""
    ids = list(rows.order_by("send_after", "id").values_list("pk", flat=True)[:count])
    if not ids:
        return 0
    each, is_new = Detour.objects.get_or_create(
        campaign=campaign,
        ended_at=None,
        defaults={
            "channel": stand_in.channel,
            "sender": stand_in.number,
            "out_since": campaign.channel.lane.trouble_since or now,
            "began_at": now,
        },
    )
    if is_new:
        after = {"channel": stand_in.channel.name, "from": stand_in.number}
        record("campaign.detoured", campaign, by=None, after=after)
    moved = _move(ids, rows, channel=stand_in.channel_id, sender=stand_in.number)
    Detour.objects.filter(pk=each.pk).update(count=F("count") + moved)
    ring("outbox.send_due", stand_in.channel_id)
    return moved


def _move(ids: Iterable[int], rows: QuerySet[Message], *, channel: int, sender: str) -> int:
    """Those of `ids` that are still as `rows` wants them; what the last try told is over."""
    lock_in_order(ids)
    anew = {"provider_id": "", "retry_count": 0, "code": "", "reason": ""}
    return rows.filter(pk__in=list(ids)).update(channel=channel, sender=sender, **anew)


# --- And back ------------------------------------------------------------------------------------


def _end(each: Detour, now: datetime) -> None:
    """Take back who has not left, chunk by chunk; then it is over."""
    campaign, back = each.campaign, 0
    while taken := _take_back_chunk(each):
        back += taken
        let_others_write()
    with transaction.atomic():
        if Detour.objects.filter(pk=each.pk, ended_at=None).update(ended_at=now):
            each.refresh_from_db()
            after = {"went as SMS": each.count, "taken back": back}
            record("campaign.detour_ended", campaign, by=None, after=after)


@transaction.atomic
def _take_back_chunk(each: Detour) -> int:
    campaign = each.campaign
    rows = Message.objects.filter(
        states_are(S.QUEUED), channel=each.channel_id, campaign=campaign, resend_count=0
    )
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    if not ids or campaign.sender is None:
        return 0
    moved = _move(ids, rows, channel=campaign.channel_id, sender=campaign.sender.number)
    Detour.objects.filter(pk=each.pk).update(count=F("count") - moved)
    ring("outbox.send_due", campaign.channel_id)
    return moved
