"""Listens to callbacks (reference/sinch-conversation-api.md §8–9): no field names the kind of one,
only the key under which it tells its news."""

from campaigns.gateways.events import Event
from campaigns.gateways.payload import clean, read_object
from campaigns.gateways.sinch_conversation.callback import Data
from campaigns.gateways.sinch_conversation.deliveries import read_delivery
from campaigns.gateways.sinch_conversation.inbounds import read_inbound
from campaigns.gateways.sinch_conversation.notices import (
    NOTICES,
    OPT_IN,
    OPT_OUT,
    read_consent,
    read_notice,
    read_unknown,
)

#: What every callback has beside its news (§9).
_ENVELOPE = frozenset(
    {
        "app_id",
        "project_id",
        "accepted_time",
        "event_time",
        "message_metadata",
        "correlation_id",
    }
)


def parse_post(body: bytes) -> list[Event]:
    """The events of a callback; raises `ValueError` on what cannot be read."""
    data = read_object(body)
    found = [event for kind in data if (event := _read(kind, data))]
    if found:
        return found
    if not {"app_id", "project_id"} & set(data):
        raise ValueError("It is no callback of the Conversation API: no app, no project, no news.")
    unknown = [name for name in data if name not in _ENVELOPE]
    return [read_unknown(data, clean(unknown[0] if unknown else "nothing", 60))]


def _read(kind: str, data: Data) -> Event | None:
    """The event under this key, where it is one of a callback's."""
    is_known = kind in {"message", "message_delivery_report", OPT_IN, OPT_OUT} or kind in NOTICES
    payload = data[kind]
    if not is_known:
        return None
    if not isinstance(payload, dict):
        raise ValueError(f"“{kind}” holds no object.")
    if kind == "message_delivery_report":
        return read_delivery(data, payload)
    if kind == "message":
        return read_inbound(data, payload)
    if kind in {OPT_IN, OPT_OUT}:
        return read_consent(kind, data, payload)
    return read_notice(kind, data, payload)
