"""The phone, and small words about media."""

from typing import Any

from django import template

from campaigns.models import MediaFile, MmsRevision
from campaigns.rules.media import say_size
from campaigns.services.content import MmsDraft, draft_of

register = template.Library()

_NOUNS = {
    "contact": "Contact card",
    "calendar": "Calendar entry",
    "pdf": "PDF document",
    "excel": "Excel workbook",
}


@register.inclusion_tag("campaigns/content/_phone.html")
def phone(mms: MmsDraft | MmsRevision | None, face: str = "mms", sender: Any = "") -> dict:
    """A phone showing an MMS (or, as `face` "sms", its fallback): `{% phone revision %}`."""
    draft = mms if isinstance(mms, MmsDraft) else draft_of(mms)
    return {"mms": draft, "face": face, "sender": sender}


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
    parts = [extension(media).upper(), say_size(media.size)]
    if media.width:
        parts.append(f"{media.width} × {media.height}")
    if media.seconds:
        parts.append(f"{media.seconds:.1f} s")
    return " · ".join(parts)


@register.filter
def first_picture(mms: Any) -> MediaFile | None:
    """The picture that stands for an MMS in the gallery; its newest version is prefetched."""
    revision = next(iter(mms.revisions.all()), None)
    media = [m.media_file for s in revision.slides.all() for m in s.media.all()] if revision else []
    pictures = [medium for medium in media if medium.kind == "image"]
    return next(iter(pictures or media), None)


@register.filter
def newest(mms: Any) -> MmsRevision | None:
    """The newest version, from what is prefetched."""
    return next(iter(mms.revisions.all()), None)


@register.filter
def first_text(revision: MmsRevision) -> str:
    """The first words on its slides."""
    return next((slide.text for slide in revision.slides.all() if slide.text.strip()), "")
