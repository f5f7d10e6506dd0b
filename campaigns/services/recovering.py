"""What a dead worker had in hand: settled from its flight journal, else left in doubt."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import transaction

from campaigns.models import Lease, Message
from campaigns.models.rows import states_are
from campaigns.rules.statuses import MessageStatus
from campaigns.services.flights import (
    Flights,
    is_kept_here,
    is_of_this_machine,
    journals,
    left_behind,
)
from campaigns.services.outbox import Result, change_in_chunks, parcel_of, settle
from campaigns.services.outcomes import Troubles, act_on, result_of

log = logging.getLogger(__name__)
S = MessageStatus
IN_DOUBT = (
    "The worker stopped while this was being sent: it may have gone. "
    "It is not sent again by itself."
)
#: The journal may be on another machine, whose own workers look for it this long.
ELSEWHERE = timedelta(minutes=3)
#: Of a clock that never jumped.
ALWAYS = datetime.min.replace(tzinfo=UTC)
#: A process that is alive and has done nothing for so long will not come back.
STALLED = timedelta(minutes=10)


def recover_flights(now: datetime) -> int:
    """Settle the journals that dead processes left on this machine; how many rows that were."""
    count = 0
    for path in journals():
        with left_behind(path) as flights:
            if flights is not None:
                count += _settle(flights, now)
    return count


def _settle(flights: Flights, now: datetime) -> int:
    """Answered → the answer; never started → waits again; started, no answer → in doubt."""
    with transaction.atomic():
        rows = Message.objects.filter(states_are(S.SENDING), owner=flights.owner).order_by("pk")
        held = {row.pk: row for row in rows.select_for_update()}
        results = [_result(row, flights, now) for row in held.values()]
        settle(results, owner=flights.owner, now=now)
        Lease.objects.filter(owner=flights.owner).update(owner="", until=None)
    for pk in held.keys() & flights.outcomes.keys():
        if flights.outcomes[pk].error is not None:
            act_on(held[pk].channel, parcel_of(held[pk]), flights.outcomes[pk], Troubles())
    if held:
        log.warning("%s died with %d messages in hand.", flights.owner, len(held))
    return len(held)


def _result(row: Message, flights: Flights, now: datetime) -> Result:
    if outcome := flights.outcomes.get(row.pk):
        return result_of(parcel_of(row), outcome, now)
    if row.pk in flights.started:
        return Result(row.pk, S.UNKNOWN, reason=IN_DOUBT)
    return Result(row.pk, S.QUEUED)


def doubt_abandoned(now: datetime, *, steady_since: datetime = ALWAYS) -> int:
    """Rows whose owner holds no lease any more and whose journal is not to be had: they may have
    gone. Who gets time to come back gets it by a clock that did not jump meanwhile."""
    holders = Lease.objects.alive(now).values("owner")
    abandoned = Message.objects.filter(states_are(S.SENDING)).exclude(owner__in=holders)
    owners = set(abandoned.order_by().values_list("owner", flat=True))
    patience = {owner: _patience(owner) for owner in owners}
    return sum(
        _doubt(owner, now - wait, now)
        for owner, wait in patience.items()
        if steady_since <= now - wait
    )


def _patience(owner: str) -> timedelta:
    if is_kept_here(owner):  # and locked, or `recover_flights` would have settled it
        return STALLED
    return timedelta(0) if is_of_this_machine(owner) else ELSEWHERE


def _doubt(owner: str, claimed_before: datetime, now: datetime) -> int:
    rows = Message.objects.filter(states_are(S.SENDING), owner=owner)
    in_doubt = {"status": S.UNKNOWN, "owner": "", "reason": IN_DOUBT, "changed_at": now}
    return change_in_chunks(rows.filter(changed_at__lte=claimed_before), **in_doubt)
