"""Who works, and how every lane stands: how fast, what is due, in hand or held, and why. The same
at any size: counts come from the tally, and every question is answered by an index."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from campaigns.models import AuditEntry, Campaign, Channel, Lane, Lease, Message, Wave
from campaigns.models.audience import MANY
from campaigns.models.queue import LONGEST
from campaigns.models.rows import states_are
from campaigns.rules.allowances import Flow
from campaigns.rules.statuses import MessageStatus
from campaigns.services import lifesigns, sweep_notes
from campaigns.services.detours import detours_of, going_by
from campaigns.services.outbox import lane_name
from campaigns.services.queue import HEARD_WITHIN
from campaigns.services.senders import UsedUp, find_finish, find_used_up, flow_of
from campaigns.services.tallies import count_minutes, count_of

S = MessageStatus
_OF_CHANNEL = (
    *("name", "requests_per_second", "paused_at", "paused_reason", "last_hook_at", "polls"),
    "outage_sender",
    *(f"lane__{field.name}" for field in Lane._meta.concrete_fields),
)
MINUTE = timedelta(minutes=1)
#: A speed that was measured longer ago says nothing about now.
SPEED_IS_FRESH = timedelta(seconds=10)


@dataclass(slots=True)
class LaneStanding:
    """One channel's lane. `due` may go now, `waiting` now or later; `unattended_since`: from then
    on somebody should have been sending, and nobody is."""

    channel: Channel
    owner: str = ""
    due: int = 0
    waiting: int = 0
    due_since: datetime | None = None
    unattended_since: datetime | None = None
    next_at: datetime | None = None
    in_hand: int = 0
    #: What would go out now, and how much of it.
    turns: list[tuple[Campaign | None, int]] = field(default_factory=list)
    trouble: str = ""
    #: It is held until then; or it was.
    outage_since: datetime | None = None
    hold_until: datetime | None = None
    held_until: datetime | None = None
    sent_per_second: float = 0.0
    factor: float = 1.0
    last_sent_at: datetime | None = None
    used_up: list[UsedUp] = field(default_factory=list)

    @property
    def allowed(self) -> float:
        """Messages a second that may go now."""
        return self.channel.requests_per_second * self.factor

    @property
    def share(self) -> float:
        """What is sent of what the contract allows."""
        return min(1.0, self.sent_per_second / self.channel.requests_per_second)

    @property
    def is_paused(self) -> bool:
        return self.channel.paused_at is not None

    @property
    def is_held(self) -> bool:
        return self.is_paused or self.hold_until is not None

    @property
    def why_held(self) -> str:
        if self.is_paused:
            return self.channel.paused_reason or "It was paused."
        return self.trouble if self.hold_until else ""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that was heard within a minute; `work` is its task, "" while it waits."""

    cluster: str
    process: str
    work: str
    heard_at: datetime


def read_workers(now: datetime) -> list[Worker]:
    """Whoever is in the middle of a task cannot be heard, and is there."""
    heard = Lease.objects.filter(until__gte=now - HEARD_WITHIN, until__lte=now + LONGEST)
    found = []
    for row in heard.filter(name__startswith=lifesigns.PREFIX).order_by("name"):
        _, cluster, process = row.name.split(":")
        heard_at = row.until - timedelta(seconds=lifesigns.TASK_SECONDS if row.owner else 0)
        found.append(Worker(cluster, process, row.owner, heard_at))
    return found


def read_leases(now: datetime) -> list[Lease]:
    """Who holds what; workers are told of by themselves."""
    alive = Lease.objects.alive(now).exclude(name__startswith=lifesigns.PREFIX)
    return list(alive.exclude(name=sweep_notes.NAME).order_by("name"))


def holder_of(owner: str) -> tuple[str, str]:
    """The machine and the process: “web-1:4711:1f0e” or “4711:1f0e”; "" what is not said."""
    machine, _, process = owner.rpartition(":")[0].rpartition(":")
    return machine, process


def read_lanes(now: datetime, leases: list[Lease]) -> list[LaneStanding]:
    """The lanes of all channels, by name."""
    holders = {lease.name: lease.owner for lease in leases}
    lanes = {}
    for channel in Channel.objects.select_related("lane").only(*_OF_CHANNEL).order_by("name"):
        lanes[channel.pk] = _begin(channel, holders.get(lane_name(channel.pk), ""), now)
    _count_in_hand(lanes)
    _add_due_without_campaign(lanes, now)
    for lane in lanes.values():
        lane.waiting = lane.due
    _add_due_of_campaigns(lanes, now)
    _find_next(lanes, now)
    for lane in lanes.values():
        lane.unattended_since = _find_unattended(lane)
    return list(lanes.values())


def count_in_hand_of_nobody(leases: list[Lease]) -> int:
    """Rows whose owner holds no lease any more: they will be settled by the sweep."""
    alive = [lease.owner for lease in leases]
    rows = Message.objects.filter(states_are(S.SENDING)).exclude(owner__in=["", *alive])
    return rows.order_by()[: MANY + 1].count()


def _begin(channel: Channel, owner: str, now: datetime) -> LaneStanding:
    standing, lane = LaneStanding(channel, owner), getattr(channel, "lane", None)
    if lane is None:
        return standing
    standing.trouble, standing.factor = lane.trouble, lane.factor
    standing.last_sent_at, standing.outage_since = lane.last_sent_at, lane.outage_since(now)
    if lane.hold_until and lane.hold_until > now:
        standing.hold_until = lane.hold_until
    else:
        standing.held_until = lane.hold_until
    if lane.last_sent_at and now - lane.last_sent_at < SPEED_IS_FRESH:
        standing.sent_per_second = lane.sent_per_second
    return standing


