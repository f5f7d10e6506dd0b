"""How the list of contacts is filtered and ordered, by indexes, and what each row is told."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import ContactList
from campaigns.rules.numbers import is_number
from campaigns.services.contacts import find_standings
from campaigns.services.searching import Reachable, filter_reachable

#: So many lists can be filtered by with a click; the others from their own page.
LISTS_OFFERED = 30


class ReachableFilter(admin.SimpleListFilter):
    title = "may be written to"
    parameter_name = "reach"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(choice.value, str(choice.label)) for choice in Reachable]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return filter_reachable(queryset, self.value() or "")


class OnListFilter(admin.SimpleListFilter):
    title = "list"
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The newest lists, and the one that is chosen."""
        newest = ContactList.objects.order_by("-pk").values_list("pk", "name")
        named = [(str(pk), name) for pk, name in newest[:LISTS_OFFERED]]
        chosen = request.GET.get(self.parameter_name, "")
        if is_number(chosen) and chosen not in dict(named):
            others = ContactList.objects.filter(pk=int(chosen)).values_list("name", flat=True)
            named += [(chosen, name) for name in others]
        return named

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if is_number(value):
            return queryset.filter(memberships__contact_list=int(value))
        return queryset.none() if value else queryset


class ContactChangeList(ChangeList):
    """A page of contacts with why each cannot be written to."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """By an index only: filtered rows come newest first, and ids follow what is sorted by."""
        ordering = super().get_ordering(request, queryset)
        if is_number(self.params.get("list")):
            return ["-memberships__contact_id"]
        if len(self.params) > 1 or self.query or self.has_active_filters:
            return ["-pk"]
        first = str(ordering[0])
        return ["last_folded", "pk"] if first == "last_folded" else ordering

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        people = list(self.result_list)
        standings = find_standings(people, timezone.now())
        for person in people:
            person.standing = standings[person.pk]
        self.result_list = people
