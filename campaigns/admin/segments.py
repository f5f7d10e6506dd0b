"""Segments: the list of them, the pages of one, and a list made of its people."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from campaigns.admin.segment_editing import Editing
from campaigns.models import Campaign, Segment
from campaigns.models.audience import MANY
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services import segments as services
from campaigns.services.segments_keeping import (
    campaigns_with,
    check_segment_unused,
    delete_segment,
    list_from_segment,
    save_segment,
)
from campaigns.templatetags.portal import ago, bounded

CAMPAIGNS_SHOWN = 3


@admin.register(Segment)
class SegmentAdmin(admin.ModelAdmin):
    change_list_template = "campaigns/segments/list.html"
    list_display = ("name", "says", "people", "used_by", "changed")
    search_fields = ("name",)
    search_help_text = "Search by name"
    list_per_page = 50
    actions = None
    show_full_result_count = False

    # --- The list --------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"campaigns_segment_{name}")

        return [
            page("rows/", require_POST(self.rows), "rows"),
            page("count/", require_POST(self.count), "count"),
            page("<int:pk>/people/", self.count_fragment, "people"),
            page("<int:pk>/list/", require_POST(self.make_list), "list"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if shown := getattr(response, "context_data", {}).get("cl"):
            self._tell_of(list(shown.result_list))
        return response

    def _tell_of(self, rows: list[Segment]) -> None:
        """Sentences and users of all rows of a page by a handful of queries."""
        known = services.read_known(*(row.definition for row in rows))
        used = campaigns_with(rows)
        for row in rows:
            row.sentence = services.say(row.definition, known)
            row.campaigns_with = used[row.pk]

    @admin.display(description="Who is in it")
    def says(self, segment: Segment) -> str:
        sentence = getattr(segment, "sentence", None) or services.say(segment.definition)
        return format_html('<span class="segment-says">{}</span>', sentence or "–")

    @admin.display(description="People")
    def people(self, segment: Segment) -> str:
        url = reverse("admin:campaigns_segment_people", args=[segment.pk])
        return format_html(
            '<span hx-get="{}" hx-trigger="revealed" hx-sync="#result_list:queue all">'
            '<a href="{}">Count</a></span>',
            url,
            reverse("admin:campaigns_segment_change", args=[segment.pk]),
        )

    @admin.display(description="Used by")
    def used_by(self, segment: Segment) -> str:
        users: list[Campaign] = getattr(segment, "campaigns_with", [])
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            (
                (reverse("admin:campaigns_campaign_change", args=[each.pk]), each.name)
                for each in users[:CAMPAIGNS_SHOWN]
            ),
        )
        more = len(users) - CAMPAIGNS_SHOWN
        return format_html("{}{}", links, f" and {more} more" if more > 0 else "") or "–"

    @admin.display(description="Changed", ordering="updated_at")
    def changed(self, segment: Segment) -> str:
        return ago(segment.updated_at)

    def count_fragment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The number of a row of the list, counted no further than people read."""
        segment = self._get(request, pk)
        if problems := services.find_segment_problems(segment.definition, itself=pk):
            html = '<span class="pill pill--bad" title="{}">Holds nobody</span>'
            return HttpResponse(format_html(html, " ".join(problems)))
        count = services.count_people(segment.definition, timezone.now(), MANY)
        return HttpResponse(bounded(count))

    # --- The editor ------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._edit(request, Segment())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        segment = self.get_object(request, object_id)
        if segment is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, segment):
            raise PermissionDenied
        return self._edit(request, segment)

    def _edit(self, request: HttpRequest, segment: Segment) -> HttpResponse:
        editing = Editing(request, segment)
        may = self._may_write(request, segment)
        if request.method == "POST" and not may:
            raise PermissionDenied
        if request.method == "POST" and editing.step == "save":
            try:
                kept = save_segment(
                    segment,
                    name=request.POST.get("name", ""),
                    definition=editing.definition,
                    by=request.user,
                )
            except RuleBroken as broken:
                editing.refused = broken.problems
            else:
                messages.success(request, f"“{kept}” is saved.")
                return redirect("admin:campaigns_segment_change", kept.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": segment.name or "New segment",
            "opts": self.opts,
            "may_write": may,
            "may_delete": segment.pk and self.has_delete_permission(request, segment),
            "may_make_lists": request.user.has_perm("campaigns.add_contactlist"),
            "may_add": self.has_add_permission(request),
            **editing.context(),
            **(editing.counted() if request.method == "POST" or not may else {}),
        }
        return render(request, "campaigns/segments/edit.html", context)

    def _may_write(self, request: HttpRequest, segment: Segment) -> bool:
        if segment.pk:
            return self.has_change_permission(request, segment)
        return self.has_add_permission(request)

    def _posted(self, request: HttpRequest) -> Editing:
        """The editing of a fragment; its segment need not be saved yet."""
        pk = read_number(request.POST.get("segment"))
        segment = self._get(request, pk) if pk is not None else Segment()
        if not self._may_write(request, segment):
            raise PermissionDenied
        return Editing(request, segment)

    def rows(self, request: HttpRequest) -> HttpResponse:
        """The rows after a step, with their sentence."""
        return render(request, "campaigns/segments/_rows.html", self._posted(request).context())

    def count(self, request: HttpRequest) -> HttpResponse:
        """The sentence, how many people it holds, and some of them."""
        editing = self._posted(request)
        context = {**editing.context(), **editing.counted()}
        return render(request, "campaigns/segments/_verdict.html", context)

    def _get(self, request: HttpRequest, pk: int) -> Segment:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Segment, pk=pk)

    # --- Lists, and the end ----------------------------------------------------------------------

    def make_list(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A list of those who are in it now."""
        segment = self._get(request, pk)
        if not request.user.has_perm("campaigns.add_contactlist"):
            raise PermissionDenied
        name = request.POST.get("name", "")
        try:
            made = list_from_segment(segment, name, now=timezone.now(), by=request.user)
        except RuleBroken as broken:
            for problem in broken.problems:
                messages.error(request, problem)
            return redirect("admin:campaigns_segment_change", pk)
        count = made.memberships.count()
        messages.success(request, f"“{made}” is made, with {count:,} people.")
        return redirect("admin:campaigns_contactlist_change", made.pk)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """One that a campaign needs is refused before anything is asked."""
        segment = self.get_object(request, object_id)
        if segment and self.has_delete_permission(request, segment):
            try:
                check_segment_unused(segment)
            except RuleBroken as broken:
                for problem in broken.problems:
                    messages.error(request, problem)
                return redirect("admin:campaigns_segment_change", segment.pk)
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        return ["The people in it stay."], {"segments": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        delete_segment(obj, by=request.user)
