"""The numbers of Today: what goes out, what needs somebody, how the week was. Cheap at any size."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import (
    Campaign,
    Channel,
    Contact,
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
from campaigns.services.keywords import find_help_problem
from campaigns.services.reviews import open_reviews, overdue_reviews
from campaigns.services.tallies import count_of

#: So many campaigns are shown as going out; the list has them all.
MOST_SHOWN = 8
MOST_WAVES = 200
WEEK = timedelta(days=7)
KEPT_SECONDS = 5
KEPT_AS = "reports.counts"

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
