"""The outbox: one row per recipient, its state in words, and everything heard about it."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.admin.reading import FindsNumbers, ReadOnly
from campaigns.models import GatewayCall, Message
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import RESENDABLE, MessageStatus
from campaigns.services.channel_kinds import adds_link
from campaigns.services.outbox_search import in_state, launched_since, to_number
from campaigns.services.progress import MEANINGS
from campaigns.services.resending import send_one_again, tells_hopeless
from campaigns.services.waves import SOON
from campaigns.services.wording import draft_as_read
from campaigns.templatetags.portal import ago, masked, status_pill

#: It is, or may be, on the phone.
_READ = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.DELIVERED_AS_SMS)
#: So many requests of one message are shown.
CALLS_SHOWN = 20
DETOUR = "As SMS by “{channel}”, because “{own}” was out."


class StateFilter(admin.ChoicesFieldListFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        rows = super().queryset(request, queryset)
        asked = self.used_parameters.get(self.lookup_kwarg) or []
        return in_state(rows, int(asked[0])) if len(asked) == 1 else rows


class LaunchedFilter(admin.SimpleListFilter):
    title = "launched"
    parameter_name = "launched"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("week", "In the last 7 days"), ("test", "Test messages")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "week":
            return launched_since(queryset, timezone.now() - timedelta(days=7))
        if self.value() == "test":  # answers to keywords belong to no campaign either
            return queryset.filter(campaign=None, purpose=Message.Purpose.TEST)
        return queryset


class HeldFilter(admin.SimpleListFilter):
    title = "when it goes"
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Held for later"), ("no", "At once")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        soon = timezone.now() + SOON
        if self.value() == "yes":
            return queryset.filter(status=MessageStatus.QUEUED, send_after__gt=soon)
        return queryset.filter(send_after__lte=soon) if self.value() == "no" else queryset


@admin.register(Message)
class MessageAdmin(ReadOnly, FindsNumbers):
    change_form_template = "campaigns/outbox/message.html"
    change_list_template = "campaigns/outbox/list.html"
    list_display = ("number_shown", "state", "person", "why", "campaign_shown", "changed")
    list_filter = (("status", StateFilter), HeldFilter, LaunchedFilter, "channel")
    list_select_related = ("campaign__channel", "channel", "contact", "revision__mms")
    search_fields = ("reference__exact", "provider_id__exact")
    search_help_text = "A number in any spelling, our reference, or the provider's id."
    ordering = ("-id",)
    sortable_by = ()  # an order of what is would have to be made of millions
    fields = ("reference", "phone", "status")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        secrets = ("channel__secrets", "campaign__channel__secrets")
        return super().get_queryset(request).defer("owner", *secrets)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        found = to_number(queryset, search_term)
        if found is not None:
            return found, False
        return super().get_search_results(request, queryset, search_term)

    def get_urls(self) -> list[URLPattern]:
        again = path(
            "<int:pk>/again/",
            self.admin_site.admin_view(require_POST(self.send_again)),
            name="campaigns_message_again",
        )
        return [again, *super().get_urls()]

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One person gets it once more."""
        if not request.user.has_perm("campaigns.launch_campaign"):
            raise PermissionDenied
        message = get_object_or_404(Message.objects.select_related("campaign"), pk=pk)
        try:
            send_one_again(message, by=request.user)
        except RuleBroken as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, "It waits to be sent again.")
        return redirect("admin:campaigns_message_change", pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        message = self.get_object(request, object_id)
        context = _story(request, message) if message else {}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.display(description="To")
    def number_shown(self, message: Message) -> str:
        return masked(message.phone)

    @admin.display(description="Contact")
    def person(self, message: Message) -> str:
        return str(message.contact or "–")

    @admin.display(description="State")
    def state(self, message: Message) -> str:
        return status_pill(message)

    @admin.display(description="Reason")
    def why(self, message: Message) -> str:
        if not message.is_detoured:
            return message.reason or "–"
        told = DETOUR.format(channel=message.channel, own=message.campaign.channel)
        return f"{told} {message.reason}".strip()

    @admin.display(description="Campaign")
    def campaign_shown(self, message: Message) -> str:
        if message.purpose == Message.Purpose.TEST:
            return f"Test of {message.revision.mms}"
        return str(message.campaign or message.revision.mms)

    @admin.display(description="Since")
    def changed(self, message: Message) -> str:
        return ago(message.changed_at or message.created_at)


def _story(request: HttpRequest, message: Message) -> dict[str, Any]:
    """The reports about a message and, for those who may see the journal, its requests."""
    calls = GatewayCall.objects.none()
    if request.user.has_perm("campaigns.view_gatewaycall"):
        # The second and later sends carry the reference with .2, .3 … at its end.
        sends = [message.reference, *(f"{message.reference}.{n}" for n in range(2, CALLS_SHOWN))]
        batch, slash, _ = message.provider_id.partition("/")
        sends += [batch] if slash else []
        calls = GatewayCall.objects.filter(reference__in=sends).order_by("id")[:CALLS_SHOWN]
    return {
        "message": message,
        "as_read": draft_as_read(message),
        "group_shown": [masked(phone) for phone in message.shown_to.split(",") if phone],
        "adds_link": adds_link(message.channel),
        "meaning": MEANINGS[message.status],
        "read_title": "What they read" if message.status in _READ else "What it said",
        "is_hopeless": tells_hopeless(message),
        "can_send_again": message.status in RESENDABLE
        and message.campaign is not None
        and request.user.has_perm("campaigns.launch_campaign"),
        "events": message.events.select_related("post"),
        "calls": calls,
    }
