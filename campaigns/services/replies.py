"""Replies from the inbox: what they say, and sending them once."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import (
    Contact,
    InboundMessage,
    MediaFile,
    Message,
    Mms,
    MmsRevision,
    Slide,
    SlideMedium,
    Thread,
)
from campaigns.rules.formats import Format
from campaigns.rules.mergefields import label_of, names_of
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.statuses import MessageStatus
from campaigns.services.audit import record
from campaigns.services.content import freeze
from campaigns.services.content_checks import find_draft_problems
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.personal import fields_of, values_for_phone
from campaigns.services.queue import ring
from campaigns.services.reply_routes import Route, Turn, find_route, plan_reply
from campaigns.services.suppression import restore_optouts

S = MessageStatus
State = Thread.State
REPLY = Message.Purpose.REPLY
NOTHING = "Write something, or choose a file or a template."
BOTH = "Send a template or words of your own, not both."
HIDDEN = "This MMS is not there any more: choose another one."
SENT_BY_NOW = "It is too late: it is being sent, or was."


# --- What ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody wants to send: words and a file of their own, or an MMS."""

    text: str = ""
    media: MediaFile | None = None
    mms: Mms | None = None

    @property
    def sign(self) -> str:
        """The same for the same content."""
        parts = [self.text, self.media.pk if self.media else 0, self.mms.pk if self.mms else 0]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def draft_reply(wording: Wording, route: Route) -> MmsDraft:
    """As an SMS where words alone are one on this channel, else as an MMS."""
    if wording.mms:
        if wording.mms.head is None:
            raise RuleBroken(HIDDEN)
        return draft_of(wording.mms.head)
    media = (wording.media,) if wording.media else ()
    draft = MmsDraft(
        name=REPLY.label,
        slides=(DraftSlide(wording.text, media),),
        fallback=bool(wording.text),
        fallback_text=wording.text,
        fallback_link=bool(media),
    )
    if route.has_sms and not media:
        return replace(draft, format=Format.TEXT, fallback=False, fallback_text="")
    return draft


def find_reply_problems(wording: Wording, thread: Thread, route: Route) -> list[str]:
    """Everything that stops this wording, in sentences."""
    if wording.mms and (wording.text or wording.media):
        return [BOTH]
    if not (wording.mms or wording.text or wording.media):
        return [NOTHING]
    return find_obstacles(draft_reply(wording, route), thread, route)


def find_obstacles(draft: MmsDraft, thread: Thread, route: Route) -> list[str]:
    """Why this content cannot go to them: the channel does not carry it, or words are missing."""
    problems = [str(found) for found in find_draft_problems(draft, route.channel)[0]]
    return problems or _find_gaps(draft, thread.phone)


def _find_gaps(draft: MmsDraft, phone: str) -> list[str]:
    fields = fields_of(draft)
    if not fields:
        return []
    values = values_for_phone(phone, names_of(fields))
    gaps = dict.fromkeys(f.name for f in fields if f.fallback is None and not values[f.name])
    return [
        f"Nothing is known for “{label_of(name)}” of this person: add it to their contact, or send "
        "something else."
        for name in gaps
    ]


def _freeze_values(draft: MmsDraft, phone: str) -> str:
    values = values_for_phone(phone, names_of(fields_of(draft)))
    return json.dumps(values) if values else ""


def _write_down(draft: MmsDraft, by: AbstractBaseUser, now: datetime) -> MmsRevision:
    """The words of one reply, as a version that nobody changes or meets elsewhere."""
    mms = Mms.every.create(name=draft.name, is_answer=True, created_by=by)
    revision = MmsRevision.objects.create(
        mms=mms,
        format=draft.format,
        fallback=draft.fallback,
        fallback_text=draft.fallback_text,
        fallback_link=draft.fallback_link,
        created_by=by,
        frozen_at=now,
    )
    slide = Slide.objects.create(revision=revision, position=1, text=draft.slides[0].text)
    media = [m.pk for m in draft.slides[0].media]
    kept = MediaFile.objects.select_for_update(no_key=True).filter(pk__in=media)
    SlideMedium.objects.bulk_create(SlideMedium(slide=slide, media_file=each) for each in kept)
    if len(kept) < len(media):
        raise RuleBroken("The file was deleted meanwhile: choose another one.")
    return revision


