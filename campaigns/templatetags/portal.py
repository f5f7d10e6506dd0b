"""How numbers, weights, times and states are written on every page."""

from datetime import datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.html import format_html

from campaigns.models import Campaign
from campaigns.models.audience import MANY
from campaigns.rules.media import say_size
from campaigns.rules.statuses import CampaignStatus, MessageStatus, SavedStatus
from campaigns.rules.templates import TemplateState
from campaigns.services.planning import say_start

register = template.Library()

#: status → the end of its pill's class. The words are the enum's own.
PILLS: dict[int | str, str] = {
    MessageStatus.QUEUED: "wait",
    MessageStatus.SENDING: "info",
    MessageStatus.UNKNOWN: "warn",
    MessageStatus.UNRESOLVED: "warn",
    MessageStatus.ACCEPTED: "info",
    MessageStatus.SENT: "info",
    MessageStatus.NO_RECEIPT: "info",
    MessageStatus.EXPIRED: "bad",
    MessageStatus.FAILED: "bad",
    MessageStatus.DELIVERED: "ok",
    MessageStatus.DELIVERED_AS_SMS: "ok",
    MessageStatus.SKIPPED: "wait",
    MessageStatus.CANCELLED: "wait",
    CampaignStatus.DRAFT: "wait",
    CampaignStatus.FILLING: "info",
    CampaignStatus.SCHEDULED: "info",
    CampaignStatus.SENDING: "info",
    CampaignStatus.PAUSED: "warn",
    CampaignStatus.SENT: "info",
    CampaignStatus.DONE: "ok",
    CampaignStatus.CANCELLED: "wait",
    SavedStatus.SAVING: "info",
    SavedStatus.TRANSCODING: "info",
    SavedStatus.READY: "ok",
    SavedStatus.FAILED: "bad",
    SavedStatus.IN_DOUBT: "warn",
    TemplateState.OUT_OF_DATE: "warn",
    TemplateState.NONE: "wait",
    # Imports, callbacks and files of replies use these besides.
    "preview": "warn",
    "running": "info",
    "undoing": "info",
    "undone": "wait",
    "new": "wait",
    "waiting": "wait",
    "copied": "ok",
    "unreadable": "bad",
    "refused": "bad",
    "unmatched": "warn",
    "lost": "bad",
}
_WORDS: dict[int | str, str] = {
    status.value: str(status.label)
    for enum in (MessageStatus, CampaignStatus, SavedStatus)
    for status in enum
}
HELD_BY_ITS_CHANNEL = (
    CampaignStatus.FILLING,
    CampaignStatus.SCHEDULED,
    CampaignStatus.SENDING,
    CampaignStatus.PAUSED,
)


@register.filter
def status_pill(value: Any) -> str:
    """A state as a pill: of a status value, or of any row that has a `status`."""
    if hasattr(value, "get_status_display"):
        return pill(value.get_status_display(), PILLS[value.status])
    return pill(getattr(value, "label", None) or _WORDS[value], PILLS[value])


@register.filter
def campaign_pills(campaign: Campaign) -> str:
    """Its state, and beside it that its channel is paused, where that holds it."""
    said = status_pill(campaign)
    channel = campaign.channel
    if campaign.status not in HELD_BY_ITS_CHANNEL or channel is None or not channel.paused_at:
        return said
    return format_html("{} {}", said, pill("Channel paused", "bad"))


@register.simple_tag
def pill(word: Any, tone: str = "wait") -> str:
    """A pill of our own words: `{% pill "Healthy" "ok" %}`."""
    return format_html('<span class="pill pill--{}">{}</span>', tone, word)


@register.filter
def masked(phone: str) -> str:
    """17745550111 → 1774•••0111: enough to recognise, not enough to call."""
    phone = str(phone or "")
    if len(phone) < 8:  # a short code belongs to nobody
        return phone
    return f"{phone[:4]}•••{phone[-4:]}"


@register.filter
def weight(size: int | None) -> str:
    """Bytes as people say them: 412 KB, 1.4 MB."""
    return say_size(int(size or 0))


@register.filter
def a_noun(noun: str) -> str:
    """list → a list, opt-out → an opt-out."""
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"


@register.filter
def number(value: int | None) -> str:
    """9429 → 9,429."""
    return intcomma(value if value is not None else 0)


@register.filter
def full_time(moment: datetime) -> str:
    """A moment to the second, with its zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")


@register.filter
def ago(moment: datetime | None) -> str:
    """“40 s ago”; the full time and its zone are in the title."""
    if moment is None:
        return "never"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        full_time(moment),
        words_ago(moment, timezone.now()),
    )


def words_ago(moment: datetime, now: datetime) -> str:
    """The distance of `moment` from `now` in one unit; a date when it is long ago."""
    seconds = (now - moment).total_seconds()
    if seconds < 1:
        return "just now" if seconds > -60 else full_time(moment)
    for limit, unit, size in ((90, "s", 1), (5400, "min", 60), (129_600, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit} ago"
    if seconds < 30 * 86_400:
        return f"{seconds / 86_400:.0f} days ago"
    return timezone.localtime(moment).strftime("%Y-%m-%d")


@register.filter
def bounded(count: int) -> str:
    """A count that stopped at 10,001, said honestly: "10,000+"."""
    return f"{number(MANY)}+" if count > MANY else number(count)


@register.filter
def duration(seconds: float | None) -> str:
    """A stretch of time in one or two units: 40 s, 12 min, 3 h 20 min, 2 days."""
    seconds = round(seconds or 0)
    if seconds < 90:
        return f"{max(seconds, 1)} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{round(hours / 24)} days"


@register.filter
def clock(moment: datetime) -> str:
    """The time of day with its zone, and the day when it is not today."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return local.strftime("%H:%M %Z" if is_today else "%a %d %b, %H:%M %Z")


@register.filter
def clock_to_second(moment: datetime) -> str:
    """The time of day to the second, with its zone."""
    return timezone.localtime(moment).strftime("%H:%M:%S %Z")


@register.filter
def clock_after(moment: datetime, first: datetime) -> str:
    """`clock` of a moment told right after `first`: what both have in common is left out."""
    local, told = timezone.localtime(moment), timezone.localtime(first)
    if (local.date(), local.tzname()) == (told.date(), told.tzname()):
        return local.strftime("%H:%M")
    return clock(moment)


@register.filter
def start_words(campaign: Campaign) -> str:
    """“Now”, or when a campaign starts."""
    return say_start(campaign)
