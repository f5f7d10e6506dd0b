"""The dry run beside the check of a draft: a fragment of its own, since the provider is asked."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.rehearsing import rehearse_campaign


def show_rehearsal(request: HttpRequest, pk: int) -> HttpResponse:
    """What the provider says would become of the first messages; nothing is sent."""
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    rows = Campaign.objects.select_related("channel", "sender", "mms")
    campaign = get_object_or_404(rows, pk=pk)
    is_draft = campaign.status == CampaignStatus.DRAFT
    found = rehearse_campaign(campaign, timezone.now()) if is_draft else None
    context = {"campaign": campaign, "found": found}
    return render(request, "campaigns/campaigns/_rehearsed.html", context)
