"""Once a minute: whatever a lost doorbell or a dead worker left behind is set right."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from campaigns.models import Campaign, Channel, CustomField, Lease, Message, OptOut, WebhookPost
from campaigns.models.rows import states_are
from campaigns.rules.statuses import OPEN, CampaignStatus, MessageStatus
from campaigns.services.doubted import why_gone
from campaigns.services.outbox import (
    TO_THE_OPTED_OUT,
    TOO_LATE,
    change_in_chunks,
    has_due,
    lane_name,
)
from campaigns.services.queue import ring

S = MessageStatus
IN_DOUBT = (
    "The worker stopped while this was being sent: it may have gone. "
    "It is not sent again by itself."
)
LAUNCHED = (
    CampaignStatus.FILLING,
    CampaignStatus.SCHEDULED,
    CampaignStatus.SENDING,
    CampaignStatus.PAUSED,
)
#: What may be through by itself.
FINISHING = (CampaignStatus.SENDING, CampaignStatus.SENT, CampaignStatus.PAUSED)


def sweep(now: datetime) -> None:
    """Everything below, in order; each step may be repeated at any time."""
    doubt_abandoned(now)
    give_up_waiting(now)
    skip_undeliverable(now)
    cancel_stopped(now)
    ring_missing(now)
    finish_campaigns(now)


def doubt_abandoned(now: datetime) -> int:
    """Rows claimed by an owner who no longer holds a lease: they may have gone."""
    holders = Lease.objects.alive(now).values("owner")
    abandoned = Message.objects.filter(states_are(S.SENDING)).exclude(owner__in=holders)
    return abandoned.update(status=S.UNKNOWN, owner="", reason=IN_DOUBT, changed_at=now)


def give_up_waiting(now: datetime) -> None:
    """In doubt too long → unresolved; sent, and no receipt will come any more → no receipt."""
    open_ones = Message.objects.filter(states_are(S.UNKNOWN, S.ACCEPTED, S.SENT))
    doubtful = open_ones.filter(status=S.UNKNOWN, changed_at__lt=now - settings.UNRESOLVED_AFTER)
    doubtful.update(status=S.UNRESOLVED, changed_at=now)
    silent = open_ones.filter(
        status__in=(S.ACCEPTED, S.SENT), changed_at__lt=now - settings.NO_RECEIPT_AFTER
    )
    silent.update(status=S.NO_RECEIPT, changed_at=now)


def skip_undeliverable(now: datetime) -> None:
    """Waiting rows of campaigns whose time is over, or of people who opted out while their row
    was being made (an opt-out itself skips what it finds)."""
    waiting = Message.objects.filter(status=S.QUEUED)
    recent = OptOut.objects.filter(created_at__gt=now - timedelta(days=1))
    gone = Exists(OptOut.objects.on(OuterRef("channel")).filter(phone=OuterRef("phone")))
    heeding = waiting.exclude(purpose__in=TO_THE_OPTED_OUT)
    opted_out = heeding.filter(gone, phone__in=recent.values("phone"))
    opted_out.update(status=S.SKIPPED, reason=why_gone(), changed_at=now)
    late = Campaign.objects.filter(status__in=LAUNCHED, not_after__lte=now)
    for campaign_id in late.values_list("pk", flat=True):
        rows = waiting.filter(campaign_id=campaign_id)
        change_in_chunks(rows, status=S.SKIPPED, reason=TOO_LATE, changed_at=now)


def cancel_stopped(now: datetime) -> None:
    """Waiting rows of stopped campaigns."""
    stopped = Campaign.objects.filter(status=CampaignStatus.CANCELLED)
    for campaign_id in stopped.values_list("pk", flat=True):
        rows = Message.objects.filter(campaign_id=campaign_id, status=S.QUEUED)
        change_in_chunks(rows, status=S.CANCELLED, changed_at=now)


def idle_lanes(now: datetime) -> list[int]:
    """Channels with due work that nobody is sending for."""
    busy = Lease.objects.alive(now).values_list("name", flat=True)
    held = Q(lane__hold_until__gt=now)
    channels = Channel.objects.filter(paused_at=None).exclude(held).values_list("pk", flat=True)
    return [pk for pk in channels if lane_name(pk) not in busy and has_due(pk, now)]


def ring_missing(now: datetime) -> None:
    """Doorbells that were lost: filling, sending, reading, moving values."""
    for campaign_id in Campaign.objects.filter(status=CampaignStatus.FILLING).values_list(
        "pk", flat=True
    ):
        ring("outbox.fill", campaign_id)
    for channel_id in idle_lanes(now):
        ring("outbox.send_due", channel_id)
    if WebhookPost.objects.to_read(now).exists():
        ring("posts.read_posts")
    for field_id in CustomField.objects.exclude(former_name="").values_list("pk", flat=True):
        ring("customfields.move_values", field_id)


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
