"""When a campaign starts: the preview of its waves, the choice for who is late, the answer to a
missed start, and another start."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from campaigns.forms.start import MoveStartForm
from campaigns.models import Campaign
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services import starting
from campaigns.services.forecast import forecast
from campaigns.services.planning import START_FIELDS

#: What was entered for another start and refused: shown again, once.
_ENTERED = "move_entered"


def show_waves(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would get a draft when; a fragment that is fetched, since it counts everybody."""
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign.objects.select_related("channel", "sender"), pk=pk)
    context = {
        "campaign": campaign,
        "forecast": forecast(campaign, timezone.now()),
        "can_choose": _may_change(request, campaign),
    }
    return render(request, "campaigns/campaigns/_forecast.html", context)


def choose_late(request: HttpRequest, pk: int) -> HttpResponse:
    """Tomorrow or not at all, for people whose local time has passed."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if not _may_change(request, campaign):
        raise PermissionDenied
    late = request.POST.get("late")
    if request.method == "POST" and late in Campaign.Late.values:
        starting.choose_late(campaign, Campaign.Late(late), by=request.user)
    if request.headers.get("HX-Request"):
        return show_waves(request, pk)
    return redirect("admin:campaigns_campaign_change", pk)


def _may_change(request: HttpRequest, campaign: Campaign) -> bool:
    is_draft = campaign.status == CampaignStatus.DRAFT
    return is_draft and request.user.has_perm("campaigns.change_campaign")


def answer_missed(request: HttpRequest, campaign: Campaign) -> None:
    """What becomes of waves that should have started by now."""
    verbs = {"now": starting.start_missed, "tomorrow": starting.move_missed}
    if (verb := verbs.get(request.POST.get("answer", ""))) is None:
        raise RuleBroken("Choose whether it starts now or tomorrow.")
    verb(campaign, by=request.user)


def move_start(request: HttpRequest, campaign: Campaign) -> None:
    """Another start for what is scheduled."""
    form = MoveStartForm(request.POST, instance=Campaign(not_after=campaign.not_after))
    request.session[_ENTERED] = {"campaign": campaign.pk, "post": request.POST.urlencode()}
    if not form.is_valid():
        raise RuleBroken(*[words for found in form.errors.values() for words in found])
    fields = {name: form.cleaned_data[name] for name in START_FIELDS}
    starting.move_start(campaign, fields, by=request.user)
    del request.session[_ENTERED]


def live_context(campaign: Campaign) -> dict[str, Any]:
    """What the live page asks about the start."""
    return {"missed": starting.find_missed(campaign, timezone.now())}


def move_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    may_move = request.user.has_perm("campaigns.control_campaign")
    if not may_move or not starting.is_movable(campaign):
        return {}
    entered = request.session.pop(_ENTERED, {})
    if entered.get("campaign") != campaign.pk:
        return {"move_form": MoveStartForm(instance=campaign)}
    draft = Campaign(not_after=campaign.not_after)  # a form writes into its row
    return {"move_form": MoveStartForm(QueryDict(entered["post"]), instance=draft)}
