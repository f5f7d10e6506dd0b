"""The members of a callback that several kinds share (reference/sinch-conversation-api.md §9)."""

import hashlib
import json
from datetime import datetime
from typing import Any

from campaigns.gateways.payload import moment, read_object, text

Data = dict[str, Any]


def part(data: Data, name: str) -> Data:
    """The object that is a member, or an empty one."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def parts(data: Data, name: str) -> list[Data]:
    """The objects in a list that is a member."""
    found = data.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def channel_of(data: Data) -> str:
    """MMS or SMS: of the new form, or of the older one without `channel_identity` (§9.1)."""
    new = text(part(data, "channel_identity"), "channel", limit=30)
    return (new or text(data, "channel", limit=30)).upper()


def phone_of(data: Data) -> str:
    """Digits of the number, with or without `+` on the wire; "" where there is none."""
    identity = text(part(data, "channel_identity"), "identity", limit=40)
    return digits(identity or text(data, "identity", limit=40))


def digits(number: str) -> str:
    bare = number.strip().removeprefix("+")
    return bare if bare.isascii() and bare.isdigit() and 3 <= len(bare) <= 15 else ""


def time_of(data: Data, payload: Data) -> datetime | None:
    """When it happened, as far as it is told."""
    told = [text(data, "event_time", limit=60), text(payload, "accept_time", limit=60)]
    told.append(text(data, "accepted_time", limit=60))
    return next(filter(None, map(moment, told)), None)


def key_of(*names: str) -> str:
    """The same for a repeat of the same callback."""
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


def key_of_all(data: Data) -> str:
    """The same for the same words, however they are laid out."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def channel_notes(value: Any) -> Data:
    """What the channel itself noted, which comes as JSON in a text (§9.1, §9.3)."""
    if not isinstance(value, str):
        return value if isinstance(value, dict) else {}
    try:
        return read_object(value.encode("utf-8", "replace"))
    except ValueError:
        return {}
