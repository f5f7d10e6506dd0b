"""What pages of records share: nothing is written; numbers are found in any spelling."""

import re
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from campaigns.admin.paging import BoundedPaginator

#: Digits, and the signs people write between them.
_NUMBER = re.compile(r"[\d\s().+/-]{3,}")
_LONGEST = 15


def number_prefix(field: str, term: str) -> Q | None:
    """The rows whose number starts like this, with or without the 1 of North America.

    A range instead of LIKE: it can use the index on every database. None: not a number.
    """
    digits = re.sub(r"\D", "", term)
    if not _NUMBER.fullmatch(term.strip()) or len(digits) < 3:
        return None
    found = _range(field, digits)
    return found if "+" in term or digits.startswith("1") else found | _range(field, f"1{digits}")


def _range(field: str, prefix: str) -> Q:
    return Q(**{f"{field}__gte": prefix, f"{field}__lte": prefix.ljust(_LONGEST, "9")})


class FindsNumbers(admin.ModelAdmin):
    """A big table whose search box takes a number in any spelling, or words."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER  # they would count every choice
    phone_field = "phone"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        number = number_prefix(self.phone_field, search_term)
        if number is not None:
            return queryset.filter(number), False
        return super().get_search_results(request, queryset, search_term)


class ReadOnly(admin.ModelAdmin):
    """Rows that only the portal itself writes."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER  # they would count every choice
    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
