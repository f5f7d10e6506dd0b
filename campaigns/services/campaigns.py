"""A campaign's life: checked, launched, paused, resumed, stopped, tested, sent again."""

import hashlib
import json
from datetime import datetime
from secrets import token_hex
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from campaigns.models import Campaign, Channel, Message, MmsRevision, OptOut, Sender
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.statuses import (
    RESENDABLE,
    CampaignStatus,
    MessageStatus,
    check_campaign_move,
)
from campaigns.services.audience import count_ladder
from campaigns.services.audit import record
from campaigns.services.content import draft_of, find_mms_problems, freeze
from campaigns.services.groups import find_group_problems
from campaigns.services.personal import find_personal_problems, written_to
from campaigns.services.queue import ring
from campaigns.services.templates import find_ready_id
from campaigns.services.wording import freeze_values

S, C = MessageStatus, CampaignStatus


def new_key() -> str:
    """The first part of a campaign's references: short, and no other campaign has it."""
    return token_hex(6)


# --- Checking ----------------------------------------------------------------------------------


def find_campaign_problems(campaign: Campaign, now: datetime) -> tuple[list[str], list[str]]:
    """(what stops the launch, what is only worth knowing), each a full sentence."""
    problems = _find_gaps(campaign, now)
    warnings: list[str] = []
    if campaign.mms and campaign.channel:
        head = campaign.mms.head
        if head is None:
            problems.append("The MMS is empty: compose it first.")
        else:
            found, warnings = find_mms_problems(head, campaign.channel)
            missing, doubts = _find_missing_values(campaign, head)
            problems += [*found, *missing]
            warnings = [*warnings, *doubts]
    return problems, warnings


def _find_missing_values(campaign: Campaign, head: MmsRevision) -> tuple[list[str], list[str]]:
    """What the merge fields say of the very people it would go to."""
    found = find_personal_problems(draft_of(head), written_to(campaign), campaign.channel)
    return [str(problem) for problem in found[0]], [str(warning) for warning in found[1]]


def _find_gaps(campaign: Campaign, now: datetime) -> list[str]:
    problems = []
    if campaign.channel and campaign.channel.paused_at:
        problems.append(
            f"The channel “{campaign.channel}” is paused: {campaign.channel.paused_reason} "
            "Resume it first."
        )
    if campaign.sender is None:
        problems.append("Choose the number it comes from.")
    elif campaign.channel and campaign.sender.channel_id != campaign.channel_id:
        problems.append("The number belongs to another channel: choose one of this channel.")
    if campaign.mms is None:
        problems.append("Choose the MMS to send.")
    if campaign.not_after and campaign.not_after <= now:
        problems.append("“Not after” is in the past: choose a later time.")
    problems += _find_audience_problems(campaign)
    return problems


def _find_audience_problems(campaign: Campaign) -> list[str]:
    if not campaign.lists.exists():
        return ["Choose at least one list."]
    if count_ladder(campaign).remaining == 0:
        return ["There are no recipients: the lists are empty or everybody on them opted out."]
    return find_group_problems(campaign) if campaign.as_group else []


# --- Drafting ----------------------------------------------------------------------------------


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
        campaign.save(update_fields=["name", "channel", "sender", "mms", "not_after", "as_group"])
    record("campaign.added" if is_new else "campaign.changed", campaign, by=by)
    return campaign


# --- Launching ---------------------------------------------------------------------------------


