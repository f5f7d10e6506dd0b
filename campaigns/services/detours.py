"""Detours, as everybody else sees them: by which lanes a campaign goes, and from which number."""

from collections.abc import Collection, Iterator
from copy import copy
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, Channel, Detour
from campaigns.services.queue import ring


def lanes_of(campaign: Campaign) -> list[int]:
    """The channels by which its messages go: its own, and those of its detours."""
    others = Detour.objects.filter(campaign=campaign).order_by().values_list("channel", flat=True)
    return list(dict.fromkeys([campaign.channel_id, *others]))


def ring_lanes(campaign: Campaign) -> None:
    for channel_id in lanes_of(campaign):
        ring("outbox.send_due", channel_id)


def sending_on(channel_id: int, now: datetime) -> QuerySet[Campaign]:
    """Campaigns whose rows may go out on this lane. A pause of their own channel holds what makes
    a detour, too."""
    detours = Detour.objects.filter(channel=channel_id)
    going = Channel.objects.filter(pk=OuterRef("channel"), paused_at=None)
    makes_detour = Q(pk__in=detours.values("campaign")) & Q(Exists(going))
    return Campaign.objects.filter(Q(channel=channel_id) | makes_detour).sending(now)


def going_by(campaign: Campaign, channel: Channel, number: str) -> Campaign:
    """The campaign as if it were one of the channel it makes a detour by: to ask about its pace
    and its sender there. It is not to be saved."""
    there = copy(campaign)
    there.channel = channel
    there.sender = channel.senders.filter(number=number).first()
    return there


def detours_of(campaigns: Collection[int]) -> Iterator[tuple[int, Channel, str]]:
    """(campaign, the channel it goes by, the number it goes from there) of each detour that was
    ever made; the newest number of a channel."""
    made = Detour.objects.filter(campaign__in=campaigns).select_related("channel__lane")
    newest = {(each.campaign_id, each.channel_id): each for each in made.order_by("pk")}
    for each in newest.values():
        yield each.campaign_id, each.channel, each.sender


def senders_on(channel_id: int, campaigns: list[Campaign]) -> dict[int, set[str]]:
    """Campaign → the numbers it goes out from on this lane."""
    own = {c.pk: {c.sender.number if c.sender else ""} for c in campaigns}
    foreign = {c.pk for c in campaigns if c.channel_id != channel_id}
    if foreign:
        own |= {pk: set() for pk in foreign}
        detours = Detour.objects.filter(channel=channel_id, campaign__in=foreign).order_by()
        for pk, number in detours.values_list("campaign", "sender").distinct():
            own[pk].add(number)
    return own
