"""What a phone answers through the Conversation API: its callbacks, and what the phone shows (§5.3,
§9.3).

Text alone is an SMS. Pictures, a subject or a place make an MMS; every picture is a callback of its
own, and nothing in it tells that they belong together.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.sandbox import copies
from campaigns.sandbox.conversation import callbacks, contacts
from campaigns.sandbox.conversation.choosing import find_choice
from campaigns.sandbox.conversation.consents import heed_consent
from campaigns.sandbox.conversation.models import (
    ConversationApp,
    ConversationMessage,
)
from campaigns.sandbox.conversation.stories import Reply
from campaigns.sandbox.conversation.transcoding import label_of, map_link, transcode
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.inbound import Picture, draw_picture, file_url
from campaigns.sandbox.models import Api, HandsetMessage, Postback
from campaigns.sandbox.postbacks import pick_moment
from campaigns.sandbox.writing import writing
from campaigns.sandbox.written import Written

REPLY_AFTER = (2, 4)
#: By day, in the evening, at night: several pictures are not the same one.
SKIES = ("#9fd3e6", "#f3b98a", "#5b6ea8")
PLACE = {
    "title": "Pike Place Market",
    "label": "85 Pike St, Seattle",
    "coordinates": {"latitude": 47.608_923, "longitude": -122.340_562},
}


@dataclass
class Planned:
    """What an answer leaves behind, not saved yet."""

    shown: list[HandsetMessage] = field(default_factory=list)
    messages: list[ConversationMessage] = field(default_factory=list)
    postbacks: list[Postback] = field(default_factory=list)

    def save(self) -> None:
        """To be called while writing."""
        HandsetMessage.objects.bulk_create(self.shown)
        ConversationMessage.objects.bulk_create(self.messages)
        Postback.objects.bulk_create(self.postbacks)


def save_reply(app: ConversationApp, phone: str, to: str, written: Written, at: datetime) -> None:
    planned = plan_reply(app, phone, to, written, at)
    with writing():
        planned.save()


def plan_scripted(message: ConversationMessage, reply: Reply, after: datetime) -> Planned:
    """The answer that a story has for a message, some seconds after it came."""
    choices = transcode(message.body, message.channel).choices
    written = Written(
        text=reply.text or ("" if reply.chooses or reply.has_place or reply.pictures else "OK"),
        pictures=[draw_picture(sky) for sky in SKIES[: reply.pictures]],
        place=PLACE if reply.has_place else None,
        choice=choices[0] if reply.chooses and choices else None,
        answers=message.message_id,
    )
    if reply.chooses and not choices:
        written = Written(text="Which one?")
    at = pick_moment(after, REPLY_AFTER)
    return plan_reply(message.app, message.phone, message.sender, written, at, offered=message)


def plan_reply(
    app: ConversationApp,
    phone: str,
    to: str,
    written: Written,
    at: datetime,
    offered: ConversationMessage | None = None,
) -> Planned:
    """`offered` is a message that is not in the table yet, for the choices in it."""
    shown = _on_the_phone(app, phone, to, written, at)
    planned = Planned(shown=[shown])
    channel = "MMS" if written.is_mms else "SMS"
    sent = [offered] if offered else list(_sent_to(app, phone))
    for body in _bodies(written, shown, sent if channel == "SMS" else []):
        answered = body.get("choice_response_message", {}).get("message_id", "")
        message = _message(app, channel, phone, to, body, at, answered, sent)
        planned.messages.append(message)
        planned.postbacks += _plan(message, sent, at)
    planned.postbacks += heed_consent(app, phone, written.text, at)
    return planned


def _sent_to(app: ConversationApp, phone: str) -> Iterable[ConversationMessage]:
    """The last messages to this phone, newest first."""
    rows = ConversationMessage.objects.filter(app=app, phone=phone, to_app=False)
    return rows.order_by("-accepted_at", "-pk")[:20]


def _bodies(
    written: Written, shown: HandsetMessage, sent: list[ConversationMessage]
) -> Iterable[dict]:
    """The contact messages, one for each picture."""
    if written.place:
        yield {"location_message": written.place}
    elif written.pictures:
        for number, file in enumerate(shown.slides[0]["media"], 1):
            url = file_url(shown, number, file["name"])
            if written.text:
                yield {"media_card_message": {"url": url, "caption": written.text}}
            else:
                yield {"media_message": {"url": url}}
    elif found := find_choice(written, sent):
        yield {"choice_response_message": found}
    else:
        yield {"text_message": {"text": written.text}}


def _message(
    app: ConversationApp,
    channel: str,
    phone: str,
    to: str,
    body: dict,
    at: datetime,
    answered: str,
    sent: list[ConversationMessage],
) -> ConversationMessage:
    """The row of an inbound message. `metadata` is the channel's, or that of what is answered."""
    metadata = json.dumps({"operator": "310260"}) if channel == "SMS" else ""
    if answered:
        metadata = next((row.metadata for row in sent if row.message_id == answered), "")
    contact = None
    if app.is_conversation or callbacks.is_older(app, channel):
        contact = contacts.find_or_make(app.project, phone)
    return ConversationMessage(
        app=app,
        message_id=new_ulid(),
        to_app=True,
        channel=channel,
        phone=phone,
        sender=to,
        contact_id=contact.contact_id if contact else "",
        conversation_id=contact.conversation_id if contact else "",
        body={**body, "reply_to": None},
        metadata=metadata,
        accepted_at=at,
    )


def _plan(
    message: ConversationMessage, sent: list[ConversationMessage], at: datetime
) -> list[Postback]:
    """With the last known metadata and correlation id of what was sent there, if that is kept."""
    app = message.app
    is_kept = app.is_conversation or app.dispatch_days > 0
    kept = sent if is_kept else []
    metadata = next((row.conversation_metadata for row in kept if row.conversation_metadata), None)
    correlation = next((row.correlation_id for row in kept if row.correlation_id), "")
    body = callbacks.envelope(
        app,
        {"message": callbacks.describe(message)},
        at,
        channel=message.channel,
        message_metadata=json.dumps(metadata) if metadata else "",
        correlation_id=correlation,
    )
    return callbacks.plan(app, callbacks.INBOUND, body, phone=message.phone, due_at=at)


def _on_the_phone(
    app: ConversationApp, phone: str, to: str, written: Written, at: datetime
) -> HandsetMessage:
    text = written.text or (label_of(written.choice) if written.choice else "")
    slide = {"text": text, "media": list(_files(written.pictures))}
    if written.place:
        slide["place"] = {**written.place, "url": map_link(written.place)}
    return HandsetMessage(
        api=Api.CONVERSATION,
        token=secrets.token_urlsafe(12),
        phone=phone,
        other=to,
        is_reply=True,
        is_sms=not written.is_mms,
        at=at,
        slides=[slide],
        gone_at=at + timedelta(seconds=app.project.media_seconds),
    )


def _files(pictures: Iterable[Picture]) -> Iterable[dict]:
    for picture in pictures:
        name = copies.keep(picture.content, picture.type)
        yield {"kind": "image", "name": name, "type": picture.type}
