"""Merge fields in the composer: the menu, who lacks a value, and real recipients."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import SimpleLazyObject

from campaigns.models import Campaign, Channel, Contact, ContactList, Membership, Mms, Sender
from campaigns.rules.mergefields import names_of
from campaigns.rules.numbers import read_number
from campaigns.services.channel_kinds import adds_link
from campaigns.services.drafts import MmsDraft, draft_of
from campaigns.services.groups import sample_others
from campaigns.services.mergefields import KnownField, known_fields
from campaigns.services.personal import (
    fields_of,
    find_personal_problems,
    personalise,
    sample_recipients,
    values_of,
    written_to,
)
from campaigns.templatetags.portal import masked

#: Lists offered to read as; whoever has more finds theirs by the campaign that uses them.
LISTS_OFFERED = 100
#: Of a long list the first so many are counted while somebody types; the campaign counts all.
COUNTED = 5_000


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(partial(show_reader, admin))
    return [path("reader/<int:pk>/", view, name="campaigns_mms_reader")]


def context(
    request: HttpRequest,
    *,
    mms: Mms | None,
    draft: MmsDraft,
    channel: Channel | None,
    sender: Sender | None,
) -> dict[str, Any]:
    """What the composer's fragments about this need."""
    audience = _find_audience(request, mms)
    people = written_to(audience) if audience else Contact.objects.none()
    may_see = request.user.has_perm("campaigns.view_contact")
    problems, warnings = find_personal_problems(draft, people, channel, most=COUNTED)
    return {
        "merge_fields": SimpleLazyObject(partial(_offer_fields, may_see)),
        "audience": audience,
        "audiences": _find_lists(request),
        "is_counted_in_part": audience is not None and audience.people_count > COUNTED,
        "merge_problems": problems,
        "merge_warnings": warnings,
        **_read_as(request, draft, people, may_see),
    }


def campaign_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """What `campaigns/_personal.html` needs: the phone of a draft, paging through its people."""
    head = campaign.mms.head if campaign.mms else None
    may_see = request.user.has_perm("campaigns.view_contact")
    draft = draft_of(head)
    return {
        "campaign": campaign,
        "draft": draft,
        "revision": head,
        "adds_link": adds_link(campaign.channel),
        "group": _name_others(campaign, may_see) if campaign.as_group else [],
        **_read_as(request, draft, written_to(campaign), may_see),
    }


def _name_others(campaign: Campaign, may_see: bool) -> list[str]:
    """The others of a group as a phone names them."""
    others = sample_others(campaign)
    if not may_see:
        return [f"Person {number}" for number, _ in enumerate(others, 2)]
    return [str(other.first_name or masked(other.phone)) for other in others]


def show_reader(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The phone of a campaign's draft as another of its people reads it."""
    if not request.user.has_perms(["campaigns.view_campaign", "campaigns.view_contact"]):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign.objects.select_related("mms", "sender", "channel"), pk=pk)
    found = campaign_context(request, campaign)
    return TemplateResponse(request, "campaigns/campaigns/_personal.html", found)


def _read_as(
    request: HttpRequest, draft: MmsDraft, people: QuerySet[Contact], may_see: bool
) -> dict[str, Any]:
    """The person whose words the phone shows, and the MMS in these words; without fields, and
    without the right to see people, nobody is asked for."""
    fields = fields_of(draft)
    found = {"has_fields": bool(fields), "may_see_people": may_see, "reader": None, "shown": None}
    if not fields or not may_see:
        return found
    asked = (request.POST or request.GET).get("reader", "1")
    reader = sample_recipients(people, read_number(asked) or 1)
    if reader and asked:
        found["shown"] = personalise(draft, values_of(reader.contact, names_of(fields)))
    return found | {"reader": reader}


def _find_audience(request: HttpRequest, mms: Mms | None) -> ContactList | None:
    """The list somebody chose; else one that a campaign sends this MMS to; else the newest with
    anybody on it."""
    if not request.user.has_perm("campaigns.view_contactlist"):
        return None
    lists = ContactList.objects.with_people()
    chosen = lists.filter(pk=read_number((request.POST or request.GET).get("audience")))
    used = lists.filter(campaigns__mms=mms).order_by("-campaigns__pk") if mms else lists.none()
    somebody = Exists(Membership.objects.filter(contact_list=OuterRef("pk")))
    newest = lists.annotate(has_people=somebody).order_by("-has_people", "-pk")
    return chosen.first() or used.first() or newest.first()


def _find_lists(request: HttpRequest) -> QuerySet[ContactList]:
    if not request.user.has_perm("campaigns.view_contactlist"):
        return ContactList.objects.none()
    return ContactList.objects.order_by("-pk")[:LISTS_OFFERED]


def _offer_fields(may_see: bool) -> list[KnownField]:
    """What the menu offers; somebody's own value is an example only for who may see people."""
    fields = known_fields()
    return fields if may_see else [replace(field, example="") for field in fields]
