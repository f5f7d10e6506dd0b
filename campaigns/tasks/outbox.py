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
    recalling,
    reconciling,
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


def recall(campaign_id: int, after: int) -> None:
    """Have the provider stop what it still has of a stopped campaign."""
    recalling.recall(campaign_id, after, timezone.now())


def recall_late(campaign_id: int, after: int) -> None:
    """The same for what was accepted after the stop."""
    recalling.recall(campaign_id, after, timezone.now(), only_late=True)


def reconcile(channel_id: int) -> None:
    """Ask what became of batches whose answer was lost."""
    reconciling.reconcile_channel(channel_id, timezone.now())


def beat() -> None:
    """Prove that doorbells are heard."""
    queue.beat(timezone.now())


def sweep() -> None:
    """Set right what was left behind."""
    starting.start_due(timezone.now())
    sweeping.sweep(timezone.now())
    reconciling.ring_for_lost(timezone.now())
    recalling.ring_for_late(timezone.now())
    answers.skip_late(timezone.now())
    inbox.ring_for_copies(timezone.now())
    nonces.forget_nonces(timezone.now())
    polling.ring_for_polls()
    imports.ring_stalled(timezone.now())
    import_retention.delete_old_files(timezone.now())
    templates.ring_stalled(timezone.now())
    fitting.ring_stalled(timezone.now())
    posters.ring_missing(timezone.now())
