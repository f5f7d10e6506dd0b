"""The people behind each number of a campaign's ladder."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from campaigns.admin.paging import BoundedPaginator
from campaigns.models import Campaign, Contact, Recipient
from campaigns.rules.ladder import MEANINGS, Rung
from campaigns.services.ladder import find_duplicates, frozen_on, people_on

DUPLICATES = "duplicates"
PER_PAGE = 50


def show_rung(
    request: HttpRequest, pk: int, rung: str, site_context: dict[str, Any]
) -> HttpResponse:
    """Who stands on a rung (`opted_out`, …, or `duplicates`)."""
    campaign = get_object_or_404(Campaign.objects.select_related("sender"), pk=pk)
    may_see = request.user.has_perm("campaigns.view_contact")
    if not (may_see and request.user.has_perm("campaigns.view_campaign")):
        raise PermissionDenied
    page = _paginate(campaign, rung).get_page(request.GET.get("p"))
    context = {
        **site_context,
        **_words(rung),
        "campaign": campaign,
        "page": page,
        "people": [each.contact if isinstance(each, Recipient) else each for each in page],
        "opts": Campaign._meta,
        "is_frozen": campaign.frozen_at is not None,
    }
    return render(request, "campaigns/campaigns/rung.html", context)


def _words(rung: str) -> dict[str, Any]:
    if rung == DUPLICATES:
        told = "They were counted already on another list or segment, and get it once."
        return {"title": "Counted once", "told": told}
    return {"title": _rung(rung).label, "told": MEANINGS[_rung(rung)]}


def _rung(name: str) -> Rung:
    try:
        return Rung[name.upper()]
    except KeyError:
        raise Http404 from None


def _paginate(campaign: Campaign, rung: str) -> Paginator:
    now = timezone.now()
    if rung == DUPLICATES:
        return Paginator(OneAfterTheOther(find_duplicates(campaign, now)), PER_PAGE)
    if campaign.frozen_at:
        return BoundedPaginator(frozen_on(campaign, _rung(rung)), PER_PAGE)
    return BoundedPaginator(people_on(campaign, _rung(rung), now), PER_PAGE)


class OneAfterTheOther(Sequence[Contact]):
    """The people of several querysets, each with `source`, the name of theirs."""

    def __init__(self, parts: list[tuple[str, QuerySet[Contact]]]) -> None:
        self.parts = [(name, rows, rows.count()) for name, rows in parts]

    def __len__(self) -> int:
        return sum(count for _, _, count in self.parts)

    def __getitem__(self, place: Any) -> Any:
        if not isinstance(place, slice):
            return self[place : place + 1][0]
        first, last, _ = place.indices(len(self))
        found: list[Contact] = []
        for name, rows, count in self.parts:
            for contact in rows[max(first, 0) : max(min(last, count), 0)]:
                contact.source = name
                found.append(contact)
            first, last = first - count, last - count
        return found
