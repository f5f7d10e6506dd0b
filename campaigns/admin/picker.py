"""The library in a dialog of the composer: a file is found, and put on a slide."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from campaigns.models import MediaFile
from campaigns.rules.media import MediaKind
from campaigns.rules.numbers import read_number
from campaigns.services.library import search_files

#: Files offered at a time.
PICKED = 24
#: Kinds as the tabs name them; what is rarer shares one.
_TABS: dict[str, tuple[str, frozenset[str]]] = {
    "": ("All", frozenset(MediaKind.values)),
    "image": ("Pictures", frozenset({MediaKind.IMAGE})),
    "video": ("Videos", frozenset({MediaKind.VIDEO})),
    "audio": ("Sounds", frozenset({MediaKind.AUDIO})),
    "card": ("Cards", frozenset({MediaKind.CONTACT, MediaKind.CALENDAR})),
    "document": ("Documents", frozenset({MediaKind.PDF, MediaKind.EXCEL})),
}


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return [path("pick/", admin.admin_site.admin_view(pick_view), name="campaigns_mms_pick")]


def pick_view(request: HttpRequest) -> HttpResponse:
    """Files of the library to put on a slide, newest first."""
    if not request.user.has_perm("campaigns.view_mediafile"):
        raise PermissionDenied
    asked = request.GET
    words, kind = asked.get("words", "")[:200], asked.get("kind", "")
    kind = kind if kind in _TABS else ""
    start = read_number(asked.get("start")) or 0
    files = MediaFile.objects.filter(replaced_by=None, kind__in=_TABS[kind][1]).order_by("-id")
    found = list(search_files(files, words)[start : start + PICKED + 1])
    context = {
        "files": found[:PICKED],
        "start": start,
        "next": start + PICKED if found[PICKED:] else 0,
        "words": words,
        "kind": kind,
        "tabs": [(key, word) for key, (word, _) in _TABS.items()],
        **_place(asked),
    }
    template = "_picked.html" if start else "_picker.html"
    return TemplateResponse(request, f"campaigns/content/{template}", context)


def _place(asked: QueryDict) -> dict[str, Any]:
    """Where the file goes: a slide of this MMS, or of a new one."""
    pk = read_number(asked.get("mms"))
    change = reverse("admin:campaigns_mms_change", args=[pk]) if pk else ""
    return {
        "mms": pk or "",
        "slide": read_number(asked.get("slide")) or 0,
        "composer": change or reverse("admin:campaigns_mms_add"),
    }
