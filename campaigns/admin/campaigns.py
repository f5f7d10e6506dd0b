"""Campaigns: the draft page with its check, the live page with its bar, and the buttons."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from campaigns.admin import campaign_start, personal
from campaigns.admin.ladder import show_rung
from campaigns.admin.paging import BoundedPaginator
from campaigns.admin.polling import STOP_POLLING
from campaigns.forms.campaigns import CampaignForm, TestForm
from campaigns.models import Campaign, Message
from campaigns.rules.numbers import read_number
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import campaigns as services
from campaigns.services.checking import find_campaign_problems
from campaigns.services.content import draft_of
from campaigns.services.ladder import count_ladder, ladder_at_launch
from campaigns.services.personal import personalise
from campaigns.services.progress import measure_progress
from campaigns.services.resending import send_again
from campaigns.services.templates import explain_choice
from campaigns.services.trying import find_last_tests, send_campaign_test
from campaigns.services.wording import draft_as_read
from campaigns.templatetags.portal import ago, campaign_pills, masked, start_words


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
        def page(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"campaigns_campaign_{name}",
            )

        return [
            page("live", self.live_fragment),
            page("launch", self.launch),
            page("pause", self.pause),
            page("resume", self.resume),
            page("stop", self.stop),
            page("again", self.again),
            page("test", self.test),
            page("waves", campaign_start.show_waves),
            page("late", campaign_start.choose_late),
            page("missed", self.missed),
            page("move", self.move),
            path(
                "<int:pk>/ladder/<slug:rung>/",
                self.admin_site.admin_view(self.ladder),
                name="campaigns_campaign_ladder",
            ),
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
            return self._show_live(request, campaign)
        return super().change_view(
            request, object_id, form_url, {**self._check_context(request, campaign)}
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
            "seconds": services.estimate_draft_seconds(campaign, ladder.remaining),
            "seen": services.fingerprint(head) if head else "",
            "test_form": TestForm(),
            "last_tests": find_last_tests(campaign),
            "can_launch": request.user.has_perm("campaigns.launch_campaign"),
            "can_test": request.user.has_perm("campaigns.send_test"),
        }

    # --- Live ------------------------------------------------------------------------------------

    def _show_live(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **self._live_context(request, campaign),
            "title": campaign.name,
            "opts": self.opts,
            "revision": campaign.revision,
            "ladder": ladder_at_launch(campaign),
            **campaign_start.move_context(request, campaign),
            **_example(request, campaign),
        }
        return render(request, "campaigns/campaigns/live.html", context)

    def _live_context(self, request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
        return {
            "campaign": campaign,
            "progress": measure_progress(campaign, timezone.now()),
            "can_control": request.user.has_perm("campaigns.control_campaign"),
            "can_launch": request.user.has_perm("campaigns.launch_campaign"),
            "rows_url": reverse("admin:campaigns_message_changelist"),
            **campaign_start.live_context(campaign),
        }

    def live_fragment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that moves; tells htmx to stop when nothing will move any more."""
        campaign = self._get_campaign(pk)
        if not self.has_view_permission(request, campaign):
            raise PermissionDenied
        context = self._live_context(request, campaign)
        response = render(request, "campaigns/campaigns/_live.html", context)
        if context["progress"].is_over:
            response.status_code = STOP_POLLING
        return response

    # --- Buttons ---------------------------------------------------------------------------------

    def launch(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._do(
            request,
            pk,
            "launch_campaign",
            lambda campaign: services.launch_campaign(
                campaign,
                by=request.user,
                expected=read_number(request.POST.get("expected")),
                seen=request.POST.get("seen"),
                late=read_number(request.POST.get("late_seen")),
            ),
        )

    def pause(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._do(
            request,
            pk,
            "control_campaign",
            lambda campaign: services.pause_campaign(campaign, by=request.user),
        )

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._do(
            request,
            pk,
            "control_campaign",
            lambda campaign: services.resume_campaign(campaign, by=request.user),
        )

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._do(
            request,
            pk,
            "control_campaign",
            lambda campaign: services.cancel_campaign(campaign, by=request.user),
        )

    def missed(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The answer to a missed start."""
        return self._do(
            request,
            pk,
            "control_campaign",
            lambda campaign: campaign_start.answer_missed(request, campaign),
        )

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another start."""
        return self._do(
            request,
            pk,
            "control_campaign",
            lambda campaign: campaign_start.move_start(request, campaign),
        )

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send again to everybody in one state."""

        def repeat(campaign: Campaign) -> None:
            value = read_number(request.POST.get("status"))
            if value not in MessageStatus.values:
                raise RuleBroken("Choose which of them to send to again.")
            count = send_again(campaign, MessageStatus(value), by=request.user)
            messages.success(request, f"{count:,} will be sent again.")

        return self._do(request, pk, "launch_campaign", repeat)

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the message to one number."""

        def send_test(campaign: Campaign) -> None:
            phone = normalise(request.POST.get("phone", ""))
            send_campaign_test(campaign, phone, by=request.user)
            messages.success(request, "The test is on its way: look at your phone.")

        return self._do(request, pk, "send_test", send_test)

    def _do(
        self,
        request: HttpRequest,
        pk: int,
        permission: str,
        verb: Callable[[Campaign], object],
    ) -> HttpResponse:
        """Ask who may, do it, show the answer; back to where the button was."""
        campaign = self._get_campaign(pk)
        if not request.user.has_perm(f"campaigns.{permission}"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:campaigns_campaign_change", pk)
        try:
            verb(campaign)
        except RuleBroken as broken:
            for problem in broken.problems:
                messages.error(request, problem)
        if request.POST.get("next") == "today":
            return redirect("admin:index")
        return redirect("admin:campaigns_campaign_change", pk)

    def _get_campaign(self, pk: int) -> Campaign:
        rows = Campaign.objects.select_related("channel__lane", "sender", "mms", "revision__mms")
        return get_object_or_404(rows, pk=pk)


def _example(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """What one of the people reads, to show on the phone; to whom may not see people, nobody's."""
    message = None
    if request.user.has_perm("campaigns.view_contact"):
        rows = Message.objects.filter(campaign=campaign).select_related("revision__mms", "contact")
        message = rows.order_by("pk").first()
    if message is None:
        return {"as_read": personalise(draft_of(campaign.revision), {})}
    others = [masked(phone) for phone in message.shown_to.split(",") if phone]
    reader = message.contact if message.merge_values else None
    return {"as_read": draft_as_read(message), "group": others, "reader": reader}
