"""Listens to callbacks (reference/sinch-sms-rest-api.md §6–8): what each one tells."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from campaigns.gateways.events import DeliveryEvent, Event, NoticeEvent
from campaigns.gateways.payload import read_object, text
from campaigns.gateways.sinch_mms import webhooks as postbacks
from campaigns.gateways.sinch_sms.deliveries import judge
from campaigns.gateways.sinch_sms.inbounds import read_inbound
from campaigns.gateways.sinch_sms.members import at, digits, members, whole

#: No SMS has more.
_MOST_PARTS = 255
Reader = Callable[[dict[str, Any], str], list[Event]]


def parse_post(body: bytes) -> list[Event]:
    """The events of a callback; raises `ValueError` on what cannot be read."""
    data = read_object(body)
    if text(data, "origin", limit=20).upper() == "MMS_MO":
        return postbacks.parse_post(body)  # the other shape in which an MMS comes (§8.1)
    kind = text(data, "type", limit=60).lower()
    if not kind:
        raise ValueError("It does not say what it is: it has no type.")
    reader = _READERS.get(kind)
    return reader(data, kind) if reader else [_other(body, kind)]


def _of_one(data: dict[str, Any], kind: str) -> list[Event]:
    """A report about one recipient."""
    phone = digits(data.get("recipient"))
    if not phone:
        raise ValueError("It does not say about whom it reports.")
    return [_report(data, data, kind, phone)]


def _of_batch(data: dict[str, Any], kind: str) -> list[Event]:
    """A report about a whole batch: of each recipient where it names them, else a summary."""
    groups = [item for item in members(data, "statuses") if isinstance(item, dict)]
    reports: list[Event] = [
        _report(data, group, kind, phone)
        for group in groups
        for each in members(group, "recipients")
        if (phone := digits(each))
    ]
    return reports or [_summary(data, groups, kind)]


def _report(batch: dict[str, Any], item: dict[str, Any], kind: str, phone: str) -> DeliveryEvent:
    """`item` holds the code and the status, `batch` the ids; of one recipient both are one."""
    code, word = text(item, "code", limit=20), text(item, "status", limit=40)
    status, words, known = judge(code, word)
    batch_id = text(batch, "batch_id", limit=100)
    reference = text(batch, "client_reference", limit=100)
    made_at = at(item, "at")
    return DeliveryEvent(
        key=_key(batch_id, phone, code, made_at),
        code=code or word,
        status=status,
        provider_id=f"{batch_id}/{phone}" if batch_id else "",
        text=_with_details(words, text(item, "status_message", limit=300)),
        at=made_at,
        sent_as="MMS" if kind.endswith("_mms") else "SMS",
        operator=text(item, "operator", limit=60),
        to=phone,
        known=known,
        batch_name=f"{reference}/{phone}" if reference else "",
        parts=_parts(item),
    )


def _parts(item: dict[str, Any]) -> int | None:
    found = whole(item, "number_of_message_parts")
    return found if found and found <= _MOST_PARTS else None


def _summary(data: dict[str, Any], groups: list[dict[str, Any]], kind: str) -> NoticeEvent:
    counts = [
        f"{whole(group, 'count') or 0} {text(group, 'status', limit=40)} "
        f"({text(group, 'code', limit=20)})"
        for group in groups
    ]
    total = whole(data, "total_message_count")
    words = f"A batch of {total or 0}: {', '.join(counts) or 'nothing more'}."
    return NoticeEvent(_key(text(data, "batch_id", limit=100), kind, words, None), kind, words)


def _other(body: bytes, kind: str) -> NoticeEvent:
    key = hashlib.sha256(body).hexdigest()
    return NoticeEvent(key, kind, "We do not know this kind of callback.", known=False)


def _with_details(words: str, details: str) -> str:
    return f"{words} (Sinch: {details})" if details else words


def _key(batch_id: str, phone: str, code: str, made_at: datetime | None) -> str:
    """The same for a repeat, and for the same report when it is asked for."""
    names = [batch_id, phone, code, made_at.isoformat() if made_at else ""]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


_READERS: dict[str, Reader] = {
    "recipient_delivery_report_mms": _of_one,
    "recipient_delivery_report_sms": _of_one,
    "delivery_report_mms": _of_batch,
    "delivery_report_sms": _of_batch,
    "mo_text": read_inbound,
    "mo_binary": read_inbound,
    "mo_media": read_inbound,
}
