"""The journal: requests to providers, set by set, and callbacks, byte by byte."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, connection

from campaigns.gateways import GATEWAYS
from campaigns.gateways.outcomes import Exchange
from campaigns.models import Channel, GatewayCall, WebhookPost
from campaigns.models.rows import as_moment, rows_parameter, rows_sql
from campaigns.services.chunks import delete_older
from campaigns.services.hook_addresses import hash_token

_CALL = {
    "action": "text",
    "reference": "text",
    "request": "text",
    "http_status": "int",
    "answer": "text",
    "milliseconds": "int",
}
_KEEP = f"""
    INSERT INTO campaigns_gatewaycall (channel_id, at, {", ".join(_CALL)})
    SELECT %s, %s, {", ".join(f"r.{name}" for name in _CALL)} FROM """  # noqa: S608

#: Headers worth keeping; the rest may hold cookies or credentials of proxies.
KEPT_HEADERS = (
    "Content-Type",
    "User-Agent",
    "X-Forwarded-For",
    *sorted({name for gateway in GATEWAYS.values() for name in gateway.signature_headers}),
)
PRUNE_CHUNK = 2000
#: "Last seen" need not be exact: one more write per callback would be.
SEEN_EVERY = timedelta(seconds=5)


def keep_exchanges(channel_id: int, exchanges: Iterable[Exchange | None], now: datetime) -> None:
    """Write down requests and answers. They come redacted from the gateway; None was none."""
    calls = [exchange for exchange in exchanges if exchange]
    if not calls:
        return
    rows = [
        (c.action, c.reference, c.request, c.status, c.answer, round(c.seconds * 1000))
        for c in calls
    ]
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP + rows_sql(_CALL), [channel_id, at, rows_parameter(_CALL, rows)])


_COLUMNS = """INSERT INTO campaigns_webhookpost
    (channel_id, body, headers, received_at, status, reason, attempts, kind, is_polled)"""
_KEEP_POST = f"{_COLUMNS} VALUES (%s, %s, %s, %s, 'new', '', 0, '', %s)"
#: For every callback: one statement that finds whose it is, keeps it and tells when one came last.
_KEEP_CALLBACK = f"""
    {_COLUMNS} SELECT id, %s, %s, %s, 'new', '', 0, '', false FROM campaigns_channel
    WHERE hook_hash = %s OR (old_hook_hash = %s AND old_hook_until > %s)
    RETURNING id, channel_id, (SELECT last_hook_at FROM campaigns_channel c
        WHERE c.id = campaigns_webhookpost.channel_id)
"""  # noqa: S608 our own words
#: The database cannot be reached, or does not get to it: the same may succeed in a moment.
AWAY = (OperationalError, InterfaceError)
#: A callback must be answered within ten seconds, so it waits less long for SQLite's other writers.
HURRY_MS = 4000


#: Far more than come while the database is started.
NEWEST = 100_000


class KeptCallback(NamedTuple):
    post_id: int
    channel_id: int
    last_hook_at: datetime | None


def keep_callback(token: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Keep what came to the address that ends in this token; False where it is no channel's.

    Committed when this returns: only then may we answer 200. Raises one of `AWAY` when it could
    not be kept just now.
    """
    with _in_a_hurry():
        kept = keep_hashed(hash_token(token), headers, body, now)
    if kept is not None:
        with suppress(*AWAY):  # it is kept all the same
            _note_seen(kept.channel_id, kept.last_hook_at, now)
    return kept is not None


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    """SQLite's writers wait for each other; within the block not for as long as elsewhere."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    patience = round(connection.settings_dict["OPTIONS"]["timeout"] * 1000)
    connection.connection.execute(f"PRAGMA busy_timeout={HURRY_MS}")
    try:
        yield
    finally:
        connection.connection.execute(f"PRAGMA busy_timeout={patience}")


def keep_hashed(
    digest: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> KeptCallback | None:
    """Keep what came at that moment to the address with this hash; None where it was nobody's."""
    moment = connection.ops.adapt_datetimefield_value(at)
    asked = [connection.Database.Binary(body), _kept(headers), moment, digest, digest, moment]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_CALLBACK, asked)
        rows = cursor.fetchall()  # to the end: SQLite commits after the last row
    return next((KeptCallback(pk, owner, as_moment(last)) for pk, owner, last in rows), None)


def find_kept(body: bytes, at: datetime) -> int | None:
    """The row of a callback that was perhaps kept before the database fell silent: one of the
    newest then, whatever came since."""
    newest = WebhookPost.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = WebhookPost.objects.filter(pk__gt=newest - NEWEST, received_at=at, body=body)
    return rows.order_by().values_list("pk", flat=True).first()


def keep_post(
    channel_id: int,
    last_hook_at: datetime | None,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    *,
    is_polled: bool = False,
) -> None:
    """Keep a callback of a known channel as it came."""
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_POST,
            [channel_id, connection.Database.Binary(body), _kept(headers), at, is_polled],
        )
    _note_seen(channel_id, last_hook_at, now)


def _kept(headers: Mapping[str, str]) -> str:
    return json.dumps({name: headers[name][:300] for name in KEPT_HEADERS if headers.get(name)})


def _note_seen(channel_id: int, last_hook_at: datetime | None, now: datetime) -> None:
    if last_hook_at is None or now - last_hook_at > SEEN_EVERY:
        Channel.objects.filter(pk=channel_id).update(last_hook_at=now)


def prune_journal(days: int, now: datetime) -> dict[str, int]:
    """Delete requests and read callbacks older than `days`; how many of each went."""
    before, kept = now - timedelta(days=days), WebhookPost.Status
    read = WebhookPost.objects.exclude(status__in=[kept.NEW, kept.WAITING])
    requests = GatewayCall.objects.all()
    return {
        "requests": delete_older(requests, "at", before, PRUNE_CHUNK),
        "callbacks": delete_older(read, "received_at", before, PRUNE_CHUNK),
    }
