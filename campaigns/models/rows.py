"""What the ORM does not say: many rows as one parameter, states as literals, bare moments."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

#: The types that rows carry → what PostgreSQL and SQLite call them.
_TYPES = {"id": "bigint", "int": "integer", "text": "text", "time": "timestamptz", "json": "jsonb"}


def rows_sql(columns: dict[str, str]) -> str:
    """A FROM item `r` with these columns (name → key of _TYPES), for one %s parameter."""
    if connection.vendor == "postgresql":
        listed = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in columns.items())
        return f"jsonb_to_recordset(%s::jsonb) AS r({listed})"
    listed = ", ".join(f"value ->> {at} AS {name}" for at, name in enumerate(columns))
    return f"(SELECT {listed} FROM json_each(%s)) AS r"  # noqa: S608 our own names


def rows_parameter(columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> str:
    """The parameter for `rows_sql`: values in the order of the columns, times as text."""
    if connection.vendor == "postgresql":
        return json.dumps([dict(zip(columns, row, strict=True)) for row in rows])
    return json.dumps(rows)


def states_are(*statuses: int | str, table: str = "") -> RawSQL:
    """The rows in these states, as literals: SQLite uses a partial index only when it sees its
    very condition in the query, and it cannot see into parameters. Joined to others that have
    states, it needs the name of its table."""
    listed = [f"'{s}'" if isinstance(s, str) else str(int(s)) for s in statuses]
    column = f"{table}.status" if table else "status"
    sql = f"{column} IN ({', '.join(listed)})" if len(listed) > 1 else f"{column} = {listed[0]}"
    return RawSQL(sql, [], output_field=BooleanField())  # noqa: S611 our own states


def as_moment(value: datetime | None) -> datetime | None:
    """A time as a bare cursor returns it: on SQLite it lacks its zone, which is UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
