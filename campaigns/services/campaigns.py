"""A campaign's life: drafted, launched, paused, resumed, stopped."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Manager
from django.utils import timezone

from campaigns.models import Campaign, MmsRevision
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.statuses import (
    CampaignStatus,
    MessageStatus,
    check_campaign_move,
)
from campaigns.services.audit import record
from campaigns.services.brake_base import count_from_here
from campaigns.services.checking import find_campaign_problems
from campaigns.services.content import freeze
from campaigns.services.detours import ring_lanes
from campaigns.services.drafts import as_plain, draft_of
from campaigns.services.forecast import forecast
from campaigns.services.ladder import count_ladder
from campaigns.services.planning import START_FIELDS
from campaigns.services.queue import ring
from campaigns.services.templates import find_ready_id

S, C = MessageStatus, CampaignStatus


def new_key() -> str:
    """The first part of a campaign's references: short, and no other campaign has it."""
    return token_hex(6)


# --- Drafting ----------------------------------------------------------------------------------


_DRAFTED = ("name", "channel", "sender", "mms", "not_after", "as_group")


@transaction.atomic
def save_draft(campaign: Campaign, *, by: AbstractBaseUser) -> Campaign:
    """Save a campaign, unless somebody launched it meanwhile."""
    is_new = campaign.pk is None
    if is_new:
        campaign.key, campaign.created_by = new_key(), by
        campaign.save()
    else:
        drafts = Campaign.objects.select_for_update().filter(status=C.DRAFT)
        if not drafts.filter(pk=campaign.pk).exists():
            raise RuleBroken("It was launched meanwhile: what is under way is not changed.")
        campaign.save(update_fields=[*_DRAFTED, *START_FIELDS])
    record("campaign.added" if is_new else "campaign.changed", campaign, by=by)
    return campaign


# --- Launching ---------------------------------------------------------------------------------


def launch_campaign(
    campaign: Campaign,
    *,
    by: AbstractBaseUser,
    expected: int | None = None,
    seen: str | None = None,
    late: int | None = None,
) -> None:
    """Freeze the message and the audience and start; the rows are made by a task.

    `expected` is the number of recipients the person saw on the button, `seen` the
    `fingerprint` of the message they looked at, `late` how many people's local time had passed.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if locked.status != C.DRAFT:
            raise RuleBroken(_already(locked))
        ladder = count_ladder(locked, now)
        check(find_campaign_problems(locked, now, ladder=ladder)[0])
        revision = MmsRevision.objects.select_for_update().get(pk=locked.mms.head.pk)
        _check_seen(revision, seen)
        _check_expected(ladder.remaining, expected)
        _check_late(locked, late, now)
        locked.status = C.FILLING
        locked.revision = freeze(revision, now)
        locked.saved_id = find_ready_id(revision.pk, locked.channel_id)
        locked.list_names = name_audience(locked)
        locked.launched_at, locked.launched_by = now, by
        locked.save()
        record("campaign.launched", locked, by=by, after={"revision": revision.number})
        ring("outbox.fill", locked.pk)
    campaign.refresh_from_db()


def name_audience(campaign: Campaign) -> str:
    """“VIP, Points in the south; without Newsletter”: lists and segments, and who is left out."""
    chosen = _names_of(campaign.lists, campaign.segments)
    without = _names_of(campaign.excluded_lists, campaign.excluded_segments)
    return f"{chosen}; without {without}" if without else chosen


def _names_of(*groups: Manager) -> str:
    return ", ".join(name for group in groups for name in group.values_list("name", flat=True))


def fingerprint(revision: MmsRevision) -> str:
    """The same for the same words and files; another as soon as anything is edited."""
    said = json.dumps([revision.pk, as_plain(draft_of(revision))])
    return hashlib.sha256(said.encode()).hexdigest()


def _check_seen(revision: MmsRevision, seen: str | None) -> None:
    if seen is not None and seen != fingerprint(revision):
        raise RuleBroken("The message was edited while you looked: look at it and press again.")


def _check_expected(count: int, expected: int | None) -> None:
    if expected is not None and expected != count:
        raise RuleBroken(
            f"The audience changed while you looked: it is {count:,} now, not {expected:,}. "
            "Check it and press again."
        )


def _check_late(campaign: Campaign, late: int | None, now: datetime) -> None:
    if late is None or campaign.start != Campaign.Start.LOCAL:
        return
    count = forecast(campaign, now).late_people
    if late != count:
        raise RuleBroken(
            f"Meanwhile their time has passed for {count:,} people, not {late:,}: look again at "
            "who gets it when, and press again."
        )


def _already(campaign: Campaign) -> str:
    who = campaign.launched_by or "somebody"
    at = campaign.launched_at
    when = f" at {timezone.localtime(at):%H:%M on %d %b %Y %Z}" if at else ""
    return f"It was already launched by {who}{when}."


# --- Steering ----------------------------------------------------------------------------------


def pause_campaign(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Send no more until it is resumed; what is under way at this moment still goes."""
    change_status(campaign, C.PAUSED, "campaign.paused", by=by, status_reason=f"Paused by {by}.")


