"""Webhooks of an app: where its callbacks go (§8)."""

from typing import Any

from campaigns.sandbox.conversation.doors import Asked
from campaigns.sandbox.conversation.errors import ApiProblem, invalid, not_found
from campaigns.sandbox.conversation.messages import check_object, check_text, check_url
from campaigns.sandbox.conversation.models import ConversationApp, ConversationWebhook
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.writing import writing

MOST = 5
LONGEST_TARGET = 742
TARGET_TYPES = {"DISMISS", "HTTP"}
TRIGGERS = {
    "MESSAGE_DELIVERY", "EVENT_DELIVERY", "MESSAGE_INBOUND", "EVENT_INBOUND", "MESSAGE_SUBMIT",
    "CONVERSATION_START", "CONVERSATION_STOP", "CONVERSATION_DELETE", "CONTACT_CREATE",
    "CONTACT_UPDATE", "CONTACT_DELETE", "CONTACT_MERGE", "CONTACT_IDENTITIES_DUPLICATION",
    "CAPABILITY", "OPT_IN", "OPT_OUT", "UNSUPPORTED", "CHANNEL_EVENT", "SMART_CONVERSATION",
    "SMART_CONVERSATIONS", "MESSAGE_INBOUND_SMART_CONVERSATION_REDACTION", "RECORD_NOTIFICATION",
    "BATCH_STATUS_UPDATE",
}  # fmt: skip
FIELDS = ("target", "target_type", "secret", "triggers", "client_credentials")


def list_webhooks(asked: Asked) -> dict:
    app = asked.app(asked.names["app_id"])
    return {"webhooks": [describe(webhook) for webhook in app.webhooks.order_by("pk")]}


def refuse_post(asked: Asked) -> dict:
    """Webhooks are made on the project; this address only lists them."""
    raise ApiProblem(501, "POST is not implemented here: POST to /webhooks with the app_id.")


def create_webhook(asked: Asked) -> dict:
    app = asked.app(asked.body.get("app_id"))
    fields = _read(asked.body, FIELDS)
    webhook = ConversationWebhook(app=app, webhook_id=new_ulid(), **fields)
    _check(app, webhook)
    if app.webhooks.count() >= MOST:
        raise ApiProblem(400, f"An app has at most {MOST} webhooks.")
    with writing():
        webhook.save()
    return describe(webhook)


def get_webhook(asked: Asked) -> dict:
    return describe(_find(asked))


def change_webhook(asked: Asked) -> dict:
    """`update_mask` names what is changed; without it, what the body has."""
    webhook = _find(asked)
    mask = asked.request.GET.get("update_mask", "")
    names = [name.strip() for name in mask.split(",") if name.strip()] or [*asked.body]
    for name, value in _read(asked.body, [name for name in FIELDS if name in names]).items():
        setattr(webhook, name, value)
    _check(webhook.app, webhook)
    with writing():
        webhook.save()
    return describe(webhook)


def delete_webhook(asked: Asked) -> dict:
    with writing():
        _find(asked).delete()
    return {}


def describe(webhook: ConversationWebhook) -> dict:
    return {
        "id": webhook.webhook_id,
        "app_id": webhook.app.app_id,
        "target": webhook.target,
        "target_type": webhook.target_type,
        "secret": webhook.secret,
        "triggers": webhook.triggers,
        "client_credentials": webhook.client_credentials,
    }


def _find(asked: Asked) -> ConversationWebhook:
    name = asked.names["webhook_id"]
    found = ConversationWebhook.objects.select_related("app").filter(
        app__project=asked.project, app__region=asked.region, webhook_id=name
    )
    if not found:
        raise not_found(f"Webhook {name}")
    return found[0]


def _read(body: dict, names: Any) -> dict:
    defaults = {"target_type": "DISMISS", "secret": "", "target": "", "triggers": []}
    return {name: body.get(name) or defaults.get(name) for name in names}


def _check(app: ConversationApp, webhook: ConversationWebhook) -> None:
    check_url(webhook.target, "target")
    if len(webhook.target) > LONGEST_TARGET:
        raise invalid("target", f"is longer than {LONGEST_TARGET} characters")
    if app.webhooks.filter(target=webhook.target).exclude(pk=webhook.pk).exists():
        raise invalid("target", "is the target of another webhook of this app")
    if webhook.target_type not in TARGET_TYPES:
        raise invalid("target_type", "must be DISMISS or HTTP")
    check_text(webhook.secret, "secret", is_needed=False)
    if not isinstance(webhook.triggers, list) or not webhook.triggers:
        raise invalid("triggers", "must be a list that is not empty")
    if unknown := [trigger for trigger in webhook.triggers if trigger not in TRIGGERS]:
        raise invalid("triggers", f"{unknown[0]} is not a trigger")
    if webhook.client_credentials is not None:
        check_object(webhook.client_credentials, "client_credentials")
        for name in ("client_id", "client_secret", "endpoint"):
            check_text(webhook.client_credentials.get(name), f"client_credentials.{name}")
