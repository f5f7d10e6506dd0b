"""Once a minute: whatever a lost doorbell or a dead worker left behind is set right."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists

from campaigns.models import (
    Campaign,
    Channel,
    CustomField,
    Lane,
    Lease,
    Message,
    OptOut,
    WebhookPost,
)
from campaigns.models.rows import states_are
from campaigns.rules.statuses import OPEN, CampaignStatus, MessageStatus
from campaigns.services.brake import pull_brakes
from campaigns.services.doubted import why_gone
from campaigns.services.due import has_due
from campaigns.services.lanes import holds
from campaigns.services.outbox import (
    TO_THE_OPTED_OUT,
    TOO_LATE,
    change_in_chunks,
    lane_name,
)
from campaigns.services.queue import ring
from campaigns.services.recovering import ALWAYS, doubt_abandoned, recover_flights
from campaigns.services.sweep_notes import note_sweep

S = MessageStatus
LAUNCHED = (
    CampaignStatus.FILLING,
    CampaignStatus.SCHEDULED,
    CampaignStatus.SENDING,
    CampaignStatus.PAUSED,
)
#: What may be through by itself.
FINISHING = (CampaignStatus.SENDING, CampaignStatus.SENT, CampaignStatus.PAUSED)


def sweep(now: datetime, *, steady_since: datetime = ALWAYS) -> None:
    """Everything below, in order; each step may be repeated at any time."""
    recover_flights(now)
    doubt_abandoned(now, steady_since=steady_since)
    given_up = give_up_waiting(now, steady_since=steady_since)
    skipped = skip_undeliverable(now)
    stopped = cancel_stopped(now)
    pull_brakes(Campaign.objects.sending(now).select_related("channel"), now)
    rung = ring_missing(now)
    finish_campaigns(now)
    done = {"gave up": given_up, "skipped": skipped, "stopped": stopped, "rang": rung}
    note_sweep(done, now)


def give_up_waiting(now: datetime, *, steady_since: datetime = ALWAYS) -> int:
    """In doubt too long → unresolved; sent, and no receipt will come any more → no receipt. Not
    by a time that nobody saw pass (`services/clock.py`)."""
    if now - steady_since < settings.UNRESOLVED_AFTER:
        return 0
    open_ones = Message.objects.filter(states_are(S.UNKNOWN, S.ACCEPTED, S.SENT))
    doubtful = open_ones.filter(status=S.UNKNOWN, changed_at__lt=now - settings.UNRESOLVED_AFTER)
    count = change_in_chunks(doubtful, status=S.UNRESOLVED, changed_at=now)
    silent = open_ones.filter(
        status__in=(S.ACCEPTED, S.SENT), changed_at__lt=now - settings.NO_RECEIPT_AFTER
    )
    return count + change_in_chunks(silent, status=S.NO_RECEIPT, changed_at=now)


def skip_undeliverable(now: datetime) -> int:
    """Waiting rows of campaigns whose time is over, or of people who opted out while their row
    was being made (an opt-out itself skips what it finds)."""
    waiting = Message.objects.filter(status=S.QUEUED)
    recent = OptOut.objects.filter(created_at__gt=now - timedelta(days=1))
    gone = Exists(OptOut.objects.of_row())
    heeding = waiting.exclude(purpose__in=TO_THE_OPTED_OUT)
    opted_out = heeding.filter(gone, phone__in=recent.values("phone"))
    count = change_in_chunks(opted_out, status=S.SKIPPED, reason=why_gone(), changed_at=now)
    late = Campaign.objects.filter(status__in=LAUNCHED, not_after__lte=now)
    for campaign_id in late.values_list("pk", flat=True):
        rows = waiting.filter(campaign_id=campaign_id)
        count += change_in_chunks(rows, status=S.SKIPPED, reason=TOO_LATE, changed_at=now)
    return count


def cancel_stopped(now: datetime) -> int:
    """Waiting rows of stopped campaigns."""
    stopped = Campaign.objects.filter(status=CampaignStatus.CANCELLED)
    count = 0
    for campaign_id in stopped.values_list("pk", flat=True):
        rows = Message.objects.filter(campaign_id=campaign_id, status=S.QUEUED)
        count += change_in_chunks(rows, status=S.CANCELLED, changed_at=now)
    return count


def idle_lanes(now: datetime) -> list[int]:
    """Channels with due work that nobody is sending for."""
    busy = Lease.objects.alive(now).values_list("name", flat=True)
    held = Lane.objects.filter(holds(now)).values("channel")
    going = Channel.objects.filter(paused_at=None).exclude(pk__in=held)
    channels = going.values_list("pk", flat=True)
    return [pk for pk in channels if lane_name(pk) not in busy and has_due(pk, now)]


def ring_missing(now: datetime) -> int:
    """Doorbells that were lost: filling, sending, reading, moving values."""
    filling = Campaign.objects.filter(status=CampaignStatus.FILLING)
    moving = CustomField.objects.exclude(former_name="")
    bells = [("outbox.fill", pk) for pk in filling.values_list("pk", flat=True)]
    bells += [("outbox.send_due", pk) for pk in idle_lanes(now)]
    if WebhookPost.objects.to_read(now).exists():
        bells.append(("posts.read_posts",))
    bells += [("customfields.move_values", pk) for pk in moving.values_list("pk", flat=True)]
    for bell in bells:
        ring(*bell)
    return len(bells)


def finish_campaigns(now: datetime) -> None:
    """Sending → sent when nothing is left to send; sent → done when nothing more is expected, and
    so is what was paused: nothing of it is left to resume."""
    running = Campaign.objects.filter(status__in=FINISHING)
    for campaign in running:
        finish_campaign(campaign, now)


@transaction.atomic
def finish_campaign(campaign: Campaign, now: datetime) -> None:
    """Move one campaign on, if its rows say so. Whoever queues rows again locks it, too."""
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    rows = Message.objects.filter(campaign=campaign)
    if locked.status not in FINISHING or rows.filter(status__in=(S.QUEUED, S.SENDING)).exists():
        return
    is_done = not rows.filter(status__in=OPEN).exists()
    if locked.status == CampaignStatus.PAUSED and not (is_done and locked.filled_at):
        return
    locked.status = CampaignStatus.DONE if is_done else CampaignStatus.SENT
    locked.finished_at = now if is_done else None
    locked.save(update_fields=["status", "finished_at"])
