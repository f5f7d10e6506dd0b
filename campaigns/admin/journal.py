"""The journal: callbacks as they came, requests as they went, without secrets."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from campaigns.admin.reading import ReadOnly
from campaigns.models import GatewayCall, WebhookPost
from campaigns.models.rows import states_are
from campaigns.services.callback_search import MOST_WALKED, find_callbacks, find_threads
from campaigns.services.posts import read_again
from campaigns.templatetags.portal import ago, full_time, pill, status_pill

_Kept = WebhookPost.Status
#: So many requests are asked for their action.
MOST_ASKED = 2000
#: More of a body is not shown on a page.
MOST_SHOWN = 64 * 1024
#: Unicode's embeddings, overrides and isolates.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def show_body(body: bytes) -> str:
    """A body as text: JSON is laid out, what is not text is made visible."""
    text = bytes(body[:MOST_SHOWN]).decode("utf-8", errors="backslashreplace")
    return show_text(text)


def show_text(text: str) -> str:
    """What would turn the order of reading round is made visible, too."""
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return _TURNING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def tell_reading(post: WebhookPost) -> str:
    """How often it was tried, in words."""
    tries = f"{post.attempts} {'try' if post.attempts == 1 else 'tries'}"
    if post.status == _Kept.NEW:
        return "Not yet"
    if post.status == _Kept.WAITING:
        again = f", the next {full_time(post.try_after)}" if post.try_after else ""
        return f"{tries} so far{again}"
    if post.status == _Kept.UNMATCHED:
        return f"Given up after {tries}"
    if post.status == _Kept.DONE:
        return f"After {tries} that found no message yet" if post.attempts else "At once"
    return "No: it was refused" if post.status == _Kept.REFUSED else "No: it cannot be read"


class ReadingFilter(admin.ChoicesFieldListFilter):
    """Says to the database which of its indexes holds the state."""

    indexed = (
        (_Kept.NEW, _Kept.WAITING),
        (_Kept.UNREADABLE, _Kept.UNMATCHED, _Kept.REFUSED),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        rows = super().queryset(request, queryset)
        asked = self.used_parameters.get(self.lookup_kwarg) or []
        for states in self.indexed:
            if len(asked) == 1 and asked[0] in states:
                literals = [state.value for state in states]
                rows = rows.filter(states_are(*literals, table=WebhookPost._meta.db_table))
        return rows


class FetchedFilter(admin.BooleanFieldListFilter):
    """Posted to us, or fetched by us."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "how it came"

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        words = {"Yes": "Fetched", "No": "Posted"}
        for choice in super().choices(changelist):
            yield choice | {"display": words.get(str(choice["display"]), choice["display"])}


@admin.register(WebhookPost)
class WebhookPostAdmin(ReadOnly):
    change_form_template = "campaigns/journal/callback.html"
    list_display = ("name", "state", "why", "tells", "channel", "received")
    list_filter = (("status", ReadingFilter), "channel", ("is_polled", FetchedFilter))
    list_select_related = ("channel",)
    actions = ("read_again",)
    search_fields = ("pk",)  # it is `find_callbacks` that searches
    search_help_text = (
        "A number in any spelling, or a reference. Bodies have no index: the search walks through "
        f"the newest {MOST_WALKED:,}, and takes a moment."
    )
    ordering = ("-id",)
    sortable_by = ()  # an order of what is would have to be made of millions
    fields = ("channel",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        is_page = request.resolver_match and "object_id" in request.resolver_match.kwargs
        return rows if is_page else rows.defer("body", "headers")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return find_callbacks(queryset, search_term), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        post = self.get_object(request, object_id)
        context = {}
        if post:
            context = {
                "post": post,
                "body": show_body(post.body),
                "size": len(post.body),
                "read": tell_reading(post),
                "events": post.events.select_related("message"),
                "threads": find_threads(post),
            }
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.action(description="Read again", permissions=["read_again"])
    def read_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        posts = list(queryset)
        read_again(posts)
        messages.success(request, f"{len(posts)} will be read again in a moment.")

    def has_read_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.change_webhookpost")

    @admin.display(description="Callback")
    def name(self, post: WebhookPost) -> str:
        return f"No. {post.pk}"

    @admin.display(description="Tells of")
    def tells(self, post: WebhookPost) -> str:
        return post.kind.replace("_", " ") or "–"

    @admin.display(description="State")
    def state(self, post: WebhookPost) -> str:
        return status_pill(post)

    @admin.display(description="Reason")
    def why(self, post: WebhookPost) -> str:
        return post.reason or "–"

    @admin.display(description="Received")
    def received(self, post: WebhookPost) -> str:
        return ago(post.received_at)


class ActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Of the newest requests."""
        newest = GatewayCall.objects.order_by("-id").values_list("action", flat=True)
        return [(action, action) for action in sorted(set(newest[:MOST_ASKED]))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(GatewayCall)
class GatewayCallAdmin(ReadOnly):
    change_form_template = "campaigns/journal/request.html"
    list_display = ("when", "answered", "action", "reference", "channel", "took")
    list_filter = (ActionFilter, "channel")
    list_select_related = ("channel",)
    search_fields = ("reference__exact",)
    search_help_text = "The reference of a message or template."
    ordering = ("-id",)
    sortable_by = ()
    fields = ("reference",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        call = self.get_object(request, object_id)
        context = {}
        if call:
            context = {
                "call": call,
                "asked": show_text(call.request),
                "told": show_text(call.answer),
            }
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.display(description="At")
    def when(self, call: GatewayCall) -> str:
        return full_time(call.at)

    @admin.display(description="Answer")
    def answered(self, call: GatewayCall) -> str:
        if call.http_status is None:
            return pill("No answer", "warn")
        return pill(call.http_status, "ok" if call.http_status < 400 else "bad")

    @admin.display(description="Took")
    def took(self, call: GatewayCall) -> str:
        return f"{call.milliseconds:,} ms"
