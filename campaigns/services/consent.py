"""The consent ledger: what people said about being written to."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from campaigns.models import Channel, Consent, Contact, InboundMessage
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.suppression import restore_optouts
from campaigns.services.waiting import skip_without_consent

#: So many numbers are refreshed by one statement.
CHUNK = 5_000
IN_FUTURE = "Nobody has agreed in the future: write the day on which they did."


@transaction.atomic
def record_consent(
    phone: str,
    *,
    method: str,
    wording: str = "",
    source: str = "",
    at: datetime | None = None,
    reply: InboundMessage | None = None,
    by: AbstractBaseUser | None = None,
) -> Consent:
    """They agreed: noted in the ledger, and on the contact with this number."""
    now = timezone.now()
    at = at or now
    if at > now:
        raise RuleBroken(IN_FUTURE)
    entry = note(
        phone,
        Consent.Kind.GIVEN,
        at=at,
        method=method,
        wording=wording,
        source=source,
        reply=reply,
        by=by,
    )
    Contact.objects.filter(phone=phone, consented_at=None).update(consented_at=at)
    restore_optouts([phone])
    if by is not None:
        record("consent.recorded", entry, by=by, after={"how": method})
    return entry


def note(
    phone: str,
    kind: str,
    *,
    at: datetime,
    channel: Channel | None = None,
    method: str = "",
    wording: str = "",
    source: str = "",
    reply: InboundMessage | None = None,
    by: AbstractBaseUser | None = None,
) -> Consent:
    """One more line of the ledger."""
    return Consent.objects.create(
        phone=phone,
        kind=kind,
        at=at,
        channel=channel,
        method=method,
        wording=wording,
        source=source,
        reply=reply,
        by=by,
    )


def standing_consents() -> QuerySet[Consent]:
    """Every consent that we did not take back: with its import, or (without one) whatever came
    before."""
    same_import = Q(contact_import=OuterRef("contact_import")) | Q(contact_import=None)
    taken_back = Consent.objects.filter(
        same_import, phone=OuterRef("phone"), kind=Consent.Kind.WITHDRAWN, pk__gt=OuterRef("pk")
    )
    return Consent.objects.filter(~Exists(taken_back), kind=Consent.Kind.GIVEN)


def refresh_consented_at(phones: Iterable[str]) -> None:
    """Say on the contacts with these numbers since when they agree, by the ledger; what waits for
    those who do not is not sent."""
    numbers = iter(phones)
    while chunk := list(islice(numbers, CHUNK)):
        given = standing_consents().filter(phone=OuterRef("phone")).order_by().values("phone")
        first = given.annotate(first=Min("at")).values("first")
        Contact.objects.filter(phone__in=chunk).update(consented_at=Subquery(first))
        skip_without_consent(chunk)
