"""The triggers that keep the tally, in the words of each database."""

from typing import Any

from campaigns.models import TallyDetail
from campaigns.rules.statuses import GONE_WRONG, MessageStatus

S = MessageStatus
_MINUTE = {
    "sqlite": "substr({row}.send_after, 1, 16)",
    "postgresql": "to_char({row}.send_after AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
}
#: Table → the columns that a count is for.
BOOKS = {
    "campaigns_tally": ("campaign_id", "status"),
    "campaigns_tallydetail": ("campaign_id", "status", "detail"),
}


def detail_sql(row: str, vendor: str) -> str:
    why = f"CASE WHEN {row}.code <> '' THEN {row}.code ELSE {row}.reason END"
    return f"""CASE WHEN {row}.status = {S.QUEUED:d} THEN {_MINUTE[vendor].format(row=row)}
        ELSE substr({why}, 1, {TallyDetail.LENGTH}) END"""


def has_detail_sql(row: str) -> str:
    """It must follow from the row alone: what was added when it came is taken off when it goes.
    Written out: for an IN, SQLite would make a table at each row."""
    went_wrong = " OR ".join(f"{row}.status = {status:d}" for status in GONE_WRONG)
    is_held = f"{row}.status = {S.QUEUED:d} AND {row}.send_after > {row}.created_at"
    return f"({went_wrong} OR ({is_held}))"


def rows_of(book: str, table: str, vendor: str, count: int = 1) -> str:
    """The messages of a table, each as (campaign, status, …, count) of a book."""
    if book == "campaigns_tally":
        columns, counted = "m.status", "true"
    else:
        columns, counted = f"m.status, {detail_sql('m', vendor)} AS detail", has_detail_sql("m")
    return f"""SELECT m.campaign_id, {columns}, {count} AS count FROM {table} m
        WHERE m.campaign_id IS NOT NULL AND {counted}"""  # noqa: S608 our own words


# --- SQLite: row by row --------------------------------------------------------------------------


def _sqlite_triggers() -> dict[str, str]:
    """Name → SQL. A state is found by the id of its row, which is many times faster than by an
    index of several columns. Of an old row there is a tally: it was counted when it came to be."""
    more = """INSERT INTO campaigns_tally (id, campaign_id, status, slot, count)
        SELECT NEW.campaign_id * 100 + NEW.status, NEW.campaign_id, NEW.status, 0, 1
        WHERE NEW.campaign_id IS NOT NULL
        ON CONFLICT (id) DO UPDATE SET count = count + 1;"""
    less = """UPDATE campaigns_tally SET count = count - 1
        WHERE id = OLD.campaign_id * 100 + OLD.status;"""
    more_detail = f"""INSERT INTO campaigns_tallydetail (campaign_id, status, detail, slot, count)
        SELECT NEW.campaign_id, NEW.status, {detail_sql("NEW", "sqlite")}, 0, 1
        WHERE NEW.campaign_id IS NOT NULL AND {has_detail_sql("NEW")}
        ON CONFLICT (campaign_id, status, detail, slot) DO UPDATE SET count = count + 1;"""
    less_detail = f"""UPDATE campaigns_tallydetail SET count = count - 1
        WHERE campaign_id = OLD.campaign_id AND status = OLD.status
        AND detail = {detail_sql("OLD", "sqlite")} AND slot = 0
        AND {has_detail_sql("OLD")};"""  # noqa: S608 our own words
    moved = "OLD.status <> NEW.status OR OLD.campaign_id IS NOT NEW.campaign_id"
    had, has = has_detail_sql("OLD"), has_detail_sql("NEW")
    told_apart = "campaign_id, status, send_after, code, reason"
    on = "ON campaigns_message"
    bodies = {
        "insert": f"INSERT {on} BEGIN {more} END",
        "insert_detail": f"INSERT {on} WHEN {has} BEGIN {more_detail} END",
        "update": f"UPDATE OF campaign_id, status {on} WHEN {moved} BEGIN {less} {more} END",
        "update_detail": f"UPDATE OF {told_apart} {on} WHEN {had} OR {has}"
        f" BEGIN {less_detail} {more_detail} END",
        "delete": f"DELETE {on} BEGIN {less} END",
        "delete_detail": f"DELETE {on} WHEN {had} BEGIN {less_detail} END",
    }
    return {
        f"campaigns_tally_{kind}": f"CREATE TRIGGER campaigns_tally_{kind} AFTER {body}"
        for kind, body in bodies.items()
    }


