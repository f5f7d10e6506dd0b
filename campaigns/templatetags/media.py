"""What a page says so that it takes uploads, and small words about files."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html

from campaigns.models import MediaFile
from campaigns.rules.library import Verdict, judge_file
from campaigns.rules.media import form_of, say_size
from campaigns.rules.slides import Capacity, MediumDraft
from campaigns.services.cards import Card, read_card

register = template.Library()


@register.simple_tag
def upload_zone() -> str:
    """The attributes of an element that takes files (static/js/upload.js):
    `<section {% upload_zone %} data-upload-list="…">`."""
    return format_html(
        'data-upload="{}" data-upload-max="{}" data-upload-limit="{}"',
        reverse("admin:campaigns_mediafile_upload"),
        settings.MEDIA_MAX_BYTES,
        say_size(settings.MEDIA_MAX_BYTES),
    )


@register.filter
def verdict(media: MediaFile) -> Verdict:
    """What its weight and form mean where nothing is known of the channel."""
    return judge_file(MediumDraft(media.kind, media.mime, media.size, media.name), Capacity())


@register.filter
def shape(media: MediaFile) -> str:
    """Form, pixels and seconds: "MP4 · 480 × 480 · 6.0 s"."""
    parts = [form_of(media.mime)]
    if media.width:
        parts.append(f"{media.width} × {media.height}")
    if media.seconds:
        parts.append(f"{media.seconds:.1f} s")
    return " · ".join(parts)


@register.filter
def card_of(media: MediaFile) -> Card | None:
    """What a contact, an appointment or a document says."""
    return read_card(media)
