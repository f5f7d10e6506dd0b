"""How conversations are shown: texts of strangers, their files, and what a line says."""

import unicodedata
from datetime import datetime

from django import template
from django.utils import timezone

from campaigns.models import InboundMedia, InboundMessage, Message
from campaigns.rules.formats import Place

register = template.Library()

#: Longer texts are folded up.
LONG = 1200
PREVIEW = 120
#: The first part of a type → how it is shown; SVG and everything else is downloaded.
_SHOWN = {"image": "image", "video": "video", "audio": "audio"}
_NOT_SHOWN = {"image/svg+xml"}
#: Signs that force letters of any script to be read from one side. No text needs them: they make
#: "exe.jpg" of "gpj.exe".
_TURNING = ("\u202d", "\u202e")
_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}
#: What a reply did, where that is worth a pill: (words, tone).
HEARD = {
    InboundMessage.Heard.HELP: ("Asked for help", "info"),
    InboundMessage.Heard.START: ("Wants messages again", "ok"),
    InboundMessage.Heard.DOUBT: ("Maybe an opt-out", "warn"),
}


@register.filter
def is_long(text: str) -> bool:
    return len(text) > LONG


@register.filter
def is_visible(text: str) -> bool:
    """Whether anybody would see anything of it."""
    return any(unicodedata.category(sign) not in _INVISIBLE for sign in text)


@register.filter
def is_turned(text: str) -> bool:
    """Whether it shows its letters in another order than they were written in."""
    return any(sign in text for sign in _TURNING)


@register.filter
def unturned(text: str) -> str:
    """The letters in the order in which they were written."""
    for sign in _TURNING:
        text = text.replace(sign, "")
    return text


@register.filter
def shown_as(medium: InboundMedia) -> str:
    """image, video, audio, or file: that is downloaded."""
    if medium.mime in _NOT_SHOWN:
        return "file"
    return _SHOWN.get(medium.mime.partition("/")[0], "file")


@register.filter
def noun_of(kind: str) -> str:
    return {"image": "picture", "video": "film", "audio": "sound"}.get(kind, "file")


@register.filter
def preview(row: InboundMessage | Message | None) -> str:
    """The beginning of a message, in one line."""
    if row is None:
        return "No message yet"
    if isinstance(row, InboundMessage):
        text = row.text or row.subject
    else:
        text = " ".join(slide.text for slide in row.revision.slides.all()) or row.revision.subject
    text = " ".join(unturned(text).split())
    if not is_visible(text):
        return "Without words"
    return f"{text[:PREVIEW]}…" if len(text) > PREVIEW else text


@register.filter
def heard_words(reply: InboundMessage) -> tuple[str, str] | None:
    return ("Opted out", "bad") if reply.opted_out else HEARD.get(reply.heard)


@register.filter
def network(operator: str) -> str:
    """Operators come as the digits of their network (310260), some with a name."""
    return f"network {operator}" if operator.isdigit() else operator


@register.filter
def map_url(place: Place) -> str:
    """Of a map that somebody may open; the page itself asks for nothing there."""
    at = f"{place.latitude:.5f}", f"{place.longitude:.5f}"
    return f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map=16/{at[0]}/{at[1]}"


@register.filter
def is_past(moment: datetime) -> bool:
    return moment <= timezone.now()
