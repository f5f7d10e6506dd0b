"""How far a campaign is: the bar, what went wrong in words, speed and finish time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from campaigns.models import Campaign, Lane, Message
from campaigns.models.rows import states_are
from campaigns.rules.statuses import (
    GONE_WRONG,
    OPEN,
    RESENDABLE,
    CampaignStatus,
    MessageStatus,
)
from campaigns.services.detour_words import Line, tell_campaign, tell_detours
from campaigns.services.outbox import count_statuses
from campaigns.services.resending import count_again
from campaigns.services.senders import UsedUp, find_finish, find_used_up, flow_of
from campaigns.services.tallies import count_causes
from campaigns.services.waves import Held, WaveLine, count_held, list_waves

S = MessageStatus
#: The order in which the states stand in the bar: what is settled well first, what waits last.
BAR_ORDER = (
    S.DELIVERED,
    S.DELIVERED_AS_SMS,
    S.NO_RECEIPT,
    S.SENT,
    S.ACCEPTED,
    S.SENDING,
    S.UNKNOWN,
    S.UNRESOLVED,
    S.EXPIRED,
    S.FAILED,
    S.SKIPPED,
    S.CANCELLED,
    S.QUEUED,
)
#: What each state means, for people who meet it the first time.
MEANINGS: dict[MessageStatus, str] = {
    S.QUEUED: "Not sent yet",
    S.SENDING: "In the hands of a worker: its request is next, or under way",
    S.UNKNOWN: "It may have gone; its report will tell. It is not sent again by itself",
    S.UNRESOLVED: "It may have gone, and no report came. You decide whether to send again",
    S.ACCEPTED: "Sinch took it; no report yet",
    S.SENT: "Handed to the carrier; waiting for the receipt",
    S.NO_RECEIPT: "Sent, but the carrier gave no receipt",
    S.EXPIRED: "The carrier could not deliver it in time",
    S.FAILED: "Refused or not deliverable",
    S.DELIVERED: "On the phone",
    S.DELIVERED_AS_SMS: "The phone got the fallback SMS",
    S.SKIPPED: "We did not send it, with the reason",
    S.CANCELLED: "The campaign was stopped before its turn",
}
HELD = "They wait for their start, or until their quiet hours end"
MOST_REASONS = 12
SPEED_IS_FRESH = timedelta(seconds=10)
NOT_OUT = (S.QUEUED, S.SKIPPED, S.CANCELLED)
#: Of more than so many, it is not looked up who opted out meanwhile.
MOST_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class Part:
    """One state: its count, and where it stands in the bar in per cent."""

    status: MessageStatus
    count: int
    start: float
    width: float
    #: Of those who wait: they wait for a later moment.
    is_held: bool = False

    @property
    def word(self) -> str:
        return "Held" if self.is_held else str(self.status.label)

    @property
    def meaning(self) -> str:
        return HELD if self.is_held else MEANINGS[self.status]

    @property
    def state(self) -> str:
        """The end of its colour's class."""
        return "held" if self.is_held else str(self.status.value)

    @property
    def query(self) -> str:
        """The address of its rows, after the campaign."""
        if self.status != S.QUEUED:
            return f"status__exact={self.status.value}"
        return f"status__exact={self.status.value}&held={'yes' if self.is_held else 'no'}"


