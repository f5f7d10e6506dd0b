"""A bad twin: whatever went wrong is tried again."""

from datetime import datetime

from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import outcomes, recovering
from campaigns.services.flights import Flights
from campaigns.services.outbox import Claimed, Result


def try_again(parcel: Claimed, outcome: outcomes.Outcome, now: datetime) -> Result:
    return Result(parcel.id, MessageStatus.QUEUED)


def try_unanswered_again(row: Message, flights: Flights, now: datetime) -> Result:
    if outcome := flights.outcomes.get(row.pk):
        return outcomes.result_of(recovering.parcel_of(row), outcome, now)
    return Result(row.pk, MessageStatus.QUEUED)


def install() -> None:
    outcomes.judge = try_again
    recovering._result = try_unanswered_again
