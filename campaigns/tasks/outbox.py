"""Doorbells of the outbox."""

from campaigns.services import (
    answers,
    clock,
    detouring,
    dispatch,
    filling,
    fitting,
    import_retention,
    imports,
    inbox,
    lifesigns,
    nonces,
    polling,
    posters,
    recalling,
    reconciling,
    resending,
    starting,
    tallies_keeping,
    template_saving,
)
from campaigns.services import sweep as sweeping


def fill(campaign_id: int) -> None:
    """Make the rows of a launched campaign."""
    filling.fill_outbox(campaign_id, clock.now())


def start_due() -> None:
    """Start the waves whose moment has come."""
    starting.start_due(clock.now())


def send_due(channel_id: int) -> None:
    """Send what is due on a channel."""
    dispatch.send_due(channel_id)


def cancel_stopped(campaign_id: int) -> None:
    """Cancel what still waits in stopped campaigns."""
    sweeping.cancel_stopped(clock.now())


def send_again(asked_id: int) -> None:
    """Queue again whom a person asked for."""
    resending.queue_again(asked_id, clock.now())


def detour(channel_id: int) -> None:
    """Have what a channel cannot send leave as SMS by another one, or take it back."""
    detouring.detour(channel_id, clock.now())


def recall(campaign_id: int, after: int) -> None:
    """Have the provider stop what it still has of a stopped campaign."""
    recalling.recall(campaign_id, after, clock.now())


def recall_late(campaign_id: int, after: int) -> None:
    """The same for what was accepted after the stop."""
    recalling.recall(campaign_id, after, clock.now(), only_late=True)


def reconcile(channel_id: int) -> None:
    """Ask what became of batches whose answer was lost."""
    reconciling.reconcile_channel(channel_id, clock.now())


def beat() -> None:
    """Whoever hears this has said so (`services/lifesigns.py`)."""


def sweep() -> None:
    """Set right what was left behind."""
    now = clock.now()
    starting.start_due(now)
    sweeping.sweep(now, steady_since=clock.note_sweep(now))
    detouring.ring_for_outages(now)
    reconciling.ring_for_lost(now)
    recalling.ring_for_late(now)
    resending.ring_for_again()
    answers.skip_late(now)
    inbox.ring_for_copies(now)
    nonces.forget_nonces(now)
    lifesigns.forget_the_gone(now)
    polling.ring_for_polls()
    imports.ring_stalled(now)
    import_retention.delete_old_files(now)
    template_saving.ring_stalled(now)
    fitting.ring_stalled(now)
    posters.ring_missing(now)
    tallies_keeping.compact_tally()
    tallies_keeping.audit_tally(now)
