"""Sending again, on a person's word: what failed, expired, or is unresolved."""

import time
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils import timezone

from campaigns.gateways.events import NO_USE_AGAIN
from campaigns.models import Campaign, Contact, EarlierSend, Message, OptOut, SendAgain
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import RESENDABLE, CampaignStatus, MessageStatus
from campaigns.services.audit import record
from campaigns.services.brake_base import count_from_here
from campaigns.services.chunks import let_others_write
from campaigns.services.detours import ring_lanes
from campaigns.services.ladder import capped
from campaigns.services.outbox import CHUNK, lock_in_order
from campaigns.services.queue import held, ring

S, C = MessageStatus, CampaignStatus
SLICE_SECONDS = 20
LEASE_SECONDS = 60


# --- Everybody in one state: asked for by a person, done by a task -------------------------------


def send_again(campaign: Campaign, status: MessageStatus, *, by: AbstractBaseUser) -> SendAgain:
    """Have everybody in `status` queued once more, on a person's word, however many they are."""
    if status not in RESENDABLE:
        raise RuleBroken(f"“{status.label}” is not sent again: it may have arrived.")
    if campaign.status == C.CANCELLED:
        raise RuleBroken("The campaign was stopped: launch a new one for these people.")
    _check_in_time(campaign)
    if not _ids_after(Message.objects.filter(campaign=campaign, status=status), 0).exists():
        raise RuleBroken(f"Nobody is “{status.label}” any more, but who opted out.")
    with transaction.atomic():
        asked, is_new = SendAgain.objects.get_or_create(
            campaign=campaign, status=status, ended_at=None, defaults={"asked_by": by}
        )
        if not is_new:
            raise RuleBroken(f"Those who are “{status.label}” are being queued already.")
        ring("outbox.send_again", asked.pk)
    return asked


def under_way(campaign: Campaign) -> list[SendAgain]:
    """What was asked for and is not through."""
    return list(SendAgain.objects.filter(campaign=campaign, ended_at=None).order_by("pk"))


def queue_again(asked_id: int, now: datetime) -> None:
    """Queue the next ones, chunk by chunk, for up to `SLICE_SECONDS`; then ring for more. Dying
    half way does no harm: each is asked for once, and who is through stands in the row."""
    with held(f"again:{asked_id}", now, LEASE_SECONDS) as is_ours:
        has_more = is_ours and _queue_for_a_while(asked_id)
    if has_more:
        ring("outbox.send_again", asked_id)


