"""Reads delivery reports (reference/sinch-conversation-api.md §9.1)."""

import logging
from typing import Any

from campaigns.gateways.events import DeliveryEvent
from campaigns.gateways.payload import clean, text
from campaigns.gateways.sinch_conversation.bodies import MEANT_AS_SMS, SMS
from campaigns.gateways.sinch_conversation.callback import (
    Data,
    channel_notes,
    channel_of,
    key_of,
    part,
    phone_of,
    time_of,
)
from campaigns.gateways.sinch_conversation.reasons import (
    AS_SMS,
    EXPIRED,
    REASONS,
    STATUSES,
    SUB_CODES,
)
from campaigns.rules.statuses import MessageStatus

log = logging.getLogger(__name__)
#: No SMS has more.
_MOST_PARTS = 255


def read_delivery(data: Data, report: Data) -> DeliveryEvent:
    """The report of one message, in either generation of the payload."""
    status_word = text(report, "status", limit=40).upper()
    message_id = text(report, "message_id", limit=128)
    if not status_word or not (message_id or _reference(data, report)):
        raise ValueError("The report names no status, or no message.")
    channel = channel_of(report)
    reason = part(report, "reason")  # the older form has a text there
    code = text(reason, "code", limit=60).upper()
    # A success may come with a reason as well, which then says nothing.
    went_wrong = bool(code) and status_word in {"FAILED", "SWITCHING_CHANNEL"}
    status, words = _judge(status_word, code, channel, _is_meant_as_sms(report))
    notes = channel_notes(data.get("message_metadata"))
    return DeliveryEvent(
        key=key_of("delivery", message_id or _reference(data, report), status_word, channel),
        code=code if went_wrong else status_word,
        status=status,
        reference=_reference(data, report),
        provider_id=message_id,
        text=_with_reason(words, code, reason) if went_wrong else words,
        at=time_of(data, report),
        sent_as=channel[:10],
        operator=text(notes, "operator", limit=60),
        to=phone_of(report),
        known=status is not None,
        parts=_parts(notes.get("number_of_message_parts")),
    )


def _judge(word: str, code: str, channel: str, is_meant: bool) -> tuple[MessageStatus | None, str]:
    if word not in STATUSES:
        log.error("Sinch reports the unknown status %r", clean(word, 40))
        return None, f"Sinch reports {word}, which we do not know."
    status, words = STATUSES[word]
    if status == MessageStatus.DELIVERED and channel == SMS and not is_meant:
        return AS_SMS
    if status == MessageStatus.FAILED and code in EXPIRED:
        return MessageStatus.EXPIRED, words
    return status, words.format(channel=channel or "a message")


def _is_meant_as_sms(report: Data) -> bool:
    return text(report, "metadata", limit=1024).endswith(MEANT_AS_SMS)


def _reference(data: Data, report: Data) -> str:
    """Ours: we write it in both places (§3)."""
    metadata = text(report, "metadata", limit=100).removesuffix(MEANT_AS_SMS)
    return (metadata or text(data, "correlation_id", limit=64))[:64]


def _with_reason(words: str, code: str, reason: Data) -> str:
    """Our words, why, and Sinch's own description."""
    sub_code = text(reason, "sub_code", limit=60).upper()
    said = [words, REASONS.get(code, ""), SUB_CODES.get(sub_code, "")]
    description = text(reason, "description", limit=300)
    if description or code not in REASONS:
        said.append(f"(Sinch: {description or code})")
    return " ".join(filter(None, said))


def _parts(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4:
        value = int(value)
    return value if type(value) is int and 0 < value <= _MOST_PARTS else None
