"""Who asked to be left alone. It takes effect at once, for waiting messages too."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.models import Campaign, Channel, Consent, Contact, InboundMessage, Message, OptOut
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.statuses import MessageStatus
from campaigns.services.audit import record
from campaigns.services.consent import note, record_consent
from campaigns.services.outbox import OPTED_OUT, TO_THE_OPTED_OUT
from campaigns.services.waiting import WAITING

Source = OptOut.Source
#: What a person may take back by START: their own will, however it reached us.
THEIR_OWN = (Source.REPLY, Source.STAFF, Source.FILE)
LATER_DOUBT = (
    "They agreed before they wrote “{said}”, which may be an opt-out: only a newer consent counts."
)
IN_FUTURE = "Nobody has asked in the future: write the day on which they did."


def is_phone(phone: str) -> bool:
    """Whether anything can be sent to it: digits with country code, as they are stored."""
    return phone.isascii() and phone.isdigit() and len(phone) <= 15


def said_at(reply: InboundMessage) -> datetime:
    """When they wrote: by the provider's clock, where that is not ahead of ours."""
    return min(reply.sent_at or reply.received_at, reply.received_at)


def record_optout(
    phone: str,
    *,
    source: str,
    evidence: str = "",
    channel: Channel | None = None,
    asked_at: datetime | None = None,
    reply: InboundMessage | None = None,
    by: AbstractBaseUser | None = None,
) -> OptOut:
    """Never write to this number (digits with country code) again, on this channel or on all.

    After a repeat the first evidence stays: that is since when it was known. A repeat of theirs
    only moves on the moment at which they last asked; that a provider refuses, without a moment
    (`asked_at`), is none of theirs.
    """
    optout, _ = opt_out(
        phone,
        source=source,
        evidence=evidence,
        channel=channel,
        asked_at=asked_at,
        reply=reply,
        by=by,
    )
    return optout


@transaction.atomic
def opt_out(
    phone: str,
    *,
    source: str,
    evidence: str = "",
    channel: Channel | None = None,
    asked_at: datetime | None = None,
    reply: InboundMessage | None = None,
    by: AbstractBaseUser | None = None,
) -> tuple[OptOut, bool]:
    """The same, and whether it was not known before. What only waited to be judged is now sure."""
    if not is_phone(phone):
        raise RuleBroken("Write the number to opt out in digits, with its country code.")
    is_theirs = source in THEIR_OWN or asked_at is not None
    asked_at = asked_at or timezone.now()
    check([IN_FUTURE] if by and asked_at > timezone.now() else [])
    told = {"source": source, "evidence": evidence, "by": by, "asked_at": asked_at}
    # Locked: a START that is read at the same moment waits, or has taken the row away.
    optout, is_new = OptOut.objects.select_for_update().get_or_create(
        phone=phone, channel=channel, defaults={**told, "last_asked_at": asked_at}
    )
    if is_sure := not is_new and optout.source == Source.REVIEW != source:
        OptOut.objects.filter(pk=optout.pk).update(**told)
    is_later = not is_new and is_theirs and move_on([optout.pk], asked_at)
    if is_sure or is_later:
        optout.refresh_from_db()
    is_new = is_new or is_sure
    skip_waiting([phone], channel)
    if is_new or is_later:
        note(
            phone,
            Consent.Kind.OPTED_OUT,
            at=asked_at,
            channel=channel,
            source=evidence,
            reply=reply,
            by=by,
        )
    if is_new:
        record("optout.recorded", optout, by=by, after={"source": source})
    return optout, is_new


def move_on(optouts: Iterable[int], asked_at: datetime) -> int:
    """They asked once more: of how many of these opt-outs that is the last time."""
    earlier = OptOut.objects.filter(pk__in=optouts, last_asked_at__lt=asked_at)
    return earlier.update(last_asked_at=asked_at)


def skip_waiting(
    phones: Iterable[str], channel: Channel | None = None, reason: str = OPTED_OUT
) -> int:
    """What waits for these numbers is not sent; how many messages that were."""
    waiting = Message.objects.filter(WAITING, phone__in=phones)
    waiting = waiting.exclude(purpose__in=TO_THE_OPTED_OUT)
    if channel is not None:
        theirs = Campaign.objects.filter(channel=channel).order_by()  # by whichever lane they go
        waiting = waiting.filter(Q(channel=channel) | Q(campaign__in=theirs.values("pk")))
    return waiting.update(status=MessageStatus.SKIPPED, reason=reason, changed_at=timezone.now())


def has_opted_out(phone: str, channel_id: int | None = None) -> bool:
    """Whether this number is to be left alone on the channel (None: on all of them)."""
    return OptOut.objects.on(channel_id).filter(phone=phone).exists()


