"""The limits of a channel's senders: kept while sending, told while planning."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from campaigns.models import Campaign, Sender, SenderPace
from campaigns.rules.allowances import PLENTY, SHARE, Allowance, Flow, next_day_at
from campaigns.rules.statuses import CampaignStatus

_LIMITED = Q(per_minute__isnull=False) | Q(per_day__isnull=False)


@dataclass(frozen=True, slots=True)
class UsedUp:
    """A sender that has sent all the carriers allow it today; `until` it goes on."""

    number: str
    per_day: int
    until: datetime


class SenderLimits:
    """Of one channel, for whoever holds its lane. Limits are read anew at each look; what is used
    is written in the transaction that claims."""

    def __init__(self, channel_id: int) -> None:
        self._channel_id = channel_id
        self._allowances: dict[str, Allowance] = {}
        self._ids: dict[str, int] = {}
        self._touched: set[str] = set()
        self.read()

    def read(self) -> None:
        """Limits as they are now; what is used is known here better than in the table."""
        limited = Sender.objects.filter(_LIMITED, channel_id=self._channel_id)
        found = {sender.number: sender for sender in limited.select_related("pace").order_by("pk")}
        self._ids = {number: sender.pk for number, sender in found.items()}
        self._allowances = {
            number: self._renewed(self._allowances.get(number), sender)
            for number, sender in found.items()
        }

    @staticmethod
    def _renewed(known: Allowance | None, sender: Sender) -> Allowance:
        if known is None:
            return allowance_of(sender)
        known.per_minute, known.per_day = sender.per_minute, sender.per_day
        return known

    def room(self, number: str, now: datetime) -> int:
        """How many messages may be claimed for this sender."""
        allowance = self._allowances.get(number)
        return PLENTY if allowance is None else allowance.room(now)

    def is_soon(self, numbers: Iterable[str], seconds: float, now: datetime) -> bool:
        """Whether one of these senders that waits for its next minute may go on so soon."""
        known = [self._allowances[number] for number in numbers if number in self._allowances]
        return any(one.left_today(now) and 0 < one.seconds_left(now) <= seconds for one in known)

    def take(self, numbers: Iterable[str], now: datetime) -> None:
        """These were claimed, one sender each."""
        for number, count in Counter(numbers).items():
            if number in self._allowances:
                self._allowances[number].take(count, now)
                self._touched.add(number)

    def keep(self) -> None:
        """Write what is used; called within the transaction that claims."""
        for number in self._touched & self._ids.keys():
            used = self._allowances[number]
            SenderPace.objects.update_or_create(
                sender_id=self._ids[number],
                defaults={"next_slot_at": used.next_slot_at, "day": used.day, "count": used.count},
            )
        self._touched.clear()


def allowance_of(sender: Sender) -> Allowance:
    """The limits of a sender, and what of them is used."""
    limits = Allowance(sender.per_minute, sender.per_day)
    is_limited = sender.per_minute or sender.per_day
    if is_limited and (pace := getattr(sender, "pace", None)) is not None:
        limits.next_slot_at, limits.day, limits.count = pace.next_slot_at, pace.day, pace.count
    return limits


def flow_of(campaign: Campaign, now: datetime) -> Flow:
    """How fast the campaign's messages may leave from `now` on: campaigns that send on one channel
    share its rate, and those of one sender its limits."""
    if campaign.channel is None:
        return Flow(0)
    sending = Campaign.objects.filter(channel=campaign.channel, status=CampaignStatus.SENDING)
    others = list(sending.exclude(pk=campaign.pk).values_list("sender_id", flat=True))
    lane = getattr(campaign.channel, "lane", None)
    rate = campaign.channel.requests_per_second * (lane.factor if lane else 1) / (len(others) + 1)
    if campaign.sender is None:
        return Flow(rate)
    limits = allowance_of(campaign.sender)
    sharing = 1 + others.count(campaign.sender_id)
    if limits.per_minute:
        rate = min(rate, limits.per_minute * SHARE / 60 / sharing)
    if not limits.per_day:
        return Flow(rate)
    return Flow(rate, max(limits.per_day // sharing, 1), limits.left_today(now) // sharing)


def find_used_up(campaign: Campaign, now: datetime) -> UsedUp | None:
    """Why nothing more goes out today, where that is so."""
    sender = campaign.sender
    if sender is None or not sender.per_day or allowance_of(sender).left_today(now):
        return None
    return UsedUp(sender.number, sender.per_day, next_day_at(now))


def find_finish(
    turns: Iterable[tuple[datetime, int]], flow: Flow, now: datetime
) -> datetime | None:
    """When all are through: so many from each moment on, one moment after the other."""
    free_at = None
    for starts_at, count in turns:
        free_at, flow = flow.through(count, max(free_at or starts_at, starts_at), now)
        if free_at is None:
            return None
    return free_at


def estimate_seconds(campaign: Campaign, count: int, now: datetime) -> float | None:
    """How long sending to `count` people would take from now on."""
    through, _ = flow_of(campaign, now).through(count, now, now)
    return (through - now).total_seconds() if through and count else None
