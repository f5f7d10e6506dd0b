"""The gallery of MMS, and what is done with one as a whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from campaigns.admin import arrival, personal, phone, picker, saved, versions
from campaigns.admin.composer import Composer
from campaigns.admin.gallery import ChannelFilter, StateFilter, UseFilter
from campaigns.admin.paging import BoundedPaginator
from campaigns.models import Mms
from campaigns.rules.problems import RuleBroken
from campaigns.services import gallery
from campaigns.services.content import check_deletable, delete_mms, duplicate_mms

#: What stands around the editor, each with addresses of its own.
PARTS = (arrival, personal, phone, picker, saved, versions)


@admin.register(Mms)
class MmsAdmin(Composer):
    list_display = ("name",)
    list_filter = (StateFilter, UseFilter, ChannelFilter)
    search_fields = ("name",)
    search_help_text = "Search by name, subject or words on the slides"
    list_per_page = 24
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """What its cards show is asked for a page at a time (`services.gallery`)."""
        return gallery.with_heads(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return gallery.saying(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            return path(f"<int:pk>/{name}/", wrapped, name=f"campaigns_mms_{name}")

        return [
            page("duplicate", self.duplicate_view),
            *(pattern for part in PARTS for pattern in part.urls(self)),
            *super().get_urls(),
        ]

    # --- Around it -------------------------------------------------------------------------------

    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST" or not self.has_add_permission(request):
            raise PermissionDenied
        copy = duplicate_mms(get_object_or_404(Mms, pk=pk), by=request.user)
        messages.success(request, f"This is “{copy}”. The original stays as it was.")
        return HttpResponseRedirect(reverse("admin:campaigns_mms_change", args=[copy.pk]))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """What is used is refused before anybody is asked whether they are sure."""
        mms = self.get_object(request, object_id)
        try:
            if mms and self.has_delete_permission(request, mms):
                check_deletable(mms)
            return super().delete_view(request, object_id, extra_context)
        except RuleBroken as problem:
            messages.error(request, str(problem))
            return HttpResponseRedirect(reverse("admin:campaigns_mms_change", args=[object_id]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """The MMS and its versions; what stands in the way is told by the service."""
        return [str(obj) for obj in objs], {"MMS": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Mms) -> None:
        delete_mms(obj, by=request.user)
