"""The outbox: rows are claimed and settled here, set by set.

The status of a message is written here, by `receipts.py` (reports), `sweep.py` (the clock),
`resending.py` (a person's word to send again), `replies.py` (one taken back), `optouts.py` and
`doubted.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.models import Campaign, Message
from campaigns.models.rows import rows_parameter, rows_sql
from campaigns.rules.ladder import REASONS, Rung
from campaigns.rules.statuses import MessageStatus
from campaigns.services.chunks import let_others_write
from campaigns.services.tallies import count_of

S = MessageStatus
#: A write lock is held for one chunk, so that sending and callbacks get their turn.
CHUNK = 20_000
OPTED_OUT = REASONS[Rung.OPTED_OUT]
UNDER_REVIEW = "A reply of theirs may be an opt-out and waits to be judged."
#: Who opted out gets the answer to their own HELP, and one confirmation.
TO_THE_OPTED_OUT = (Message.Purpose.HELP, Message.Purpose.CONFIRMATION)
TOO_LATE = "It was not sent before the campaign's “not after”."


def lane_name(channel_id: int) -> str:
    """The lease under which one worker sends for a channel."""
    return f"lane:{channel_id}"


# --- Claiming ----------------------------------------------------------------------------------


@dataclass(slots=True)  # not frozen: a million are made, and frozen ones take thrice as long
class Claimed:
    """A row that is ours to send."""

    id: int
    campaign_id: int | None
    revision_id: int
    phone: str
    sender: str
    reference: str
    resend_count: int
    retry_count: int
    merge_values: str = ""
    shown_to: str = ""
    purpose: int = Message.Purpose.CAMPAIGN
    place: str = ""
    #: Of the quiet hours at the place: afterwards, by the clock, it must not go out any more.
    closes_at: float = float("inf")
    #: Ours, of the request it goes in with others, where the provider takes batches.
    batch_reference: str = ""

    @property
    def heeds_optouts(self) -> bool:
        return self.purpose not in TO_THE_OPTED_OUT

    @property
    def wire_reference(self) -> str:
        """The reference of this request: every send of a row has its own."""
        return f"{self.reference}.{self.resend_count + 1}" if self.resend_count else self.reference


def parcel_of(row: Message) -> Claimed:
    """A row that was claimed before."""
    kept = (
        field.name
        for field in fields(Claimed)
        if field.name not in ("closes_at", "batch_reference")
    )
    return Claimed(**{name: getattr(row, name) for name in kept})


_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT m.id FROM campaigns_message m
        WHERE m.channel_id = %s AND m.campaign_id {campaign} AND m.status = {queued}
            AND m.send_after <= %s
            AND (m.purpose IN ({to_opted_out}) OR NOT EXISTS (
                SELECT 1 FROM campaigns_optout o WHERE o.phone = m.phone
                AND (o.channel_id IS NULL OR o.channel_id IN {channels})))
            AND NOT EXISTS (SELECT 1 FROM campaigns_channel h
                WHERE h.id IN {channels} AND h.paused_at IS NOT NULL) {is_sending}
        ORDER BY m.send_after, m.id LIMIT %s {lock})
    UPDATE campaigns_message SET status = {sending}, owner = %s, changed_at = %s{named}
    WHERE status = {queued} AND id IN (SELECT id FROM due)
    RETURNING id, campaign_id, revision_id, phone, sender, reference, resend_count, retry_count,
        merge_values, shown_to, purpose, place
"""
#: A row's own channel, and that of its campaign: of a detour both count. The same for all rows of
#: a claim, so that it is asked once.
_CHANNELS = "({lane}, (SELECT c.channel_id FROM campaigns_campaign c WHERE c.id = {id}))"
_IS_SENDING = """
            AND EXISTS (SELECT 1 FROM campaigns_campaign c
                WHERE c.id = {id} AND c.status = 'sending'
                AND (c.not_after IS NULL OR c.not_after > %s))
            AND m.send_after < COALESCE(
                (SELECT min(w.starts_at) FROM campaigns_wave w
                WHERE w.campaign_id = {id} AND w.started_at IS NULL), {never})"""
#: Of a batch every row remembers the name it has in reports, should the answer be lost.
_NAMED = ", provider_id = CAST(%s AS text) || '/' || phone"
#: Without a campaign the same person may be there twice: each goes alone, by its own reference.
_NAMED_ALONE = ", provider_id = reference || '/' || phone"
#: vendor → a moment after all others, as it is written there.
_NEVER = {"postgresql": "'infinity'", "sqlite": "'9999-12-31'"}


