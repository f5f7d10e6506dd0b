"""How each channel is, at a glance: the worst thing to say about it, or that it is well."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from campaigns.models import AuditEntry, Channel, Lane
from campaigns.services.detour_words import tell_channel
from campaigns.services.hooks import Arrived, find_arrivals
from campaigns.services.planning import say_portal_time

REFUSED = "Callbacks arrive, but are refused"
OUTAGE = (
    "Nothing has gone through since {since}. What waits is held; one message tries every 30 "
    "seconds, and once it goes through, all go on by themselves. {way}The last one heard: {why}"
)
CHANGES = ("channel.added", "channel.changed")


@dataclass(frozen=True, slots=True)
class Light:
    """How a channel is, at a glance."""

    tone: str
    word: str
    detail: str = ""


def find_light(channel: Channel) -> Light:
    return find_lights([channel], find_arrivals([channel]))[channel.pk]


def find_lights(
    channels: Sequence[Channel], arrivals: Mapping[int | None, Arrived]
) -> dict[int | None, Light]:
    """The worst thing to say about each channel, or that it is well; one question for all."""
    working = _find_working(channels)
    return {
        channel.pk: _judge(channel, arrivals[channel.pk], has_worked=channel.pk in working)
        for channel in channels
    }


def _judge(channel: Channel, arrived: Arrived, *, has_worked: bool) -> Light:
    lane = _lane_of(channel)
    if channel.paused_at:
        return Light("bad", "Paused", channel.paused_reason)
    if channel.test_problem and not channel.works_in_part:
        return Light("bad", "Test failed", channel.test_problem)
    if lane and (since := lane.outage_since(timezone.now())):
        return Light("bad", "Outage", _say_outage(channel, since, lane.trouble))
    if lane and lane.trouble:
        return Light("warn", "Slowed down", lane.trouble)
    if channel.polls and channel.poll_problem:
        return Light("warn", "Fetching fails", channel.poll_problem)
    if arrived.refused:
        return Light("warn", "Callbacks refused", f"{REFUSED}: {arrived.refused}")
    if channel.works_in_part:
        return Light("warn", "Works in part", channel.test_problem)
    if not channel.tested_at and not has_worked:
        return Light("warn", "Not tested", "Not tested since it was set up or changed.")
    if not (arrived.last_at or (channel.polls and channel.polled_until)):
        return Light("warn", "No callback yet", "No report has reached this portal so far.")
    return Light("ok", "Well")


def _say_outage(channel: Channel, since: datetime, why: str) -> str:
    way = tell_channel(channel, timezone.now())
    return OUTAGE.format(since=say_portal_time(since), way=f"{way} " if way else "", why=why)


def _lane_of(channel: Channel) -> Lane | None:
    return getattr(channel, "lane", None)


def _find_working(channels: Iterable[Channel]) -> set[int]:
    """Of those nobody tested: whose provider took a message since somebody last changed them."""
    untested = [channel for channel in channels if not channel.tested_at]
    lanes = {str(c.pk): lane for c in untested if (lane := _lane_of(c)) and lane.last_sent_at}
    changes = AuditEntry.objects.filter(
        target_type="channel", target_id__in=list(lanes), verb__in=CHANGES
    )
    changed = dict(changes.order_by().values_list("target_id").annotate(last=Max("at")))
    return {
        lane.channel_id
        for target, lane in lanes.items()
        if target not in changed or changed[target] <= lane.last_sent_at
    }


def channel_lights() -> list[tuple[Channel, Light]]:
    channels = list(Channel.objects.select_related("lane"))
    lights = find_lights(channels, find_arrivals(channels))
    return [(channel, lights[channel.pk]) for channel in channels]
