"""What a request of the MMS JSON API says (reference/sinch-mms-json-api.md §2)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from campaigns.gateways.outgoing import Content, OutgoingSlide, OwnWords

#: Made once: `json.dumps` makes its encoder anew for each call.
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode_fields(fields: dict[str, Any]) -> str:
    """JSON of the fields that say something."""
    return encode({name: value for name, value in fields.items() if value not in ("", [], None)})


def send_fields(content: Content, own: OwnWords | None = None) -> dict[str, Any]:
    """What every copy of a message says, saved or not, in one recipient's own words if any."""
    if own:
        content = _in_own_words(content, own)
    fields = {
        "action": "sendmms",
        "from": content.sender,
        **_common_fields(content),
        "mms-expiry-timestamp": _moment(content.expires_at),
    }
    if content.saved_id:
        saved = {"action": "sendsavedmms", "mms-id": content.saved_id}
        return fields | saved | ({"custom-slides": _custom_slides(own.texts)} if own else {})
    cache = {} if content.cache_content is None else {"cache-content": content.cache_content}
    return fields | cache | {"slide": [_slide(slide) for slide in content.slides]}


def _in_own_words(content: Content, own: OwnWords) -> Content:
    texts = dict(own.texts)
    slides = tuple(
        replace(slide, text=texts.get(number, slide.text))
        for number, slide in enumerate(content.slides, 1)
    )
    subject = content.subject if own.subject is None else own.subject
    fallback = content.fallback_text if own.fallback_text is None else own.fallback_text
    return replace(content, slides=slides, subject=subject, fallback_text=fallback)


def save_fields(content: Content) -> dict[str, Any]:
    """A template to store."""
    fields = {"action": "savemms", "name": content.name, **_common_fields(content)}
    return fields | {"slide": [_slide(slide) for slide in content.slides]}


def _common_fields(content: Content) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "message-subject": content.subject,
        "disable-fallback-sms": not content.fallback,
    }
    if content.fallback:
        fields |= {
            "fallback-sms-text": content.fallback_text,
            "disable-fallback-sms-link": not content.fallback_link,
            "fallback-sms-link-expiration": _moment(content.fallback_link_expires_at),
        }
    return fields


def _slide(slide: OutgoingSlide) -> dict[str, Any]:
    media = {medium.kind: {"url": medium.url} for medium in slide.media}
    return media | ({"message-text": slide.text} if slide.text else {})


def _custom_slides(texts: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    """Our convention: the names inside the elements are documented nowhere (§2, §10)."""
    return [{"slide": number, "message-text": words} for number, words in texts]


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
