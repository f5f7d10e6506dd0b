"""Duplicates: those that are likely, and two contacts made one."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from campaigns.forms.merging import MergeForm
from campaigns.models import Contact
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.contacts import explain_reach
from campaigns.services.merging import LOOKED_AT, find_duplicates, merge_contacts
from campaigns.services.searching import search_contacts

#: Candidates offered for a search.
OFFERED = 20


def urls(admin: ModelAdmin) -> list[URLPattern]:
    wrap = admin.admin_site.admin_view
    return [
        path(
            "duplicates/",
            wrap(partial(show_duplicates, admin)),
            name="campaigns_contact_duplicates",
        ),
        path("<int:pk>/merge/", wrap(partial(choose_other, admin)), name="campaigns_contact_merge"),
        path(
            "<int:pk>/merge/<int:other_pk>/",
            wrap(partial(merge, admin)),
            name="campaigns_contact_merge_with",
        ),
    ]


def _check_may(request: HttpRequest) -> None:
    """Merging changes one contact and takes the other away."""
    if not request.user.has_perms(["campaigns.change_contact", "campaigns.delete_contact"]):
        raise PermissionDenied


def _context(admin: ModelAdmin, request: HttpRequest, **found: Any) -> dict[str, Any]:
    return {**admin.admin_site.each_context(request), "opts": admin.opts, **found}


def show_duplicates(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Likely duplicates among the newest contacts, or those before `?before=`."""
    _check_may(request)
    before = read_number(request.GET.get("before"))
    found = find_duplicates(before)
    context = _context(
        admin,
        request,
        title="Likely duplicates",
        found=found,
        most=LOOKED_AT,
        before=before is not None,
    )
    return TemplateResponse(request, "campaigns/audience/duplicates.html", context)


def choose_other(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Look for the other contact of this person."""
    _check_may(request)
    contact = get_object_or_404(Contact, pk=pk)
    words = request.GET.get("q", "")[:100].strip()
    people = Contact.objects.exclude(pk=pk)
    found = search_contacts(people, words)[:OFFERED] if words else []
    context = _context(admin, request, title="Merge with…", contact=contact, q=words, people=found)
    return TemplateResponse(request, "campaigns/audience/merge_with.html", context)


def merge(admin: ModelAdmin, request: HttpRequest, pk: int, other_pk: int) -> HttpResponse:
    """Choose what stays of `pk`, whose number is kept, and of the other; then make them one."""
    _check_may(request)
    if pk == other_pk:
        return redirect("admin:campaigns_contact_change", pk)
    kept, other = get_object_or_404(Contact, pk=pk), get_object_or_404(Contact, pk=other_pk)
    form = MergeForm(request.POST or None, kept=kept, other=other)
    if request.method == "POST" and form.is_valid():
        try:
            opt_out = not form.cleaned_data.get("may_write")
            merge_contacts(kept, other, take=form.take(), opt_out=opt_out, by=request.user)
        except RuleBroken as broken:
            admin.message_user(request, str(broken), messages.ERROR)
            return redirect(request.path)
        admin.message_user(request, "The two are one contact now.", messages.SUCCESS)
        return redirect("admin:campaigns_contact_change", kept.pk)
    context = _context(admin, request, title="Merge two contacts", form=form, **_sides(kept, other))
    return TemplateResponse(request, "campaigns/audience/merge.html", context)


def _sides(kept: Contact, other: Contact) -> dict[str, Any]:
    now = timezone.now()
    sides = [
        {
            "contact": contact,
            "reach": explain_reach(contact, now),
            "lists": list(contact.lists.values_list("name", flat=True)),
        }
        for contact in (kept, other)
    ]
    return {"kept": kept, "other": other, "sides": sides}
