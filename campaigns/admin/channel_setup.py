"""“Set up at Sinch”: what would change at the provider, chosen and changed from here."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse

from campaigns.models import Channel, Sender
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.accounts import tell_others
from campaigns.services.provisioning import apply_setup, is_offered, plan_setup


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(partial(show_setup, admin))
    return [path("<int:pk>/setup/", view, name="campaigns_channel_setup")]


def show_setup(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """What would change first; a change is made by a post of what was chosen of it."""
    channel = get_object_or_404(Channel, pk=pk)
    if not admin.has_change_permission(request, channel):
        raise PermissionDenied
    if not is_offered(channel):
        raise Http404
    senders = list(channel.senders.all())
    asked = read_number(request.POST.get("sender") or request.GET.get("sender"))
    sender = next((s for s in senders if s.pk == asked), senders[0] if senders else None)
    if request.method == "POST":
        return _apply(request, channel, sender)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Set up {channel}",
        "opts": admin.opts,
        "channel": channel,
        "senders": senders,
        "sender": sender,
        "shared_account": tell_others(channel),
        **_plan(channel, sender),
    }
    return render(request, "campaigns/channels/setup.html", context)


def _plan(channel: Channel, sender: Sender | None) -> dict[str, Any]:
    try:
        return {"steps": plan_setup(channel, sender)}
    except RuleBroken as broken:
        return {"problem": str(broken)}


def _apply(request: HttpRequest, channel: Channel, sender: Sender | None) -> HttpResponse:
    try:
        made = apply_setup(channel, sender, request.POST.getlist("steps"), by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        messages.success(request, f"Changed at the provider: {'; '.join(made)}.")
    url = reverse("admin:campaigns_channel_setup", args=[channel.pk])
    return redirect(f"{url}?sender={sender.pk}" if sender else url)