def launch_campaign(
    campaign: Campaign,
    *,
    by: AbstractBaseUser,
    expected: int | None = None,
    seen: str | None = None,
) -> None:
    """Freeze the message and the audience and start; the rows are made by a task.

    `expected` is the number of recipients the person saw on the button, `seen` the
    `fingerprint` of the message they looked at.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if locked.status != C.DRAFT:
            raise RuleBroken(_already(locked))
        check(find_campaign_problems(locked, now)[0])
        revision = MmsRevision.objects.select_for_update().get(pk=locked.mms.head.pk)
        _check_seen(revision, seen)
        _check_expected(locked, expected)
        locked.status = C.FILLING
        locked.revision = freeze(revision, now)
        locked.saved_id = find_ready_id(revision.pk, locked.channel_id)
        locked.list_names = ", ".join(locked.lists.values_list("name", flat=True))
        locked.launched_at, locked.launched_by = now, by
        locked.save()
        record("campaign.launched", locked, by=by, after={"revision": revision.number})
        ring("outbox.fill", locked.pk)
    campaign.refresh_from_db()


def fingerprint(revision: MmsRevision) -> str:
    """The same for the same words and files; another as soon as anything is edited."""
    draft = draft_of(revision)
    slides = [(slide.text, [medium.pk for medium in slide.media]) for slide in draft.slides]
    fallback = [draft.fallback, draft.fallback_text, draft.fallback_link]
    said = json.dumps([revision.pk, draft.subject, slides, fallback])
    return hashlib.sha256(said.encode()).hexdigest()


def _check_seen(revision: MmsRevision, seen: str | None) -> None:
    if seen is not None and seen != fingerprint(revision):
        raise RuleBroken("The message was edited while you looked: look at it and press again.")


def _check_expected(campaign: Campaign, expected: int | None) -> None:
    count = count_ladder(campaign).remaining
    if expected is not None and expected != count:
        raise RuleBroken(
            f"The audience changed while you looked: it is {count:,} now, not {expected:,}. "
            "Check it and press again."
        )


def _already(campaign: Campaign) -> str:
    who = campaign.launched_by or "somebody"
    at = campaign.launched_at
    when = f" at {timezone.localtime(at):%H:%M on %d %b %Y %Z}" if at else ""
    return f"It was already launched by {who}{when}."


# --- Steering ----------------------------------------------------------------------------------


def pause_campaign(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Send no more until it is resumed; what is under way at this moment still goes."""
    _move(campaign, C.PAUSED, "campaign.paused", by=by, status_reason=f"Paused by {by}.")


def pause_by_machine(campaign: Campaign, reason: str) -> None:
    """Pause for a reason a person must look at; nothing happens if it is not sending."""
    rows = Campaign.objects.filter(pk=campaign.pk, status__in=[C.SENDING, C.FILLING])
    with transaction.atomic():
        if rows.update(status=C.PAUSED, status_reason=reason):
            record("campaign.paused", campaign, by=None, after={"reason": reason})


def resume_campaign(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Go on with exactly those who were not sent to yet."""
    with transaction.atomic():
        if campaign.filled_at:
            _move(campaign, C.SENDING, "campaign.resumed", by=by, status_reason="")
            ring("outbox.send_due", campaign.channel_id)
        else:
            _move(campaign, C.FILLING, "campaign.resumed", by=by, status_reason="")
            ring("outbox.fill", campaign.pk)


def cancel_campaign(campaign: Campaign, *, by: AbstractBaseUser) -> None:
    """Send to none of the rest, for good."""
    with transaction.atomic():
        _move(
            campaign,
            C.CANCELLED,
            "campaign.stopped",
            by=by,
            status_reason=f"Stopped by {by}.",
            finished_at=timezone.now(),
        )
        ring("outbox.cancel_stopped", campaign.pk)


@transaction.atomic
def _move(campaign: Campaign, status: C, verb: str, *, by: AbstractBaseUser, **fields: Any) -> None:
    """Change the status only from the one we saw."""
    campaign.refresh_from_db()
    seen = campaign.status
    check_campaign_move(seen, status)
    if not Campaign.objects.filter(pk=campaign.pk, status=seen).update(status=status, **fields):
        raise RuleBroken("Somebody else changed it just now: look at it again.")
    record(verb, campaign, by=by, before={"status": seen}, after={"status": status.value})
    campaign.refresh_from_db()


# --- Sending again, and trying -------------------------------------------------------------------


def send_again(campaign: Campaign, status: MessageStatus, *, by: AbstractBaseUser) -> int:
    """Queue the rows in `status` once more, on a person's word; how many."""
    if status not in RESENDABLE:
        raise RuleBroken(f"“{status.label}” is not sent again: it may have arrived.")
    if campaign.status == C.CANCELLED:
        raise RuleBroken("The campaign was stopped: launch a new one for these people.")
    _check_in_time(campaign)
    rows = Message.objects.filter(campaign=campaign, status=status)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        count = _queue_again(rows)
        if not count:
            raise RuleBroken(f"Nobody is “{status.label}” any more, but who opted out.")
        _reopen(campaign)
        record("campaign.sent_again", campaign, by=by, after={status.label: count})
        ring("outbox.send_due", campaign.channel_id)
    return count


def send_one_again(message: Message, *, by: AbstractBaseUser) -> None:
    """Queue one row once more, on a person's word."""
    if message.status not in RESENDABLE:
        raise RuleBroken(
            f"“{message.get_status_display()}” is not sent again: it may have arrived."
        )
    if message.campaign is None:
        raise RuleBroken("A test is not sent again: send a new one.")
    if message.campaign.status == C.CANCELLED:
        raise RuleBroken("The campaign was stopped: launch a new one for this person.")
    _check_in_time(message.campaign)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=message.campaign.pk)
        if not _queue_again(Message.objects.filter(pk=message.pk, status=message.status)):
            raise RuleBroken("They opted out, or its state changed just now: look at it again.")
        _reopen(message.campaign)
        record("message.sent_again", message, by=by)
        ring("outbox.send_due", message.channel_id)


