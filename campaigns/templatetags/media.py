"""What a page says so that it takes uploads."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html

from campaigns.rules.media import say_size

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
