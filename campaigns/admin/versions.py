"""The versions of an MMS: what changed from one to the next, and bringing one back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from campaigns.models import Mms, MmsRevision
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.channel_kinds import adds_link
from campaigns.services.drafts import draft_of
from campaigns.services.version_comparing import compare_versions
from campaigns.services.version_uses import find_uses
from campaigns.services.versions import list_versions, restore_version

PER_PAGE = 20
#: So many versions can be chosen from a list; the pages of the history lead to all.
MOST_OFFERED = 500


def urls(admin: ModelAdmin) -> list[URLPattern]:
    def page(route: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        wrapped = admin.admin_site.admin_view(partial(view, admin))
        return path(f"<int:pk>/versions/{route}", wrapped, name=f"campaigns_mms_{name}")

    return [
        page("", "versions", show_versions),
        page("compare/", "compare", show_comparison),
        page("<int:number>/", "version", show_version),
        page("<int:number>/restore/", "restore", restore),
    ]


def show_versions(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The history, newest first, a page at a time."""
    mms = _get_mms(admin, request, pk)
    revisions = mms.revisions.order_by("-number").select_related("mms", "created_by")
    page = Paginator(revisions, PER_PAGE).get_page(request.GET.get("page"))
    more = {
        "page": page,
        "entries": list_versions(mms, list(page.object_list)),
        "uses": find_uses(mms),
        "offered": _offered(mms),
    }
    return _show(admin, request, "versions", mms, f"Versions of “{mms}”", **more)


def show_version(admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version as it is, or was."""
    mms = _get_mms(admin, request, pk)
    revision = _get_version(mms, number)
    older = mms.revisions.filter(number__lt=number).exists()
    more = {
        "entry": list_versions(mms, [revision])[0],
        "draft": draft_of(revision),
        "before": number - 1 if older else None,
    }
    return _show(admin, request, "version", mms, f"Version {number}", **more)


def show_comparison(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions, slide by slide; the earlier one always comes first."""
    mms = _get_mms(admin, request, pk)
    newest = mms.head.number if mms.head else 0
    after = _number(request.GET.get("after"), newest)
    before, after = sorted((_number(request.GET.get("before"), after - 1), after))
    old, new = _get_version(mms, before), _get_version(mms, after)
    shown = "before" if request.GET.get("phone") == "before" else "after"
    comparison = compare_versions(old, new)
    more = {
        "old": old,
        "new": new,
        "comparison": comparison,
        "noun": comparison.after.shape.noun,
        "offered": _offered(mms),
        "shown": shown,
        "on_phone": comparison.before if shown == "before" else comparison.after,
        "newest": newest,
    }
    return _show(admin, request, "comparison", mms, f"Versions {before} and {after}", **more)


def restore(admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An older version becomes the working one again, as a version of its own."""
    mms = _get_mms(admin, request, pk)
    if request.method != "POST" or not admin.has_change_permission(request, mms):
        raise PermissionDenied
    try:
        revision = restore_version(mms, number, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(reverse("admin:campaigns_mms_versions", args=[pk]))
    messages.success(
        request,
        f"Version {number} is back, as version {revision.number}. What was written until now is "
        f"version {revision.number - 1}.",
    )
    return HttpResponseRedirect(reverse("admin:campaigns_mms_change", args=[pk]))


def _show(
    admin: ModelAdmin, request: HttpRequest, name: str, mms: Mms, title: str, **more: Any
) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": title,
        "mms": mms,
        "adds_link": adds_link(None),
        "may_edit": admin.has_change_permission(request, mms),
        **more,
    }
    return TemplateResponse(request, f"campaigns/content/{name}.html", context)


def _get_mms(admin: ModelAdmin, request: HttpRequest, pk: int) -> Mms:
    mms = get_object_or_404(Mms, pk=pk)
    if not admin.has_view_permission(request, mms):
        raise PermissionDenied
    return mms


def _get_version(mms: Mms, number: int) -> MmsRevision:
    rows = mms.revisions.select_related("mms", "created_by")
    return get_object_or_404(rows, number=number)


def _offered(mms: Mms) -> list[int]:
    """The numbers that can be compared, newest first."""
    numbers = mms.revisions.order_by("-number").values_list("number", flat=True)
    return list(numbers[:MOST_OFFERED])


def _number(text: str | None, otherwise: int) -> int:
    """The number in an address; what is none there is nothing here."""
    if not text:
        return otherwise
    if (number := read_number(text)) is None:
        raise Http404
    return number
