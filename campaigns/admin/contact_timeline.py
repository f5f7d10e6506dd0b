"""What happened between us and a person: the timeline on their page, and its earlier parts."""

from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from campaigns.models import Contact
from campaigns.services.timeline import Cursor, read_timeline


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(partial(show_earlier, admin))
    return [path("<int:pk>/timeline/", view, name="campaigns_contact_timeline")]


def context(request: HttpRequest, contact: Contact, before: Cursor | None = None) -> dict[str, Any]:
    """What `campaigns/audience/_timeline.html` needs."""

    def may(permission: str) -> bool:
        return request.user.has_perm(f"campaigns.{permission}")

    return {"contact": contact, "timeline": read_timeline(contact, may, before)}


def show_earlier(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the timeline before `?before=`."""
    contact = get_object_or_404(Contact, pk=pk)
    if not admin.has_view_permission(request, contact):
        raise PermissionDenied
    before = Cursor.read(request.GET.get("before", ""))
    if before is None:
        raise Http404("There is no such place in the timeline.")
    found = {**context(request, contact, before), "is_earlier": True}
    return TemplateResponse(request, "campaigns/audience/_timeline.html", found)