@dataclass(frozen=True, slots=True)
class Again:
    """Who can be sent to again, and who stands in the same state and cannot: they opted out."""

    status: MessageStatus
    count: int
    left_alone: int
    #: They are so many that who opted out is still among them.
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many are in a state: a code, in the words of the latest of them, or words alone."""

    status: MessageStatus
    code: str
    words: str
    count: int

    @property
    def query(self) -> str:
        """The address of its rows, after the campaign."""
        known = {"code": self.code} if self.code else {"reason__startswith": self.words}
        return urlencode({"status__exact": self.status.value, **known})


@dataclass(frozen=True, slots=True)
class Progress:
    total: int
    parts: list[Part]
    reasons: list[Reason]
    again: list[Again]
    settled: int  # nothing more is expected of these
    waiting: int
    held: Held
    waves: list[WaveLine]
    per_second: float
    finish_at: datetime | None
    trouble: str
    outage_since: datetime | None
    #: What is done about it, in words.
    outage_way: str
    #: What of it went as SMS in an outage, or goes.
    detours: list[Line]
    used_up: UsedUp | None
    is_over: bool

    @property
    def held_by_outage(self) -> int:
        """Who waits for the channel to be well."""
        return max(self.waiting - sum(line.waiting for line in self.detours), 0)

    @property
    def is_untouched(self) -> bool:
        """Nothing has gone out so far."""
        return all(part.status in NOT_OUT for part in self.parts)


def measure_progress(campaign: Campaign, now: datetime) -> Progress:
    """Everything the live page shows."""
    counts = count_statuses(campaign)
    lane = getattr(campaign.channel, "lane", None)
    waiting = counts.get(S.QUEUED, 0)
    held = count_held(campaign, now) if waiting else Held()
    due = max(waiting - held.total, 0)
    is_open = campaign.status in (CampaignStatus.SENDING, CampaignStatus.SCHEDULED)
    is_going = is_open and not campaign.channel.paused_at
    is_sending = is_going and campaign.status == CampaignStatus.SENDING
    outage_since = lane.outage_since(now) if lane and is_sending and waiting else None
    return Progress(
        total=sum(counts.values()),
        parts=_parts(counts, held.total),
        reasons=_reasons(campaign),
        again=_again(campaign, counts),
        settled=sum(count for status, count in counts.items() if status not in OPEN),
        waiting=waiting,
        held=held,
        waves=list_waves(campaign, held, now),
        per_second=lane.sent_per_second if is_sending and _is_fresh(lane, now) else 0,
        finish_at=(
            _find_finish(campaign, due, held, now) if is_going and not outage_since else None
        ),
        trouble=lane.trouble if lane and is_sending else "",
        outage_since=outage_since,
        outage_way=tell_campaign(campaign, now) if outage_since else "",
        detours=tell_detours(campaign),
        used_up=find_used_up(campaign, now) if is_sending and due else None,
        is_over=campaign.status in (CampaignStatus.DONE, CampaignStatus.CANCELLED)
        and not OPEN & counts.keys(),
    )


def _is_fresh(lane: Lane | None, now: datetime) -> bool:
    """Whether the measured speed is of now."""
    return bool(lane and lane.last_sent_at and now - lane.last_sent_at < SPEED_IS_FRESH)


def _find_finish(campaign: Campaign, due: int, held: Held, now: datetime) -> datetime | None:
    turns = [(now, due)] if due else []
    return find_finish([*turns, *held.moments], flow_of(campaign, now), now)


def _parts(counts: dict[MessageStatus, int], held: int) -> list[Part]:
    """Held ones come last; the two counts were taken one after the other."""
    total = sum(counts.values())
    held = min(held, counts.get(S.QUEUED, 0))
    told = [(status, counts.get(status, 0), False) for status in BAR_ORDER if status != S.QUEUED]
    told += [(S.QUEUED, counts.get(S.QUEUED, 0) - held, False), (S.QUEUED, held, True)]
    parts, start = [], 0.0
    for status, count, is_held in told:
        if count:
            width = 100 * count / total
            parts.append(Part(status, count, start, width, is_held))
            start += width
    return parts


def _reasons(campaign: Campaign) -> list[Reason]:
    """The commonest reasons, in the words people read."""
    return [_put_in_words(campaign, *cause) for cause in count_causes(campaign, MOST_REASONS)]


def _put_in_words(campaign: Campaign, status: MessageStatus, detail: str, count: int) -> Reason:
    """The rows are few by code, not by reason: only codes are looked up."""
    rows = Message.objects.filter(states_are(*GONE_WRONG), campaign=campaign, status=status)
    latest = rows.filter(code=detail).order_by("-pk").values_list("reason", flat=True).first()
    if latest is None:
        return Reason(status, "", detail, count)
    return Reason(status, detail, latest, count)


def _again(campaign: Campaign, counts: dict[MessageStatus, int]) -> list[Again]:
    standing = [status for status in BAR_ORDER if status in RESENDABLE and counts.get(status)]
    few = [status for status in standing if counts[status] <= MOST_LOOKED_AT]
    found = count_again(campaign, few) if few else {}
    return [
        Again(status, found.get(status, 0), max(counts[status] - found.get(status, 0), 0))
        if status in few
        else Again(status, counts[status], 0, is_bound=True)
        for status in standing
    ]
