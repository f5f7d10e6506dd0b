"""Whether somebody may be answered from the inbox, by which channel, and when it goes out.

Who wrote within the last 24 hours is answered at once, at any hour: they are awake for it. Later
it is we who begin, so a reply waits for their window; who may say so sends it all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import Channel, Contact, InboundMessage, OptOut, Thread
from campaigns.rules.formats import Format
from campaigns.rules.looks import write_number
from campaigns.rules.places import Place, find_place
from campaigns.rules.problems import RuleBroken
from campaigns.rules.quiethours import next_window
from campaigns.services.channel_kinds import channel_limits
from campaigns.services.contacts import NEVER_OPEN, tell_optout
from campaigns.services.optouts import said_at
from campaigns.services.planning import say_quiet
from campaigns.services.quiethours import read_table

ANSWER_WITHIN = timedelta(hours=24)
NO_SENDER = (
    "{number} is no number of a channel any more: nobody can answer from it. Add it to a channel "
    "as a sender."
)
PAUSED = "The channel “{channel}” is paused, so nothing goes out on it. {reason}"
GONE = "They opted out on {told}. Nobody can write to them until they ask for messages again."
JUDGE = "A reply of theirs may be an opt-out and waits to be judged: until then nobody can write."


# --- Whether, and by which channel ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Route:
    """The channel a reply goes by; `barrier` says in words why none can be written."""

    channel: Channel | None
    barrier: str = ""

    @property
    def has_sms(self) -> bool:
        """Whether words alone go out as an SMS."""
        return self.channel is not None and goes_as_sms(self.channel)


def goes_as_sms(channel: Channel) -> bool:
    """Whether words alone go out as an SMS there."""
    limits = channel_limits(channel)
    return limits.has_sms and Format.TEXT in limits.formats


def find_route(thread: Thread) -> Route:
    """By the channel their newest message came by; by another one with the same number, where
    that one cannot."""
    channels = Channel.objects.filter(senders__number=thread.number)
    in_turn = sorted(channels.distinct(), key=lambda each: each.pk != thread.channel_id)
    if not in_turn:
        return Route(None, NO_SENDER.format(number=write_number(thread.number)))
    gone = {each.channel_id: each for each in _optouts(thread.phone)}
    open_ones = [each for each in in_turn if not gone.keys() & {None, each.pk}]
    if not open_ones:
        return Route(None, _tell_gone(gone.get(None) or gone[in_turn[0].pk]))
    for channel in open_ones:
        if channel.paused_at is None:
            return Route(channel)
    paused = open_ones[0]
    return Route(None, PAUSED.format(channel=paused, reason=paused.paused_reason).strip())


def _optouts(phone: str) -> Sequence[OptOut]:
    return OptOut.objects.filter(phone=phone).select_related("channel", "by")


def _tell_gone(optout: OptOut) -> str:
    if optout.source == OptOut.Source.REVIEW:
        return JUDGE
    return GONE.format(told=tell_optout(optout))


# --- When ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """When a reply goes out. `held`: why not at once; `place`: whose quiet hours it heeds;
    `is_answer`: to what they wrote a while ago."""

    send_after: datetime
    held: str = ""
    place: str = ""
    is_answer: bool = False


def plan_reply(thread: Thread, now: datetime) -> Turn:
    """Raises `RuleBroken` where quiet hours leave no time."""
    newest = InboundMessage.objects.filter(thread=thread).order_by("-id").first()
    if newest is not None and now - said_at(newest) <= ANSWER_WITHIN:
        return Turn(now, is_answer=True)
    contact = Contact.objects.filter(phone=thread.phone).first()
    place = contact.place if contact else find_place(thread.phone).key
    window = next_window(read_table(), Place.from_key(place), now)
    if window is None:
        raise RuleBroken(NEVER_OPEN)
    if window.opens_at <= now:
        return Turn(now, place=place)
    return Turn(window.opens_at, say_quiet(Place.from_key(place), window.opens_at), place)
