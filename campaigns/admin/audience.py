"""Contacts and their lists."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from campaigns.admin.reading import FindsNumbers
from campaigns.forms.audience import ContactForm
from campaigns.models import Contact, ContactList, Membership, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.services.audience import check_list_unused, delete_list
from campaigns.templatetags.portal import ago, bounded, masked, number, pill

#: So much of a person's history stands on their page.
SHOWN = 20
LISTS_SHOWN = 3


@admin.register(Contact)
class ContactAdmin(FindsNumbers):
    form = ContactForm
    change_form_template = "campaigns/audience/contact.html"
    change_list_template = "campaigns/audience/contacts.html"
    list_display = ("person", "number_shown", "on_lists", "may_get", "added")
    list_filter = ("lists",)
    search_fields = ("last_name__istartswith", "first_name__istartswith", "email__istartswith")
    search_help_text = "A number in any spelling, or the start of a name or e-mail address."
    ordering = ("-id",)
    fields = ("phone", "first_name", "last_name", "email", "lists", "attributes")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        gone = OptOut.objects.filter(phone=OuterRef("phone"))
        rows = super().get_queryset(request).prefetch_related("lists")
        return rows.annotate(has_opted_out=Exists(gone))

    def get_form(
        self, request: HttpRequest, obj: Contact | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if obj and not self.has_change_permission(request, obj):
            kwargs["form"] = ModelForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Contact | None = None) -> tuple[str, ...]:
        """Who may not change lists does not move people between them."""
        if self._may_move(request, obj):
            return self.fields
        return tuple(name for name in self.fields if name != "lists")

    def _may_move(self, request: HttpRequest, contact: Contact | None) -> bool:
        may_write = contact is None or self.has_change_permission(request, contact)
        return may_write and request.user.has_perm("campaigns.change_contactlist")

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if self._may_move(request, form.instance):
            form.instance.lists.set(form.cleaned_data["lists"])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        contact = self.get_object(request, object_id)
        history = _history(contact) if contact else {}
        return super().change_view(
            request, object_id, form_url, {**history, **(extra_context or {})}
        )

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        told = (
            "They leave every list. What was sent and answered stays in the Outbox and the Inbox, "
            "without the name; who opted out stays opted out."
        )
        return [told], {"contacts": len(objs)}, set(), []

    @admin.display(description="Name", ordering="last_name")
    def person(self, contact: Contact) -> str:
        return f"{contact.first_name} {contact.last_name}".strip() or "No name"

    @admin.display(description="Number", ordering="phone")
    def number_shown(self, contact: Contact) -> str:
        return masked(contact.phone)

    @admin.display(description="Lists")
    def on_lists(self, contact: Contact) -> str:
        names = [each.name for each in contact.lists.all()]
        more = f" and {len(names) - LISTS_SHOWN} more" if len(names) > LISTS_SHOWN else ""
        return ", ".join(names[:LISTS_SHOWN]) + more or "–"

    @admin.display(description="May be written to")
    def may_get(self, contact: Contact) -> str:
        return pill("Opted out", "bad") if contact.has_opted_out else pill("Yes", "ok")

    @admin.display(description="Added", ordering="id")
    def added(self, contact: Contact) -> str:
        return ago(contact.created_at)


def _history(contact: Contact) -> dict[str, Any]:
    """What was sent to this number, what came from it, and why nothing more goes out."""
    return {
        "optout": OptOut.objects.filter(phone=contact.phone).select_related("by").first(),
        "messages_sent": contact.messages.select_related("campaign", "revision__mms")[:SHOWN],
        "replies": contact.inbound.all()[:SHOWN],
    }


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
        return format_html('<a href="{}?lists__id__exact={}">{}</a>', url, contact_list.pk, count)

    @admin.display(description="Made", ordering="created_at")
    def added(self, contact_list: ContactList) -> str:
        return ago(contact_list.created_at)
