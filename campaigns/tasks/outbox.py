"""Doorbells of the outbox."""

from django.utils import timezone

from campaigns.services import (
    answers,
    dispatch,
    filling,
    fitting,
    import_retention,
    imports,
    inbox,
    nonces,
    polling,
    posters,
    queue,
    starting,
    templates,
)
from campaigns.services import sweep as sweeping


def fill(campaign_id: int) -> None:
    """Make the rows of a launched campaign."""
    filling.fill_outbox(campaign_id, timezone.now())


def start_due() -> None:
    """Start the waves whose moment has come."""
    starting.start_due(timezone.now())


def send_due(channel_id: int) -> None:
    """Send what is due on a channel."""
    dispatch.send_due(channel_id)


def cancel_stopped(campaign_id: int) -> None:
    """Cancel what still waits in stopped campaigns."""
    sweeping.cancel_stopped(timezone.now())


def beat() -> None:
    """Prove that doorbells are heard."""
    queue.beat(timezone.now())


def sweep() -> None:
    """Set right what was left behind."""
    starting.start_due(timezone.now())
    sweeping.sweep(timezone.now())
    answers.skip_late(timezone.now())
    inbox.ring_for_copies(timezone.now())
    nonces.forget_nonces(timezone.now())
    polling.ring_for_polls()
    imports.ring_stalled(timezone.now())
    import_retention.delete_old_files(timezone.now())
    templates.ring_stalled(timezone.now())
    fitting.ring_stalled(timezone.now())
    posters.ring_missing(timezone.now())
