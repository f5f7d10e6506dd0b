"""What pages of records share: nothing is written; numbers are found in any spelling."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from campaigns.admin.paging import BoundedPaginator
from campaigns.services.searching import number_begins


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
        number = number_begins(self.phone_field, search_term)
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
