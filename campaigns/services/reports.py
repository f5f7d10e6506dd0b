"""The numbers of Today: what goes out, what needs somebody, how the week was. Cheap at any size."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Max, QuerySet
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Campaign,
    Channel,
    Contact,
    Lane,
    Message,
    Mms,
    Thread,
    Wave,
    WebhookPost,
)
from campaigns.models.audience import MANY
from campaigns.models.rows import states_are
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.gallery import failing
from campaigns.services.hooks import Arrived, find_arrivals
from campaigns.services.keywords import find_help_problem
from campaigns.services.planning import say_portal_time
from campaigns.services.reviews import open_reviews, overdue_reviews
from campaigns.services.tallies import count_of

#: So many campaigns are shown as going out; the list has them all.
MOST_SHOWN = 8
MOST_WAVES = 200
WEEK = timedelta(days=7)
KEPT_SECONDS = 5
KEPT_AS = "reports.counts"
REFUSED = "Callbacks arrive, but are refused"
OUTAGE = (
    "Nothing has gone through since {since}. What waits is held; one message tries every 30 "
    "seconds, and once it goes through, all go on by themselves. The last one heard: {why}"
)
CHANGES = ("channel.added", "channel.changed")

S = MessageStatus
#: The bar from left to right: what is certain, what is on its way, what went wrong. A word says
#: every state it counts, as the other pages say it.
PARTS: tuple[tuple[str, str, frozenset[MessageStatus]], ...] = (
    ("Delivered", "ok", frozenset({S.DELIVERED, S.DELIVERED_AS_SMS})),
    ("Accepted or sent", "info", frozenset({S.ACCEPTED, S.SENT})),
    ("No receipt", "mute", frozenset({S.NO_RECEIPT})),
    ("In doubt or unresolved", "warn", frozenset({S.UNKNOWN, S.UNRESOLVED})),
    ("Failed or expired", "bad", frozenset({S.FAILED, S.EXPIRED})),
    ("Skipped or stopped", "off", frozenset({S.SKIPPED, S.CANCELLED})),
    ("Waiting or sending", "wait", frozenset({S.QUEUED, S.SENDING})),
)
#: Campaigns that send, or would.
UNDER_WAY = (CampaignStatus.FILLING, CampaignStatus.SENDING, CampaignStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar; `start` and `width` in thousandths of the whole."""

    word: str
    tone: str
    count: int
    start: float
    width: float
    statuses: str  # for the address of its rows


def split_bar(counts: dict[MessageStatus, int]) -> list[Part]:
    """Counts by status as the parts of a bar; they add up to the whole."""
    total = sum(counts.values()) or 1
    parts, start = [], 0.0
    for word, tone, statuses in PARTS:
        count = sum(counts.get(status, 0) for status in statuses)
        width = 1000 * count / total
        listed = ",".join(str(int(status)) for status in sorted(statuses))
        parts.append(Part(word, tone, count, round(start, 2), round(width, 2), listed))
        start += width
    return parts


# --- What goes out -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cards of one answer show: counted at one moment, so that they agree."""

    under_way: list[Campaign]
    of_week: frozenset[int]
    counts: dict[int, dict[MessageStatus, int]]


def take_reading(now: datetime) -> Reading:
    """The counts of the campaigns under way and of those of the week; a few seconds old. Who
    came to be under way since is counted at once."""
    rows = Campaign.objects.filter(status__in=UNDER_WAY).select_related("channel")
    under_way = list(rows[:MOST_SHOWN])
    asked = frozenset(campaign.pk for campaign in under_way)
    kept = cache.get(KEPT_AS)
    if kept is None or not asked <= kept[1].keys():
        week = Campaign.objects.filter(launched_at__gte=now - WEEK).order_by()
        of_week = frozenset(week.values_list("pk", flat=True))
        kept = of_week, count_of(asked | of_week)
        cache.set(KEPT_AS, kept, KEPT_SECONDS)
    return Reading(under_way, *kept)


