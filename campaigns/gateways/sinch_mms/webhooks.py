"""Listens to postbacks (reference/sinch-mms-json-api.md §5–6): what each one tells."""

import hashlib
import json
import logging
import re
from datetime import datetime
from typing import Any

from campaigns.gateways.events import DeliveryEvent, Event, InboundEvent, SavedEvent
from campaigns.gateways.payload import clean, moment, read_object, text
from campaigns.rules.statuses import MessageStatus

log = logging.getLogger(__name__)

_S = MessageStatus
_NOT_CONVERTED = "Sinch could not convert the {} for phones."

#: Code → what it makes of the message (None: nothing), and words for people (§5.2).
DELIVERY: dict[str, tuple[MessageStatus | None, str]] = {
    "N101": (_S.SENT, "Handed to the carrier."),
    "N102": (_S.DELIVERED, "The carrier reports the delivery."),
    "N103": (_S.EXPIRED, "The carrier could not deliver it in time."),
    "N202": (_S.DELIVERED_AS_SMS, "The fallback SMS was delivered."),
    "N013": (_S.ACCEPTED, "Media converted; being sent."),
    "E100": (_S.FAILED, "Sinch calls the request invalid."),
    "E101": (_S.FAILED, "It could not be sent at all."),
    "E102": (_S.FAILED, "The carrier refused it, or the phone cannot show it."),
    "E202": (_S.FAILED, "The fallback SMS could not be delivered."),
    "E011": (_S.FAILED, "Sinch found the content invalid: check media types and sizes."),
    "E012": (_S.FAILED, _NOT_CONVERTED.format("audio")),
    "E013": (_S.FAILED, _NOT_CONVERTED.format("video")),
    "E999": (_S.FAILED, "Sinch's queue failed: send it again when you have checked with Sinch."),
    # Device discovery of the XML API, and the SMS products of the twin platform.
    "N501": (None, "Device discovery."),
    "N502": (None, "Device discovery."),
    "E501": (None, "Device discovery failed."),
    "E502": (None, "Device discovery failed."),
    "N201": (None, "A report about an SMS."),
    "E201": (None, "A report about an SMS."),
    "N211": (None, "A report about an SMS."),
}
_MEND = "Make it smaller on its slide or use another one, then save it again."
#: Code → whether the saved template may be used now, in words, and the kind of file to blame.
TEMPLATE: dict[str, tuple[bool, str, str]] = {
    "N003": (True, "Ready to be sent.", ""),
    "E002": (False, f"Sinch could not convert the sound for phones. {_MEND}", "audio"),
    "E003": (False, f"Sinch could not convert the video for phones. {_MEND}", "video"),
    "E004": (False, f"Sinch could not convert the picture for phones. {_MEND}", "image"),
    "E011": (False, DELIVERY["E011"][1], ""),
}
INBOUND = "N401"
#: N102 only says that the status changed; its last word says to what (§5.2–5.3).
N102_WORDS: dict[str, MessageStatus] = {
    "sent": _S.SENT,
    "delivered": _S.DELIVERED,
    "expired": _S.EXPIRED,
    "failed": _S.FAILED,
    "rejected": _S.FAILED,
    "supported": _S.FAILED,  # "Not Supported"
    "unrecognised": _S.FAILED,
    "unrecognized": _S.FAILED,
}
#: More is not a group, and not a message.
_MANY = 50


def parse_post(body: bytes) -> list[Event]:
    """The one event of a postback; raises `ValueError` on what cannot be read."""
    data = read_object(body)
    code = text(data, "code", limit=20).upper()
    if not code:
        raise ValueError("It has no code.")
    if code == INBOUND:
        return [_inbound(data, code)]
    if code in TEMPLATE and not _is_about_message(data, code):
        return [_saved(data, code)]
    return [_delivery(data, code)]


def _is_about_message(data: dict[str, Any], code: str) -> bool:
    """E011 alone is said of both; a template's has an mms-id and nothing else."""
    saved_id, reference, provider_id = _ids(data)
    return code in DELIVERY and bool(reference or provider_id or not saved_id)


