"""Applies reports about messages, many at once.

Repeats are harmless (an event has a key), disorder is harmless (strength decides).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from campaigns.gateways.events import DeliveryEvent, SavedEvent
from campaigns.models import EarlierSend, Message, MessageEvent, WebhookPost
from campaigns.models.rows import rows_parameter, rows_sql
from campaigns.rules.statuses import STRENGTH, MessageStatus
from campaigns.services.chunks import in_chunks
from campaigns.services.outbox import lock_in_order
from campaigns.services.template_reports import apply_saved_event

#: A report on a batch may name thousands, and SQLite takes a quarter of a million in a question.
NAMES_AT_ONCE = 10_000
ARRIVED = frozenset({MessageStatus.DELIVERED, MessageStatus.DELIVERED_AS_SMS})


@dataclass(frozen=True, slots=True)
class Report:
    """A report, the post it came in, and the channels of that post's account."""

    post: WebhookPost
    event: DeliveryEvent
    channels: tuple[int, ...]

    @property
    def base_reference(self) -> str:
        """Our row's reference: without the number of the send."""
        return self.event.reference.partition(".")[0]

    @property
    def provider_names(self) -> list[str]:
        """What the message may be known by besides our reference."""
        return [name for name in (self.event.provider_id, self.event.batch_name) if name]

    def counts_for(self, message: Message) -> bool:
        """Whether it is about the newest send of the row. A late failure of an earlier send says
        nothing about the newest one; that the earlier one arrived does."""
        if self.event.status is None:
            return False
        if self.event.reference:
            number = self.event.reference.partition(".")[2] or "1"
            is_newest = number == str(message.resend_count + 1)
        else:
            is_newest = message.provider_id in self.provider_names
        return is_newest or self.event.status in ARRIVED


def apply_reports(reports: Sequence[Report], now: datetime) -> tuple[set[int], list[Report]]:
    """Raise the states of messages; returns the campaigns touched, and what matches nothing yet.

    A report touches only messages of the channels of its own account.
    """
    by_name = _find_messages(reports)
    events, strongest, touched, unmatched = [], {}, set(), []
    for report in reports:
        message = _message_of(report, by_name)
        if message is None:
            if not _is_about_a_template(report):
                unmatched.append(report)
            continue
        report = _as_it_went(report, message)
        counts = report.counts_for(message)
        events.append(_event_row(message, report, now, applied=counts))
        if counts:
            _strengthen(strongest, message, report.event)
        touched |= {message.campaign_id} - {None}
    MessageEvent.objects.bulk_create(events, ignore_conflicts=True)
    _raise_statuses(strongest, now)
    return touched, unmatched


def _as_it_went(report: Report, message: Message) -> Report:
    """By its own channel a detour is a text that arrived; to its campaign it is the SMS instead."""
    if report.event.status != MessageStatus.DELIVERED or not message.is_detoured:
        return report
    return replace(report, event=replace(report.event, status=MessageStatus.DELIVERED_AS_SMS))


#: What is asked of a message.
_KNOWN = (
    *("id", "channel_id", "reference", "provider_id", "resend_count"),
    *("campaign_id", "campaign__channel_id"),
)


def _find_messages(reports: Sequence[Report]) -> dict[tuple[int, str], Message]:
    """(channel, our reference) and (channel, provider's id) → message."""
    wanted = {
        "reference__in": {r.base_reference for r in reports} - {""},
        "provider_id__in": {name for report in reports for name in report.provider_names},
    }
    by_name: dict[tuple[int, str], Message] = {}
    for field, names in wanted.items():
        for some in in_chunks(names, NAMES_AT_ONCE):
            rows = Message.objects.filter(**{field: some}).select_related("campaign")
            for row in rows.only(*_KNOWN):
                by_name[row.channel_id, row.reference] = row
                by_name[row.channel_id, row.provider_id] = row
    return by_name | _find_earlier(wanted["provider_id__in"] - {name for _, name in by_name})


def _find_earlier(names: set[str]) -> dict[tuple[int, str], Message]:
    """(channel, provider's id of a send before the last) → message."""
    found: dict[tuple[int, str], Message] = {}
    for some in in_chunks(names, NAMES_AT_ONCE):
        earlier = EarlierSend.objects.filter(provider_id__in=some).select_related(
            "message__campaign"
        )
        found |= {(sent.message.channel_id, sent.provider_id): sent.message for sent in earlier}
    return found


def _message_of(report: Report, by_name: dict[tuple[int, str], Message]) -> Message | None:
    """By our reference or else by the provider's id."""
    names = [name for name in (report.base_reference, *report.provider_names) if name]
    keys = ((channel_id, name) for name in names for channel_id in report.channels)
    return next((by_name[key] for key in keys if key in by_name), None)


def _is_about_a_template(report: Report) -> bool:
    """E011 tells of a message and of a saved template in the same words (§5.2)."""
    event = report.event
    if event.status != MessageStatus.FAILED or not event.reference:
        return False
    news = SavedEvent(
        key=event.key,
        code=event.code,
        saved_id="",
        ready=False,
        text=event.text,
        reference=event.reference,
    )
    return apply_saved_event(report.channels, news)


def _event_row(message: Message, report: Report, now: datetime, *, applied: bool) -> MessageEvent:
    event = report.event
    return MessageEvent(
        message=message,
        key=event.key,
        code=event.code,
        status=event.status,
        applied=applied,
        known=event.known,
        text=event.text,
        parts=event.parts,
        operator=event.operator,
        at=event.at,
        received_at=now,
        post=report.post,
    )


def _strengthen(
    strongest: dict[int, DeliveryEvent], message: Message, event: DeliveryEvent
) -> None:
    """Keep the strongest report per message; of equals the first."""
    other = strongest.get(message.pk)
    if other is None or STRENGTH[event.status] > STRENGTH[other.status]:
        strongest[message.pk] = event


_REPORT = {
    "id": "id",
    "status": "int",
    "strength": "int",
    "code": "text",
    "reason": "text",
    "sent_as": "text",
    "provider_id": "text",
    "batch_name": "text",
}
_STRENGTH_SQL = " ".join(f"WHEN {status:d} THEN {value}" for status, value in STRENGTH.items())
_RAISE = """
    UPDATE campaigns_message AS m SET status = r.status, code = r.code, reason = r.reason,
        sent_as = CASE WHEN r.sent_as = '' THEN m.sent_as ELSE r.sent_as END,
        provider_id = CASE WHEN m.provider_id IN ('', r.batch_name) AND r.provider_id <> ''
            THEN r.provider_id ELSE m.provider_id END,
        accepted_at = COALESCE(m.accepted_at, %s),
        owner = '', changed_at = %s
    FROM {rows}
    WHERE m.id = r.id AND (CASE m.status {strength} END) < r.strength
"""
#: These say nothing a person needs to read beside the state itself.
_GOOD = ARRIVED | {MessageStatus.SENT}


def _raise_statuses(strongest: dict[int, DeliveryEvent], now: datetime) -> None:
    if not strongest:
        return
    rows = [
        (
            message_id,
            int(event.status),
            STRENGTH[event.status],
            event.code,
            "" if event.status in _GOOD else event.text,
            event.sent_as,
            event.provider_id,
            event.batch_name,
        )
        for message_id, event in strongest.items()
    ]
    sql = _RAISE.format(rows=rows_sql(_REPORT), strength=_STRENGTH_SQL)
    at = connection.ops.adapt_datetimefield_value(now)
    lock_in_order(strongest)
    with connection.cursor() as cursor:
        cursor.execute(sql, [at, at, rows_parameter(_REPORT, rows)])
