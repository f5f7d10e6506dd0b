"""Sending again, on a person's word: what failed, expired, or is unresolved."""

from collections.abc import Iterator

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils import timezone

from campaigns.gateways.base import NO_USE_AGAIN
from campaigns.models import Campaign, Contact, EarlierSend, Message, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import RESENDABLE, CampaignStatus, MessageStatus
from campaigns.services.audit import record
from campaigns.services.ladder import capped
from campaigns.services.outbox import CHUNK, lock_in_order
from campaigns.services.queue import ring

S, C = MessageStatus, CampaignStatus


def send_again(campaign: Campaign, status: MessageStatus, *, by: AbstractBaseUser) -> int:
    """Queue the rows in `status` once more, on a person's word; how many."""
    if status not in RESENDABLE:
        raise RuleBroken(f"“{status.label}” is not sent again: it may have arrived.")
    if campaign.status == C.CANCELLED:
        raise RuleBroken("The campaign was stopped: launch a new one for these people.")
    _check_in_time(campaign)
    rows = Message.objects.filter(campaign=campaign, status=status)
    count = sum(_queue_chunk(campaign, ids, status, by=by) for ids in _chunks(rows))
    if not count:
        raise RuleBroken(f"Nobody is “{status.label}” any more, but who opted out.")
    return count


def _chunks(rows: QuerySet[Message]) -> Iterator[list[int]]:
    """The ids of who may go again, each asked for once: what was queued, sent and failed once
    more meanwhile lies behind."""
    last = 0
    while ids := list(_ids_after(rows, last)):
        yield ids
        last = ids[-1]


def _ids_after(rows: QuerySet[Message], last: int) -> QuerySet[Message]:
    allowed = may_go_again(rows).filter(pk__gt=last).order_by("pk")
    return allowed.values_list("pk", flat=True)[:CHUNK]


@transaction.atomic
def _queue_chunk(
    campaign: Campaign, ids: list[int], status: MessageStatus, *, by: AbstractBaseUser
) -> int:
    """Some of them, with what belongs to it; what was committed before stays so whatever happens
    to the rest. None once the campaign was stopped."""
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    count = 0 if locked.status == C.CANCELLED else _queue_again(ids, status)
    if count:
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


def _check_in_time(campaign: Campaign) -> None:
    if campaign.not_after and campaign.not_after <= timezone.now():
        raise RuleBroken("The campaign's “not after” has passed: nothing more is sent.")


def may_go_again(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Those of people who agree, did not opt out, were not erased, and may get one more."""
    now = timezone.now()
    opted_out = OptOut.objects.on(OuterRef("channel")).filter(phone=OuterRef("phone"))
    agreeing = Contact.objects.filter(pk=OuterRef("contact_id"), consented_at__isnull=False)
    rows = rows.exclude(phone__startswith=Message.ERASED).filter(~Exists(opted_out))
    too_often = capped(now)
    rows = rows.exclude(too_often) if too_often else rows
    return rows.filter(Exists(agreeing))


def count_again(campaign: Campaign) -> dict[MessageStatus, int]:
    """How many in each state `send_again` would take."""
    rows = _sendable(Message.objects.filter(campaign=campaign, status__in=RESENDABLE))
    counted = rows.order_by().values_list("status").annotate(count=Count("pk"))
    return {MessageStatus(status): count for status, count in counted}


def _sendable(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Without who opted out meanwhile, or was erased."""
    opted_out = OptOut.objects.on(OuterRef("channel")).filter(phone=OuterRef("phone"))
    return rows.exclude(phone__startswith=Message.ERASED).filter(~Exists(opted_out))


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