# --- Taking it back ------------------------------------------------------------------------------


def find_liftable(phone: str, channel_id: int, at: datetime) -> QuerySet[OptOut]:
    """What somebody who writes START on a channel at that moment takes back: their own opt-outs
    for all channels and for this one, unless they asked for them (again) later."""
    rows = OptOut.objects.on(channel_id).select_for_update(of=("self",))
    return rows.filter(phone=phone, source__in=THEIR_OWN, last_asked_at__lte=at)


def wrote_start_since(reply: InboundMessage) -> bool:
    """Replies may come in another order than they were written: a START after a doubt ends it."""
    since = said_at(reply)
    starts = InboundMessage.objects.filter(
        phone=reply.phone, heard=InboundMessage.Heard.START, received_at__gt=since
    )
    return any(said_at(start) > since for start in starts.exclude(pk=reply.pk))


def find_unjudged(phone: str, after: datetime) -> list[InboundMessage]:
    """What somebody wrote after that moment that may be an opt-out, oldest first, and that nobody
    judged because they had opted out anyway."""
    doubtful = InboundMessage.objects.filter(
        phone=phone, heard=InboundMessage.Heard.DOUBT, review=None, received_at__gt=after
    )
    later = [row for row in doubtful if said_at(row) > after and not wrote_start_since(row)]
    return sorted(later, key=said_at)


@transaction.atomic
def lift_by_reply(reply: InboundMessage, said: str, at: datetime) -> int:
    """They want messages again; how many opt-outs that lifts. It is their consent by text, if
    none is known."""
    lifted = list(find_liftable(reply.phone, reply.channel_id, at))
    source = f"Replied “{said[:200]}”"
    for optout in lifted:
        _take_away(optout, reply.phone, at=at, source=source, reply=reply)
    if not _has_consent(reply.phone):
        method, wording = "text", said[:200]
        record_consent(
            reply.phone, method=method, wording=wording, source=source, at=at, reply=reply
        )
    return len(lifted)


@transaction.atomic
def lift_by_provider(phone: str, *, text: str, at: datetime) -> int:
    """Their number is off the provider's own block list; how many opt-outs came from there. What
    they told us themselves they take back themselves."""
    rows = OptOut.objects.select_for_update().filter(
        phone=phone, source=Source.PROVIDER, last_asked_at__lte=at
    )
    lifted = list(rows)
    for optout in lifted:
        _take_away(optout, phone, at=at, source=text)
    return len(lifted)


@transaction.atomic
def lift_optout(
    optout: OptOut,
    *,
    reason: str,
    method: str,
    wording: str,
    at: datetime,
    by: AbstractBaseUser,
) -> None:
    """Staff takes an opt-out back: only with a reason in writing and the evidence of a consent
    that is newer than the opt-out."""
    check(_find_lift_problems(optout, reason, method, wording, at))
    _take_away(optout, optout.phone, at=at, source=reason.strip(), by=by)
    record_consent(
        optout.phone, method=method, wording=wording.strip(), source=reason.strip(), at=at, by=by
    )


def _find_lift_problems(
    optout: OptOut, reason: str, method: str, wording: str, at: datetime
) -> Iterable[str]:
    if optout.source == Source.REVIEW:
        yield "Their reply waits to be judged: judge it, and this goes away by itself."
    if not reason.strip():
        yield "Write why this opt-out is taken back."
    if not method or not wording.strip():
        yield "Say how they agreed again, and in which words."
    if at > timezone.now():
        yield "Nobody has agreed in the future: write the day on which they did."
    elif at.date() < optout.last_asked_at.date():
        yield "They agreed before they opted out: that consent ended with the opt-out."
    elif (later := find_unjudged(optout.phone, at)) and at.date() < said_at(later[-1]).date():
        yield LATER_DOUBT.format(said=later[-1].text.strip()[:80])


def _take_away(
    optout: OptOut,
    phone: str,
    *,
    at: datetime,
    source: str,
    reply: InboundMessage | None = None,
    by: AbstractBaseUser | None = None,
) -> None:
    note(
        phone,
        Consent.Kind.LIFTED,
        at=at,
        channel=optout.channel,
        source=source,
        reply=reply,
        by=by,
    )
    record("optout.lifted", optout, by=by, before={"source": optout.source})
    OptOut.objects.filter(pk=optout.pk).delete()


def _has_consent(phone: str) -> bool:
    contact = Contact.objects.filter(phone=phone).first()
    if contact is not None:
        return contact.consented_at is not None
    return Consent.objects.filter(phone=phone, kind=Consent.Kind.GIVEN).exists()
