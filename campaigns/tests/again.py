"""Sending again as it happens: a person asks, the task does it."""

from django.utils import timezone

from campaigns.services import resending


def send_again(campaign, status, *, by):
    """How many were queued."""
    asked = resending.send_again(campaign, status, by=by)
    resending.queue_again(asked.pk, timezone.now())
    asked.refresh_from_db()
    return asked.count
