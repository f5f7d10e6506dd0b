"""The callbacks of an app: what they say, and the unsaved rows that post them (§8 to §10).

There is no trigger in a body: who reads it goes by the one key of its payload.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from campaigns.sandbox.conversation.models import (
    ConversationApp,
    ConversationMessage,
    Generation,
)
from campaigns.sandbox.models import Api, Postback

DELIVERY, INBOUND, SUBMIT = "MESSAGE_DELIVERY", "MESSAGE_INBOUND", "MESSAGE_SUBMIT"
OPT_OUT, OPT_IN, CAPABILITY = "OPT_OUT", "OPT_IN", "CAPABILITY"


def is_older(app: ConversationApp, channel: str) -> bool:
    """Only the samples of MMS have the older form."""
    return channel == "MMS" and app.project.generation == Generation.OLDER


def stamp(at: datetime, digits: int = 9) -> str:
    """Times have up to nine digits after the point."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{f'{at.microsecond:06}000'[:digits]}Z"


def identity_of(channel: str, phone: str) -> dict:
    return {"channel": channel, "identity": phone, "app_id": ""}


def mode_of(app: ConversationApp) -> str:
    return "CONVERSATION" if app.is_conversation else "DISPATCH"


def whereabouts(app: ConversationApp, channel: str, phone: str) -> dict:
    """Which phone a payload is about; the older form has the channel alone."""
    if is_older(app, channel):
        return {"channel": channel}
    return {"channel_identity": identity_of(channel, phone), "processing_mode": mode_of(app)}


def envelope(
    app: ConversationApp,
    payload: dict[str, Any],
    at: datetime,
    *,
    channel: str = "",
    message_metadata: str = "",
    correlation_id: str = "",
) -> dict:
    body = {
        "app_id": app.app_id,
        "accepted_time": stamp(at),
        "event_time": stamp(at, digits=3),
        "project_id": app.project.project_id,
        **payload,
        "message_metadata": message_metadata,
        "correlation_id": correlation_id,
    }
    missing = {"event_time", "project_id"} if is_older(app, channel) else set()
    return {field: value for field, value in body.items() if field not in missing}


def plan(
    app: ConversationApp,
    trigger: str,
    body: dict,
    *,
    phone: str,
    due_at: datetime,
    code: str = "",
    only_to: str = "",
) -> list[Postback]:
    """One row for every webhook that wants it; `only_to` is the message's own `callback_url`."""
    return [
        Postback(
            api=Api.CONVERSATION,
            url=url,
            secret=secret,
            body=body,
            code=code or trigger,
            phone=phone,
            app=app,
            due_at=due_at,
        )
        for url, secret in _targets(app, trigger, only_to)
    ]


def _targets(app: ConversationApp, trigger: str, only_to: str) -> Iterable[tuple[str, str]]:
    if only_to:
        return [(only_to, app.override_secret)]
    webhooks = app.webhooks.filter(target_type="HTTP").order_by("pk")
    return [(hook.target, hook.secret) for hook in webhooks if trigger in hook.triggers]


def describe(message: ConversationMessage) -> dict:
    """A message as listings and inbound callbacks have it (§9.3)."""
    app = message.app
    part = "contact_message" if message.to_app else "app_message"
    return {
        "id": message.message_id,
        "direction": "TO_APP" if message.to_app else "TO_CONTACT",
        part: message.body,
        **whereabouts(app, message.channel, message.phone),
        "conversation_id": message.conversation_id,
        "contact_id": message.contact_id,
        "metadata": message.metadata,
        "accept_time": stamp(message.accepted_at),
        "sender_id": message.sender if message.to_app else "",
        "injected": False,
    }
