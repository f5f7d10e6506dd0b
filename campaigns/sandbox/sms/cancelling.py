"""A batch is cancelled: what waits stays, what has left has left (§5)."""

from datetime import datetime

from campaigns.sandbox.models import HandsetMessage, Postback, PostbackState
from campaigns.sandbox.sms.models import SmsBatch, SmsInbound, SmsMessage
from campaigns.sandbox.sms.sending import plan_batch_report, plan_reports
from campaigns.sandbox.sms.stories import aborted
from campaigns.sandbox.writing import writing

CODE = 407


def cancel_batch(batch: SmsBatch, now: datetime) -> None:
    """A finished one is left unchanged but for its mark."""
    with writing():
        batch.refresh_from_db()
        if batch.canceled:
            return
        batch.canceled, batch.modified_at = True, now
        batch.save(update_fields=["canceled", "modified_at"])
        stopped = list(batch.messages.filter(leaves_at__gt=now))
        if stopped:
            _withdraw(batch, stopped, now)
            _tell(batch, stopped, now)


def _withdraw(batch: SmsBatch, stopped: list[SmsMessage], now: datetime) -> None:
    """Reports, messages and answers that were still to come."""
    phones = [message.recipient for message in stopped]
    coming = Postback.objects.filter(state=PostbackState.PENDING, due_at__gt=now)
    coming.filter(body__batch_id=batch.batch_id, phone__in=["", *phones]).delete()
    answers = SmsInbound.objects.filter(
        plan=batch.plan, received_at__gt=now, to=batch.sender, body__from__in=phones
    )
    ids = list(answers.values_list("inbound_id", flat=True))
    coming.filter(body__id__in=ids).delete()
    HandsetMessage.objects.filter(provider_id__in=ids).delete()
    answers.delete()
    tokens = [message.token for message in stopped if message.token]
    HandsetMessage.objects.filter(token__in=tokens).delete()


def _tell(batch: SmsBatch, stopped: list[SmsMessage], now: datetime) -> None:
    turns = aborted(CODE)
    for message in stopped:
        message.code, message.status, message.final_at = CODE, turns[0].status, now
        message.leaves_at, message.token = now, ""
    fields = ["code", "status", "final_at", "leaves_at", "token"]
    SmsMessage.objects.bulk_update(stopped, fields, batch_size=100)
    told = [report for m in stopped for report in plan_reports(batch, m, [(turns[0], now)])]
    Postback.objects.bulk_create(told + plan_batch_report(batch, list(batch.messages.all())))