# --- Sending -------------------------------------------------------------------------------------


class RepliedMeanwhile(RuleBroken):
    """Somebody else answered since the page was opened; nothing was sent."""

    def __init__(self, message: Message) -> None:
        self.message = message
        who = message.written_by or "Somebody"
        super().__init__(f"{who} answered meanwhile: look at it, then send yours all the same.")


@transaction.atomic
def send_reply(
    thread: Thread,
    wording: Wording,
    *,
    token: str,
    seen: int,
    hurry: bool = False,
    by: AbstractBaseUser,
    now: datetime,
) -> Message:
    """Send it once: whatever comes again with this token and these words is that message.

    `seen` is the newest reply of ours that the page showed; `hurry`: also in quiet hours.
    """
    thread = Thread.objects.select_for_update(of=("self",)).get(pk=thread.pk)
    reference = f"reply-{thread.pk}-{token}-{wording.sign}"
    if sent := Message.objects.filter(reference=reference).first():
        return sent
    _check_nobody_was_quicker(thread, seen, by)
    restore_optouts([thread.phone])
    route = find_route(thread)
    check([route.barrier] if route.barrier else [])
    check(find_reply_problems(wording, thread, route))
    turn = Turn(now) if hurry else plan_reply(thread, now)
    message = _make(thread, wording, route, turn, reference, by, now)
    _note(thread, message, turn, hurry, by, now)
    ring("outbox.send_due", message.channel_id)
    return message


def _check_nobody_was_quicker(thread: Thread, seen: int, by: AbstractBaseUser) -> None:
    newer = sent_replies(thread).filter(pk__gt=seen).exclude(written_by=by)
    if newest := newer.select_related("written_by").order_by("-id").first():
        raise RepliedMeanwhile(newest)


def sent_replies(thread: Thread) -> QuerySet[Message]:
    """What was answered in this thread from the inbox."""
    return Message.objects.filter(phone=thread.phone, sender=thread.number, purpose=REPLY)


def find_last_reply(thread: Thread) -> int:
    """The id of the newest reply of ours; 0 when there is none."""
    newest = sent_replies(thread).order_by("-id").values_list("pk", flat=True).first()
    return newest or 0


def _make(
    thread: Thread,
    wording: Wording,
    route: Route,
    turn: Turn,
    reference: str,
    by: AbstractBaseUser,
    now: datetime,
) -> Message:
    draft = draft_reply(wording, route)
    head = wording.mms.head if wording.mms else None
    return Message.objects.create(
        purpose=REPLY,
        channel=route.channel,
        revision=freeze(head, now) if head else _write_down(draft, by, now),
        sender=thread.number,
        contact=Contact.objects.filter(phone=thread.phone).first() or thread.contact,
        phone=thread.phone,
        reference=reference,
        merge_values=_freeze_values(draft, thread.phone),
        place=turn.place,
        send_after=turn.send_after,
        reason=turn.held,
        written_by=by,
        changed_at=now,
    )


def _note(
    thread: Thread, message: Message, turn: Turn, hurry: bool, by: AbstractBaseUser, now: datetime
) -> None:
    """Who answers has read it."""
    InboundMessage.objects.filter(thread=thread, read_at=None).update(read_at=now)
    Thread.objects.filter(pk=thread.pk).update(state=State.OPEN, unread_count=0, last_at=now)
    after = {"message": message.reference}
    after |= {"waits until": turn.send_after.isoformat()} if turn.held else {}
    after |= {"in quiet hours": True} if hurry else {}
    record("thread.replied", thread, by=by, after=after)


@transaction.atomic
def take_back(message: Message, *, by: AbstractBaseUser, now: datetime) -> None:
    """A reply that still waits is not sent."""
    waiting = Message.objects.filter(pk=message.pk, purpose=REPLY, status=S.QUEUED)
    if not waiting.update(status=S.CANCELLED, reason="", changed_at=now):
        raise RuleBroken(SENT_BY_NOW)
    record("message.taken_back", message, by=by)
