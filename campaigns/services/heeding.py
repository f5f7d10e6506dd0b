"""What a reply asks for is done at once: STOP, START, HELP; a doubtful one waits for a person."""

from datetime import datetime

from django.db import transaction

from campaigns.models import InboundMessage, OptOut
from campaigns.rules.keywords import Kind, Verdict
from campaigns.services.answers import answer, skip_overtaken
from campaigns.services.keywords import judge_reply
from campaigns.services.optouts import (
    find_unjudged,
    has_opted_out,
    is_phone,
    lift_by_reply,
    opt_out,
    said_at,
    wrote_start_since,
)
from campaigns.services.reviews import close_reviews, open_review

Heard = InboundMessage.Heard
HEARD = {
    Kind.HELP: Heard.HELP,
    Kind.START: Heard.START,
    Kind.DOUBT: Heard.DOUBT,
    Kind.STOP: Heard.STOP,
}
BLOCKED_THERE = (
    "The provider’s own block list holds this number: only they take it off, when the person "
    "writes START to the number they blocked."
)


@transaction.atomic
def heed_reply(reply: InboundMessage, said: str, now: datetime) -> None:
    """Do what one text of a reply asks for. Its texts come one by one; the same is done once, and
    nothing weaker is done after something stronger."""
    if not said.strip() or not is_phone(reply.phone):
        return  # a name instead of a number gets nothing from us anyway
    verdict = judge_reply(said)
    heard = HEARD.get(verdict.kind)
    if heard is None:
        return
    rows = InboundMessage.objects.filter(pk=reply.pk, heard__lt=heard)
    if rows.update(heard=heard):
        reply.heard = heard
        _ACTIONS[verdict.kind](reply, said.strip(), verdict, now)


def _stop(reply: InboundMessage, said: str, verdict: Verdict, now: datetime) -> None:
    _, is_new = opt_out(
        reply.phone,
        source=OptOut.Source.REPLY,
        evidence=f"Replied “{said[:200]}”",
        asked_at=min(said_at(reply), now),
        reply=reply,
    )
    InboundMessage.objects.filter(pk=reply.pk).update(opted_out=True)
    reply.opted_out = True
    close_reviews(reply.phone, now=now)
    if is_new:
        answer(reply, Kind.STOP, verdict.language, now)


def _start(reply: InboundMessage, said: str, verdict: Verdict, now: datetime) -> None:
    at = min(said_at(reply), now)
    lift_by_reply(reply, said, at)
    close_reviews(reply.phone, now=now, wants_more_since=at)
    for later in find_unjudged(reply.phone, at):
        _doubt(later, later.text.strip(), judge_reply(later.text), now)
    if not has_opted_out(reply.phone, reply.channel_id):
        skip_overtaken(reply.phone, now)
        answer(reply, Kind.START, verdict.language, now)
    elif OptOut.objects.filter(phone=reply.phone, source=OptOut.Source.PROVIDER).exists():
        InboundMessage.objects.filter(pk=reply.pk).update(not_answered=BLOCKED_THERE)


def _help(reply: InboundMessage, said: str, verdict: Verdict, now: datetime) -> None:
    answer(reply, Kind.HELP, verdict.language, now)


def _doubt(reply: InboundMessage, said: str, verdict: Verdict, now: datetime) -> None:
    """Who surely opted out of all channels is left alone whatever the judgement, so nobody is
    asked for one; should that be taken back by older words, the doubt counts (`find_unjudged`).
    Whose opt-out is of one channel, or waits to be judged itself, may be written to yet."""
    if has_opted_out(reply.phone) and not _is_under_review(reply.phone):
        return
    if not wrote_start_since(reply):
        open_review(reply, said, verdict, now)


def _is_under_review(phone: str) -> bool:
    return OptOut.objects.filter(phone=phone, source=OptOut.Source.REVIEW).exists()


_ACTIONS = {Kind.STOP: _stop, Kind.START: _start, Kind.HELP: _help, Kind.DOUBT: _doubt}
