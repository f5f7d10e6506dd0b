"""Pages of a list, newest first, and the filters that all lists have (§2)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.sandbox.sms.moments import read_moment
from campaigns.sandbox.sms.problems import bad_format, broken_rule

USUAL_SIZE, MOST_SIZE = 30, 100
MOST_DIGITS = 9
USUAL_SPAN = timedelta(hours=24)


def page_of(
    rows: QuerySet, query: QueryDict, name: str, show: Callable[[Any], dict]
) -> dict[str, Any]:
    """`count` is of all pages, `page_size` what is on this one."""
    page = whole_number(query, "page", 0)
    size = whole_number(query, "page_size", USUAL_SIZE)
    if not 1 <= size <= MOST_SIZE:
        raise broken_rule(f"page_size is not between 1 and {MOST_SIZE}")
    shown = [show(row) for row in rows[page * size : (page + 1) * size]]
    return {"count": rows.count(), "page": page, "page_size": len(shown), name: shown}


def within_dates(rows: QuerySet, query: QueryDict, field: str, now: datetime) -> QuerySet:
    """From `start_date`, a day ago by default, to before `end_date`."""
    starts_at = now - USUAL_SPAN
    if query.get("start_date"):
        starts_at = read_moment(query["start_date"].replace(" ", "+"), "start_date")
    rows = rows.filter(**{f"{field}__gte": starts_at})
    if query.get("end_date"):
        ends_at = read_moment(query["end_date"].replace(" ", "+"), "end_date")
        rows = rows.filter(**{f"{field}__lt": ends_at})
    return rows


def words_of(query: QueryDict, name: str) -> list[str]:
    """A comma list, or the name repeated."""
    return [word.strip() for text in query.getlist(name) for word in text.split(",") if word]


def whole_number(query: QueryDict, name: str, usual: int) -> int:
    value = query.get(name, str(usual))
    if not value.isdecimal() or len(value) > MOST_DIGITS:
        raise bad_format(f"{name} is not an integer")
    return int(value)