def claim(
    channel_id: int,
    campaign_id: int | None,
    count: int,
    *,
    owner: str,
    now: datetime,
    batch_reference: str = "",
) -> list[Claimed]:
    """Mark up to `count` due rows of one campaign (None: test messages) as sent by `owner`, in
    requests of this reference where the provider takes batches; test messages one by one.

    A row is claimed before it is sent: whatever happens next, nobody else sends it. What a person
    paused or stopped a moment ago is not claimed: the states are asked in the same statement.
    Nor is anything from the first wave on that nobody has started (`services/starting.py`).
    """
    is_sending = _IS_SENDING.format(id=campaign_id, never=_NEVER[connection.vendor])
    named, is_alone = "", campaign_id is None and bool(batch_reference)
    if batch_reference:
        named = _NAMED_ALONE if is_alone else _NAMED
    channels = f"({int(channel_id)})"
    if campaign_id is not None:
        channels = _CHANNELS.format(lane=int(channel_id), id=int(campaign_id))
    skip_locked = connection.features.has_select_for_update_skip_locked
    sql = _CLAIM.format(
        sending=S.SENDING.value,
        queued=S.QUEUED.value,
        to_opted_out=", ".join(str(purpose.value) for purpose in TO_THE_OPTED_OUT),
        campaign="IS NULL" if campaign_id is None else f"= {int(campaign_id)}",
        channels=channels,
        is_sending="" if campaign_id is None else is_sending,
        lock="FOR UPDATE OF m SKIP LOCKED" if skip_locked else "",
        named=named,
    )
    at = connection.ops.adapt_datetimefield_value(now)
    asked = [channel_id, at] if campaign_id is None else [channel_id, at, at]
    with connection.cursor() as cursor:
        names = [batch_reference] if named == _NAMED else []
        cursor.execute(sql, [*asked, count, owner, at, *names])
        claimed = [Claimed(*row, batch_reference=batch_reference) for row in cursor.fetchall()]
    for parcel in claimed if is_alone else ():
        parcel.batch_reference = parcel.reference
    return claimed


# --- Settling ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Result:
    """What became of a claimed row. QUEUED means surely not sent: it waits again."""

    id: int
    status: MessageStatus
    provider_id: str = ""
    code: str = ""
    reason: str = ""
    send_after: datetime | None = None
    is_retry: bool = False


_RESULT = {
    "id": "id",
    "status": "int",
    "provider_id": "text",
    "code": "text",
    "reason": "text",
    "send_after": "time",
    "retries": "int",
}
#: A report may have overtaken the answer: it keeps its status, the provider's id is still noted.
#: Only the owner may say "waits again" or "in doubt"; a firm answer counts from anybody.
_SETTLE = """
    UPDATE campaigns_message AS m SET
        status = CASE WHEN m.status IN ({open}) THEN r.status ELSE m.status END,
        code = CASE WHEN m.status IN ({open}) THEN r.code ELSE m.code END,
        reason = CASE WHEN m.status IN ({open}) THEN r.reason ELSE m.reason END,
        changed_at = CASE WHEN m.status IN ({open}) THEN %s ELSE m.changed_at END,
        provider_id = CASE WHEN r.provider_id = '' THEN m.provider_id ELSE r.provider_id END,
        send_after = COALESCE(r.send_after, m.send_after),
        retry_count = m.retry_count + r.retries, owner = ''
    FROM {rows}
    WHERE m.id = r.id AND (m.owner = %s OR r.status = {failed})
"""
_ACCEPTED = {"id": "id", "provider_id": "text"}
#: The same for what was accepted, which is nearly all.
_ACCEPT = """
    UPDATE campaigns_message AS m SET
        status = CASE WHEN m.status IN ({open}) THEN {accepted} ELSE m.status END,
        code = CASE WHEN m.status IN ({open}) THEN '' ELSE m.code END,
        reason = CASE WHEN m.status IN ({open}) THEN '' ELSE m.reason END,
        changed_at = CASE WHEN m.status IN ({open}) THEN %s ELSE m.changed_at END,
        accepted_at = %s,
        provider_id = CASE WHEN r.provider_id = '' THEN m.provider_id ELSE r.provider_id END,
        owner = ''
    FROM {rows} WHERE m.id = r.id
"""
_OPEN = f"{S.SENDING:d}, {S.UNKNOWN:d}, {S.UNRESOLVED:d}"


def settle(results: Sequence[Result], *, owner: str, now: datetime) -> None:
    """Write what became of claimed rows, all at once."""
    if not results:
        return
    lock_in_order([result.id for result in results])
    at = connection.ops.adapt_datetimefield_value(now)
    if accepted := [(r.id, r.provider_id) for r in results if r.status == S.ACCEPTED]:
        sql = _ACCEPT.format(open=_OPEN, accepted=S.ACCEPTED.value, rows=rows_sql(_ACCEPTED))
        with connection.cursor() as cursor:
            cursor.execute(sql, [at, at, rows_parameter(_ACCEPTED, accepted)])
    rows = [
        (r.id, r.status, r.provider_id, r.code, r.reason, _text(r.send_after), int(r.is_retry))
        for r in results
        if r.status != S.ACCEPTED
    ]
    if rows:
        sql = _SETTLE.format(open=_OPEN, failed=S.FAILED.value, rows=rows_sql(_RESULT))
        with connection.cursor() as cursor:
            cursor.execute(sql, [at, rows_parameter(_RESULT, rows), owner])


def lock_in_order(ids: Iterable[int]) -> None:
    """Two writers of many rows wait for each other in one order, so that none waits for ever.
    SQLite has one writer at a time."""
    if connection.features.has_select_for_update:
        rows = Message.objects.filter(pk__in=list(ids)).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else str(connection.ops.adapt_datetimefield_value(moment))


# --- Changing many ---------------------------------------------------------------------------


def change_in_chunks(rows: QuerySet[Message], **changes: Any) -> int:
    """`rows.update(**changes)`, a chunk per transaction, locked in the order of all writers; the
    rows must leave the set by it."""
    count = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            lock_in_order(ids)
            changed = rows.filter(pk__in=ids).update(**changes)
        count += changed
        if not changed:  # somebody else had them all
            break
        if len(ids) == CHUNK:
            let_others_write()
    return count


# --- Counting ----------------------------------------------------------------------------------


def count_statuses(campaign: Campaign) -> dict[MessageStatus, int]:
    """How many of the campaign's rows are in each state; they add up to all rows."""
    return count_of([campaign.pk])[campaign.pk]
