"""Batches whose answer was lost: the provider is asked what became of them. Nothing is sent."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Left, StrIndex

from campaigns.gateways.base import Gateway
from campaigns.gateways.errors import GatewayError
from campaigns.models import Channel, Message
from campaigns.models.rows import rows_parameter, rows_sql, states_are
from campaigns.rules.statuses import MessageStatus
from campaigns.services.channel_kinds import kinds_that
from campaigns.services.channels import open_gateway
from campaigns.services.journal import keep_exchanges
from campaigns.services.outbox import lock_in_order
from campaigns.services.queue import held, ring

S = MessageStatus
#: A provider's list may lag: a batch is asked about after this.
WAIT = timedelta(seconds=30)
#: Providers list their batches for two weeks.
KNOWN_FOR = timedelta(days=13)
IN_DOUBT = states_are(S.UNKNOWN, S.UNRESOLVED)
SLICE_SECONDS = 20
LEASE_SECONDS = 120
MISSING = (
    "The answer was lost, and the provider has nothing of it so far: it has probably not gone, but "
    "that is not certain. It is not sent again by itself."
)
SEVERAL = (
    "The answer was lost, and the provider has them in several batches: it has gone, perhaps more "
    "than once. It is not sent again by itself."
)


def lost(now: datetime) -> QuerySet[Message]:
    """In doubt, known by our reference of their batch, and not for just a moment. Unresolved ones
    only if the provider has never told: it was away for long, and still knows."""
    rows = Message.objects.filter(IN_DOUBT, provider_id__contains="/", accepted_at=None)
    rows = rows.filter(changed_at__lte=now - WAIT, changed_at__gte=now - KNOWN_FOR)
    rows = rows.exclude(status=S.UNRESOLVED, reason__in=(MISSING, SEVERAL))
    return rows.filter(channel__kind__in=kinds_that("look_up"))


def ring_for_lost(now: datetime) -> None:
    """Every channel that has batches in doubt: ask about them."""
    for channel_id in lost(now).order_by().values_list("channel_id", flat=True).distinct():
        ring("outbox.reconcile", channel_id)


def reconcile_channel(channel_id: int, now: datetime) -> int:
    """Ask about the batches in doubt, as many as fit in a slice; how many messages were found.
    Nothing while somebody else does."""
    with held(f"reconcile:{channel_id}", now, LEASE_SECONDS) as is_ours:
        return _reconcile(Channel.objects.get(pk=channel_id), now) if is_ours else 0


def _reconcile(channel: Channel, now: datetime) -> int:
    rows = lost(now).filter(channel=channel)
    count = 0
    with closing(open_gateway(channel)) as gateway:
        for reference, found in _ask(channel, gateway, _references(rows), now):
            count += _settle(rows, reference, found, now)
    return count


def _references(rows: QuerySet[Message]) -> list[str]:
    """Of their batches, shuffled: should the slice be too short, others come first next time."""
    before = Left("provider_id", StrIndex("provider_id", Value("/")) - 1)
    found = list(rows.order_by().values_list(before, flat=True).distinct())
    random.shuffle(found)
    return found


def _ask(
    channel: Channel, gateway: Gateway, references: list[str], now: datetime
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(our reference, number → the provider's id) of each that could be asked about. Whoever
    cannot be asked now is asked in a minute."""
    ends_at = time.monotonic() + SLICE_SECONDS
    for reference in references:
        if time.monotonic() > ends_at:
            return
        try:
            yield reference, gateway.look_up(reference)
        except GatewayError as error:
            keep_exchanges(channel.pk, [error.exchange], now)
            return


_FOUND = {"id": "id", "name": "text", "provider_id": "text"}
#: Only from "in doubt", and only while the row still stands for that very request: a report may
#: have come, or a person may have sent it again.
_SETTLE = """
    UPDATE campaigns_message AS m SET status = {accepted}, provider_id = r.provider_id, code = '',
        reason = '', owner = '', accepted_at = %s, changed_at = %s
    FROM {rows}
    WHERE m.id = r.id AND m.provider_id = r.name AND m.status IN ({unknown}, {unresolved})
"""


@transaction.atomic
def _settle(
    rows: QuerySet[Message], reference: str, found: Mapping[str, str], now: datetime
) -> int:
    """Who is in a batch is accepted; the others stay in doubt, and their reason says more."""
    of_batch = rows.filter(provider_id__startswith=f"{reference}/")
    known = list(of_batch.values_list("pk", "provider_id", "phone"))
    lock_in_order([pk for pk, _, _ in known])
    named = [(pk, name, f"{found[phone]}/{phone}") for pk, name, phone in known if found.get(phone)]
    _accept(named, now)
    _explain([pk for pk, _, phone in known if phone not in found], MISSING)
    _explain([pk for pk, _, phone in known if found.get(phone) == ""], SEVERAL)
    return len(named)


def _explain(ids: list[int], reason: str) -> None:
    """Why they stay in doubt."""
    doubted = Message.objects.filter(IN_DOUBT, pk__in=ids)
    doubted.exclude(reason=reason).update(reason=reason)


def _accept(named: list[tuple[int, str, str]], now: datetime) -> None:
    if not named:
        return
    sql = _SETTLE.format(
        rows=rows_sql(_FOUND),
        accepted=S.ACCEPTED.value,
        unknown=S.UNKNOWN.value,
        unresolved=S.UNRESOLVED.value,
    )
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [at, at, rows_parameter(_FOUND, named)])
