"""Replies that may be opt-outs: a person judges them; until then their writers are left alone."""

from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import Consent, InboundMessage, OptOut, OptOutReview
from campaigns.rules.businessdays import DAYS_TO_JUDGE, add_business_days
from campaigns.rules.keywords import Verdict
from campaigns.rules.phones import country_and_line
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.consent import note
from campaigns.services.doubted import give_back_to
from campaigns.services.optouts import move_on, opt_out, said_at, skip_waiting
from campaigns.services.outbox import UNDER_REVIEW

Decision = OptOutReview.Decision


def open_reviews() -> QuerySet[OptOutReview]:
    """Those to judge, the most urgent first."""
    return OptOutReview.objects.filter(decision=Decision.OPEN)


def overdue_reviews(today: date) -> QuerySet[OptOutReview]:
    return open_reviews().filter(due_on__lt=today)


@transaction.atomic
def open_review(reply: InboundMessage, said: str, verdict: Verdict, now: datetime) -> None:
    """Let a person judge a reply. Until they do, nothing is sent to its number: a message too few
    does less harm than one to somebody who asked for none."""
    country, _ = country_and_line(reply.phone)
    due_on = add_business_days(timezone.localdate(now), DAYS_TO_JUDGE, country)
    words = " · ".join(verdict.words)[:100]
    OptOutReview.objects.get_or_create(
        reply=reply,
        defaults={"phone": reply.phone, "said": said, "words": words, "due_on": due_on},
    )
    asked_at = min(said_at(reply), now)
    optout, _ = OptOut.objects.select_for_update().get_or_create(
        phone=reply.phone,
        channel=None,
        defaults={
            "source": OptOut.Source.REVIEW,
            "evidence": f"Replied “{said[:200]}”",
            "asked_at": asked_at,
            "last_asked_at": asked_at,
        },
    )
    move_on([optout.pk], asked_at)
    skip_waiting([reply.phone], reason=UNDER_REVIEW)


@transaction.atomic
def decide_review(review: OptOutReview, *, is_optout: bool, by: AbstractBaseUser) -> None:
    """A person's judgement; the first one counts."""
    now = timezone.now()
    decision = Decision.OPTED_OUT if is_optout else Decision.NOT_ONE
    rows = OptOutReview.objects.filter(pk=review.pk, decision=Decision.OPEN)
    if not rows.update(decision=decision, decided_by=by, decided_at=now):
        raise RuleBroken("Somebody has judged this reply already.")
    record("review.decided", review, by=by, after={"decision": decision})
    if is_optout:
        _opt_out(review, by)
    else:
        _let_go(review, by, now)


def _opt_out(review: OptOutReview, by: AbstractBaseUser) -> None:
    opt_out(
        review.phone,
        source=OptOut.Source.REPLY,
        evidence=f"Replied “{review.said[:200]}”; judged to be an opt-out.",
        asked_at=review.reply.received_at,
        reply=review.reply,
        by=by,
    )
    InboundMessage.objects.filter(pk=review.reply_id).update(opted_out=True)
    close_reviews(review.phone, now=timezone.now())


def _let_go(review: OptOutReview, by: AbstractBaseUser, now: datetime) -> None:
    note(
        review.phone,
        Consent.Kind.NOT_AN_OPTOUT,
        at=now,
        source=f"Replied “{review.said[:200]}”",
        reply=review.reply,
        by=by,
    )
    _let_write(review.phone, now)


def close_reviews(phone: str, *, now: datetime, wants_more_since: datetime | None = None) -> None:
    """Their own STOP says what a person would have judged; so does their START
    (`wants_more_since`: when they wrote it) about what they had written before."""
    rows = open_reviews().filter(phone=phone)
    decision = Decision.OPTED_OUT
    if wants_more_since is not None:
        decision = Decision.NOT_ONE
        earlier = [row.pk for row in rows if said_at(row.reply) <= wants_more_since]
        rows = rows.filter(pk__in=earlier)
    if rows.update(decision=decision, decided_at=now) and decision == Decision.NOT_ONE:
        _let_write(phone, now)


def _let_write(phone: str, now: datetime) -> int:
    """Once nothing of theirs waits to be judged, what was skipped only for that waits again for
    its turn, where its campaign is not over."""
    if open_reviews().filter(phone=phone).exists():
        return 0
    OptOut.objects.filter(phone=phone, source=OptOut.Source.REVIEW).delete()
    return give_back_to(phone, now)
