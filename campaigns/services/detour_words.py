"""What to say to people of an outage: what is done about it, and what went another way."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, Channel, Detour, Message, Sender
from campaigns.models.rows import states_are
from campaigns.rules.looks import write_number
from campaigns.rules.statuses import MessageStatus
from campaigns.services.standins import can_go_as_sms, find_sender_problems, find_stand_in

GOES = "Meanwhile they leave as SMS from {number} by “{channel}”, as fast as that one sends."
ALSO_OUT = "They should leave as SMS by “{channel}”, but nothing goes through there either."
CANNOT = "They should leave as SMS by “{channel}”, but that is not possible: {why}"
GROUP = "They are group messages, which cannot leave as SMS."
NO_WORDS = "They have no words for an SMS instead, so they are held."
OF_CHANNEL = (
    "What has words for an SMS leaves meanwhile from {number} by “{channel}”{count}; the rest is "
    "held."
)


@dataclass(frozen=True, slots=True)
class Line:
    """What of a campaign made a detour by one channel."""

    channel: Channel
    sender: str
    count: int
    #: Of these: not sent yet.
    waiting: int
    out_since: datetime
    ended_at: datetime | None


def tell_detours(campaign: Campaign) -> list[Line]:
    """The outages in which some of it went as SMS, or goes, in their order."""
    found = Detour.objects.filter(campaign=campaign, count__gt=0).select_related("channel")
    return [
        Line(
            channel=each.channel,
            sender=each.sender,
            count=each.count,
            waiting=count_waiting(each) if each.ended_at is None else 0,
            out_since=each.out_since,
            ended_at=each.ended_at,
        )
        for each in found
    ]


def count_waiting(each: Detour) -> int:
    """Of those that make this detour: who has not left."""
    rows = Message.objects.filter(
        states_are(MessageStatus.QUEUED), campaign=each.campaign_id, channel=each.channel_id
    )
    return rows.order_by().count()


def tell_campaign(campaign: Campaign, now: datetime) -> str:
    """What is done about its messages in an outage; "" where they are only held."""
    sender = campaign.channel.outage_sender
    if sender is None:
        return ""
    if campaign.as_group:
        return GROUP
    if not can_go_as_sms(campaign):
        return NO_WORDS
    return _tell_way(campaign.channel, sender, GOES, now)


def tell_channel(channel: Channel, now: datetime) -> str:
    """The same of all that waits on a channel that is out."""
    sender = channel.outage_sender
    if sender is None:
        return ""
    gone = Detour.objects.filter(campaign__channel=channel, ended_at=None)
    total = sum(gone.values_list("count", flat=True))
    count = f": {total:,} so far" if total else ""
    return _tell_way(channel, sender, OF_CHANNEL, now, count=count)


def _tell_way(channel: Channel, sender: Sender, words: str, now: datetime, **more: str) -> str:
    if why := " ".join(find_sender_problems(channel, sender)):
        return CANNOT.format(channel=sender.channel, why=why)
    lane = getattr(sender.channel, "lane", None)
    if lane is not None and lane.trouble:
        return ALSO_OUT.format(channel=sender.channel)
    if find_stand_in(channel, now) is None:
        return ""
    number = write_number(sender.number)
    return words.format(number=number, channel=sender.channel, **more)