def add_sql(book: str, rows: str, vendor: str) -> str:
    """Add the sums of `rows` to a book."""
    of = ", ".join(BOOKS[book])
    sums = f"""SELECT {of}, sum(count) AS total FROM ({rows}) r
        GROUP BY {of} HAVING sum(count) <> 0"""  # noqa: S608 our own words
    if vendor == "postgresql":  # a slot of its own for each, so that nobody waits for another
        slot = f"nextval(pg_get_serial_sequence('{book}', 'id')) AS slot"
        return f"""INSERT INTO {book} (id, slot, {of}, count) SELECT s.slot, s.slot, {of}, s.total
            FROM (SELECT {slot}, g.* FROM ({sums}) g) s"""  # noqa: S608 our own words
    own = ("id, ", "campaign_id * 100 + status, ") if book == "campaigns_tally" else ("", "")
    return f"""INSERT INTO {book} ({own[0]}{of}, slot, count)
        SELECT {own[1]}{of}, 0, total FROM ({sums}) WHERE true
        ON CONFLICT ({of}, slot) DO UPDATE SET count = count + excluded.count"""  # noqa: S608


# --- PostgreSQL: statement by statement ----------------------------------------------------------

_TABLES = {
    "insert": "REFERENCING NEW TABLE AS fresh",
    "update": "REFERENCING OLD TABLE AS stale NEW TABLE AS fresh",
    "delete": "REFERENCING OLD TABLE AS stale",
    "truncate": "",
}


def _postgres_function() -> str:
    def add(**tables: int) -> str:
        statements = []
        for book in BOOKS:
            rows = [rows_of(book, name, "postgresql", count) for name, count in tables.items()]
            statements.append(add_sql(book, " UNION ALL ".join(rows), "postgresql") + ";")
        return " ".join(statements)

    empty = " ".join(f"DELETE FROM {book};" for book in BOOKS)  # noqa: S608 our own words
    return f"""
    BEGIN
        IF TG_OP = 'INSERT' THEN {add(fresh=1)}
        ELSIF TG_OP = 'DELETE' THEN {add(stale=-1)}
        ELSIF TG_OP = 'UPDATE' THEN {add(stale=-1, fresh=1)}
        ELSE {empty}
        END IF;
        RETURN NULL;
    END """


def _postgres_triggers() -> dict[str, str]:
    return {
        f"campaigns_tally_{kind}": f"""CREATE TRIGGER campaigns_tally_{kind}
        AFTER {kind.upper()} ON campaigns_message {tables} FOR EACH STATEMENT
        EXECUTE FUNCTION campaigns_count_along()"""
        for kind, tables in _TABLES.items()
    }


# --- Both ----------------------------------------------------------------------------------------


def is_installed(cursor: Any, vendor: str) -> bool:
    """Whether the triggers are there, word for word."""
    if vendor == "sqlite":
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
            ["campaigns_tally_%"],
        )
        return dict(cursor.fetchall()) == _sqlite_triggers()
    cursor.execute(
        """SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = 'campaigns_message'::regclass AND t.tgenabled = 'O'
        AND t.tgname LIKE %s""",
        ["campaigns_tally_%"],
    )
    return dict(cursor.fetchall()) == dict.fromkeys(_postgres_triggers(), _postgres_function())


def drop_triggers(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in _sqlite_triggers()]
    triggers = _postgres_triggers()
    return [f"DROP TRIGGER IF EXISTS {name} ON campaigns_message" for name in triggers]


def create_triggers(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [*_sqlite_triggers().values()]
    function = f"""CREATE OR REPLACE FUNCTION campaigns_count_along() RETURNS trigger
        LANGUAGE plpgsql AS $${_postgres_function()}$$"""
    return [function, *_postgres_triggers().values()]
