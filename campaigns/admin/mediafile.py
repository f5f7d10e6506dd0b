"""One file's page: what it is, its tags and name, where it is used, and what takes its place."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from campaigns.admin import fitting
from campaigns.forms.media import take_file
from campaigns.models import MediaFile
from campaigns.rules.library import split_tags
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.library import add_tags, popular_tags, remove_tags
from campaigns.services.media import public_url, rename_media
from campaigns.services.reach import fetch_files, say_trip
from campaigns.services.replacing import (
    bring_back,
    check_replacement,
    list_uses,
    replace_media,
)


class MediaFilePage(admin.ModelAdmin):
    """The page of a file and its buttons, each of which asks who may press it."""

    def get_urls(self) -> list[URLPattern]:
        def button(name: str, view: Any) -> URLPattern:
            wrapped = self.admin_site.admin_view(require_POST(view))
            return path(f"<int:pk>/{name}/", wrapped, name=f"campaigns_mediafile_{name}")

        return [
            button("check", self.check_view),
            button("tags", self.tags_view),
            button("replace", self.replace_view),
            button("return", self.return_view),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        media = self.get_object(request, object_id)
        if media is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, media):
            raise PermissionDenied
        if request.method == "POST":
            return self._rename(request, media)
        return TemplateResponse(
            request, "campaigns/media/show.html", self._show_context(request, media)
        )

    def _show_context(self, request: HttpRequest, media: MediaFile) -> dict[str, Any]:
        uses, more_uses = list_uses(media)
        return {
            **self.page_context(request, media.name),
            "medium": media,
            "address": public_url(media),
            "uses": uses,
            "more_uses": more_uses,
            "known_tags": popular_tags(),
            **_successor(request, media),
            "may_change": self.has_change_permission(request, media),
            "may_delete": self.has_delete_permission(request, media),
            **fitting.context(request, media),
        }

    def page_context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "has_view_permission": self.has_view_permission(request),
        }

    def _rename(self, request: HttpRequest, media: MediaFile) -> HttpResponse:
        if not self.has_change_permission(request, media):
            raise PermissionDenied
        rename_media(media, request.POST.get("name", ""), by=request.user)
        messages.success(request, f"It is now called “{media}”.")
        return HttpResponseRedirect(request.path)

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Fetch the file as the provider would, and say what it met."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        [trip] = fetch_files({get_object_or_404(MediaFile, pk=pk): ()})
        for problem in trip.problems:
            messages.error(request, str(problem))
        for doubt in trip.warnings:
            messages.warning(request, str(doubt))
        if trip.tone == "ok":
            messages.success(request, say_trip(trip))
        return _page_of(pk)

    # --- Tags ------------------------------------------------------------------------------------

    def tags_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add what was typed, or take one off; the answer is the list as it is now."""
        media = self._to_change(request, pk)
        problem = ""
        try:
            if gone := request.POST.get("remove"):
                remove_tags([media], [gone], by=request.user)
            else:
                add_tags([media], split_tags(request.POST.get("tag", "")), by=request.user)
        except RuleBroken as broken:
            problem = str(broken)
        if not request.htmx:
            if problem:
                messages.error(request, problem)
            return _page_of(pk)
        context = {"medium": media, "may_change": True, "problem": problem}
        context["known_tags"] = popular_tags()
        return TemplateResponse(request, "campaigns/media/_tags.html", context)

    # --- Another file in its place ---------------------------------------------------------------

    def replace_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A file that comes along is shown beside the old one first; `with` does it."""
        old = self._to_change(request, pk)
        if not fitting.may_replace(request):
            raise PermissionDenied
        try:
            if "with" not in request.POST:
                new, _ = take_file(request.FILES.get("file"), by=request.user)
                check_replacement(old, new)
                return _page_of(pk, f"?with={new.pk}#replace")
            new = get_object_or_404(MediaFile, pk=read_number(request.POST["with"]))
            replacement = replace_media(old, new, by=request.user)
        except RuleBroken as problem:
            messages.error(request, str(problem))
            return _page_of(pk)
        messages.success(request, f"“{new}” took the place of “{old}”. {replacement.words_after}")
        return _page_of(new.pk)

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        media = self._to_change(request, pk)
        bring_back(media, by=request.user)
        messages.success(request, f"“{media}” is in the library again; no MMS was changed.")
        return _page_of(pk)

    def _to_change(self, request: HttpRequest, pk: int) -> MediaFile:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(MediaFile, pk=pk)


def _successor(request: HttpRequest, media: MediaFile) -> dict[str, Any]:
    """The file that may take this one's place, as the address names it, or why it may not."""
    pk = read_number(request.GET.get("with", ""))
    found = MediaFile.objects.filter(pk=pk).first() if pk else None
    if found is None:
        return {"successor": None}
    try:
        check_replacement(media, found)
    except RuleBroken as problem:
        return {"successor": None, "refusal": str(problem)}
    return {"successor": found}


def _page_of(pk: int, more: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:campaigns_mediafile_change", args=[pk]) + more)
