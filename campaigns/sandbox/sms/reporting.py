"""Delivery reports asked for: of a batch, of a recipient, of all that ended (§6.2)."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from campaigns.sandbox.sms import paging
from campaigns.sandbox.sms.batches import find
from campaigns.sandbox.sms.doors import Answered, Asked
from campaigns.sandbox.sms.groups import expand
from campaigns.sandbox.sms.models import SmsBatch, SmsMessage
from campaigns.sandbox.sms.numbers import plain
from campaigns.sandbox.sms.problems import not_found
from campaigns.sandbox.sms.reports import batch_report, recipient_report, report_at

State = tuple[str, int, str]


def show_batch_report(asked: Asked, batch_id: str) -> Answered:
    batch = find(asked, batch_id)
    kind = asked.query.get("type", "summary")
    if kind not in {"summary", "full"}:
        raise not_found()
    statuses = {status.lower() for status in paging.words_of(asked.query, "status")}
    codes = set(paging.words_of(asked.query, "code"))
    states = [
        (number, code, status)
        for number, code, status in _states(batch, asked.now)
        if (not statuses or status.lower() in statuses) and (not codes or str(code) in codes)
    ]
    return Answered(batch_report(batch, states, with_recipients=kind == "full"))


def show_recipient_report(asked: Asked, batch_id: str, number: str) -> Answered:
    batch = find(asked, batch_id)
    recipient = plain(number)
    if message := batch.messages.filter(recipient=recipient).first():
        return Answered(report_at(batch, message, asked.now))
    if recipient not in {waiting for waiting, *_ in _waiting(batch)}:
        raise not_found()
    queued = SmsMessage(recipient=recipient)
    return Answered(recipient_report(batch, queued, 400, "Queued", batch.created_at))


def list_reports(asked: Asked) -> Answered:
    """Those that are final."""
    rows = SmsMessage.objects.filter(batch__plan=asked.plan, final_at__lte=asked.now)
    rows = paging.within_dates(rows, asked.query, "final_at", asked.now)
    if codes := [code for code in paging.words_of(asked.query, "code") if is_code(code)]:
        rows = rows.filter(code__in=codes)
    if statuses := paging.words_of(asked.query, "status"):
        alike = Q()
        for status in statuses:
            alike |= Q(status__iexact=status)
        rows = rows.filter(alike)
    if reference := asked.query.get("client_reference"):
        rows = rows.filter(batch__client_reference=reference)
    rows = rows.prefetch_related("batch").order_by("-final_at", "-pk")  # one batch has many
    return Answered(
        paging.page_of(
            rows, asked.query, "delivery_reports", lambda row: report_at(row.batch, row, asked.now)
        )
    )


def is_code(word: str) -> bool:
    return word.isdecimal() and len(word) <= paging.MOST_DIGITS


def _states(batch: SmsBatch, now: datetime) -> Iterator[State]:
    if batch.dispatched_at is None:
        yield from _waiting(batch)
    for message in batch.messages.order_by("pk"):
        yield (message.recipient, *message.state_at(now))


def _waiting(batch: SmsBatch) -> list[State]:
    """A cancelled batch that never left has none."""
    if batch.dispatched_at or batch.canceled:
        return []
    return [(number, 400, "Queued") for number in expand(batch.plan, batch.fields["to"])]
