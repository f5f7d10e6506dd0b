"""Reads the callbacks that were kept: reports, template news and replies.

Repeats are harmless (an event has a key), disorder is harmless (strength decides), early arrivals
wait for their message. A post is never dropped without a row that says so.
"""

import logging
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from campaigns.gateways.base import DeliveryEvent, Event, Gateway, InboundEvent, SavedEvent
from campaigns.models import Campaign, Channel, Message, MessageEvent, WebhookPost
from campaigns.models.rows import rows_parameter, rows_sql
from campaigns.rules.statuses import STRENGTH, CampaignStatus, MessageStatus
from campaigns.services.channels import open_gateway
from campaigns.services.inbox import record_inbound
from campaigns.services.queue import is_stopping, release_lease, ring, take_lease
from campaigns.services.sweep import finish_campaign
from campaigns.services.templates import apply_saved_event

log = logging.getLogger(__name__)
Kept = WebhookPost.Status
ARRIVED = frozenset({MessageStatus.DELIVERED, MessageStatus.DELIVERED_AS_SMS})
LEASE = "posts"
LEASE_SECONDS = 30
CHUNK = 500
SLICE_SECONDS = 20
#: Stays awake this long after the last post: longer than the door waits between two rings.
LINGER_SECONDS = 2.0
LOOK_SECONDS = 0.2
#: An early report waits 1, 2, 4 … seconds, about an hour in all, for its message.
MOST_ATTEMPTS = 12
NO_MATCH = "No message of ours has this reference or tracking id."


def read_posts() -> None:
    """Read what has been kept, for up to `SLICE_SECONDS`, unless somebody else does."""
    owner = f"{os.getpid()}:{token_hex(4)}"
    if not take_lease(LEASE, owner, timezone.now(), LEASE_SECONDS):
        return
    try:
        _read_until_quiet(owner)
    finally:
        release_lease(LEASE, owner)
    if WebhookPost.objects.to_read(timezone.now()).exists():
        ring("receipts.read_posts")


def _read_until_quiet(owner: str) -> None:
    reader = Reader()
    ends_at = time.monotonic() + SLICE_SECONDS
    quiet_since = time.monotonic()
    while time.monotonic() < ends_at and time.monotonic() - quiet_since < LINGER_SECONDS:
        now = timezone.now()
        if is_stopping(now) or not take_lease(LEASE, owner, now, LEASE_SECONDS):
            return
        if reader.read_chunk(timezone.now()):
            quiet_since = time.monotonic()
        else:
            reader.finish_campaigns()
            time.sleep(LOOK_SECONDS)
    reader.finish_campaigns()


@dataclass(slots=True)
class Read:
    """A post, the events found in it, and what became of it."""

    post: WebhookPost
    events: list[Event]
    status: str = Kept.DONE
    reason: str = ""


class Reader:
    """Reads chunk after chunk; remembers gateways and the campaigns it touched."""

    def __init__(self) -> None:
        self.gateways: dict[int, Gateway] = {}
        self.touched: set[int] = set()

    def read_chunk(self, now: datetime) -> int:
        """Read up to `CHUNK` posts in one transaction; one by one if that fails."""
        posts = list(WebhookPost.objects.to_read(now)[:CHUNK])
        reads = [self._parse(post) for post in posts]
        try:
            self._apply(reads, now)
        except DatabaseError:
            log.warning("A chunk of callbacks could not be stored: reading them one by one.")
            for post in posts:
                self._apply_alone(self._parse(post), now)
        return len(posts)

    def _apply_alone(self, read: Read, now: datetime) -> None:
        try:
            self._apply([read], now)
        except DatabaseError as error:
            read.status, read.reason = Kept.UNREADABLE, f"It cannot be stored: {error}"
            self._close([read], now)

    def _parse(self, post: WebhookPost) -> Read:
        try:
            return Read(post, self._gateway(post.channel_id).parse_post(bytes(post.body)))
        except ValueError as error:
            return Read(post, [], Kept.UNREADABLE, str(error))

    def _gateway(self, channel_id: int) -> Gateway:
        if channel_id not in self.gateways:
            self.gateways[channel_id] = open_gateway(Channel.objects.get(pk=channel_id))
        return self.gateways[channel_id]

    @transaction.atomic
    def _apply(self, reads: Sequence[Read], now: datetime) -> None:
        self._apply_reports(reads, now)
        for read in reads:
            for event in read.events:
                if isinstance(event, InboundEvent):
                    record_inbound(read.post, event, now)
                elif isinstance(event, SavedEvent) and not apply_saved_event(
                    read.post.channel, event
                ):
                    _let_wait(read, now)
        self._close(reads, now)

    def _apply_reports(self, reads: Sequence[Read], now: datetime) -> None:
        reports = [(r, e) for r in reads for e in r.events if isinstance(e, DeliveryEvent)]
        known = _find_messages(reports)
        kept, strongest = [], {}
        for read, event in reports:
            message = known.get((read.post.channel_id, event.reference or event.provider_id))
            if message is None:
                if not _is_about_a_template(read.post, event):
                    _let_wait(read, now)
                continue
            counts = _counts(message, event)
            kept.append(_event_row(message, event, read.post, now, applied=counts))
            if counts:
                _strengthen(strongest, message, event)
            if message.campaign_id:
                self.touched.add(message.campaign_id)
        MessageEvent.objects.bulk_create(kept, ignore_conflicts=True)
        _raise_statuses(strongest, now)

    def _close(self, reads: Sequence[Read], now: datetime) -> None:
        done = [read.post.pk for read in reads if read.status == Kept.DONE]
        WebhookPost.objects.filter(pk__in=done).update(status=Kept.DONE, reason="")
        for read in reads:
            if read.status != Kept.DONE:
                WebhookPost.objects.filter(pk=read.post.pk).update(
                    status=read.status,
                    reason=read.reason,
                    attempts=read.post.attempts + 1,
                    try_after=now + timedelta(seconds=2**read.post.attempts),
                )

    def finish_campaigns(self) -> None:
        """Campaigns whose last receipt may have come."""
        sent = Campaign.objects.filter(pk__in=self.touched, status=CampaignStatus.SENT)
        for campaign in sent:
            finish_campaign(campaign, timezone.now())
        self.touched.clear()


