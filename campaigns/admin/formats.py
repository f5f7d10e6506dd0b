"""The format chooser of the composer, and what follows from the format on its page."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import URLPattern

from campaigns.models import Channel, Mms, Sender
from campaigns.rules.formats import MOST_CHOICES, ChoiceKind, Format
from campaigns.services.content_checks import capacity_of
from campaigns.services.drafts import MmsDraft
from campaigns.services.formats import list_offers, tell_format


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return []


def context(
    request: HttpRequest,
    *,
    mms: Mms | None,
    draft: MmsDraft,
    channel: Channel | None,
    sender: Sender | None,
) -> dict[str, Any]:
    """What the composer's fragments about this need."""
    capacity = capacity_of(channel)
    return {
        "shape": draft.shape,
        "offers": list_offers(draft.format, capacity),
        "about_format": tell_format(draft.format, channel, capacity),
        "choice_kinds": ChoiceKind.choices,
        "most_choices": MOST_CHOICES,
        "adds_link": capacity.adds_link and draft.format == Format.SLIDES,
    }
