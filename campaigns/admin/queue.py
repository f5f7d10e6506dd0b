"""The queue, to look at: whether workers are alive, what rings, who works on which channel."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from campaigns.models import Lane, Lease
from campaigns.services.queue import queue_health


def show_queue(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("campaigns.view_gatewaycall"):
        raise PermissionDenied
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": "Queue",
        "health": queue_health(now),
        "lanes": Lane.objects.select_related("channel").order_by("channel__name"),
        "leases": Lease.objects.exclude(owner=""),
        "now": now,
    }
    return render(request, "campaigns/queue/show.html", context)
