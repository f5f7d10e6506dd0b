"""Reads what people write (reference/sinch-conversation-api.md §5.3, §9.3)."""

from collections.abc import Callable
from typing import Any

from campaigns.gateways.events import InboundEvent, NoticeEvent
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_conversation.bodies import MMS, SMS
from campaigns.gateways.sinch_conversation.callback import (
    Data,
    channel_notes,
    channel_of,
    digits,
    key_of,
    part,
    phone_of,
    time_of,
)
from campaigns.rules.formats import Place

_LONGEST = 5000
KIND = "message"


def read_inbound(data: Data, message: Data) -> InboundEvent | NoticeEvent:
    """A message from a person; a notice where nobody can be told to have written it."""
    message_id = text(message, "id", limit=128)
    if not message_id:
        raise ValueError("The message has no id.")
    said = _said(part(message, "contact_message"))
    if why_not := _no_reply(message, said.get("text", "")):
        return NoticeEvent(key_of(KIND, message_id), KIND, why_not)
    return InboundEvent(
        key=key_of(KIND, message_id),
        provider_id=message_id,
        sender=phone_of(message),
        to=digits(text(message, "sender_id", limit=40)),
        operator=text(channel_notes(message.get("metadata")), "operator", limit=60),
        at=time_of(data, message),
        via=channel_of(message),
        **said,
    )


def _no_reply(message: Data, words: str) -> str:
    """Why it is no reply of a person we can name; "" where it is."""
    channel, contact = channel_of(message), text(message, "contact_id", limit=64) or "unknown"
    wrote = f" They wrote: “{words[:200]}”." if words else ""
    if text(message, "direction", limit=30).upper() == "TO_CONTACT":
        return "A message to a person, told as if it came from one."
    if message.get("injected") is True:
        return "Somebody added this message to the conversation by hand: nobody sent it."
    if channel not in {MMS, SMS}:
        return f"A message came by {channel or 'an unnamed channel'}, not by MMS or SMS.{wrote}"
    if not phone_of(message):
        return (
            f"A reply came without a number, as the older form of {channel} has none: Sinch names "
            f"the contact {contact}. Look there who it is.{wrote}"
        )
    return ""


# --- What it says ------------------------------------------------------------------------------


def _said(contact_message: Data) -> dict[str, Any]:
    for kind, read in _KINDS.items():
        if found := part(contact_message, kind):
            return read(found)
    return {}


def _text(found: Data) -> dict[str, Any]:
    return {"text": text(found, "text", limit=_LONGEST)}


def _media(found: Data) -> dict[str, Any]:
    """Each file of a message comes as one of its own, with the same caption (§5.3)."""
    url = text(found, "url", limit=2000)
    said = {"text": text(found, "caption", limit=_LONGEST), "comes_in_parts": True}
    return {**said, "media_urls": (url,)} if url else said


def _choice(found: Data) -> dict[str, Any]:
    """Without a postback of ours, Sinch makes one of the message's id and what was chosen."""
    answered_id = text(found, "message_id", limit=128)
    postback = text(found, "postback_data", limit=_LONGEST)
    made_up = f"{answered_id}_"
    chosen = postback[len(made_up) :] if answered_id and postback.startswith(made_up) else ""
    return {"text": chosen, "postback": postback, "answered_id": answered_id}


def _location(found: Data) -> dict[str, Any]:
    coordinates = part(found, "coordinates")
    latitude = _degrees(coordinates.get("latitude"), 90)
    longitude = _degrees(coordinates.get("longitude"), 180)
    title, label = text(found, "title", limit=300), text(found, "label", limit=300)
    if latitude is None or longitude is None:
        return {"text": title or label}
    return {"text": title, "place": Place(title, latitude, longitude, label)}


def _degrees(value: Any, most: int) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Compared first: a whole number may be too large to become a float.
    return float(value) if is_number and abs(value) <= most else None


def _fallback(found: Data) -> dict[str, Any]:
    """What Sinch could not translate comes as it was."""
    return {"text": text(found, "raw_message", limit=_LONGEST)}


_KINDS: dict[str, Callable[[Data], dict[str, Any]]] = {
    "text_message": _text,
    "media_message": _media,
    "media_card_message": _media,
    "choice_response_message": _choice,
    "location_message": _location,
    "fallback_message": _fallback,
}
