"""A campaign after its launch: the page that shows how it goes, and the part of it that moves."""

from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from campaigns.admin import campaign_start
from campaigns.admin.polling import STOP_POLLING
from campaigns.models import Campaign, Message
from campaigns.rules.formats import Format
from campaigns.rules.formats_checks import NAMES
from campaigns.services import resending
from campaigns.services.channel_kinds import adds_link
from campaigns.services.drafts import draft_of
from campaigns.services.ladder import ladder_at_launch
from campaigns.services.personal import personalise
from campaigns.services.progress import Progress, measure_progress
from campaigns.services.wording import draft_as_read
from campaigns.templatetags.portal import masked

_SENT_AS = {Format.SLIDES: "its slides", Format.MEDIA: "a file"}


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(partial(show_moving, admin))
    return [path("<int:pk>/live/", view, name="campaigns_campaign_live")]


def find_campaign(pk: int) -> Campaign:
    """The campaign with all that its page and its buttons ask about."""
    rows = Campaign.objects.select_related("channel__lane", "sender", "mms", "revision__mms")
    return get_object_or_404(rows, pk=pk)


def show_live(admin: ModelAdmin, request: HttpRequest, campaign: Campaign) -> HttpResponse:
    moving = _moving_context(request, campaign)
    context = {
        **admin.admin_site.each_context(request),
        **moving,
        "title": campaign.name,
        "opts": admin.opts,
        "revision": campaign.revision,
        "sent_as": _SENT_AS.get(campaign.revision.format, NAMES[campaign.revision.format]),
        "adds_link": adds_link(campaign.channel),
        "ladder": ladder_at_launch(campaign),
        **campaign_start.move_context(request, campaign),
        **_example(request, campaign, moving["progress"]),
    }
    return render(request, "campaigns/campaigns/live.html", context)


def show_moving(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that moves; tells htmx to stop when nothing will move any more."""
    campaign = find_campaign(pk)
    if not admin.has_view_permission(request, campaign):
        raise PermissionDenied
    context = _moving_context(request, campaign)
    response = render(request, "campaigns/campaigns/_live.html", context)
    if context["progress"].is_over and not context["again"]:
        response.status_code = STOP_POLLING
    return response


def _moving_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    progress = measure_progress(campaign, timezone.now())
    return {
        "campaign": campaign,
        "progress": progress,
        "again": resending.under_way(campaign) if progress.again else [],
        "can_control": request.user.has_perm("campaigns.control_campaign"),
        "can_launch": request.user.has_perm("campaigns.launch_campaign"),
        "rows_url": reverse("admin:campaigns_message_changelist"),
        **campaign_start.live_context(campaign),
    }


def _example(request: HttpRequest, campaign: Campaign, progress: Progress) -> dict[str, Any]:
    """What one of the people reads, to show on the phone; to whom may not see people, nobody's.
    The first in some state is found by an index; the first of all is not."""
    message = None
    if request.user.has_perm("campaigns.view_contact") and progress.parts:
        rows = Message.objects.filter(campaign=campaign, status=progress.parts[0].status)
        rows = rows.select_related("revision__mms", "contact")
        message = rows.order_by("pk").first()
    if message is None:
        return {"as_read": personalise(draft_of(campaign.revision), {})}
    others = [masked(phone) for phone in message.shown_to.split(",") if phone]
    reader = message.contact if message.merge_values else None
    return {"as_read": draft_as_read(message), "group": others, "reader": reader}
