"""Whether an MMS will arrive: every doubt at once, beside the composer."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.forms.content import read_draft
from campaigns.models import Channel, Mms, Sender
from campaigns.rules.numbers import read_number
from campaigns.services.arrival import check_arrival, mark_of
from campaigns.services.drafts import MmsDraft, draft_of


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(require_POST(partial(show_arrival, admin)))
    return [
        path("arrival/", view, name="campaigns_mms_arrival"),
        path("<int:pk>/arrival/", view, name="campaigns_mms_arrival"),
    ]


def context(
    request: HttpRequest,
    *,
    mms: Mms | None,
    draft: MmsDraft,
    channel: Channel | None,
    sender: Sender | None,
) -> dict[str, Any]:
    """What the composer's fragments about this need. The page remembers what was checked last,
    and when, in two fields of its own."""
    name, args = "admin:campaigns_mms_arrival", [mms.pk] if mms else []
    checked = request.POST.get("arrival-of", "")
    return {
        "arrival_address": reverse(name, args=args),
        "is_checked": bool(checked) and checked == mark_of(draft, channel, sender),
        "is_outdated": bool(checked) and checked != mark_of(draft, channel, sender),
        "checked_at": _read_moment(request.POST.get("arrival-at", "")),
    }


def show_arrival(admin: Any, request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Check what is on the page, saved or not; files are really fetched."""
    mms = get_object_or_404(Mms, pk=pk) if pk else None
    if not _may_look(admin, request, mms):
        raise PermissionDenied
    # What only may be read is not sent along as it is.
    may_edit = mms is None or admin.has_change_permission(request, mms)
    draft = read_draft(request.POST) if may_edit else draft_of(mms.head)
    response = admin._render(request, "campaigns/content/_arrived.html", mms, draft)
    found = response.context_data
    found["arrival"] = check_arrival(
        draft,
        mms=mms,
        channel=found["channel"],
        sender=found["sender"],
        told=(found["merge_problems"], found["merge_warnings"]),
    )
    found["arrival_mark"] = mark_of(draft, found["channel"], found["sender"])
    found |= {"is_checked": True, "is_outdated": False, "checked_at": timezone.now()}
    return response


def _may_look(admin: ModelAdmin, request: HttpRequest, mms: Mms | None) -> bool:
    if mms is None:
        return admin.has_add_permission(request)
    return admin.has_view_or_change_permission(request, mms)


#: Some thousand years from now; `datetime` ends soon after.
_LAST_SECOND = 10**11


def _read_moment(seconds: str) -> datetime | None:
    """None, too, for what is later than any calendar goes."""
    number = read_number(seconds)
    if number is None or number >= _LAST_SECOND:
        return None
    return datetime.fromtimestamp(number, UTC)
