"""What people write (reference/sinch-sms-rest-api.md §8): SMS, binary SMS, and MMS with their
files."""

import base64
import hashlib
import json
from typing import Any

from campaigns.gateways.events import Event, InboundEvent
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_sms.members import at, digits, members

#: Longer than anything a phone sends.
_LONGEST = 10_000
_MOST_FILES = 50
Said = tuple[str, str, tuple[str, ...]]


def read_inbound(data: dict[str, Any], kind: str) -> list[Event]:
    """The one event of an inbound message; raises `ValueError` when nobody wrote it."""
    sender = digits(data.get("from"))
    if not sender:
        raise ValueError("It does not say who wrote.")
    said = subject, words, urls = _READERS[kind](data)
    key = text(data, "id", limit=100) or _fingerprint(data, said)
    return [
        InboundEvent(
            key=key,
            provider_id=key,
            sender=sender,
            to=digits(data.get("to")),
            subject=subject,
            text=words,
            operator=text(data, "operator_id", limit=60),
            media_urls=urls,
            at=at(data, "sent_at", "send_at", "received_at"),
            via="MMS" if kind == "mo_media" else "SMS",
            batch_reference=text(data, "client_reference", limit=100),
        )
    ]


def _fingerprint(data: dict[str, Any], said: Said) -> str:
    """In place of an id."""
    names = [text(data, name, limit=60) for name in ("from", "to", "received_at", "sent_at")]
    binary = [text(data, name, limit=_LONGEST) for name in ("body", "udh") if "udh" in data]
    return hashlib.sha256(json.dumps([names, said, *binary]).encode()).hexdigest()


def _words(data: dict[str, Any]) -> Said:
    return "", text(data, "body", limit=_LONGEST), ()


def _binary(data: dict[str, Any]) -> Said:
    """What it says is for a phone; it stays in the callback as it came."""
    size = _size(data.get("body"))
    if size is None:
        return "", "(A binary message, which cannot be read.)", ()
    bytes_ = "1 byte" if size == 1 else f"{size} bytes"
    return "", f"(A binary message of {bytes_}, which cannot be shown.)", ()


def _size(body: Any) -> int | None:
    """In bytes; None of what is not base64."""
    if not isinstance(body, str):
        return None
    try:
        return len(base64.b64decode("".join(body.split()), validate=True))
    except ValueError:
        return None


def _media(data: dict[str, Any]) -> Said:
    """Subject, text and files. What Sinch could not keep is told, but never inside of what the
    person wrote: "STOP" must stay that."""
    body = data.get("body")
    body = body if isinstance(body, dict) else {"message": body}
    files = [item for item in members(body, "media") if isinstance(item, dict)][:_MOST_FILES]
    urls = tuple(filter(None, (text(item, "url", limit=2000) for item in files)))
    subject, words = text(body, "subject", limit=300), text(body, "message", limit=_LONGEST)
    lost = " ".join(_say_lost(item) for item in files if not text(item, "url", limit=2000))
    if lost and words:
        subject = f"{subject} {lost}".strip()
    return subject, words or lost, urls


def _say_lost(item: dict[str, Any]) -> str:
    kind = text(item, "content_type", limit=60) or "unknown kind"
    code = text(item, "code", limit=20)
    return f"(A file is missing, Sinch could not keep it: {kind}, code {code or 'none'}.)"


_READERS = {"mo_text": _words, "mo_binary": _binary, "mo_media": _media}
