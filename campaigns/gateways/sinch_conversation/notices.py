"""Reads what is kept beside reports and replies: consent, contacts, conversations and the rest
(reference/sinch-conversation-api.md §9.4)."""

from campaigns.gateways.events import ConsentEvent, NoticeEvent
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_conversation.callback import (
    Data,
    channel_of,
    key_of,
    key_of_all,
    part,
    parts,
    phone_of,
    time_of,
)

OPT_IN, OPT_OUT = "opt_in_notification", "opt_out_notification"

#: Payload key → what it tells.
NOTICES: dict[str, str] = {
    "event": "Something happened in a conversation.",
    "event_delivery_report": "A report about an event we sent.",
    "message_submit_notification": "A message was handed to Sinch.",
    "message_redaction": "Sinch blackened parts of a message.",
    "smart_conversation_notification": "Sinch analysed a message.",
    "contact_create_notification": "Sinch made a contact.",
    "contact_update_notification": "Sinch changed a contact.",
    "contact_delete_notification": "Sinch deleted a contact.",
    "contact_merge_notification": "Sinch made one contact of two.",
    "duplicated_contact_identities_notification": "Several contacts at Sinch share a number.",
    "conversation_start_notification": "A conversation began.",
    "conversation_stop_notification": "A conversation ended.",
    "conversation_delete_notification": "A conversation was deleted.",
    "capability_notification": "Sinch looked up what a phone can receive.",
    "channel_event_notification": "The channel has news.",
    "unsupported_callback": "Something came that Sinch cannot translate.",
    "record_notification": "Sinch has a new record.",
    "batch_status_update_notification": "A batch changed its state.",
}
#: Where the names stand that say what it is about, in this order.
_INSIDE = ("contact", "conversation", "preserved_contact", "channel_event", "contact_event")
_NAMED = (
    ("contact_id", "contact"),
    ("conversation_id", "conversation"),
    ("message_id", "message"),
    ("batch_id", "batch"),
    ("batch_status", "state"),
    ("capability_status", "state"),
    ("event_type", "event"),
    ("status", "state"),
    ("channel", "channel"),
    ("id", "id"),
)


def read_notice(kind: str, data: Data, payload: Data) -> NoticeEvent:
    """A kind we know and that changes nothing here."""
    words = " ".join(filter(None, (NOTICES[kind], _about(payload))))
    return NoticeEvent(key_of_all(data), kind, words)


def read_unknown(data: Data, kind: str) -> NoticeEvent:
    words = f"Sinch posted “{kind}”, which we do not know: it is kept and changes nothing."
    return NoticeEvent(key_of_all(data), kind, words, known=False)


def read_consent(kind: str, data: Data, payload: Data) -> ConsentEvent | NoticeEvent:
    """Only what succeeded counts (§9.4)."""
    is_out = kind == OPT_OUT
    status = text(payload, "status", limit=60).upper()
    what = "opt-out" if is_out else "opt-in"
    if status != ("OPT_OUT_SUCCEEDED" if is_out else "OPT_IN_SUCCEEDED"):
        why = text(part(payload, "error_details"), "description", limit=300)
        words = f"An {what} at Sinch did not succeed ({status or 'no status'}){_colon(why)}."
        return NoticeEvent(key_of_all(data), kind, words)
    phone = phone_of(payload)
    if not phone:
        contact = text(payload, "contact_id", limit=64) or "unknown"
        words = (
            f"An {what} at Sinch came without a number; the contact there is {contact}. "
            "Look there who it is."
        )
        return NoticeEvent(key_of_all(data), kind, words)
    request_id, at = text(payload, "request_id", limit=128), time_of(data, payload)
    return ConsentEvent(
        key=key_of(kind, request_id, phone, "" if request_id else str(at)),
        phone=phone,
        opted_out=is_out,
        text=f"Sinch reports an {what}{_by(channel_of(payload))}.",
        at=at,
    )


def _about(payload: Data) -> str:
    """Who or what, by Sinch's names."""
    inside = next(filter(None, (part(payload, name) for name in _INSIDE)), {})
    merged = {**inside, **payload}
    named = [(word, text(merged, name, limit=100)) for name, word in _NAMED]
    named += [
        ("channel", text(item, "channel", limit=30))
        for item in parts(payload, "duplicated_identities")
    ]
    found = [f"{word} {value}" for word, value in named if value]
    return f"({', '.join(found)})" if found else ""


def _colon(why: str) -> str:
    return f": {why.rstrip('.')}" if why else ""


def _by(channel: str) -> str:
    return f" by {channel}" if channel else ""
