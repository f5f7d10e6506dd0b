"""Today: what goes out now, how the channels are, what needs somebody."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from campaigns.services import reports
from campaigns.services.lights import channel_lights


def today_context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the page shows; its live part comes again by itself."""
    return {"steps": reports.find_first_steps(), **live_context(request, now)}


def live_context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    user = request.user
    reading = reports.take_reading(now)
    week = reports.sum_week(reading)
    sees_channels = user.has_perm("campaigns.view_channel")
    return {
        "going_out": reports.campaigns_going_out(reading),
        "goes_next": reports.waves_to_come(),
        "lights": channel_lights() if sees_channels else [],
        "needs": reports.count_needs(now),
        "week": week,
        "week_total": sum(part.count for part in week),
        "may_control": user.has_perm("campaigns.control_campaign"),
    }


def live(request: HttpRequest) -> HttpResponse:
    """The part of Today that is fetched every few seconds."""
    return render(request, "campaigns/today/_live.html", live_context(request, timezone.now()))