def _count_in_hand(lanes: dict[int, LaneStanding]) -> None:
    """By the owner, who has a lane: the index of what is in hand knows no channels."""
    owners = {lane.owner: lane for lane in lanes.values() if lane.owner}
    rows = Message.objects.filter(states_are(S.SENDING), owner__in=owners).order_by()
    for owner, count in rows.values_list("owner").annotate(count=Count("pk")):
        owners[owner].in_hand = count


# --- What is due ---------------------------------------------------------------------------------


def _waiting() -> QuerySet[Message]:
    return Message.objects.filter(states_are(S.QUEUED)).order_by("send_after")


def _add_due_without_campaign(lanes: dict[int, LaneStanding], now: datetime) -> None:
    """Tests, replies and answers to keywords; there are never many."""
    rows = _waiting().filter(channel__in=list(lanes), campaign=None, send_after__lte=now)
    found = rows.order_by().values_list("channel")
    for pk, count, since in found.annotate(count=Count("pk"), since=Min("send_after")):
        lanes[pk].due, lanes[pk].due_since = count, since
        lanes[pk].turns.append((None, count))


def _sending(now: datetime) -> Iterator[tuple[Campaign, datetime | None]]:
    """Campaigns that send, with the first moment whose wave nobody has started."""
    campaigns = Campaign.objects.sending(now).exclude(channel=None).order_by("pk")
    first = Min("waves__starts_at", filter=Q(waves__started_at=None))
    related = campaigns.select_related("channel", "sender").annotate(opens_at=first)
    for campaign in related.defer("channel__secrets", "ladder", "list_names"):
        yield campaign, campaign.opens_at


def _add_due_of_campaigns(lanes: dict[int, LaneStanding], now: datetime) -> None:
    sending = list(_sending(now))
    ids = [campaign.pk for campaign, _ in sending]
    tally, freed = count_of(ids), _freed_at("campaign", ids)
    queued = {pk: tally[pk].get(S.QUEUED, 0) for pk in ids}
    there = list(_making_detours(sending, queued, now))
    here = [(campaign, opens_at, queued[campaign.pk], 0) for campaign, opens_at in sending]
    for campaign, opens_at, waiting, due in [*here, *there]:
        lane = lanes[campaign.channel_id]
        lane.waiting += waiting
        since = _find_oldest(campaign, opens_at, now)
        if since is None:
            continue
        count = due or max(waiting - _count_later(campaign, opens_at, now), 1)
        lane.due += count
        lane.turns.append((campaign, count))
        if used_up := find_used_up(campaign, now):
            lane.used_up.append(used_up)
        else:
            since = max(since, freed.get(campaign.pk, since))
            lane.due_since = min(lane.due_since or since, since)


def _making_detours(
    sending: list[tuple[Campaign, datetime | None]], queued: dict[int, int], now: datetime
) -> Iterator[tuple[Campaign, datetime | None, int, int]]:
    """Each as a campaign of the other lane, with how many wait there and are due: they are taken
    off `queued`."""
    known = {campaign.pk: (campaign, opens_at) for campaign, opens_at in sending}
    for pk, channel, number in detours_of(known):
        rows = _waiting().filter(campaign=pk, channel=channel).order_by()
        if count := rows.count():
            queued[pk] = max(queued[pk] - count, 0)
            campaign, opens_at = known[pk]
            due = rows.filter(send_after__lte=now).count()
            yield going_by(campaign, channel, number), opens_at, count, due


def _find_oldest(campaign: Campaign, opens_at: datetime | None, now: datetime) -> datetime | None:
    rows = _waiting().filter(channel=campaign.channel_id, campaign=campaign, send_after__lte=now)
    if opens_at:
        rows = rows.filter(send_after__lt=opens_at)
    return rows.values_list("send_after", flat=True).first()


def _count_later(campaign: Campaign, opens_at: datetime | None, now: datetime) -> int:
    """Of what waits: for a later moment, or for a wave that nobody has started."""
    until = min(now, opens_at - MINUTE) if opens_at else now
    return sum(count for _, count in count_minutes(campaign, until))


def _freed_at(kind: str, ids: Iterable[int]) -> dict[int, datetime]:
    """When somebody last did something to each: what was paused could not go before."""
    entries = AuditEntry.objects.filter(target_type=kind, target_id__in=[str(pk) for pk in ids])
    found = entries.order_by().values_list("target_id").annotate(at=Max("at"))
    return {int(pk): at for pk, at in found}


def find_finish_at(lane: LaneStanding, now: datetime) -> datetime | None:
    """When what is due now would be through, if nothing is added."""
    moments = []
    for campaign, count in lane.turns:
        flow = flow_of(campaign, now) if campaign else Flow(lane.allowed)
        moments.append(find_finish([(now, count)], flow, now))
    return max(filter(None, moments), default=None)


def _find_next(lanes: dict[int, LaneStanding], now: datetime) -> None:
    """The next wave, where nothing is due."""
    waves = Wave.objects.filter(
        started_at=None, starts_at__gt=now, campaign__channel__in=list(lanes)
    )
    found = waves.order_by().values_list("campaign__channel")
    for pk, next_at in found.annotate(next_at=Min("starts_at")):
        lanes[pk].next_at = next_at


def _find_unattended(lane: LaneStanding) -> datetime | None:
    if lane.owner or lane.is_held or lane.due_since is None:
        return None
    freed_at = _freed_at("channel", [lane.channel.pk]).get(lane.channel.pk)
    return max(filter(None, (lane.due_since, freed_at, lane.last_sent_at, lane.held_until)))
