"""The start of waves: once each, in time, or after a person's word.

The rows of a wave are not claimed before it is marked as started (`services/outbox.py`). The mark
is one conditional UPDATE under the lock of the campaign, so whoever looks, and however often,
it is set once. The watchdog looks every few seconds, the sweep once a minute.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign, Message, Wave
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.starts import next_moment
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.audit import record
from campaigns.services.campaigns import change_status, pause_by_machine
from campaigns.services.detours import ring_lanes
from campaigns.services.planning import (
    START_FIELDS,
    find_start_problems,
    portal_zone,
    say_portal_time,
)
from campaigns.services.queue import ring

C, Start = CampaignStatus, Campaign.Start
STARTING = (C.SCHEDULED, C.SENDING)
DAY = timedelta(days=1)
NOBODY_AT_WORK = "It should have started at {when}, and nobody was at work then."


# --- In time -------------------------------------------------------------------------------------


def is_start_due(now: datetime) -> bool:
    return Wave.objects.due(now).filter(campaign__status__in=STARTING).exists()


def start_due(now: datetime) -> int:
    """Start every wave whose moment has come; ask about those that were missed. How many
    started."""
    due = Wave.objects.due(now).filter(campaign__status__in=STARTING)
    return sum(_start(wave, now) for wave in due.select_related("campaign").order_by("starts_at"))


@transaction.atomic
def _start(wave: Wave, now: datetime) -> bool:
    campaign = _locked(wave.campaign_id)
    still_due = Wave.objects.due(now).filter(pk=wave.pk)
    if campaign.status not in STARTING or not still_due.exists():
        return False
    if still_due.missed(now).exists() and _has_waiting(wave):
        pause_by_machine(campaign, NOBODY_AT_WORK.format(when=say_portal_time(wave.starts_at)))
        return False
    if not still_due.update(started_at=now):
        return False
    Campaign.objects.filter(pk=campaign.pk, status=C.SCHEDULED).update(status=C.SENDING)
    record("campaign.wave_started", campaign, by=None, after={"wave": wave.label})
    ring_lanes(campaign)
    return True


def _has_waiting(wave: Wave) -> bool:
    rows = Message.objects.filter(campaign=wave.campaign_id, status=MessageStatus.QUEUED)
    return rows.filter(channel=wave.campaign.channel_id, send_after=wave.starts_at).exists()


def _locked(campaign_id: int) -> Campaign:
    return Campaign.objects.select_for_update().get(pk=campaign_id)


# --- Missed --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missed:
    """Waves that should have started by now, and did not."""

    starts_at: datetime
    labels: list[str]
    people: int
    tomorrow_at: datetime | None  # None: their local time, at each place


def find_missed(campaign: Campaign, now: datetime) -> Missed | None:
    """What a person must be asked about, if anything."""
    if campaign.status != C.PAUSED or not campaign.waves.missed(now).exists():
        return None
    waves = list(campaign.waves.due(now))
    is_local = campaign.start == Start.LOCAL
    return Missed(
        starts_at=waves[0].starts_at,
        labels=[wave.label for wave in waves],
        people=sum(wave.people_count for wave in waves),
        tomorrow_at=None if is_local else _tomorrow(campaign, now),
    )


@transaction.atomic
def start_missed(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Start now what should have started by now."""
    now = timezone.now()
    _check_missed(_locked(campaign.pk), now)
    campaign.waves.due(now).update(started_at=now)
    change_status(campaign, C.SENDING, "campaign.started_late", by=by, status_reason="")
    ring_lanes(campaign)


@transaction.atomic
def move_missed(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Move what should have started by now to tomorrow, at the same time of day."""
    now = timezone.now()
    locked = _locked(campaign.pk)
    _check_missed(locked, now)
    if locked.not_after and locked.not_after <= locked.waves.due(now)[0].starts_at + DAY:
        raise RuleBroken("Its “not after” comes before tomorrow: start it now, or stop it.")
    fields: dict[str, Any] = {"late": Campaign.Late.TOMORROW}
    if locked.start == Start.AT:
        fields["starts_at"] = _tomorrow(locked, now)
    _plan_anew(campaign, "campaign.moved_to_tomorrow", now, by, fields)


def _check_missed(campaign: Campaign, now: datetime) -> None:
    if find_missed(campaign, now) is None:
        raise RuleBroken("Somebody else decided just now: look at it again.")


def _tomorrow(campaign: Campaign, now: datetime) -> datetime | None:
    """The next time the portal's clock shows the wanted time, from the next day on."""
    if campaign.starts_at is None:
        return None
    zone = portal_zone()
    wanted = campaign.starts_at.astimezone(zone)
    return next_moment(wanted.date() + DAY, wanted.time(), [zone], now)


@transaction.atomic
def choose_late(campaign: Campaign, late: Campaign.Late, *, by: AbstractBaseUser) -> None:
    """Say of a draft what becomes of people whose local time has passed at the launch."""
    drafts = Campaign.objects.filter(pk=campaign.pk, status=C.DRAFT).exclude(late=late)
    if drafts.update(late=late):
        record("campaign.changed", campaign, by=by, after={"late": late.value})


# --- Moving --------------------------------------------------------------------------------------


def is_movable(campaign: Campaign) -> bool:
    """Nothing of it has started: the start may still be moved."""
    is_ready = campaign.status in (C.SCHEDULED, C.PAUSED) and campaign.filled_at is not None
    waves = campaign.waves
    return is_ready and waves.exists() and not waves.exclude(started_at=None).exists()


@transaction.atomic
def move_start(campaign: Campaign, fields: dict[str, Any], *, by: AbstractBaseUser) -> None:
    """Give a campaign of which nothing has started another start: `START_FIELDS` → values."""
    now = timezone.now()
    locked = _locked(campaign.pk)
    if not is_movable(locked):
        raise RuleBroken("It has begun, or is over: its start can no longer be moved.")
    for name in START_FIELDS:
        setattr(locked, name, fields[name])
    check(find_start_problems(locked, now))
    locked.waves.all().delete()
    _plan_anew(campaign, "campaign.start_moved", now, by, fields)


def _plan_anew(
    campaign: Campaign,
    verb: str,
    now: datetime,
    by: AbstractBaseUser,
    fields: dict[str, Any],
) -> None:
    """Back to being prepared: nothing goes out before the rows have their new turns."""
    anew = {**fields, "planned_at": now, "filled_at": None, "status_reason": ""}
    change_status(campaign, C.FILLING, verb, by=by, noting=tuple(fields), **anew)
    ring("outbox.fill", campaign.pk)
