"""Many rows, some at a time: short transactions, for others want to write, too."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.db import connection
from django.db.models import QuerySet

Thing = TypeVar("Thing")
#: SQLite's waiting writers look again every 25 to 100 ms: no less, or they never get their turn.
BREATH = 0.05


def let_others_write() -> None:
    """Between two transactions of a long row of them."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(BREATH)


def in_chunks(things: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    """All of them in their order, in lists of at most `size`."""
    rest = iter(things)
    while chunk := list(islice(rest, size)):
        yield chunk


def delete_in_chunks(rows: QuerySet, size: int) -> int:
    """Delete these rows, the oldest first; how many."""
    count = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:size]):
        rows.model._base_manager.filter(pk__in=ids).delete()
        count += len(ids)
    return count


def delete_older(rows: QuerySet, field: str, before: datetime, size: int) -> int:
    """Delete those of these rows whose `field` is before that moment; how many.

    For journals, whose ids follow their time: it walks by id up to a chunk in which all are
    younger. An index on the time would cost something at each row that is written.
    """
    last, count = 0, 0
    while chunk := list(rows.order_by("pk").filter(pk__gt=last).values_list("pk", field)[:size]):
        old = [pk for pk, at in chunk if at < before]
        if not old:
            break
        rows.model._base_manager.filter(pk__in=old).only("pk").delete()
        count, last = count + len(old), chunk[-1][0]
        let_others_write()
    return count
