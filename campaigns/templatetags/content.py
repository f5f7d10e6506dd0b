"""The phone, weights, counters, and small words about media."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import formats
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from campaigns.models import MediaFile, MmsRevision
from campaigns.rules.counts import count_text
from campaigns.rules.emoji import is_large
from campaigns.rules.formats import BECOMES_TEXT, Format
from campaigns.rules.looks import FACES, Look, read_look, write_number
from campaigns.rules.media import form_of, say_size
from campaigns.rules.mergefields import fill_in_for_nobody
from campaigns.rules.slides import Capacity
from campaigns.rules.smsparts import SAMPLE_LINK, count_parts
from campaigns.rules.weights import find_heaviest, percent, weigh
from campaigns.services.cards import CalendarCard, Card, read_card
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.media import poster_path
from campaigns.services.transcoding import arriving

register = template.Library()

_NOUNS = {
    "contact": "Contact card",
    "calendar": "Calendar entry",
    "pdf": "PDF document",
    "excel": "Excel workbook",
}
#: What phones underline: addresses, e-mails and numbers. It leads nowhere here.
_LINK = re.compile(
    r"(?P<link>(?:https?://|www\.)[^\s<]*[^\s<.,;:!?)\]}'\"»”’]"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w/])\+?\(?\d(?:[\s().-]{0,2}\d){8,14}(?!\w))"
)


# --- The phone ---------------------------------------------------------------------------------


@register.inclusion_tag("campaigns/content/_phone.html", takes_context=True)
def phone(
    context: Context,
    mms: MmsDraft | MmsRevision | None,
    face: str = "",
    sender: Any = "",
    dress: str = "",
    shade: str = "",
    group: Sequence[str] = (),
    key: str = "phone",
    adds_link: bool = True,
) -> dict:
    """A phone showing an MMS, or, as `face` "sms", its fallback: `{% phone revision %}`.

    It is dressed as its reader likes it, unless `dress` and `shade` say otherwise. `group` holds
    the names or numbers of the others who get it: they are shown unless another face is asked
    for. `key` tells apart the phones of one page; `adds_link`: the channel adds one to the SMS.
    """
    draft = mms if isinstance(mms, MmsDraft) else draft_of(mms)
    shown = arriving(draft, adds_link=adds_link)
    is_sms = draft.format == Format.TEXT
    sms_text = draft.slides[0].text if is_sms and draft.slides else shown.fallback_text
    request = context.get("request")
    look = read_look(request.COOKIES.get(Look.cookie, "") if request else "")
    others = [write_number(person) for person in group]
    number = write_number(getattr(sender, "number", sender) or "")
    return {
        "mms": shown,
        "is_sms": is_sms,
        "sms_text": sms_text,
        "becomes_text": draft.format in BECOMES_TEXT,
        "is_slides": draft.format == Format.SLIDES,
        "face": face if face in FACES else "group" if group else "mms",
        "dress": dress or look.dress,
        "shade": shade or look.shade,
        "sender": number,
        "people": [number or "Your number", *others] if others else [],
        "link": SAMPLE_LINK,
        "sms": count_parts(sms_text, with_link=shown.fallback_link and not is_sms),
        "key": key,
    }


@register.filter
def as_message(text: str) -> SafeString:
    """A text as phones write it: lines kept, links underlined and leading nowhere."""
    pieces = _LINK.split(text)
    written = [
        format_html('<span class="phone__link">{}</span>', piece)
        if position % 2
        else conditional_escape(piece)
        for position, piece in enumerate(pieces)
    ]
    lines = "".join(written).replace("\r\n", "\n").replace("\n", "<br>")
    return mark_safe(lines)  # noqa: S308  every piece is escaped above


@register.filter
def is_only_emoji(text: str) -> bool:
    """Whether a phone writes this large and without a bubble."""
    return is_large(text)


@register.filter
def card(media: MediaFile) -> Card | None:
    """What its card says, where it has one."""
    return read_card(media)


@register.filter
def poster(media: MediaFile) -> str:
    """The address of the picture that stands for a film; "" until there is one."""
    return poster_path(media)


@register.filter
def as_number(number: str) -> str:
    """A number as phones write it."""
    return write_number(number)


@register.filter
def as_length(seconds: float | None) -> str:
    """Seconds as players write them: 0:02, 12:40."""
    minutes, rest = divmod(round(seconds or 0), 60)
    return f"{minutes}:{rest:02}"


@register.filter
def when(event: CalendarCard) -> str:
    """Its day and time as one reads them: Sat, Apr 11, 14:00–18:00 EDT."""
    if event.starts is None:
        return ""
    first = _day(event.starts)
    if event.is_whole_day or not isinstance(event.starts, datetime):
        more = f" – {_day(event.ends)}" if event.ends and event.ends > event.starts else ", all day"
        return first + more
    until = ""
    if isinstance(event.ends, datetime) and event.ends > event.starts:
        is_later_day = event.ends.date() != event.starts.date()
        until = (
            f" – {_day(event.ends)}, {event.ends:%H:%M}" if is_later_day else f"–{event.ends:%H:%M}"
        )
    return f"{first}, {event.starts:%H:%M}{until} {event.zone}".rstrip()


def _day(moment: date) -> str:
    return formats.date_format(moment, "D, M j")


# --- Weights and counters ----------------------------------------------------------------------


@register.inclusion_tag("campaigns/content/_slide_weight.html")
def slide_weight(slide: DraftSlide, draft: MmsDraft, capacity: Capacity) -> dict:
    """A small bar beside a slide: `{% slide_weight slide draft capacity %}`."""
    sizes = slide_sizes(draft)
    size = slide_size(slide)
    heaviest = find_heaviest(sizes)
    return {
        "size": size,
        "share": percent(size, capacity.total),
        "is_over": size > capacity.total and not capacity.transcodes,
        "is_heaviest": heaviest is not None and sizes[heaviest] == size,
    }


def slide_sizes(draft: MmsDraft) -> list[int]:
    """Bytes of each slide."""
    return [slide_size(slide) for slide in draft.slides]


def slide_size(slide: DraftSlide) -> int:
    """Bytes of one slide."""
    return weigh(slide.text, (medium.size for medium in slide.media))


@register.simple_tag
def text_count(text: str, limit: int) -> str:
    """How much of a slide's text fits: `{% text_count slide.text capacity.text %}`."""
    count = count_text(fill_in_for_nobody(text), limit)
    return format_html('<span class="count count--{}">{}</span>', count.tone or "ok", count.words)


# --- Media in words ----------------------------------------------------------------------------


@register.filter
def kind_in_words(media: MediaFile) -> str:
    """What stands on its card."""
    return _NOUNS.get(media.kind, media.get_kind_display())


@register.filter
def extension(media: MediaFile) -> str:
    """jpg, mp4 …"""
    return media.public_name.rpartition(".")[2]


@register.filter
def measures(media: MediaFile) -> str:
    """Type, weight, pixels and seconds in one line."""
    parts = [form_of(media.mime), say_size(media.size)]
    if media.width:
        parts.append(f"{media.width} × {media.height}")
    if media.seconds:
        parts.append(f"{media.seconds:.1f} s")
    return " · ".join(parts)