def _let_wait(read: Read, now: datetime) -> None:
    """It names nothing we know yet: the answer that brings its id may still be on its way."""
    if read.post.attempts + 1 < MOST_ATTEMPTS:
        read.status, read.reason = Kept.WAITING, NO_MATCH
    else:
        read.status, read.reason = Kept.UNMATCHED, NO_MATCH


def _is_about_a_template(post: WebhookPost, event: DeliveryEvent) -> bool:
    """E011 tells of a message and of a saved template in the same words (§5.2)."""
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
    return apply_saved_event(post.channel, news)


def _find_messages(
    reports: Sequence[tuple[Read, DeliveryEvent]],
) -> dict[tuple[int, str], Message]:
    """(channel, reference as received or provider's id) → message."""
    references = {e.reference.partition(".")[0] for _, e in reports if e.reference}
    provider_ids = {e.provider_id for _, e in reports if e.provider_id}
    rows = Message.objects.filter(
        Q(reference__in=references) | Q(provider_id__in=provider_ids - {""})
    ).only("id", "channel_id", "campaign_id", "reference", "provider_id", "resend_count")
    by_name: dict[tuple[int, str], Message] = {}
    for row in rows:
        by_name[row.channel_id, row.reference] = row
        by_name[row.channel_id, row.provider_id] = row
    found = {}
    for read, event in reports:
        channel = read.post.channel_id
        row = by_name.get((channel, event.reference.partition(".")[0])) if event.reference else None
        row = row or by_name.get((channel, event.provider_id))
        if row is not None:
            found[channel, event.reference or event.provider_id] = row
    return found


def _counts(message: Message, event: DeliveryEvent) -> bool:
    """Whether the report is about the newest send of the row. A late failure of an earlier send
    says nothing about the newest one; that the earlier one arrived does."""
    if event.status is None:
        return False
    number = event.reference.partition(".")[2] or "1"
    is_newest = not event.reference or number == str(message.resend_count + 1)
    return is_newest or event.status in ARRIVED


def _event_row(
    message: Message, event: DeliveryEvent, post: WebhookPost, now: datetime, *, applied: bool
) -> MessageEvent:
    return MessageEvent(
        message=message,
        key=event.key,
        code=event.code,
        status=event.status,
        applied=applied,
        known=event.known,
        text=event.text,
        at=event.at,
        received_at=now,
        post=post,
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
}
_STRENGTH_SQL = " ".join(f"WHEN {status:d} THEN {value}" for status, value in STRENGTH.items())
_RAISE = """
    UPDATE campaigns_message AS m SET status = r.status, code = r.code, reason = r.reason,
        sent_as = CASE WHEN r.sent_as = '' THEN m.sent_as ELSE r.sent_as END,
        provider_id = CASE WHEN m.provider_id = '' THEN r.provider_id ELSE m.provider_id END,
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
        )
        for message_id, event in strongest.items()
    ]
    sql = _RAISE.format(rows=rows_sql(_REPORT), strength=_STRENGTH_SQL)
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [at, rows_parameter(_REPORT, rows)])


def read_again(posts: Iterable[WebhookPost]) -> None:
    """Have posts read once more, as if they had just come; repeats are harmless."""
    ids = [post.pk for post in posts]
    WebhookPost.objects.filter(pk__in=ids).update(status=Kept.NEW, attempts=0, try_after=None)
    ring("receipts.read_posts")
