"""Many rows, some at a time: short transactions, for others want to write, too."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db.models import QuerySet

Thing = TypeVar("Thing")


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
