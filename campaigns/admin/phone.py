"""How the phone beside the composer is dressed, and what the message weighs."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import URLPattern

from campaigns.models import Channel, Mms, Sender
from campaigns.services.content import MmsDraft


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
    return {}
