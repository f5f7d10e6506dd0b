"""The queue, to look at: are workers there, what each lane does now, who works on what."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.rules.health import Health, worst
from campaigns.services import clock
from campaigns.services.health import examine, take_stock
from campaigns.services.lane_words import tell_lanes, tell_work
from campaigns.services.sweep_notes import read_sweep

#: A check's state as a pill: its word and its tone.
WORDS: dict[Health, str] = {Health.OK: "Well", Health.WARN: "Look", Health.BAD: "Broken"}
VERDICTS: dict[Health, str] = {
    Health.OK: "All is well.",
    Health.WARN: "It goes on, but something is worth a look.",
    Health.BAD: "Something stands still and needs somebody.",
}


def show_queue(request: HttpRequest) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": "Queue", **_context(request)}
    return render(request, "campaigns/queue/show.html", context)


def live(request: HttpRequest) -> HttpResponse:
    """The part that is fetched every few seconds."""
    return render(request, "campaigns/queue/_live.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    if not request.user.has_perm("campaigns.view_gatewaycall"):
        raise PermissionDenied
    return _look(clock.now())


def _look(now: datetime) -> dict[str, Any]:
    stock = take_stock(now)
    checks = examine(stock)
    state = worst(check.state for check in checks)
    cards = tell_lanes(stock.lanes, now)
    return {
        "now": now,
        "stock": stock,
        "state": state,
        "verdict": VERDICTS[state],
        "checks": [(check, WORDS[check.state]) for check in checks],
        "cards": [card for card in cards if not card.is_idle],
        "idle": [card.lane.channel for card in cards if card.is_idle],
        "swept": read_sweep(),
        "works": tell_work(stock.leases),
    }
