"""A batch leaves the queue: its messages, their reports to come, and what the phones will show."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from campaigns.sandbox.inbound import draw_picture
from campaigns.sandbox.models import Api, HandsetMessage, Postback
from campaigns.sandbox.postbacks import pick_moment
from campaigns.sandbox.sms import parts
from campaigns.sandbox.sms.answered import reference_of
from campaigns.sandbox.sms.answers import Written, plan_answer
from campaigns.sandbox.sms.fields import callback_url
from campaigns.sandbox.sms.groups import expand
from campaigns.sandbox.sms.models import SmsBatch, SmsMessage
from campaigns.sandbox.sms.moments import read_moment
from campaigns.sandbox.sms.reports import batch_report, recipient_report
from campaigns.sandbox.sms.stories import Turn, aborted, sms_story_of
from campaigns.sandbox.sms.wording import Wording
from campaigns.sandbox.stories import Span

#: From the queue to the carrier, at speed 1.
TAKEN_AFTER: Span = (0.5, 0.5)
ANSWER_AFTER: Span = (8, 10)


@dataclass
class Sending:
    """All that a batch leaves behind, not saved yet."""

    messages: list[SmsMessage] = field(default_factory=list)
    postbacks: list[Postback] = field(default_factory=list)
    on_phones: list[HandsetMessage] = field(default_factory=list)
    answers: list[Written] = field(default_factory=list)
    free_at: datetime | None = None


def plan_sending(batch: SmsBatch, medium: dict | None, now: datetime) -> Sending:
    """`medium` is the copy of a media batch, or None where it could not be had (414)."""
    sending = Sending()
    wording = Wording(batch.fields)
    starts_at = max(now, batch.plan.free_at or now)
    gap = timedelta(seconds=1 / (batch.plan.rate * settings.SANDBOX_SPEED))
    recipients = expand(batch.plan, batch.fields["to"])
    for place, recipient in enumerate(recipients):
        leaves_at = pick_moment(starts_at + place * gap, TAKEN_AFTER)
        text = wording.text_for(recipient)
        message = SmsMessage(batch=batch, recipient=recipient, leaves_at=leaves_at)
        _measure(message, text)
        turns = _stopped(batch, message, text, medium) or sms_story_of(recipient).turns(
            batch.is_mms
        )
        _send_one(sending, batch, message, turns)
        if message.status == "Delivered" or turns[-1].code == 401:
            _show(sending, batch, message, text, medium)
    sending.free_at = starts_at + len(recipients) * gap
    sending.postbacks += plan_batch_report(batch, sending.messages)
    return sending


def plan_batch_report(batch: SmsBatch, messages: list[SmsMessage]) -> list[Postback]:
    """One for all when the last is final; none when one never is."""
    kind = batch.fields["delivery_report"]
    if kind not in {"summary", "full"} or not messages or not all(m.final_at for m in messages):
        return []
    states = [(message.recipient, message.code, message.status) for message in messages]
    body = batch_report(batch, states, with_recipients=kind == "full")
    due_at = max(message.final_at for message in messages)
    return [_postback(batch, body, f"{kind} report", "", due_at)]


def plan_reports(
    batch: SmsBatch, message: SmsMessage, timed: list[tuple[Turn, datetime]]
) -> Iterator[Postback]:
    kind = batch.fields["delivery_report"]
    if kind not in {"per_recipient", "per_recipient_final"}:
        return
    for turn, at in timed:
        if turn.is_final or kind == "per_recipient":
            body = recipient_report(batch, message, turn.code, turn.status, at)
            due_at = pick_moment(message.leaves_at, turn.told) if turn.told else at
            for _ in range(2 if turn.twice else 1):
                yield _postback(batch, body, str(turn.code), message.recipient, due_at)


def _measure(message: SmsMessage, text: str | None) -> None:
    message.is_unicode = parts.is_unicode(text or "")
    message.parts = parts.count_parts(text or "")


def _stopped(
    batch: SmsBatch, message: SmsMessage, text: str | None, medium: dict | None
) -> tuple[Turn, ...]:
    """The end of a message that the platform itself does not let out (§6.4)."""
    most = batch.fields.get("max_number_of_message_parts")
    if batch.is_mms and medium is None:
        return aborted(414)
    if text is None:
        return aborted(405)
    if message.leaves_at >= read_moment(batch.fields["expire_at"], "expire_at"):
        return aborted(406)
    if most and message.parts > most:
        return aborted(411)
    return ()


def _send_one(
    sending: Sending, batch: SmsBatch, message: SmsMessage, turns: tuple[Turn, ...]
) -> None:
    timed = [(turn, pick_moment(message.leaves_at, turn.after)) for turn in turns]
    for turn, at in timed:
        if turn.is_final:
            message.code, message.status, message.final_at = turn.code, turn.status, at
    sending.messages.append(message)
    sending.postbacks += plan_reports(batch, message, timed)


def _show(
    sending: Sending, batch: SmsBatch, message: SmsMessage, text: str, medium: dict | None
) -> None:
    """The phone has it with its receipt, or with the dispatch if none comes; it may answer."""
    message.token = f"{random.getrandbits(96):024x}"
    shown = HandsetMessage(
        api=Api.SMS,
        provider_id=batch.batch_id,
        token=message.token,
        phone=message.recipient,
        other=batch.sender,
        is_sms=not batch.is_mms,
        at=message.final_at or message.leaves_at,
        slides=[{"text": text, "media": [medium] if medium else []}],
    )
    if batch.is_mms:
        shown.subject = batch.fields["body"].get("subject", "")
    sending.on_phones.append(shown)
    if answer := sms_story_of(message.recipient).answer:
        sending.answers.append(
            plan_answer(
                batch.plan,
                phone=message.recipient,
                to=batch.sender,
                text=answer.text,
                pictures=[draw_picture()] * answer.pictures,
                at=pick_moment(message.leaves_at, ANSWER_AFTER),
                loses_one=answer.loses_one,
                form=answer.form,
                binary=answer.binary,
                reference=reference_of(batch),
            )
        )


def _postback(batch: SmsBatch, body: dict, code: str, phone: str, due_at: datetime) -> Postback:
    return Postback(
        api=Api.SMS,
        url=callback_url(batch.plan, batch.fields),
        secret=batch.plan.callback_secret,
        body=body,
        code=code,
        phone=phone,
        due_at=due_at,
    )
