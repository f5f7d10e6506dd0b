"""A bad twin: a message is what was said of it last, in whatever order that came."""

from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import outbox, receipts


def keep_last(
    strongest: dict[int, receipts.DeliveryEvent], message: Message, event: receipts.DeliveryEvent
) -> None:
    strongest[message.pk] = event


def install() -> None:
    receipts._strengthen = keep_last
    receipts._RAISE = receipts._RAISE.partition(" AND (CASE m.status")[0]
    outbox._OPEN = ", ".join(str(status.value) for status in MessageStatus)
