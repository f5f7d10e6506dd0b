"""The audit trail: who did what to what, before and after."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from campaigns.admin.reading import ReadOnly
from campaigns.models import AuditEntry
from campaigns.templatetags.portal import full_time

#: The tables whose changes are written down, in our words.
TOPICS = (
    ("campaign", "Campaigns"),
    ("channel", "Channels"),
    ("mms", "MMS"),
    ("mediafile", "Media"),
    ("contact", "Contacts"),
    ("contactlist", "Lists"),
    ("segment", "Segments"),
    ("customfield", "Fields"),
    ("contactimport", "Imports"),
    ("consent", "Consent"),
    ("optout", "Opt-outs"),
    ("optoutreview", "Opt-out reviews"),
    ("keyword", "Keywords"),
    ("keywordreply", "Answers to keywords"),
    ("quiethours", "Quiet hours"),
    ("policy", "Limits"),
    ("inboundmessage", "Replies"),
    ("user", "Users"),
)


class TopicFilter(admin.SimpleListFilter):
    title = "topic"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return TOPICS

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(target_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    change_form_template = "campaigns/audit/entry.html"
    list_display = ("when", "who", "verb", "target")
    list_filter = (TopicFilter,)
    list_select_related = ("actor",)
    search_fields = ("verb__startswith", "target__istartswith", "actor__username__exact")
    search_help_text = "What was done (“campaign.launched”), to what, or by whom."
    ordering = ("-id",)
    fields = ("verb",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        entry = self.get_object(request, object_id)
        context = {"entry": entry, "changes": list_changes(entry)} if entry else {}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.display(description="At", ordering="id")
    def when(self, entry: AuditEntry) -> str:
        return full_time(entry.at)

    @admin.display(description="Who", ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        return str(entry.actor or "The portal itself")


def list_changes(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """(name, before, after) of everything the entry says."""
    names = sorted({*entry.before, *entry.after})
    return [(name, _words(entry.before, name), _words(entry.after, name)) for name in names]


def _words(side: dict[str, Any], name: str) -> Any:
    value = side.get(name, "–")
    return ", ".join(map(str, value)) if isinstance(value, list) else value
