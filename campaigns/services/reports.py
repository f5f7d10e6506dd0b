"""The numbers of Today: what goes out, what needs somebody, how the week was. Cheap at any size."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, QuerySet

from campaigns.models import (
    Campaign,
    Channel,
    Contact,
    InboundMessage,
    Message,
    Mms,
    WebhookPost,
)
from campaigns.models.rows import states_are
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.gallery import failing
from campaigns.services.outbox import count_statuses

#: Counted no further than this: beyond it, people read "a lot".
MANY = 10_000
#: So many campaigns are shown as going out; the list has them all.
MOST_SHOWN = 8
WEEK = timedelta(days=7)
WEEK_IS_KEPT_SECONDS = 5

S = MessageStatus
#: The bar from left to right: what is certain, what is on its way, what went wrong.
PARTS: tuple[tuple[str, str, frozenset[MessageStatus]], ...] = (
    ("Delivered", "ok", frozenset({S.DELIVERED, S.DELIVERED_AS_SMS})),
    ("On the way", "info", frozenset({S.ACCEPTED, S.SENT})),
    ("No receipt", "mute", frozenset({S.NO_RECEIPT})),
    ("In doubt", "warn", frozenset({S.UNKNOWN, S.UNRESOLVED})),
    ("Failed", "bad", frozenset({S.FAILED, S.EXPIRED})),
    ("Not sent", "off", frozenset({S.SKIPPED, S.CANCELLED})),
    ("Waiting", "wait", frozenset({S.QUEUED, S.SENDING})),
)


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


@dataclass(frozen=True, slots=True)
class GoingOut:
    campaign: Campaign
    parts: list[Part]
    total: int
    done: int


def campaigns_going_out() -> list[GoingOut]:
    """The campaigns that are being prepared, sent or paused, newest first."""
    open_ones = Campaign.objects.filter(
        status__in=[CampaignStatus.FILLING, CampaignStatus.SENDING, CampaignStatus.PAUSED]
    ).select_related("channel")
    return [_going_out(campaign) for campaign in open_ones[:MOST_SHOWN]]


def _going_out(campaign: Campaign) -> GoingOut:
    counts = count_statuses(campaign)
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
    """The worst thing to say about a channel, or that it is well."""
    lane = getattr(channel, "lane", None)
    if channel.paused_at:
        return Light("bad", "Paused", channel.paused_reason)
    if channel.test_problem:
        return Light("bad", "Test failed", channel.test_problem)
    if lane and lane.trouble:
        return Light("warn", "Slowed down", lane.trouble)
    if not channel.tested_at:
        return Light("warn", "Not tested", "Not tested since it was set up or changed.")
    if not channel.last_hook_at:
        return Light("warn", "No callback yet", "No report has reached this portal so far.")
    return Light("ok", "Well")


def channel_lights() -> list[tuple[Channel, Light]]:
    channels = Channel.objects.select_related("lane")
    return [(channel, find_light(channel)) for channel in channels]


@dataclass(frozen=True, slots=True)
class NeedsYou:
    """Counts of what waits for a person, each at most `MANY` + 1."""

    unread_replies: int
    in_doubt: int
    failed_templates: int
    unreadable_posts: int


IN_DOUBT = states_are(S.UNKNOWN, S.UNRESOLVED)
IN_TROUBLE = states_are("unreadable", "unmatched")


def count_needs() -> NeedsYou:
    return NeedsYou(
        unread_replies=_count(InboundMessage.objects.filter(read_at=None)),
        in_doubt=_count(Message.objects.filter(IN_DOUBT)),
        failed_templates=_count(failing().values("revision__mms").distinct()),
        unreadable_posts=_count(WebhookPost.objects.filter(IN_TROUBLE)),
    )


def _count(rows: QuerySet) -> int:
    return rows.order_by()[: MANY + 1].count()


def count_week(now: datetime) -> list[Part]:
    """The messages of the campaigns launched in the last seven days; a few seconds old."""
    return cache.get_or_set(
        "reports.week", lambda: split_bar(_count_since(now - WEEK)), WEEK_IS_KEPT_SECONDS
    )


def _count_since(since: datetime) -> dict[MessageStatus, int]:
    recent = Campaign.objects.filter(launched_at__gte=since).values("pk")
    rows = Message.objects.filter(campaign__in=recent).order_by()
    return dict(rows.values_list("status").annotate(count=Count("id")))


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
