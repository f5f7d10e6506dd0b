"""What a `messages:send` asks for, read from its body in the order of §14.5."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.sandbox.conversation.doors import Asked
from campaigns.sandbox.conversation.errors import invalid, not_found
from campaigns.sandbox.conversation.messages import check_message, check_object
from campaigns.sandbox.conversation.models import ConversationApp, ConversationContact

CHANNELS = {
    "WHATSAPP", "RCS", "SMS", "MESSENGER", "VIBER", "VIBERBM", "MMS", "INSTAGRAM", "TELEGRAM",
    "KAKAOTALK", "KAKAOTALKCHAT", "LINE", "WECHAT", "APPLEBC",
}  # fmt: skip
#: The keys that SMS and MMS have (§3.2).
PROPERTIES = {
    "MMS_SENDER", "MMS_STRICT_VALIDATION", "SMS_SENDER", "SMS_MAX_NUMBER_OF_MESSAGE_PARTS",
    "SMS_FLASH_MESSAGE",
}  # fmt: skip
LONGEST = {"message_metadata": 1024, "correlation_id": 128, "callback_url": 2048}
LONGEST_CONVERSATION_METADATA, LONGEST_PROPERTY = 2048, 1024
CHOSEN = {
    "queue": {"NORMAL_PRIORITY", "HIGH_PRIORITY"},
    "processing_strategy": {"DEFAULT", "DISPATCH_ONLY"},
    "message_content_type": {"CONTENT_UNKNOWN", "CONTENT_MARKETING", "CONTENT_NOTIFICATION"},
    "conversation_metadata_update_strategy": {"REPLACE", "MERGE_PATCH"},
}
KNOWN = {
    "app_id", "recipient", "message", "channel_priority_order", "channel_properties",
    "conversation_metadata", "ttl", *LONGEST, *CHOSEN,
}  # fmt: skip
TTL = re.compile(r"([0-9]{1,12})(\.[0-9]+)?s")
SHORTEST_TTL, LONGEST_TTL = 3, 315_576_000_000


@dataclass(frozen=True)
class Order:
    """A message to be sent: `identities` tells the number of each channel, `channels` the order in
    which they are tried; `ttl` is in seconds, 0 for none."""

    app: ConversationApp
    identities: Mapping[str, str]
    channels: tuple[str, ...]
    message: dict
    properties: Mapping[str, str]
    contact: ConversationContact | None = None
    metadata: str = ""
    conversation_metadata: dict | None = None
    correlation_id: str = ""
    callback_url: str = ""
    ttl: int = 0

    @property
    def phone(self) -> str:
        return next(iter(self.identities.values()), "")

    def sender(self, channel: str) -> str:
        """Whom the phone sees: what was asked for, else what the channel is set up with."""
        asked = self.properties.get(f"{channel}_SENDER", "").lstrip("+")
        return asked or default_sender(self.app, channel)


def read_order(asked: Asked) -> Order:
    body = asked.body
    app = asked.app(body.get("app_id"))
    is_dispatch = not app.is_conversation or body.get("processing_strategy") == "DISPATCH_ONLY"
    identities, contact = _read_recipient(asked, body.get("recipient"), is_dispatch)
    check_message(body.get("message"))
    _check_options(body)
    asked.log.ignored = ", ".join(sorted(body.keys() - KNOWN))[:300]
    order = body.get("channel_priority_order") or [*identities]
    return Order(
        app=app,
        identities=identities,
        channels=tuple(channel for channel in order if channel in identities),
        message=body["message"],
        properties=body.get("channel_properties") or {},
        contact=contact,
        metadata=body.get("message_metadata") or "",
        conversation_metadata=body.get("conversation_metadata"),
        correlation_id=body.get("correlation_id") or "",
        callback_url=body.get("callback_url") or "",
        ttl=_read_ttl(body.get("ttl")),
    )


def credentials_of(app: ConversationApp, channel: str) -> dict | None:
    entries = (entry for entry in app.channel_credentials if entry.get("channel") == channel)
    return next(entries, None)


def default_sender(app: ConversationApp, channel: str) -> str:
    """An MMS needs a `default_sender`; an SMS plan has a number of its own."""
    if channel == "MMS":
        entry = credentials_of(app, "MMS") or {}
        return entry.get("mms_credentials", {}).get("default_sender", "").lstrip("+")
    return app.senders[0] if app.senders else ""


def _read_recipient(
    asked: Asked, recipient: Any, is_dispatch: bool
) -> tuple[dict[str, str], ConversationContact | None]:
    check_object(recipient, "recipient")
    contact_id, identified = recipient.get("contact_id"), recipient.get("identified_by")
    if (contact_id is None) == (identified is None):
        raise invalid("recipient", "must hold either contact_id or identified_by")
    if identified is not None:
        return _read_identities(identified), None
    if is_dispatch:
        raise invalid("recipient.contact_id", "is not allowed for an app in dispatch mode")
    contact = asked.project.contacts.filter(contact_id=contact_id).first()
    if contact is None:
        raise not_found(f"Contact {contact_id}")
    pairs = {entry["channel"]: entry["identity"] for entry in contact.identities}
    return {channel: number.lstrip("+") for channel, number in pairs.items()}, contact


def _read_identities(identified: Any) -> dict[str, str]:
    where = "recipient.identified_by.channel_identities"
    check_object(identified, "recipient.identified_by")
    entries = identified.get("channel_identities")
    if not isinstance(entries, list) or not entries:
        raise invalid(where, "must be a list that is not empty")
    identities = {}
    for number, entry in enumerate(entries):
        check_object(entry, f"{where}[{number}]")
        check_channel(entry.get("channel"), f"{where}[{number}].channel")
        identity = entry.get("identity")
        if not isinstance(identity, str) or not identity:
            raise invalid(f"{where}[{number}].identity", "must be a text that is not empty")
        identities[entry["channel"]] = identity.lstrip("+")
    return identities


def check_channel(channel: Any, field: str) -> None:
    if channel not in CHANNELS:
        raise invalid(field, "is not a channel")


def _check_options(body: dict) -> None:
    for field, longest in LONGEST.items():
        value = body.get(field)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            raise invalid(field, f"must be a text of at most {longest} characters")
    for field, words in CHOSEN.items():
        if body.get(field) is not None and body[field] not in words:
            raise invalid(field, f"must be one of {', '.join(sorted(words))}")
    url = body.get("callback_url")
    if url and not url.lower().startswith(("http://", "https://")):
        raise invalid("callback_url", "must be an http:// or https:// address")
    metadata = body.get("conversation_metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise invalid("conversation_metadata", "must be an object")
    if len(str(metadata or "")) > LONGEST_CONVERSATION_METADATA:
        raise invalid("conversation_metadata", "is longer than 2048 characters")
    _check_channels(body)


def _check_channels(body: dict) -> None:
    order = body.get("channel_priority_order") or []
    if not isinstance(order, list):
        raise invalid("channel_priority_order", "must be a list")
    for number, channel in enumerate(order):
        check_channel(channel, f"channel_priority_order[{number}]")
    properties = body.get("channel_properties") or {}
    check_object(properties, "channel_properties")
    for key, value in properties.items():
        if key not in PROPERTIES:
            raise invalid(f"channel_properties[{key}]", "is not a known property")
        if not isinstance(value, str) or len(value) > LONGEST_PROPERTY:
            raise invalid(f"channel_properties[{key}]", "must be a text of at most 1024 characters")


def _read_ttl(value: Any) -> int:
    if value is None:
        return 0
    found = TTL.fullmatch(value) if isinstance(value, str) else None
    seconds = int(found[1]) if found else 0
    if not SHORTEST_TTL <= seconds <= LONGEST_TTL:
        raise invalid("ttl", 'must be seconds like "86400s", at least "3s"')
    return seconds