def pause_by_machine(campaign: Campaign, reason: str) -> None:
    """Pause for a reason a person must look at; nothing happens if it is not sending."""
    running = [C.SCHEDULED, C.SENDING, C.FILLING]
    rows = Campaign.objects.filter(pk=campaign.pk, status__in=running)
    with transaction.atomic():
        if rows.update(status=C.PAUSED, status_reason=reason, paused_itself=True):
            record("campaign.paused", campaign, by=None, after={"reason": reason})


def resume_campaign(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Go on with exactly those who were not sent to yet."""
    now = timezone.now()
    if campaign.waves.missed(now).exists():
        raise RuleBroken("Its start was missed: start it now, or move it to tomorrow.")
    with transaction.atomic():
        campaign.refresh_from_db()
        fields: dict[str, Any] = {"status_reason": ""}
        if campaign.paused_itself:  # a person has seen how it went: only what comes now counts
            fields["brake_base"] = count_from_here(campaign, now)
        if campaign.filled_at:
            is_early = campaign.waves.exists() and not campaign.waves.exclude(started_at=None)
            status = C.SCHEDULED if is_early else C.SENDING
            change_status(campaign, status, "campaign.resumed", by=by, **fields)
            ring("outbox.start_due")
            ring_lanes(campaign)
        else:
            change_status(campaign, C.FILLING, "campaign.resumed", by=by, **fields)
            ring("outbox.fill", campaign.pk)


def cancel_campaign(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Send to none of the rest, for good."""
    with transaction.atomic():
        change_status(
            campaign,
            C.CANCELLED,
            "campaign.stopped",
            by=by,
            status_reason=f"Stopped by {by}.",
            finished_at=timezone.now(),
        )
        ring("outbox.cancel_stopped", campaign.pk)
        ring("outbox.recall", campaign.pk, 0)


@transaction.atomic
def change_status(
    campaign: Campaign,
    status: C,
    verb: str,
    *,
    by: AbstractBaseUser,
    noting: Sequence[str] = (),
    **fields: Any,
) -> None:
    """Change the status, and `fields` with it, only from the one we saw. Of the fields, those
    in `noting` are written down."""
    campaign.refresh_from_db()
    seen = campaign.status
    check_campaign_move(seen, status)
    before = {name: str(getattr(campaign, name)) for name in noting}
    rows = Campaign.objects.filter(pk=campaign.pk, status=seen)
    if not rows.update(status=status, paused_itself=False, **fields):
        raise RuleBroken("Somebody else changed it just now: look at it again.")
    campaign.refresh_from_db()
    after = {name: str(getattr(campaign, name)) for name in noting}
    before, after = {"status": seen, **before}, {"status": status.value, **after}
    record(verb, campaign, by=by, before=before, after=after)
