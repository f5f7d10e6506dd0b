"""The gallery of MMS, and what is done with one as a whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from campaigns.admin import arrival, personal, phone, saved, versions
from campaigns.admin.composer import Composer
from campaigns.admin.paging import BoundedPaginator
from campaigns.models import MediaFile, Mms, MmsRevision, Slide
from campaigns.rules.problems import RuleBroken
from campaigns.services.content import check_deletable, delete_mms, duplicate_mms

#: What stands around the editor, each with addresses of its own.
PARTS = (arrival, personal, phone, saved, versions)
#: Files offered at a time by the picker; the search finds the others.
PICKED = 24


@admin.register(Mms)
class MmsAdmin(Composer):
    list_display = ("name",)
    search_fields = ("name",)
    list_per_page = 24
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        slides = Slide.objects.prefetch_related("media__media_file")
        revisions = MmsRevision.objects.order_by("-number").prefetch_related(
            Prefetch("slides", slides), "saved__channel"
        )
        rows = super().get_queryset(request).prefetch_related(Prefetch("revisions", revisions))
        return rows.annotate(campaign_count=Count("campaign", distinct=True))

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            return path(f"<int:pk>/{name}/", wrapped, name=f"campaigns_mms_{name}")

        pick = self.admin_site.admin_view(self.pick_view)
        return [
            path("pick/", pick, name="campaigns_mms_pick"),
            page("duplicate", self.duplicate_view),
            *(pattern for part in PARTS for pattern in part.urls(self)),
            *super().get_urls(),
        ]

    # --- Around it -------------------------------------------------------------------------------

    def pick_view(self, request: HttpRequest) -> HttpResponse:
        """Files of the library to put on a slide."""
        if not request.user.has_perm("campaigns.view_mediafile"):
            raise PermissionDenied
        words, slide = request.GET.get("words", ""), request.GET.get("slide", "0")
        pk = request.GET.get("mms", "")
        change = reverse("admin:campaigns_mms_change", args=[pk]) if pk.isdigit() else ""
        files = MediaFile.objects.filter(name__icontains=words) if words else MediaFile.objects
        context = {
            "files": files.all()[:PICKED],
            "words": words,
            "composer": change or reverse("admin:campaigns_mms_add"),
            "slide": int(slide) if slide.isascii() and slide.isdigit() else 0,
        }
        return TemplateResponse(request, "campaigns/content/_picker.html", context)

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
