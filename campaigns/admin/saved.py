"""An MMS saved as a template at a provider, followed from the composer."""

from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from campaigns.models import Channel, Mms, SavedMms, Sender
from campaigns.rules.statuses import SavedStatus
from campaigns.services.content import MmsDraft


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(partial(show_saved, admin))
    return [path("<int:pk>/saved/", view, name="campaigns_mms_saved")]


def context(
    request: HttpRequest,
    *,
    mms: Mms | None,
    draft: MmsDraft,
    channel: Channel | None,
    sender: Sender | None,
) -> dict[str, Any]:
    """What the composer's fragments about this need."""
    return _saved(mms)


def show_saved(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The states of the templates saved at providers, asked for again and again."""
    mms = get_object_or_404(Mms, pk=pk)
    if not admin.has_view_permission(request, mms):
        raise PermissionDenied
    found = {"mms": mms, "head": mms.head, **_saved(mms)}
    return TemplateResponse(request, "campaigns/content/_saved.html", found)


def _saved(mms: Mms | None) -> dict[str, Any]:
    """Templates of this MMS, and whether news of one is awaited."""
    rows = list(SavedMms.objects.filter(revision__mms=mms).select_related("revision", "channel"))
    underway = (SavedStatus.SAVING, SavedStatus.TRANSCODING)
    return {"saved": rows, "waiting": any(row.status in underway for row in rows)}
