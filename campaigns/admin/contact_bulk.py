"""What is done with many contacts at once: each action tells how many, and asks before."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, helpers
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from campaigns.forms.bulk import ListForm, NewListForm
from campaigns.rules.problems import RuleBroken
from campaigns.services import contact_changes
from campaigns.templatetags.portal import number


@admin.action(description="Put on a list…", permissions=["change_list"])
def add_to_list(page: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
    def do(data: dict[str, Any]) -> str:
        contact_list = data["contact_list"]
        count = contact_changes.add_to_list(chosen, contact_list, by=request.user)
        return f"{_contacts(count)} put on “{contact_list}”; the others were on it already."

    return _ask(page, request, chosen, ListForm, "Put {} on a list", "Put them on it", do)


@admin.action(description="Take off a list…", permissions=["change_list"])
def take_off_list(page: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
    def do(data: dict[str, Any]) -> str:
        contact_list = data["contact_list"]
        count = contact_changes.take_off_list(chosen, contact_list, by=request.user)
        return f"{_contacts(count)} taken off “{contact_list}”."

    return _ask(page, request, chosen, ListForm, "Take {} off a list", "Take them off it", do)


@admin.action(description="Make a list of them…", permissions=["add_list"])
def make_list(page: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
    def do(data: dict[str, Any]) -> str:
        contact_list = contact_changes.make_list(chosen, data["name"], by=request.user)
        url = reverse("admin:campaigns_contact_changelist")
        link = format_html('<a href="{}?list={}">{}</a>', url, contact_list.pk, contact_list)
        return format_html("The list {} is made.", link)

    return _ask(page, request, chosen, NewListForm, "Make a list of {}", "Make the list", do)


@admin.action(description="Delete…", permissions=["delete"])
def delete_selected(
    page: ModelAdmin, request: HttpRequest, chosen: QuerySet
) -> HttpResponse | None:
    def do(data: dict[str, Any]) -> str:
        return f"{_contacts(contact_changes.delete_contacts(chosen, by=request.user))} deleted."

    return _ask(page, request, chosen, Form, "Delete {} for good?", "Yes, delete them", do)


def _ask(
    page: ModelAdmin,
    request: HttpRequest,
    chosen: QuerySet,
    form_class: type[Form],
    title: str,
    button: str,
    do: Any,
) -> HttpResponse | None:
    """Tell how many are chosen and ask for what is needed; with the answer, do it."""
    try:
        count = contact_changes.check_selection(chosen)
        form = form_class(request.POST if "post" in request.POST else None)
        if form.is_valid():
            page.message_user(request, do(form.cleaned_data), messages.SUCCESS)
            return redirect(request.get_full_path())
    except RuleBroken as broken:
        page.message_user(request, str(broken), messages.ERROR)
        return None
    found = {
        **page.admin_site.each_context(request),
        "title": title.format(_contacts(count)),
        "button": button,
        "form": form,
        "opts": page.opts,
        "action": request.POST["action"],
        "is_deleting": form_class is Form,
        "told": page.get_deleted_objects([], request)[0],
        "chosen": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "campaigns/audience/bulk.html", found)


def _contacts(count: int) -> str:
    return "1 contact" if count == 1 else f"{number(count)} contacts"
