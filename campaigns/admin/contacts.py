"""Contacts: the list of them, and the page of a person."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from campaigns.admin import contact_bulk, contact_merging, contact_timeline
from campaigns.admin.contact_filters import ContactChangeList, OnListFilter, ReachableFilter
from campaigns.admin.reading import FindsNumbers
from campaigns.forms.contacts import CONSENT, PERSON, PLACE, ContactForm, with_custom_fields
from campaigns.models import Contact, CustomField
from campaigns.rules.ladder import Rung
from campaigns.rules.lines import UNREACHABLE_LINES
from campaigns.rules.mergefields import as_text
from campaigns.rules.numbers import is_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.contact_changes import delete_contacts, save_contact
from campaigns.services.contacts import Standing, explain_reach, find_standings
from campaigns.services.merging import find_kept
from campaigns.services.searching import (
    MOST_FOUND,
    search_contacts,
)
from campaigns.services.whereabouts import find_whereabouts
from campaigns.templatetags.portal import ago, masked, pill

MERGED_INTO = "The contact you asked for was merged into this one."
LISTS_SHOWN = 3
_PILLS = {
    Rung.WRITTEN_TO: ("Yes", "ok"),
    Rung.OPTED_OUT: ("Opted out", "bad"),
    Rung.NO_CONSENT: ("No consent", "warn"),
    Rung.COUNTRY: ("No number reaches them", "wait"),
    Rung.CAPPED: ("Enough for now", "info"),
}


@admin.register(Contact)
class ContactAdmin(FindsNumbers):
    form = ContactForm
    add_form_template = "campaigns/audience/contact_form.html"
    change_form_template = "campaigns/audience/contact.html"
    change_list_template = "campaigns/audience/contacts.html"
    list_display = ("person", "number_shown", "on_lists", "may_get", "added")
    list_filter = (ReachableFilter, OnListFilter)
    search_fields = ("phone",)
    search_help_text = (
        "A whole number or its beginning, in any spelling, or the start of a first name, a last "
        "name, both, or an e-mail address."
    )
    ordering = ("-id",)
    actions = ("add_to_list", "take_off_list", "make_list", "delete_selected")
    actions_selection_counter = True

    # --- The list --------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("lists")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ContactChangeList

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        """Where nothing is filtered: the order of what is would have to be made first."""
        is_whole = not {*request.GET} - {"o", "p", "all"}
        return ("person", "number_shown", "added") if is_whole else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        return search_contacts(queryset, search_term), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"most_found": MOST_FOUND, **(extra_context or {})})

    @admin.display(description="Name", ordering="last_folded")
    def person(self, contact: Contact) -> str:
        name = f"{contact.first_name} {contact.last_name}".strip()
        return format_html("<bdi>{}</bdi>", name or "No name")

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
        """The first reason, and behind it the others that a filter finds them by."""
        standing: Standing = contact.standing
        if standing.rung == Rung.WRITTEN_TO and standing.channels:
            return pill(f"Not from {', '.join(standing.channels)}", "warn")
        line = (contact.get_line_display(), "wait")
        first = line if standing.rung == Rung.LINE else _PILLS[standing.rung]
        pills = [first]
        if contact.consented_at is None and standing.rung < Rung.NO_CONSENT:
            pills.append(_PILLS[Rung.NO_CONSENT])
        if contact.line in UNREACHABLE_LINES and standing.rung < Rung.LINE:
            pills.append(line)
        return format_html_join(" ", "{}", ((pill(*each),) for each in pills))

    @admin.display(description="Added", ordering="id")
    def added(self, contact: Contact) -> str:
        return ago(contact.created_at)

    # --- Many at once ----------------------------------------------------------------------------

    add_to_list = contact_bulk.add_to_list
    take_off_list = contact_bulk.take_off_list
    make_list = contact_bulk.make_list
    delete_selected = contact_bulk.delete_selected

    def has_change_list_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.change_contactlist")

    def has_add_list_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.add_contactlist")

    # --- One person ------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [*contact_timeline.urls(self), *contact_merging.urls(self), *super().get_urls()]

    def get_form(
        self, request: HttpRequest, obj: Contact | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if obj and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change, form=ModelForm, **kwargs)
        shown = flatten_fieldsets(self.get_fieldsets(request, obj))
        form = with_custom_fields(self.form, obj, shown)
        kwargs["fields"] = None
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Contact | None = None) -> list[Any]:
        """Who may not change lists does not move people between them."""
        person = (None, {"fields": PERSON})
        place = ("Where they are", {"fields": PLACE})
        if obj and not self.has_change_permission(request, obj):
            return [person, place]
        fieldsets: list[Any] = [person]
        custom = [f"field_{pk}" for pk in CustomField.objects.values_list("pk", flat=True)]
        if custom:
            fieldsets.append(("What else is known", {"fields": custom}))
        if request.user.has_perm("campaigns.change_contactlist"):
            fieldsets.append(("On these lists", {"fields": ("lists",)}))
        fieldsets.append(place)
        is_agreeing = obj is not None and obj.consented_at is not None
        if not is_agreeing and request.user.has_perm("campaigns.add_consent"):
            fieldsets.append(("Consent", {"fields": CONSENT}))
        return fieldsets

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        obj.attributes = form.attributes()
        save_contact(
            obj,
            lists=form.cleaned_data.get("lists"),
            agreement=form.agreement(),
            by=request.user,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        contact = self.get_object(request, object_id)
        known = _known_of(request, contact) if isinstance(contact, Contact) else {}
        return super().change_view(request, object_id, form_url, {**known, **(extra_context or {})})

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except RuleBroken as broken:
            messages.error(request, str(broken))
            return redirect("admin:campaigns_contact_change", object_id)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """The address of a contact that was merged leads to the one it is part of."""
        kept = find_kept(object_id) if is_number(object_id) else None
        if kept is None:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        messages.info(request, MERGED_INTO)
        return redirect("admin:campaigns_contact_change", kept.pk)

    def delete_model(self, request: HttpRequest, obj: Contact) -> None:
        delete_contacts([obj], by=request.user)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        told = (
            "They leave every list. What was sent and answered stays in the Outbox and the Inbox, "
            "without the name; what waits to be sent to them is not sent. Who opted out stays "
            "opted out."
        )
        return [told], {"contacts": len(objs)}, set(), []

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """The audit has it; Django's own log would keep the name of who was erased."""

    log_change = log_addition

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> None:
        """As little as the others."""

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """Back to the person: their page is more than a form."""
        if "_save" in request.POST:
            request.POST = request.POST.copy()
            request.POST["_continue"] = "1"
        return super().response_change(request, obj)

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Without “you may edit it again below”."""
        level = args[0] if args else kwargs.get("level", messages.INFO)
        if level == messages.SUCCESS and "_continue" in request.POST and "_save" in request.POST:
            message = "Saved."
        super().message_user(request, message, *args, **kwargs)


def _known_of(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """What stands on the page of a person besides the form."""
    now = timezone.now()
    fields = CustomField.objects.values_list("name", "former_name")
    typed = [name for names in fields for name in names if name]
    others = {n: v for n, v in contact.attributes.items() if n not in typed}
    return {
        "reach": explain_reach(contact, now),
        "standing": find_standings([contact], now)[contact.pk],
        "whereabouts": find_whereabouts(contact, now),
        "typed": [(n, said) for n in typed if (said := as_text(contact.attributes.get(n)))],
        "others": [(name, as_text(value) or str(value)) for name, value in others.items()],
        **contact_timeline.context(request, contact),
    }
