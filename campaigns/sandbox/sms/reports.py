"""Delivery reports: of a recipient and of a batch, the same by callback and by asking (§6.1)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from campaigns.sandbox.sms.models import SmsBatch, SmsMessage
from campaigns.sandbox.sms.moments import write_moment

OPERATORS = ("310410", "311480", "310260")


def kind_of(batch: SmsBatch) -> str:
    return "mms" if batch.is_mms else "sms"


def recipient_report(
    batch: SmsBatch, message: SmsMessage, code: int, status: str, at: datetime
) -> dict:
    report = {
        "type": f"recipient_delivery_report_{kind_of(batch)}",
        "batch_id": batch.batch_id,
        "recipient": message.recipient,
        "code": code,
        "status": status,
        "at": write_moment(at),
    }
    if status not in {"Queued", "Aborted", "Cancelled"}:
        report["operator_status_at"] = write_moment(at)
        report["operator"] = OPERATORS[int(message.recipient[-3:]) % len(OPERATORS)]
    if batch.client_reference:
        report["client_reference"] = batch.client_reference
    if "from" not in batch.fields:
        report["applied_originator"] = batch.sender
    if "max_number_of_message_parts" in batch.fields:
        report["number_of_message_parts"] = message.parts
        report["encoding"] = "UNICODE" if message.is_unicode else "GSM"
    return report


def report_at(batch: SmsBatch, message: SmsMessage, now: datetime) -> dict:
    """The report of this recipient as it stands."""
    code, status = message.state_at(now)
    reached = {400: batch.dispatched_at or batch.created_at, 401: message.leaves_at}
    is_final = bool(message.final_at and message.final_at <= now)
    at = message.final_at if is_final else reached[code]
    return recipient_report(batch, message, code, status, at)


def batch_report(
    batch: SmsBatch, states: Iterable[tuple[str, int, str]], with_recipients: bool
) -> dict:
    """`states`: number, code and status of every message."""
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for recipient, code, status in states:
        found[code, status].append(recipient)
    report = {
        "type": f"delivery_report_{kind_of(batch)}",
        "batch_id": batch.batch_id,
        "total_message_count": sum(map(len, found.values())),
        "statuses": [_line(*state, found[state], with_recipients) for state in sorted(found)],
    }
    if batch.client_reference:
        report["client_reference"] = batch.client_reference
    return report


def _line(code: int, status: str, recipients: list[str], with_recipients: bool) -> dict:
    line = {"code": code, "status": status, "count": len(recipients)}
    return line | {"recipients": recipients} if with_recipients else line
