"""The buttons of a channel: each asks who may, asks the service, and leads back."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from campaigns.models import Channel
from campaigns.rules.problems import RuleBroken
from campaigns.services import channels as services
from campaigns.services.hook_addresses import rotate_hook_token
from campaigns.services.polling import ring_for_poll


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return [
        path(
            f"<int:pk>/{name}/",
            admin.admin_site.admin_view(require_POST(partial(press, button))),
            name=f"campaigns_channel_{name}",
        )
        for name, button in BUTTONS.items()
    ]


def test(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    problems = services.try_connection(channel, by=request.user)
    if problems:
        is_partial = channel.works_in_part and channel.test_problem in problems
        return messages.WARNING if is_partial else messages.ERROR, " ".join(problems)
    return messages.SUCCESS, "The connection works: the account would accept our messages."


def pause(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    reason = request.POST.get("reason", "").strip() or f"Paused by {request.user}."
    if not services.pause_channel(channel, reason, by=request.user):
        raise RuleBroken(f"{channel} is paused already.")
    return messages.SUCCESS, f"{channel} is paused: nothing more goes out on it."


def resume(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    services.resume_channel(channel, by=request.user)
    return messages.SUCCESS, f"{channel} sends again."


def rotate(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    rotate_hook_token(channel, by=request.user)
    return (
        messages.SUCCESS,
        "The callback address is new. Give it to the provider; the old one works for 7 more days.",
    )


def fetch(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    ring_for_poll(channel)
    return messages.SUCCESS, "Reports and replies are being fetched: what is new shows in a moment."


class Button(NamedTuple):
    permission: str
    verb: Callable[[HttpRequest, Channel], tuple[int, str]]


#: name in the address → what it needs, and what it does
BUTTONS = {
    "test": Button("test_channel", test),
    "pause": Button("pause_channel", pause),
    "resume": Button("pause_channel", resume),
    "rotate": Button("change_channel", rotate),
    "fetch": Button("test_channel", fetch),
}


def press(button: Button, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask who may, do it, and go back to the channel with the answer."""
    if not request.user.has_perm(f"campaigns.{button.permission}"):
        raise PermissionDenied
    channel = get_object_or_404(Channel, pk=pk)
    try:
        messages.add_message(request, *button.verb(request, channel))
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("admin:campaigns_channel_change", pk)
