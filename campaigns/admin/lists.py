"""Lists of contacts."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from campaigns.models import ContactList, Membership
from campaigns.rules.problems import RuleBroken
from campaigns.services.audience import check_list_unused, delete_list
from campaigns.templatetags.portal import ago, bounded, number


@admin.register(ContactList)
class ContactListAdmin(admin.ModelAdmin):
    change_list_template = "campaigns/audience/lists.html"
    list_display = ("name", "people", "description", "added")
    search_fields = ("name",)
    fields = ("name", "description")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_people()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A list that a campaign needs is refused before anything is asked."""
        contact_list = self.get_object(request, object_id)
        if contact_list and self.has_delete_permission(request, contact_list):
            try:
                check_list_unused(contact_list)
            except RuleBroken as broken:
                messages.error(request, str(broken))
                return redirect("admin:campaigns_contactlist_change", contact_list.pk)
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """How many people are on it, instead of each of them."""
        count = Membership.objects.filter(contact_list__in=objs).count()
        told = f"{number(count)} {'contact is' if count == 1 else 'contacts are'} on it and stay."
        return [told], {"lists": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: ContactList) -> None:
        delete_list(obj, by=request.user)

    @admin.display(description="Contacts", ordering="people_count")
    def people(self, contact_list: ContactList) -> str:
        url = reverse("admin:campaigns_contact_changelist")
        count = bounded(contact_list.people_count)
        return format_html('<a href="{}?list={}">{}</a>', url, contact_list.pk, count)

    @admin.display(description="Made", ordering="created_at")
    def added(self, contact_list: ContactList) -> str:
        return ago(contact_list.created_at)
