"""Conditions on what happened to a person: lists, consent, what campaigns did and what they said.

What happened is known by the number, as the outbox and the inbox keep it: whoever was deleted and
added again has got what they got.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, InboundMessage, Membership, Message, OptOut
from campaigns.rules.segments import Node
from campaigns.rules.statuses import MessageStatus
from campaigns.services.segments_fields import moment_is

_S = MessageStatus
DELIVERED = (_S.DELIVERED, _S.DELIVERED_AS_SMS)
#: The provider took it, and nobody said that it went wrong.
GOT = (_S.ACCEPTED, _S.SENT, _S.NO_RECEIPT, *DELIVERED)
FAILED = (_S.FAILED, _S.EXPIRED)
#: Nobody of these “did not get it”.
WAITING = (_S.QUEUED, _S.SENDING)
IN_DOUBT = (_S.UNKNOWN, _S.UNRESOLVED)
#: Receipts come for so long after a campaign was through.
LATE = timedelta(days=7)


def _among(rows: QuerySet, theirs: str, ours: str) -> Q:
    """The contacts whose column `ours` is in the column `theirs` of `rows`; never NULL.

    SQLite starts from the shorter side of an IN. PostgreSQL joins an EXISTS, and where it cannot
    (under OR) it looks into the index, while an IN beyond its memory would be read for each row.
    """
    if connection.vendor == "postgresql":
        return Q(Exists(rows.filter(**{theirs: OuterRef(ours)})))
    return Q(**{f"{ours}__in": rows.order_by().values(theirs)})


def on_list(condition: Node) -> Q:
    members = Membership.objects.filter(contact_list_id=condition["value"])
    found = _among(members, "contact_id", "pk")
    return found if condition["how"] == "on" else ~found


def consents(condition: Node, now: datetime) -> Q:
    """What is known of their consent, and whether they opted out (of a channel or of all)."""
    how = condition["how"]
    if how in ("agreed", "none"):
        return Q(consented_at__isnull=how == "none")
    if how in ("opted_out", "not_opted_out"):
        found = _among(OptOut.objects.all(), "phone", "phone")
        return found if how == "opted_out" else ~found
    return moment_is("consented_at", how, condition["value"], now)


# --- Campaigns -----------------------------------------------------------------------------------


def happened(condition: Node, now: datetime) -> Q:
    """What became of one campaign, or of those of the last days, for a person."""
    since = None
    messages = Message.objects.filter(purpose=Message.Purpose.CAMPAIGN)
    if condition["about"] == "campaigns":
        since = now - timedelta(days=condition["value"])
        messages = messages.filter(campaign__in=_lately(since))
    else:
        messages = messages.filter(campaign_id=condition["value"])
    return _happened(condition["how"], messages, since)


def _happened(how: str, messages: QuerySet, since: datetime | None) -> Q:
    if how == "replied":
        return _among(_answered(messages, since), "phone", "phone")
    if how == "not_replied":
        return _got(messages, since) & ~_happened("replied", messages, since)
    if how == "not_got" and since is None:
        return ~_in_state(messages, (*GOT, *WAITING, *IN_DOUBT), "", None)
    if how == "not_got":
        return ~_got(messages, since) & ~_may_get(messages, since)
    if how == "failed":
        return _in_state(messages, FAILED, "changed_at", since)
    return _in_state(messages, DELIVERED if how == "delivered" else GOT, "accepted_at", since)


def _got(messages: QuerySet, since: datetime | None) -> Q:
    return _happened("got", messages, since)


def _may_get(messages: QuerySet, since: datetime | None) -> Q:
    """Those for whom it waits, or may have gone."""
    doubtful = _in_state(messages, IN_DOUBT, "changed_at", since)
    return _in_state(messages, WAITING, "", None) | doubtful


def _in_state(messages: QuerySet, statuses: Any, at: str, since: datetime | None) -> Q:
    rows = messages.filter(status__in=statuses)
    if since is not None:
        rows = rows.filter(**{f"{at}__gte": since})
    return _among(rows, "phone", "phone")


def _lately(since: datetime) -> QuerySet:
    """Campaigns that may have sent something since then."""
    recent = Campaign.objects.filter(Q(finished_at=None) | Q(finished_at__gte=since - LATE))
    return recent.exclude(launched_at=None).order_by().values("pk")


def _answered(messages: QuerySet, since: datetime | None) -> QuerySet:
    """Those that a reply answers: what the person got last, before it, from the number they wrote
    to (as `inbox.find_answered` finds it for one reply)."""
    later = Message.objects.filter(
        channel=OuterRef("channel"),
        phone=OuterRef("phone"),
        sender=OuterRef("to"),
        accepted_at__lte=OuterRef("received_at"),
        pk__gt=OuterRef(OuterRef("pk")),
    )
    replies = InboundMessage.objects.filter(
        ~Exists(later),
        channel=OuterRef("channel"),
        phone=OuterRef("phone"),
        to=OuterRef("sender"),
        received_at__gte=OuterRef("accepted_at"),
    )
    if since is not None:
        replies = replies.filter(received_at__gte=since)
    return messages.filter(Exists(replies), accepted_at__isnull=False)
