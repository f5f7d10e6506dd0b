"""The audit trail: who did what to what, before and after."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from campaigns.admin.reading import ReadOnly
from campaigns.models import AuditEntry
from campaigns.rules.audit import TOPICS, find_verbs, tell_topic, tell_verb
from campaigns.templatetags.portal import full_time


class TopicFilter(admin.SimpleListFilter):
    title = "topic"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(TOPICS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(target_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    change_form_template = "campaigns/audit/entry.html"
    list_display = ("when", "who", "done", "target")
    list_filter = (TopicFilter,)
    list_select_related = ("actor",)
    search_fields = ("target__istartswith", "actor__username__exact")
    search_help_text = "What was done (“launched”), to what, or by whom."
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
        context = _told(entry) if entry else {}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Also by the words for what was done, all of them together."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if verbs := find_verbs(search_term):
            found = found | queryset.filter(verb__in=verbs)
        return found, may_repeat

    @admin.display(description="At", ordering="id")
    def when(self, entry: AuditEntry) -> str:
        return full_time(entry.at)

    @admin.display(description="Who", ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        return str(entry.actor or "The portal itself")

    @admin.display(description="Did", ordering="verb")
    def done(self, entry: AuditEntry) -> str:
        return tell_verb(entry.verb)


def _told(entry: AuditEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "said": tell_verb(entry.verb),
        "topic": tell_topic(entry.target_type),
        "changes": list_changes(entry),
    }


def list_changes(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """(name, before, after) of everything the entry says."""
    names = sorted({*entry.before, *entry.after})
    return [(name, _words(entry.before, name), _words(entry.after, name)) for name in names]


def _words(side: dict[str, Any], name: str) -> Any:
    value = side.get(name, "–")
    return ", ".join(map(str, value)) if isinstance(value, list) else value
