"""The media library: a gallery to search, filter, upload to, and tidy in numbers."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from campaigns.admin import fitting, fitting_all, mediafile, uploads
from campaigns.admin.paging import BoundedPaginator
from campaigns.forms.media import take_files
from campaigns.models import MediaFile
from campaigns.rules.library import split_tags
from campaigns.rules.numbers import is_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.library import (
    add_tags,
    delete_unused,
    popular_tags,
    remove_tags,
    search_files,
    too_large,
    unsendable,
    unused,
    with_use_count,
)
from campaigns.services.media import check_deletable, delete_media

_SORTS = {
    "newest": ("-id",),
    "oldest": ("id",),
    "name": ("name", "id"),
    "heaviest": ("-size", "-id"),
}
#: Names told when some of many files stay.
_NAMES_TOLD = 3


class TagFilter(admin.SimpleListFilter):
    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(tag.pk), tag.name) for tag in popular_tags()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queryset.filter(tags=value) if is_number(value) else queryset


class ShowFilter(admin.SimpleListFilter):
    """A replaced file is seen only by those who ask for it."""

    title = "show"
    parameter_name = "show"
    _found = {"unused": unused, "large": too_large, "unsendable": unsendable}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("unused", "Not used"),
            ("large", "Too large"),
            ("unsendable", "Must be converted"),
            ("replaced", "Replaced"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "replaced":
            return queryset.exclude(replaced_by=None)
        find = self._found.get(self.value() or "")
        here = queryset.filter(replaced_by=None)
        return find(here) if find else here


class SortFilter(admin.SimpleListFilter):
    """Tiles have no column heads to sort by."""

    title = "sort by"
    parameter_name = "sort"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, key.capitalize()) for key in _SORTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """The newest first is where everybody begins: there is no "All"."""
        everything, newest, *others = super().choices(changelist)
        yield {**everything, "display": newest["display"]}
        yield from others


@admin.register(MediaFile)
class MediaFileAdmin(mediafile.MediaFilePage):
    list_display = ("name",)
    list_filter = ("kind", TagFilter, ShowFilter, SortFilter)
    search_fields = ("name",)  # shows the box; `get_search_results` looks
    list_per_page = 48
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("uploaded_by", "original")
        return with_use_count(rows).prefetch_related("tags")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return search_files(queryset, search_term), False

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return _SORTS.get(request.GET.get("sort", ""), _SORTS["newest"])

    def get_urls(self) -> list[URLPattern]:
        many = self.admin_site.admin_view(require_POST(self.many_view))
        return [
            path("many/", many, name="campaigns_mediafile_many"),
            *uploads.urls(self),
            *fitting.urls(self),
            *fitting_all.urls(self),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        context = {
            "may_change": self.has_change_permission(request),
            "may_delete": self.has_delete_permission(request),
            "known_tags": popular_tags(),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Uploading without a script: the browser sends all files at once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = self.page_context(request, "Upload media")
        if request.method == "POST":
            upload = take_files(request.FILES.getlist("files"), by=request.user)
            if upload.kept and not upload.refusals:
                for surprise in upload.surprises:
                    messages.warning(request, surprise)
                count = len(upload.kept)
                messages.success(request, f"{count} file{'s' if count > 1 else ''} uploaded.")
                return HttpResponseRedirect(reverse("admin:campaigns_mediafile_changelist"))
            context["upload"] = upload
            context["nothing"] = not upload.kept and not upload.refusals
        return TemplateResponse(request, "campaigns/media/upload.html", context)

    # --- Many at once ----------------------------------------------------------------------------

    def many_view(self, request: HttpRequest) -> HttpResponse:
        """What the bar does that appears with a selection."""
        step = request.POST.get("do", "")
        allowed = self.has_delete_permission if step == "delete" else self.has_change_permission
        if not allowed(request):
            raise PermissionDenied
        chosen = [pk for pk in request.POST.getlist("file") if is_number(pk)]
        files = list(MediaFile.objects.filter(pk__in=chosen))
        if not files:
            messages.error(request, "Select files first; those selected may have been deleted.")
        elif step == "delete":
            self._delete_many(request, files)
        else:
            self._tag_many(request, files, step)
        back = request.POST.get("back", "")
        return HttpResponseRedirect(reverse("admin:campaigns_mediafile_changelist") + f"?{back}")

    def _tag_many(self, request: HttpRequest, files: list[MediaFile], step: str) -> None:
        change, words = (
            (remove_tags, "lost the tag") if step == "untag" else (add_tags, "got the tag")
        )
        names = split_tags(request.POST.get("tag", ""))
        try:
            count = change(files, names, by=request.user)
        except RuleBroken as problem:
            messages.error(request, str(problem))
        else:
            listed = ", ".join(f"“{name}”" for name in names)
            messages.success(request, f"{_count(count)} {words} {listed}.")

    def _delete_many(self, request: HttpRequest, files: list[MediaFile]) -> None:
        count, stayed = delete_unused(files, by=request.user)
        if count:
            messages.success(request, f"{_count(count)} deleted.")
        if stayed:
            listed = ", ".join(f"“{name}”" for name in stayed[:_NAMES_TOLD])
            more = " and others" if stayed[_NAMES_TOLD:] else ""
            verb = "is used and stays" if len(stayed) == 1 else "are used and stay"
            messages.warning(request, f"{listed}{more} {verb}.")

    # --- Deleting one ----------------------------------------------------------------------------

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """What is used is refused before anybody is asked whether they are sure."""
        media = self.get_object(request, object_id)
        try:
            if media and self.has_delete_permission(request, media):
                check_deletable(media)
            return super().delete_view(request, object_id, extra_context)
        except RuleBroken as problem:
            messages.error(request, str(problem))
        except ProtectedError:
            messages.error(request, f"“{media}” was put on a slide just now: it stays.")
        return HttpResponseRedirect(reverse("admin:campaigns_mediafile_change", args=[object_id]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """Only the file itself: what uses it is told by the service."""
        return [str(obj) for obj in objs], {"media file": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: MediaFile) -> None:
        delete_media(obj, by=request.user)


def _count(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"
