"""Messages looked up afterwards: listed, read, renamed, deleted (§2, §2.1)."""

from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet
from django.http import QueryDict

from campaigns.sandbox.conversation.callbacks import describe
from campaigns.sandbox.conversation.doors import Asked
from campaigns.sandbox.conversation.errors import invalid, not_found
from campaigns.sandbox.conversation.messages import check_text
from campaigns.sandbox.conversation.models import ConversationMessage
from campaigns.sandbox.writing import writing

SOURCES = {"CONVERSATION_SOURCE": True, "DISPATCH_SOURCE": False}
DEFAULT_SOURCE = "CONVERSATION_SOURCE"
DIRECTIONS = {"TO_APP": True, "TO_CONTACT": False}
#: Parameter → the column it is compared with.
COLUMNS = {
    "app_id": "app__app_id",
    "contact_id": "contact_id",
    "conversation_id": "conversation_id",
    "channel": "channel",
}
LONGEST_METADATA = 1024


def list_messages(asked: Asked) -> dict:
    offset, size = asked.page(default=10, most=1000)
    found = _narrow(_stored(asked, _source(asked)), asked.request.GET)
    rows = list(found.order_by("-accepted_at", "-pk")[offset : offset + size + 1])
    token = str(offset + size) if len(rows) > size else ""
    view = asked.request.GET.get("view", "WITH_METADATA")
    messages = [describe(row) for row in rows[:size]]
    if view == "WITHOUT_METADATA":
        messages = [{**message, "metadata": ""} for message in messages]
    return {"messages": messages, "next_page_token": token}


def fetch_last(asked: Asked) -> dict:
    """The newest message of each number that is asked for; a POST with its filters in the body."""
    found = _stored(asked, asked.body.get("messages_source", DEFAULT_SOURCE))
    if app_id := asked.body.get("app_id"):
        found = found.filter(app__app_id=app_id)
    if contacts := asked.body.get("contact_ids"):
        groups = [found.filter(contact_id=contact) for contact in contacts]
    else:
        numbers = asked.body.get("channel_identities") or []
        groups = [found.filter(phone=number.lstrip("+")) for number in numbers]
    newest = [group.order_by("-accepted_at", "-pk").first() for group in groups]
    return {"messages": [describe(row) for row in newest if row], "next_page_token": ""}


def get_message(asked: Asked) -> dict:
    return describe(_find(asked))


def change_message(asked: Asked) -> dict:
    message = _find(asked)
    if not message.app.is_conversation:
        raise invalid("message_id", "is a message in dispatch mode, which cannot be changed")
    metadata = asked.body.get("metadata")
    check_text(metadata, "metadata")
    if len(metadata) > LONGEST_METADATA:
        raise invalid("metadata", "is longer than 1024 characters")
    with writing():
        ConversationMessage.objects.filter(pk=message.pk).update(metadata=metadata)
    message.metadata = metadata
    return describe(message)


def delete_message(asked: Asked) -> dict:
    with writing():
        _find(asked).delete()
    return {}


def _find(asked: Asked) -> ConversationMessage:
    message = _stored(asked, _source(asked)).filter(message_id=asked.names["message_id"]).first()
    if message is None:
        raise not_found(f"Message {asked.names['message_id']}")
    return message


def _source(asked: Asked) -> str:
    return asked.request.GET.get("messages_source", DEFAULT_SOURCE)


def _stored(asked: Asked, source: str) -> QuerySet[ConversationMessage]:
    """Of the source that is asked for; dispatched ones only while their retention keeps them, and
    nothing that a phone has not written yet."""
    if source not in SOURCES:
        raise invalid("messages_source", "is not known")
    found = ConversationMessage.objects.select_related("app__project").filter(
        app__project=asked.project, app__region=asked.region, accepted_at__lte=asked.now
    )
    if SOURCES[source]:
        return found.filter(app__is_conversation=True)
    kept = Q(pk=None)
    for app in asked.project.apps.filter(is_conversation=False, dispatch_days__gt=0):
        since = asked.now - timedelta(days=app.dispatch_days)
        kept |= Q(app=app, accepted_at__gt=since)
    return found.filter(kept)


def _narrow(
    found: QuerySet[ConversationMessage], asked: QueryDict
) -> QuerySet[ConversationMessage]:
    for name, column in COLUMNS.items():
        if asked.get(name):
            found = found.filter(**{column: asked[name]})
    if identity := asked.get("channel_identity"):
        found = found.filter(phone=identity.lstrip("+"))
    if asked.get("direction") in DIRECTIONS:
        found = found.filter(to_app=DIRECTIONS[asked["direction"]])
    if asked.get("only_recipient_originated") in {"true", "True"}:
        found = found.filter(to_app=True)
    if asked.get("start_time"):
        found = found.filter(accepted_at__gt=_moment(asked["start_time"], "start_time"))
    if asked.get("end_time"):
        found = found.filter(accepted_at__lt=_moment(asked["end_time"], "end_time"))
    return found


def _moment(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(field, "is not an RFC 3339 time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