@dataclass(frozen=True, slots=True)
class GoingOut:
    campaign: Campaign
    parts: list[Part]
    total: int
    done: int


@dataclass(slots=True)
class GoesNext:
    """The next wave of a campaign, and how many come after it."""

    campaign: Campaign
    starts_at: datetime
    label: str
    people: int
    later: int = 0


def campaigns_going_out(reading: Reading) -> list[GoingOut]:
    """The campaigns that are being prepared, sent or paused, newest first."""
    return [
        _going_out(campaign, reading.counts.get(campaign.pk, {})) for campaign in reading.under_way
    ]


def waves_to_come() -> list[GoesNext]:
    """What starts next, soonest first: one line per campaign."""
    waves = Wave.objects.filter(
        started_at=None, campaign__status__in=[CampaignStatus.SCHEDULED, CampaignStatus.SENDING]
    ).select_related("campaign__channel")
    found: dict[int, GoesNext] = {}
    for wave in waves[:MOST_WAVES]:
        if wave.campaign_id in found:
            found[wave.campaign_id].later += 1
        else:
            found[wave.campaign_id] = GoesNext(
                wave.campaign, wave.starts_at, wave.label, wave.people_count
            )
    return list(found.values())[:MOST_SHOWN]


def _going_out(campaign: Campaign, counts: dict[MessageStatus, int]) -> GoingOut:
    total = sum(counts.values())
    waiting = counts.get(S.QUEUED, 0) + counts.get(S.SENDING, 0)
    return GoingOut(campaign, split_bar(counts), total, total - waiting)


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
        return Light("bad", "Outage", OUTAGE.format(since=say_portal_time(since), why=lane.trouble))
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


@dataclass(frozen=True, slots=True)
class NeedsYou:
    """Counts of what waits for a person, each at most `MANY` + 1."""

    paused_channels: list[Channel]
    #: Campaigns that paused themselves: something went wrong.
    paused_campaigns: list[Campaign]
    unread_replies: int
    in_doubt: int
    failed_templates: int
    unreadable_posts: int
    reviews: int
    overdue_reviews: int
    help_problem: str


IN_DOUBT = states_are(S.UNKNOWN, S.UNRESOLVED)
IN_TROUBLE = states_are("unreadable", "unmatched", "refused")


def count_needs(now: datetime | None = None) -> NeedsYou:
    return NeedsYou(
        paused_channels=list(Channel.objects.exclude(paused_at=None)),
        paused_campaigns=list(
            Campaign.objects.filter(status=CampaignStatus.PAUSED, paused_itself=True)[:MOST_SHOWN]
        ),
        unread_replies=_count(Thread.objects.filter(state=Thread.State.UNREAD)),
        in_doubt=_count(Message.objects.filter(IN_DOUBT)),
        failed_templates=_count(failing().values("revision__mms").distinct()),
        unreadable_posts=_count(WebhookPost.objects.filter(IN_TROUBLE)),
        reviews=_count(open_reviews()),
        overdue_reviews=_count(overdue_reviews(timezone.localdate(now))),
        help_problem=find_help_problem(),
    )


def _count(rows: QuerySet) -> int:
    return rows.order_by()[: MANY + 1].count()


def sum_week(reading: Reading) -> list[Part]:
    """The messages of the campaigns launched in the last seven days."""
    total: Counter[MessageStatus] = Counter()
    for campaign_id in reading.of_week:
        total.update(reading.counts.get(campaign_id, {}))
    return split_bar(total)


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What a new portal still lacks before its first campaign."""

    channel: bool
    contacts: bool
    mms: bool
    launched: bool

    @property
    def done(self) -> bool:
        return self.channel and self.contacts and self.mms and self.launched


def find_first_steps() -> FirstSteps:
    return FirstSteps(
        channel=Channel.objects.exists(),
        contacts=Contact.objects.exists(),
        mms=Mms.objects.exists(),
        launched=Campaign.objects.exclude(launched_at=None).exists(),
    )
