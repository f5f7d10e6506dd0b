"""The media library: a gallery, an upload page for many files, and a page per file."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from campaigns.admin import uploads
from campaigns.admin.paging import BoundedPaginator
from campaigns.forms.media import take_files
from campaigns.models import MediaFile
from campaigns.rules.problems import RuleBroken
from campaigns.services.media import (
    check_deletable,
    delete_media,
    find_uses,
    public_url,
    rename_media,
)
from campaigns.services.reach import check_public


@admin.register(MediaFile)
class MediaFileAdmin(admin.ModelAdmin):
    list_display = ("name",)
    list_filter = ("kind",)
    search_fields = ("name",)
    list_per_page = 24
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("uploaded_by")
        return rows.annotate(use_count=Count("uses__slide__revision__mms", distinct=True))

    def get_urls(self) -> list[URLPattern]:
        check = self.admin_site.admin_view(self.check_view)
        return [
            path("<int:pk>/check/", check, name="campaigns_mediafile_check"),
            *uploads.urls(self),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = self._context(request, "Upload media")
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
        context = {
            **self._context(request, media.name),
            "medium": media,
            "address": public_url(media),
            "uses": find_uses(media),
            "may_change": self.has_change_permission(request, media),
            "may_delete": self.has_delete_permission(request, media),
        }
        return TemplateResponse(request, "campaigns/media/show.html", context)

    def _rename(self, request: HttpRequest, media: MediaFile) -> HttpResponse:
        if not self.has_change_permission(request, media):
            raise PermissionDenied
        rename_media(media, request.POST.get("name", ""), by=request.user)
        messages.success(request, f"It is now called “{media}”.")
        return HttpResponseRedirect(request.path)

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Fetch the file as the provider would, and say what it met."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        media = get_object_or_404(MediaFile, pk=pk)
        for finding in check_public(media):
            messages.add_message(
                request, messages.SUCCESS if finding.good else messages.ERROR, finding.text
            )
        return HttpResponseRedirect(reverse("admin:campaigns_mediafile_change", args=[pk]))

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
            return HttpResponseRedirect(
                reverse("admin:campaigns_mediafile_change", args=[object_id])
            )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """Only the file itself: what uses it is told by the service."""
        return [str(obj) for obj in objs], {"media file": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: MediaFile) -> None:
        delete_media(obj, by=request.user)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "has_view_permission": self.has_view_permission(request),
        }
