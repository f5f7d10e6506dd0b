"""Apps of a project: read, made and changed (§7)."""

from collections.abc import Callable
from typing import Any

from campaigns.sandbox.conversation.doors import Asked
from campaigns.sandbox.conversation.errors import invalid
from campaigns.sandbox.conversation.messages import check_object, check_text
from campaigns.sandbox.conversation.models import ConversationApp
from campaigns.sandbox.conversation.orders import check_channel
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.writing import writing

MODES = {"DISPATCH": False, "CONVERSATION": True}
MOST_DISPATCH_DAYS = 7
LIMITS = {"inbound": 25, "outbound": 20}
QUEUE = {"outbound_size": 0, "outbound_limit": 500_000}
#: Channel → its credentials, and what they must hold.
CREDENTIALS = {
    "MMS": ("mms_credentials", ("account_id", "api_key")),
    "SMS": ("static_bearer", ("claimed_identity", "token")),
}
#: What is stored as it comes and changes nothing here.
OTHERS = {
    "conversation_metadata_report_view", "retention_policy", "message_retry_settings",
    "delivery_report_based_fallback", "smart_conversation", "persist_message_status",
    "message_search",
}  # fmt: skip
DEFAULTS = {
    "conversation_metadata_report_view": "NONE",
    "retention_policy": {"retention_type": "MESSAGE_EXPIRE_POLICY", "ttl_days": 180},
    "message_retry_settings": {"retry_duration": 3600},
    "smart_conversation": {"enabled": False},
}


def list_apps(asked: Asked) -> dict:
    found = asked.project.apps.filter(region=asked.region).order_by("pk")
    return {"apps": [describe(app) for app in found]}


def create_app(asked: Asked) -> dict:
    """In the region it is asked of. Its numbers are an account manager's to give."""
    app = ConversationApp(project=asked.project, app_id=new_ulid(), region=asked.region)
    app.senders = sorted({number for other in asked.project.apps.all() for number in other.senders})
    for name in ("display_name", "channel_credentials"):
        if not asked.body.get(name):
            raise invalid(name, "is needed")
    return _change(app, asked.body, [*asked.body])


def get_app(asked: Asked) -> dict:
    return describe(asked.app(asked.names["app_id"]))


def change_app(asked: Asked) -> dict:
    """`update_mask` names what is changed; without it, what the body has."""
    app = asked.app(asked.names["app_id"])
    mask = asked.request.GET.get("update_mask", "")
    names = [name.strip().partition(".")[0] for name in mask.split(",") if name.strip()]
    return _change(app, asked.body, names or [*asked.body])


def delete_app(asked: Asked) -> dict:
    with writing():
        asked.app(asked.names["app_id"]).delete()
    return {}


def describe(app: ConversationApp) -> dict:
    """`default_sender` is left out of what is answered, as seen (§7)."""
    return {
        **DEFAULTS,
        **app.others,
        "id": app.app_id,
        "display_name": app.display_name,
        "channel_credentials": [_shown(entry) for entry in app.channel_credentials],
        "processing_mode": "CONVERSATION" if app.is_conversation else "DISPATCH",
        "dispatch_retention_policy": {
            "retention_type": "MESSAGE_EXPIRE_POLICY",
            "ttl_days": app.dispatch_days,
        },
        "callback_settings": {"secret_for_overridden_callback_urls": app.override_secret},
        "rate_limits": {**LIMITS, "webhooks": int(app.project.webhook_rate)},
        "queue_stats": QUEUE,
    }


def _change(app: ConversationApp, body: dict, names: list[str]) -> dict:
    for name in names:
        if name in SETTERS:
            SETTERS[name](app, body.get(name))
        elif name in OTHERS:
            app.others = {**app.others, name: body.get(name)}
    with writing():
        app.save()
    return describe(app)


def _set_name(app: ConversationApp, value: Any) -> None:
    check_text(value, "display_name")
    app.display_name = value[:200]


def _set_credentials(app: ConversationApp, value: Any) -> None:
    if not isinstance(value, list):
        raise invalid("channel_credentials", "must be a list")
    for number, entry in enumerate(value):
        where = f"channel_credentials[{number}]"
        check_object(entry, where)
        check_channel(entry.get("channel"), f"{where}.channel")
        name, needed = CREDENTIALS.get(entry["channel"], ("", ()))
        if name:
            check_object(entry.get(name), f"{where}.{name}")
        for part in needed:
            check_text(entry[name].get(part), f"{where}.{name}.{part}")
    app.channel_credentials = value


def _set_mode(app: ConversationApp, value: Any) -> None:
    if value not in MODES:
        raise invalid("processing_mode", "must be DISPATCH or CONVERSATION")
    app.is_conversation = MODES[value]


def _set_dispatch_days(app: ConversationApp, value: Any) -> None:
    check_object(value, "dispatch_retention_policy")
    days = value.get("ttl_days", 0)
    if not isinstance(days, int) or not 0 <= days <= MOST_DISPATCH_DAYS:
        raise invalid("dispatch_retention_policy.ttl_days", "must lie between 0 and 7")
    app.dispatch_days = days


def _set_override_secret(app: ConversationApp, value: Any) -> None:
    check_object(value, "callback_settings")
    secret = value.get("secret_for_overridden_callback_urls") or ""
    check_text(secret, "callback_settings.secret_for_overridden_callback_urls", is_needed=False)
    app.override_secret = secret


SETTERS: dict[str, Callable[[ConversationApp, Any], None]] = {
    "display_name": _set_name,
    "channel_credentials": _set_credentials,
    "processing_mode": _set_mode,
    "dispatch_retention_policy": _set_dispatch_days,
    "callback_settings": _set_override_secret,
}


def _shown(entry: dict) -> dict:
    shown = {**entry, "state": {"status": "ACTIVE", "description": ""}, "channel_known_id": ""}
    shown.setdefault("callback_secret", "")
    shown.setdefault("credential_ordinal_number", 0)
    if "mms_credentials" in shown:
        credentials = {**shown["mms_credentials"]}
        credentials.pop("default_sender", None)
        shown["mms_credentials"] = credentials
    return shown