def _delivery(data: dict[str, Any], code: str) -> DeliveryEvent:
    _, reference, provider_id = _ids(data)
    # The twin platform's other products use the same codes for other things.
    is_ours = text(data, "origin", limit=20).upper() in {"", "MMS_MT"}
    known = DELIVERY.get(code) if is_ours else None
    status, words = known or _unknown(code)
    sent_as = text(data, "sent-as", limit=10).upper()
    if known and code == "N102":
        status, words = _n102(data, sent_as)
    return DeliveryEvent(
        key=_key(data, code),
        code=code,
        status=status,
        reference=reference,
        provider_id=provider_id,
        text=_with_details(words, data),
        at=_at(data),
        sent_as=sent_as,
        operator=text(data, "operator-name", "operator-id", limit=60),
        to=_number(data, "to"),
        known=known is not None,
    )


def _n102(data: dict[str, Any], sent_as: str) -> tuple[MessageStatus, str]:
    words = re.findall("[a-z]+", text(data, "status", limit=100).lower())
    status = N102_WORDS.get(words[-1] if words else "", _S.DELIVERED)
    if status == _S.DELIVERED and sent_as == "SMS":
        return DELIVERY["N202"]
    by_code = {_S.DELIVERED: "N102", _S.SENT: "N101", _S.EXPIRED: "N103", _S.FAILED: "E102"}
    return status, DELIVERY[by_code[status]][1]


def _saved(data: dict[str, Any], code: str) -> SavedEvent:
    saved_id, reference, provider_id = _ids(data)
    ready, words, kind = TEMPLATE[code]
    return SavedEvent(
        key=_key(data, code),
        code=code,
        saved_id=saved_id,
        ready=ready,
        text=_with_details(words, data),
        url=text(data, "audio-name", "video-name", "image-name", limit=2000),
        kind=kind,
        reference=reference,
        provider_id=provider_id,
    )


def _inbound(data: dict[str, Any], code: str) -> InboundEvent:
    sender = _number(data, "from")
    if not sender:
        raise ValueError("It does not say who wrote.")
    key = _key(data, code)
    return InboundEvent(
        key=key,
        provider_id=_ids(data)[2] or key,
        sender=sender,
        to=_number(data, "to"),
        subject=text(data, "message-subject", limit=300),
        keyword=text(data, "keyword", limit=60),
        operator=text(data, "operator-name", "operator-id", limit=60),
        media_urls=_members(data, "content", "file", limit=2000),
        copied_to=tuple(n.lstrip("+") for n in _members(data, "copy-to", "number", limit=20)),
        at=_at(data),
    )


# --- Members -----------------------------------------------------------------------------------


def _ids(data: dict[str, Any]) -> tuple[str, str, str]:
    """The template's id, our reference, Sinch's id of the transaction."""
    return (
        text(data, "mms-id", "mmsid", limit=64),
        text(data, "client-reference", "clientreference", limit=64),
        text(data, "tracking-id", "trackingid", limit=128),
    )


def _key(data: dict[str, Any], code: str) -> str:
    """The same for a repeat of the same postback (§5.1)."""
    origin, at = text(data, "origin", limit=20).upper(), text(data, "timestamp", limit=60)
    return hashlib.sha256(json.dumps([origin, code, at, *_ids(data)]).encode()).hexdigest()


def _at(data: dict[str, Any]) -> datetime | None:
    return moment(text(data, "timestamp", limit=60))


def _number(data: dict[str, Any], name: str) -> str:
    return text(data, name, limit=20).lstrip("+")


def _members(data: dict[str, Any], name: str, member: str, *, limit: int) -> tuple[str, ...]:
    """The texts of `[{member: text}, …]`."""
    items = data.get(name)
    if not isinstance(items, list):
        return ()
    found = (text(item, member, limit=limit) for item in items[:_MANY] if isinstance(item, dict))
    return tuple(filter(None, found))


def _with_details(words: str, data: dict[str, Any]) -> str:
    """Our words, and Sinch's own where they say more than the status does."""
    details = text(data, "status-details", "error-info", limit=300)
    is_news = details and not re.fullmatch(r"Message \w+", details)
    return f"{words} (Sinch: {details})" if is_news else words


def _unknown(code: str) -> tuple[None, str]:
    log.error("Sinch posted the unknown code %r", clean(code, 20))
    return None, f"Sinch reports {code}, which we do not know."
