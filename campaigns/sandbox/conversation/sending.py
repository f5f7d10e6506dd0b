"""`messages:send`: takes a message, plans what becomes of it, answers as its story has it."""

import json
import secrets
from datetime import datetime

from django.http import HttpResponse

from campaigns.sandbox import poster
from campaigns.sandbox.answering import give_answer
from campaigns.sandbox.conversation import callbacks, contacts
from campaigns.sandbox.conversation.attempts import Report, Run, run
from campaigns.sandbox.conversation.doors import Asked
from campaigns.sandbox.conversation.errors import ApiProblem, invalid
from campaigns.sandbox.conversation.models import ConversationContact, ConversationMessage
from campaigns.sandbox.conversation.orders import Order, read_order
from campaigns.sandbox.conversation.replies import Planned, plan_scripted
from campaigns.sandbox.conversation.stories import Refused, Story, story_of
from campaigns.sandbox.conversation.tokens import expired_token
from campaigns.sandbox.conversation.transcoding import button_of
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.models import Api, HandsetMessage, Postback
from campaigns.sandbox.sms.parts import count_parts
from campaigns.sandbox.throttle import FirstTries
from campaigns.sandbox.writing import writing

OPERATORS = ("310410", "311480", "310260")
first_tries = FirstTries()


def send_message(asked: Asked) -> HttpResponse:
    order = read_order(asked)
    asked.log.to = order.phone[:20]
    story = story_of(order.phone)
    if story.refused:
        _refuse(order, story.refused)
    message_id = new_ulid()
    asked.log.tracking_id = message_id
    left = Planned() if story.is_lost else _accept(order, story, message_id, asked.now)
    if story.first_before_answer and left.postbacks:
        poster.settle(left.postbacks[0], poster.post(left.postbacks[0]), asked.now)
    with writing():
        left.save()
    answer = {"message_id": message_id, "accepted_time": callbacks.stamp(asked.now, digits=3)}
    return give_answer(asked.request, answer, story.answer)


def _refuse(order: Order, refused: Refused) -> None:
    if refused.once and not first_tries.is_first(order.app.app_id, order.phone):
        return
    if refused.code == 401:
        raise expired_token()
    if refused.code == 400 and not refused.status:
        raise invalid("recipient.identified_by.channel_identities[0].identity", refused.message)
    raise ApiProblem(refused.code, refused.message, status=refused.status)


def _accept(order: Order, story: Story, message_id: str, now: datetime) -> Planned:
    outcome = run(order, story, now)
    contact = order.contact or _contact_of(order, outcome.channel)
    left = Planned()
    message = ConversationMessage(
        app=order.app,
        message_id=message_id,
        channel=outcome.channel,
        phone=order.identities.get(outcome.channel, order.phone)[:20],
        sender=order.sender(outcome.channel)[:20],
        contact_id=contact.contact_id if contact else "",
        conversation_id=contact.conversation_id if contact else "",
        body=order.message,
        metadata=order.metadata,
        conversation_metadata=order.conversation_metadata,
        correlation_id=order.correlation_id,
        accepted_at=now,
    )
    left.messages.append(message)
    left.postbacks += _plan_submit(order, message, now)
    for report in outcome.reports:
        left.postbacks += _plan_report(order, message, outcome, report)
    if outcome.shown_at:
        left.shown.append(_on_the_phone(message, outcome))
        if story.reply:
            reply = plan_scripted(message, story.reply, outcome.shown_at)
            left.shown += reply.shown
            left.messages += reply.messages
            left.postbacks += reply.postbacks
    return left


def _contact_of(order: Order, channel: str) -> ConversationContact | None:
    """In dispatch mode nobody is kept, but the older form knows people by nothing else."""
    if order.app.is_conversation or callbacks.is_older(order.app, channel):
        return contacts.find_or_make(order.app.project, order.phone[:20])
    return None


def _plan_submit(order: Order, message: ConversationMessage, now: datetime) -> list[Postback]:
    payload = {
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "channel_identity": callbacks.identity_of(message.channel, message.phone),
        "contact_id": message.contact_id,
        "submitted_message": message.body,
        "metadata": message.metadata,
        "processing_mode": callbacks.mode_of(order.app),
    }
    body = callbacks.envelope(
        order.app,
        {"message_submit_notification": payload},
        now,
        correlation_id=order.correlation_id,
    )
    return callbacks.plan(order.app, callbacks.SUBMIT, body, phone=message.phone, due_at=now)


def _plan_report(
    order: Order, message: ConversationMessage, outcome: Run, report: Report
) -> list[Postback]:
    app, phone = order.app, order.identities.get(report.channel, order.phone)
    payload = {
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "status": report.status,
        **callbacks.whereabouts(app, report.channel, phone),
        "contact_id": message.contact_id,
        "metadata": order.metadata,
    }
    if callbacks.is_older(app, report.channel):
        payload["reason"] = ""
    if report.reason:
        payload["reason"] = {
            "code": report.reason.code,
            "description": report.reason.description,
            "sub_code": report.reason.sub_code,
            "channel_code": "",
        }
    body = callbacks.envelope(
        app,
        {"message_delivery_report": payload},
        report.at,
        channel=report.channel,
        message_metadata=_channel_metadata(order, outcome, report),
        correlation_id=order.correlation_id,
    )
    return [
        row
        for _ in range(2 if report.twice else 1)
        for row in callbacks.plan(
            app,
            callbacks.DELIVERY,
            body,
            phone=phone[:20],
            due_at=report.at,
            code=report.status,
            only_to=order.callback_url,
        )
    ]


def _channel_metadata(order: Order, outcome: Run, report: Report) -> str:
    """What the SMS channel writes at the top, which is not the caller's metadata (§9.1)."""
    if report.channel != "SMS":
        return ""
    notes: dict[str, str | int] = {"sms_batch_id": outcome.batch_id}
    if order.properties.get("SMS_MAX_NUMBER_OF_MESSAGE_PARTS"):
        notes["number_of_message_parts"] = count_parts(outcome.carried.text)
    if order.app.project.names_operators:
        notes["operator"] = OPERATORS[int(order.phone[-3:]) % len(OPERATORS)]
    return json.dumps(notes)


def _on_the_phone(message: ConversationMessage, outcome: Run) -> HandsetMessage:
    carried = outcome.carried
    choices = [button_of(choice) for choice in carried.choices]
    return HandsetMessage(
        api=Api.CONVERSATION,
        provider_id=message.message_id,
        token=secrets.token_urlsafe(12),
        phone=message.phone,
        other=message.sender,
        at=outcome.shown_at,
        is_sms=message.channel == "SMS",
        subject=carried.subject,
        slides=[{"text": carried.text, "media": outcome.files, "choices": choices}],
    )