def _queue_for_a_while(asked_id: int) -> bool:
    """Whether there are more."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while has_more := _queue_chunk(asked_id):
        if time.monotonic() >= ends_at:
            break
        let_others_write()
    return has_more


def ring_for_again() -> None:
    """Whatever was asked for and is not through."""
    for asked_id in SendAgain.objects.filter(ended_at=None).values_list("pk", flat=True):
        ring("outbox.send_again", asked_id)


def _ids_after(rows: QuerySet[Message], last: int) -> QuerySet[Message]:
    """Of who may go again. What was queued, sent and failed once more meanwhile lies behind."""
    allowed = may_go_again(rows).filter(pk__gt=last).order_by("pk")
    return allowed.values_list("pk", flat=True)[:CHUNK]


@transaction.atomic
def _queue_chunk(asked_id: int) -> bool:
    """Some of them, with what belongs to it; False when there is nobody left, or the campaign was
    stopped, or its time is over."""
    asked = SendAgain.objects.select_for_update().get(pk=asked_id)
    if asked.ended_at:
        return False
    campaign = Campaign.objects.select_for_update().get(pk=asked.campaign_id)
    status = MessageStatus(asked.status)
    rows = Message.objects.filter(campaign=campaign, status=status)
    ids = [] if _is_over(campaign) else list(_ids_after(rows, asked.last_id))
    if count := _queue_again(ids, status):
        _reopen(campaign)
        campaign.brake_base = count_from_here(campaign, timezone.now())
        campaign.save(update_fields=["brake_base"])
        record("campaign.sent_again", campaign, by=asked.asked_by, after={status.label: count})
        ring_lanes(campaign)
    asked.count += count
    asked.last_id = ids[-1] if ids else asked.last_id
    asked.ended_at = None if ids else timezone.now()
    asked.save(update_fields=["count", "last_id", "ended_at"])
    return bool(ids)


# --- One -----------------------------------------------------------------------------------------


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
        rows = Message.objects.filter(pk=message.pk, status=message.status)
        if not _queue_again(list(_ids_after(rows, 0)), message.status):
            raise RuleBroken(
                "They may not be written to any more (opted out, no consent, or often enough), or "
                "its state changed just now: look at it again."
            )
        _reopen(message.campaign)
        record("message.sent_again", message, by=by)
        ring("outbox.send_due", message.channel_id)


def tells_hopeless(message: Message) -> bool:
    """Whether what was heard last says that one more try is of no use."""
    heard = message.events.filter(applied=True).exclude(text="").order_by("-pk").first()
    return NO_USE_AGAIN in (heard.text if heard else message.reason)


def _is_over(campaign: Campaign) -> bool:
    return campaign.status == C.CANCELLED or _is_late(campaign)


def _is_late(campaign: Campaign) -> bool:
    return campaign.not_after is not None and campaign.not_after <= timezone.now()


def _check_in_time(campaign: Campaign) -> None:
    if _is_late(campaign):
        raise RuleBroken("The campaign's “not after” has passed: nothing more is sent.")


def may_go_again(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Those of people who agree, did not opt out, were not erased, and may get one more."""
    now = timezone.now()
    agreeing = Contact.objects.filter(pk=OuterRef("contact_id"), consented_at__isnull=False)
    rows = rows.exclude(phone__startswith=Message.ERASED).filter(~Exists(OptOut.objects.of_row()))
    too_often = capped(now)
    rows = rows.exclude(too_often) if too_often else rows
    return rows.filter(Exists(agreeing))


def count_again(campaign: Campaign, asked: Collection[MessageStatus]) -> dict[MessageStatus, int]:
    """How many in each of these states `send_again` would take; each row is looked at."""
    rows = _sendable(Message.objects.filter(campaign=campaign, status__in=asked))
    counted = rows.order_by().values_list("status").annotate(count=Count("pk"))
    return {MessageStatus(status): count for status, count in counted}


def _sendable(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Without who opted out meanwhile, or was erased."""
    return rows.exclude(phone__startswith=Message.ERASED).filter(~Exists(OptOut.objects.of_row()))


def _queue_again(ids: list[int], status: int) -> int:
    """The next request of these rows has a reference of its own; how many they are. Whose state
    is another one by now is left as it is."""
    lock_in_order(ids)
    rows = Message.objects.filter(pk__in=ids, status=status)
    _remember_batches(rows)
    return rows.update(
        status=S.QUEUED,
        resend_count=F("resend_count") + 1,
        retry_count=0,
        send_after=timezone.now(),
        accepted_at=None,
        provider_id="",
        code="",
        reason="",
        changed_at=timezone.now(),
    )


def _remember_batches(rows: QuerySet[Message]) -> None:
    """Reports about a batch name no row of ours: only by the provider's id they are known."""
    sent = rows.filter(provider_id__contains="/").values_list("pk", "provider_id")
    EarlierSend.objects.bulk_create(
        (EarlierSend(message_id=pk, provider_id=name) for pk, name in sent.iterator()),
        batch_size=5_000,
    )


def _reopen(campaign: Campaign) -> None:
    """A campaign that was through has something to send once more."""
    through = Campaign.objects.filter(pk=campaign.pk, status__in=(C.SENT, C.DONE))
    through.update(status=C.SENDING, finished_at=None)