def _check_in_time(campaign: Campaign) -> None:
    if campaign.not_after and campaign.not_after <= timezone.now():
        raise RuleBroken("The campaign's “not after” has passed: nothing more is sent.")


def _queue_again(rows: QuerySet[Message]) -> int:
    """The next request of these rows has a reference of its own; how many they are. Who opted
    out meanwhile is left as they are."""
    opted_out = OptOut.objects.filter(phone=OuterRef("phone"))
    return rows.filter(~Exists(opted_out)).update(
        status=S.QUEUED,
        resend_count=F("resend_count") + 1,
        retry_count=0,
        send_after=None,
        provider_id="",
        code="",
        reason="",
        changed_at=timezone.now(),
    )


def _reopen(campaign: Campaign) -> None:
    """A campaign that was through has something to send once more."""
    through = Campaign.objects.filter(pk=campaign.pk, status__in=(C.SENT, C.DONE))
    through.update(status=C.SENDING, finished_at=None)


def send_test(
    revision: MmsRevision,
    channel: Channel,
    sender: Sender,
    phone: str,
    *,
    by: AbstractBaseUser,
) -> Message:
    """Send this revision to one number now, before all campaigns."""
    check(find_mms_problems(revision, channel)[0])
    if OptOut.objects.filter(phone=phone).exists():
        raise RuleBroken("This number opted out: it gets nothing, not even a test.")
    if channel.paused_at:
        raise RuleBroken(f"The channel is paused: {channel.paused_reason} Resume it first.")
    with transaction.atomic():
        message = Message.objects.create(
            channel=channel,
            revision=freeze(revision, timezone.now()),
            sender=sender.number,
            phone=phone,
            merge_values=freeze_values(phone, revision),
            reference=f"test-{token_hex(8)}",
            changed_at=timezone.now(),
        )
        record("mms.tested", revision.mms, by=by, after={"message": message.reference})
        ring("outbox.send_due", channel.pk)
    return message


def send_campaign_test(campaign: Campaign, phone: str, *, by: AbstractBaseUser) -> Message:
    """Try a draft on one number."""
    if not (campaign.mms and campaign.mms.head and campaign.channel and campaign.sender):
        raise RuleBroken("Choose the MMS and the number it comes from, and save, before a test.")
    return send_test(campaign.mms.head, campaign.channel, campaign.sender, phone, by=by)


def find_last_tests(campaign: Campaign) -> QuerySet[Message]:
    """The newest tests of the campaign's MMS."""
    if campaign.mms_id is None:
        return Message.objects.none()
    tests = Message.objects.filter(campaign=None, revision__mms=campaign.mms_id)
    return tests.select_related("revision").order_by("-id")[:3]


def estimate_draft_seconds(campaign: Campaign, count: int) -> float | None:
    """How long sending to `count` people takes at the channel's rate."""
    if campaign.channel is None or not count:
        return None
    return count / campaign.channel.requests_per_second
