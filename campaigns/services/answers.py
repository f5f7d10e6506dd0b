"""Answers to keywords: messages of the portal's own, to the number and from the number that was
written to."""

from datetime import datetime, timedelta
from secrets import token_hex

from django.db import transaction
from django.db.models import Q

from campaigns.models import InboundMessage, Message, Mms, MmsRevision, Sender, Slide
from campaigns.rules.formats import Format
from campaigns.rules.keywords import Kind
from campaigns.rules.lines import LineKind
from campaigns.rules.phones import country_and_line
from campaigns.rules.statuses import MessageStatus
from campaigns.services.keywords import word_answer
from campaigns.services.optouts import said_at
from campaigns.services.queue import ring
from campaigns.services.reply_routes import goes_as_sms

Purpose = Message.Purpose
PURPOSES = {
    Kind.HELP: Purpose.HELP,
    Kind.STOP: Purpose.CONFIRMATION,
    Kind.START: Purpose.WELCOME,
}
#: A confirmation goes out so soon after the STOP, or not at all (FCC, 47 CFR 64.1200(a)(12)).
CONFIRM_WITHIN = timedelta(minutes=5)
#: Other answers are of use for a while only.
ANSWER_WITHIN = timedelta(days=1)
#: One answer of a kind to a number: two machines would answer each other for ever.
ONE_PER = timedelta(hours=1)

NETWORK_CONFIRMS = "The network confirms opt-outs from this number itself."
TOO_LATE = "Five minutes after the STOP a confirmation comes too late."
HELP_TOO_LATE = "A day after it was asked for, an answer comes too late."
JUST_ANSWERED = "The same was answered to this number less than an hour ago."
OVERTAKEN = "They wrote START afterwards: it is not true any more."
OUR_OWN = "It came from a number of our own."


def answer(reply: InboundMessage, kind: Kind, language: str, now: datetime) -> Message | None:
    """Answer a keyword; without an answer the reply says why."""
    if reason := _find_silence(reply, kind, now):
        InboundMessage.objects.filter(pk=reply.pk).update(not_answered=reason)
        return None
    is_late = kind == Kind.STOP and now - said_at(reply) > CONFIRM_WITHIN
    text = word_answer(kind, language, reply.channel)
    how = Format.TEXT if goes_as_sms(reply.channel) else Format.SLIDES
    message = Message.objects.create(
        purpose=PURPOSES[kind],
        channel=reply.channel,
        revision=find_revision(kind, text, how, now),
        sender=reply.to,
        contact=reply.contact,
        phone=reply.phone,
        reference=f"answer-{token_hex(8)}",
        status=MessageStatus.SKIPPED if is_late else MessageStatus.QUEUED,
        reason=TOO_LATE if is_late else "",
        send_after=now,
        changed_at=now,
    )
    InboundMessage.objects.filter(pk=reply.pk).update(answer=message, not_answered="")
    ring("outbox.send_due", reply.channel_id)
    return message


def _find_silence(reply: InboundMessage, kind: Kind, now: datetime) -> str:
    if Sender.objects.filter(number=reply.phone).exists():
        return OUR_OWN
    if kind == Kind.STOP:
        return NETWORK_CONFIRMS if does_network_confirm(reply) else ""
    earlier = Message.objects.filter(phone=reply.phone, created_at__gt=now - ONE_PER)
    earlier = earlier.exclude(status=MessageStatus.SKIPPED)
    is_answered = earlier.filter(purpose=PURPOSES[kind]).exists()
    return JUST_ANSWERED if is_answered else ""


def does_network_confirm(reply: InboundMessage) -> bool:
    """As its sender says; a number we do not keep, by its kind."""
    sender = Sender.objects.filter(channel=reply.channel_id, number=reply.to).first()
    if sender is None:
        return country_and_line(reply.to)[1] == LineKind.TOLL_FREE
    return sender.network_confirms


@transaction.atomic
def find_revision(kind: Kind, text: str, how: Format, now: datetime) -> MmsRevision:
    """The frozen version that says this as that: made once, used for every such answer."""
    mms, _ = Mms.every.get_or_create(is_answer=True, name=PURPOSES[kind].label)
    Mms.every.select_for_update().get(pk=mms.pk)
    found = MmsRevision.objects.filter(mms=mms, format=how, slides__text=text).first()
    if found is not None:
        return found
    revision = MmsRevision.objects.create(
        mms=mms,
        number=mms.revisions.count() + 1,
        format=how,
        fallback=how != Format.TEXT,
        fallback_text="" if how == Format.TEXT else text,
        fallback_link=False,
        frozen_at=now,
    )
    Slide.objects.create(revision=revision, position=1, text=text)
    return revision


def skip_overtaken(phone: str, now: datetime) -> int:
    """Confirmations of an opt-out that START lifted are not sent any more; how many they were."""
    waiting = Message.objects.filter(
        phone=phone, purpose=Purpose.CONFIRMATION, status=MessageStatus.QUEUED
    )
    return waiting.update(status=MessageStatus.SKIPPED, reason=OVERTAKEN, changed_at=now)


def skip_late(now: datetime, channel_id: int | None = None) -> int:
    """Answers whose time is over are not sent any more, on one channel or on all; how many they
    were. A lane asks this before each of its claims: a look must cost next to nothing."""
    waiting = Message.objects.filter(campaign=None, status=MessageStatus.QUEUED)
    if channel_id is not None:
        waiting = waiting.filter(channel=channel_id)
    if not waiting.filter(purpose__in=PURPOSES.values()).exists():
        return 0
    limit = now - CONFIRM_WITHIN
    is_late = Q(answers_to__sent_at__lt=limit) | Q(answers_to__received_at__lt=limit)
    late = waiting.filter(is_late, purpose=Purpose.CONFIRMATION).values("pk")
    old = waiting.filter(
        purpose__in=(Purpose.HELP, Purpose.WELCOME), created_at__lt=now - ANSWER_WITHIN
    )
    skipped = {"status": MessageStatus.SKIPPED, "changed_at": now}
    count = Message.objects.filter(pk__in=late, status=MessageStatus.QUEUED).update(
        reason=TOO_LATE, **skipped
    )
    return count + old.update(reason=HELP_TOO_LATE, **skipped)
