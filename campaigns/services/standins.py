"""Which number stands in for a channel that is out, and what can go as SMS from it."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from campaigns.models import Campaign, Channel, Lane, Sender
from campaigns.rules.formats import Format
from campaigns.services.channel_kinds import kind_limits, kinds_with_sms
from campaigns.services.drafts import draft_of
from campaigns.services.reply_routes import goes_as_sms

IS_OWN = "Choose a number of another channel: this one is out, too."
NO_SMS = "“{channel}” cannot send an SMS: choose a number of another channel."
IS_PAUSED = "“{channel}” is paused, so nothing would leave from there: resume it first."


def find_candidates(channel: Channel) -> QuerySet[Sender]:
    """Numbers that could stand in for this channel, which may be a new one."""
    kinds = [kind for kind in kinds_with_sms() if Format.TEXT in kind_limits(kind).formats]
    senders = Sender.objects.filter(channel__kind__in=kinds).exclude(channel=channel.pk)
    return senders.select_related("channel").order_by("channel__name", "number")


def find_sender_problems(channel: Channel, sender: Sender | None) -> Iterator[str]:
    """Why this number cannot stand in for the channel. That the other one names this one in turn
    does no harm: a message makes one detour."""
    if sender is None:
        return
    if channel.pk and sender.channel_id == channel.pk:
        yield IS_OWN
    elif not goes_as_sms(sender.channel):
        yield NO_SMS.format(channel=sender.channel)
    elif sender.channel.paused_at:
        yield IS_PAUSED.format(channel=sender.channel)


def lane_of(channel: Channel) -> Lane | None:
    return getattr(channel, "lane", None)


def find_stand_in(channel: Channel, now: datetime) -> Sender | None:
    """The number by which its messages leave now: while it is out, not paused, set up so, and the
    other channel can."""
    lane, sender = lane_of(channel), channel.outage_sender
    if sender is None or channel.paused_at or lane is None or lane.outage_since(now) is None:
        return None
    return None if any(find_sender_problems(channel, sender)) else sender


def can_go_as_sms(campaign: Campaign) -> bool:
    """Whether its message has words for an SMS. A group message has not: the others of the group
    cannot be shown."""
    if campaign.as_group or campaign.revision is None:
        return False
    draft = draft_of(campaign.revision)
    return draft.has_fallback and bool(draft.fallback_text.strip())
