"""Campaigns: the list of them, and the page of a draft with its check."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html

from campaigns.admin import (
    campaign_buttons,
    campaign_live,
    campaign_rehearsal,
    campaign_start,
    personal,
)
from campaigns.admin.ladder import show_rung
from campaigns.admin.paging import BoundedPaginator
from campaigns.forms.campaigns import CampaignForm, TestForm
from campaigns.models import Campaign
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services import campaigns as services
from campaigns.services.checking import find_campaign_problems
from campaigns.services.ladder import count_ladder
from campaigns.services.rehearsing import is_offered
from campaigns.services.senders import estimate_seconds
from campaigns.services.templates import explain_choice
from campaigns.services.trying import find_last_tests
from campaigns.templatetags.portal import ago, campaign_pills, start_words


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    form = CampaignForm
    change_form_template = "campaigns/campaigns/draft.html"
    list_display = ("name", "state", "starts", "recipients", "mms", "sender", "launched")
    list_filter = ("status", "channel", "launched_at")
    list_select_related = ("mms", "channel", "sender__channel", "launched_by")
    search_fields = ("name", "mms__name")
    search_help_text = "Search by name of the campaign or of its MMS"
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="Status", ordering="status")
    def state(self, campaign: Campaign) -> str:
        return campaign_pills(campaign)

    @admin.display(description="Start")
    def starts(self, campaign: Campaign) -> str:
        said = start_words(campaign).replace(" ", "\u00a0")
        return said.replace(",\u00a0", ", ").replace("\u00a0at\u00a0", " at\u00a0")

    @admin.display(description="Recipients", ordering="recipient_count")
    def recipients(self, campaign: Campaign) -> str:
        return f"{campaign.recipient_count:,}" if campaign.filled_at else "–"

    @admin.display(description="Launched", ordering="launched_at")
    def launched(self, campaign: Campaign) -> str:
        if not campaign.launched_at:
            return "–"
        return format_html("{} by {}", ago(campaign.launched_at), campaign.launched_by or "–")

    # --- Addresses -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            return path(f"<int:pk>/{route}/", wrapped, name=f"campaigns_campaign_{name}")

        return [
            *campaign_live.urls(self),
            *campaign_buttons.urls(self),
            page("waves", campaign_start.show_waves, "waves"),
            page("rehearsal", campaign_rehearsal.show_rehearsal, "rehearsal"),
            page("late", campaign_start.choose_late, "late"),
            page("ladder/<slug:rung>", self.ladder, "ladder"),
            *super().get_urls(),
        ]

    def ladder(self, request: HttpRequest, pk: int, rung: str) -> HttpResponse:
        """The people behind a number."""
        request.current_app = self.admin_site.name
        return show_rung(request, pk, rung, self.admin_site.each_context(request))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().add_view(
            request, form_url, {"title": "New campaign", **(extra_context or {})}
        )

    # --- The draft -------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        if campaign is None or not self.has_view_permission(request, campaign):
            return super().change_view(request, object_id, form_url, extra_context)
        if campaign.status != CampaignStatus.DRAFT:
            return campaign_live.show_live(self, request, campaign_live.find_campaign(campaign.pk))
        return super().change_view(
            request, object_id, form_url, self._check_context(request, campaign)
        )

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        is_draft = obj is None or obj.status == CampaignStatus.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """What was sent is history."""
        is_draft = obj is None or obj.status == CampaignStatus.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No bulk delete: it would not ask each row."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(
        self, request: HttpRequest, obj: Campaign, form: ModelForm, change: bool
    ) -> None:
        try:
            services.save_draft(obj, by=request.user)
        except RuleBroken as broken:
            raise PermissionDenied(str(broken)) from broken

    def response_add(
        self, request: HttpRequest, obj: Campaign, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        """After saving, the same page shows the check."""
        messages.success(request, "Saved. The check beside it is fresh.")
        return redirect("admin:campaigns_campaign_change", obj.pk)

    def _check_context(self, request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
        now = timezone.now()
        ladder = count_ladder(campaign, now)
        problems, warnings = find_campaign_problems(campaign, now, ladder=ladder)
        head = campaign.mms.head if campaign.mms else None
        return {
            "title": campaign.name,
            "campaign": campaign,
            "problems": problems,
            "warnings": warnings,
            "ladder": ladder,
            "audience": services.name_audience(campaign),
            **personal.campaign_context(request, campaign),
            "choice": explain_choice(head, campaign.channel, recipients=ladder.remaining),
            "seconds": estimate_seconds(campaign, ladder.remaining, now),
            "rehearses": not problems and is_offered(campaign),
            "seen": services.fingerprint(head) if head else "",
            "test_form": TestForm(),
            "last_tests": find_last_tests(campaign.mms),
            "can_launch": request.user.has_perm("campaigns.launch_campaign"),
            "can_test": request.user.has_perm("campaigns.send_test"),
        }
