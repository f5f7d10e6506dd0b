"""The tally is set up, kept small, and held against the rows it counts."""

import logging
from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.db import connection, connections, transaction

from campaigns.models import Campaign, Message, Tally, TallyDetail
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.tallies import Counts
from campaigns.services.tallies_triggers import (
    BOOKS,
    add_sql,
    create_triggers,
    drop_triggers,
    is_installed,
    rows_of,
)

log = logging.getLogger(__name__)
#: So many slots are made one at a time.
MOST_SLOTS = 50_000


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Set the triggers where they are not as they should be, as after a migration that made the
    table anew, and count what was there before. Writers wait until both is done."""
    if using != "default":
        return
    database = connections[using]
    with transaction.atomic(using), database.cursor() as cursor:
        there = set(database.introspection.table_names(cursor))
        if {Message._meta.db_table, *BOOKS} - there or is_installed(cursor, database.vendor):
            return
        for sql in (*drop_triggers(database.vendor), *create_triggers(database.vendor)):
            cursor.execute(sql)
        mend_tally()


# --- Small ---------------------------------------------------------------------------------------


def compact_tally() -> None:
    """One slot instead of many, by one statement: whoever reads meanwhile sees the same sums."""
    if connection.vendor == "sqlite":
        for model in (Tally, TallyDetail):
            model.objects.filter(count=0).delete()
        return
    with connection.cursor() as cursor:
        for book in BOOKS:
            cursor.execute(_compact_sql(book), [MOST_SLOTS])


def _compact_sql(book: str) -> str:
    """Only what nobody else sums up at this moment; who counts adds slots, and touches none."""
    of = ", ".join(BOOKS[book])
    returned = ", ".join(f"t.{name}" for name in BOOKS[book])
    return f"""
        WITH several AS (
            SELECT {of} FROM {book} GROUP BY {of} HAVING count(*) > 1 OR sum(count) = 0),
        spare AS (
            SELECT t.id FROM {book} t JOIN several USING ({of})
            ORDER BY t.id LIMIT %s FOR UPDATE OF t SKIP LOCKED),
        gone AS (
            DELETE FROM {book} t USING spare WHERE t.id = spare.id
            RETURNING {returned}, t.count)
        {add_sql(book, "SELECT * FROM gone", "postgresql")}"""  # noqa: S608 our own words


# --- True ----------------------------------------------------------------------------------------


def mend_tally(campaign_id: int | None = None) -> None:
    """Add to the tally (of one campaign, or of all) what it lacks against the rows, by one
    statement for each book: what others count meanwhile stays counted."""
    asked = [] if campaign_id is None else [campaign_id]
    with connection.cursor() as cursor:
        for book in BOOKS:
            rows = _lacking(book, of_one=bool(asked))
            cursor.execute(add_sql(book, rows, connection.vendor), asked * 2)


def _lacking(book: str, *, of_one: bool) -> str:
    """The rows as they should be counted, and what is counted, taken off."""
    columns = ", ".join(f"t.{name}" for name in BOOKS[book])
    rows = rows_of(book, Message._meta.db_table, connection.vendor)
    counted = f"SELECT {columns}, -t.count AS count FROM {book} t WHERE true"  # noqa: S608
    if of_one:
        rows, counted = f"{rows} AND m.campaign_id = %s", f"{counted} AND t.campaign_id = %s"
    return f"{rows} UNION ALL {counted}"


def find_wrong(campaign_id: int) -> Counts:
    """State → what its tally lacks; the rows are counted by an index alone."""
    sql = f"""SELECT status, sum(count) FROM ({_lacking("campaigns_tally", of_one=True)}) r
        GROUP BY status HAVING sum(count) <> 0 ORDER BY status"""  # noqa: S608 our own words
    with connection.cursor() as cursor:
        cursor.execute(sql, [campaign_id] * 2)
        return {MessageStatus(status): int(count) for status, count in cursor.fetchall()}


def audit_tally(now: datetime) -> None:
    """Hold the tally of one campaign that is over against its rows, each minute another one."""
    over = Campaign.objects.filter(status__in=(CampaignStatus.DONE, CampaignStatus.CANCELLED))
    ids = list(over.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return
    asked = ids[int(now.timestamp() // 60) % len(ids)]
    if wrong := find_wrong(asked):
        mend_tally(asked)
        told = ", ".join(f"{status.label} {count:+,}" for status, count in wrong.items())
        log.error("The counts of campaign %d were wrong and are mended: %s.", asked, told)
