"""How the gallery of MMS is filtered."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from campaigns.models import Channel
from campaigns.rules.numbers import is_number
from campaigns.rules.templates import TemplateState
from campaigns.services import gallery
from campaigns.templatetags.gallery import ribbon_words


class StateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(state.value, ribbon_words(state)) for state in TemplateState]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in TemplateState.values:
            return queryset
        return gallery.in_state(queryset, TemplateState(self.value()))


class UseFilter(SimpleListFilter):
    title = "use"
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "In a campaign"), ("no", "Not used yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("yes", "no"):
            return queryset
        return gallery.used(queryset, self.value() == "yes")


class ChannelFilter(SimpleListFilter):
    """Offered where there is a choice."""

    title = "saved on"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        channels = list(Channel.objects.values_list("pk", "name"))
        return channels if len(channels) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        pk = self.value() or ""
        if not is_number(pk):
            return queryset
        return gallery.saved_on(queryset, int(pk))
