"""The buttons of a campaign: each asks who may, asks the service, and leads back."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from campaigns.admin import campaign_start
from campaigns.admin.campaign_live import find_campaign
from campaigns.models import Campaign
from campaigns.rules.numbers import read_number
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus
from campaigns.services import campaigns as services
from campaigns.services.resending import send_again
from campaigns.services.trying import send_campaign_test


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return [
        path(
            f"<int:pk>/{name}/",
            admin.admin_site.admin_view(partial(press, button)),
            name=f"campaigns_campaign_{name}",
        )
        for name, button in BUTTONS.items()
    ]


def launch(request: HttpRequest, campaign: Campaign) -> None:
    services.launch_campaign(
        campaign,
        by=request.user,
        expected=read_number(request.POST.get("expected")),
        seen=request.POST.get("seen"),
        late=read_number(request.POST.get("late_seen")),
    )


def pause(request: HttpRequest, campaign: Campaign) -> None:
    services.pause_campaign(campaign, by=request.user)


def resume(request: HttpRequest, campaign: Campaign) -> None:
    services.resume_campaign(campaign, by=request.user)


def stop(request: HttpRequest, campaign: Campaign) -> None:
    services.cancel_campaign(campaign, by=request.user)


def repeat(request: HttpRequest, campaign: Campaign) -> None:
    """Send again to everybody in one state."""
    value = read_number(request.POST.get("status"))
    if value not in MessageStatus.values:
        raise RuleBroken("Choose which of them to send to again.")
    send_again(campaign, MessageStatus(value), by=request.user)
    messages.success(request, "They are being queued again: this page shows how far it is.")


def send_test(request: HttpRequest, campaign: Campaign) -> None:
    """Send the message to one number."""
    phone = normalise(request.POST.get("phone", ""))
    send_campaign_test(campaign, phone, by=request.user)
    messages.success(request, "The test is on its way: look at your phone.")


class Button(NamedTuple):
    permission: str
    verb: Callable[[HttpRequest, Campaign], None]


#: name in the address → what it needs, and what it does
BUTTONS = {
    "launch": Button("launch_campaign", launch),
    "pause": Button("control_campaign", pause),
    "resume": Button("control_campaign", resume),
    "stop": Button("control_campaign", stop),
    "again": Button("launch_campaign", repeat),
    "test": Button("send_test", send_test),
    "missed": Button("control_campaign", campaign_start.answer_missed),
    "move": Button("control_campaign", campaign_start.move_start),
}


def press(button: Button, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask who may, do it, show the answer; back to where the button was."""
    campaign = find_campaign(pk)
    if not request.user.has_perm(f"campaigns.{button.permission}"):
        raise PermissionDenied
    if request.method != "POST":
        return redirect("admin:campaigns_campaign_change", pk)
    try:
        button.verb(request, campaign)
    except RuleBroken as broken:
        for problem in broken.problems:
            messages.error(request, problem)
    if request.POST.get("next") == "today":
        return redirect("admin:index")
    return redirect("admin:campaigns_campaign_change", pk)
