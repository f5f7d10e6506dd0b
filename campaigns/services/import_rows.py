"""The rows of an import: read from its file, checked, and written batch by batch.

Everything a batch changes, its progress included, is one short transaction that begins by taking
the progress from where it was found. So a kill costs nothing, a second worker changes nothing,
and the counts add up at every moment.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from campaigns.models import ContactImport, ImportProblem
from campaigns.rules.contactrows import (
    ContactRow,
    Layout,
    make_contact,
    make_without_unusable,
    tell_left_out,
)
from campaigns.rules.problems import RuleBroken
from campaigns.rules.rows import Row
from campaigns.services.audit import record
from campaigns.services.import_fields import layout_of, make_fields
from campaigns.services.import_files import read_file
from campaigns.services.import_writing import write_rows
from campaigns.services.queue import ring

#: One writer at a time: sending and callbacks get their turn after each batch.
BATCH_ROWS = 5_000
#: A run ends well before the queue's time limit and rings for the next.
RUN_SECONDS = 60
FILE_GONE = "The file is no longer there: import it again."
LIST_GONE = "The list was deleted: import the file again."


@dataclass(slots=True)
class CheckedRow:
    """A row, and the contact it makes or the sentence why it makes none.

    `left_out`: (place, why) of cells that the contact lacks because they cannot be used.
    """

    row: Row
    contact: ContactRow | None
    problem: str = ""
    left_out: Sequence[tuple[int, str]] = ()


def check_rows(
    contact_import: ContactImport, rows: Iterable[Row], layout: Layout | None = None
) -> Iterator[CheckedRow]:
    """Every row with what it makes, by the layout the import has."""
    layout = layout or layout_of(contact_import)
    leaves_out = contact_import.unusable == ContactImport.Unusable.LEAVE_OUT
    for row in rows:
        if row.problem:
            yield CheckedRow(row, None, row.problem)
            continue
        try:
            yield CheckedRow(row, make_contact(row.cells, layout))
        except RuleBroken as problem:
            found = check_cells(row, layout) if leaves_out else None
            yield found or CheckedRow(row, None, str(problem))


def check_cells(row: Row, layout: Layout) -> CheckedRow | None:
    """The person without the cells that cannot be used; None: the row as a whole cannot be."""
    try:
        contact, left_out = make_without_unusable(row.cells, layout)
    except RuleBroken:
        return None
    return CheckedRow(row, contact, left_out=left_out)


def run_import(import_id: int, now: datetime, *, seconds: float = RUN_SECONDS) -> None:
    """Read on from where the last run stopped; after `seconds` ring for the next run."""
    running = ContactImport.objects.filter(pk=import_id, status=ContactImport.Status.RUNNING)
    running.filter(started_at=None).update(started_at=now)
    contact_import = running.first()
    if contact_import is None:
        return
    stop_at = time.monotonic() + seconds
    try:
        for _ in write_batches(contact_import):
            if time.monotonic() > stop_at:
                ring("imports.run_import", import_id)
                return
    except FileNotFoundError:
        _end(contact_import, ContactImport.Status.FAILED, reason=FILE_GONE)
    except RuleBroken as problem:  # a workbook that cannot be read any more
        _end(contact_import, ContactImport.Status.FAILED, reason=str(problem))


def write_batches(contact_import: ContactImport) -> Iterator[int]:
    """Write batch after batch and then the end; yields how many rows are done.

    Stops when it finds that somebody else writes too.
    """
    done = contact_import.done_count
    layout = layout_of(contact_import)
    make_fields(contact_import, layout)
    checked = check_rows(contact_import, islice(read_file(contact_import), done, None), layout)
    while batch := list(islice(checked, BATCH_ROWS)):
        if not _write(contact_import, done, batch):
            return
        done += len(batch)
        yield done
    contact_import.done_count = done
    _end(contact_import, ContactImport.Status.DONE, row_count=done)


def _write(contact_import: ContactImport, done: int, batch: list[CheckedRow]) -> bool:
    """Write one batch with its counts; False when it is not ours to write."""
    from_here = ContactImport.objects.filter(
        pk=contact_import.pk, status=ContactImport.Status.RUNNING, done_count=done
    )
    with transaction.atomic():
        found = from_here.select_for_update().first()
        if found is None:
            return False
        if found.contact_list_id is None:
            _end(found, ContactImport.Status.FAILED, reason=LIST_GONE)
            return False
        now = timezone.now()
        counts = write_rows(found, [row.contact for row in batch if row.contact], now)
        bad = [row for row in batch if row.contact is None]
        partly = [row for row in batch if row.left_out]
        _keep_problems(found, [*bad, *partly])
        from_here.update(
            causes=dict(Counter(found.causes) + Counter(row.problem for row in bad)),
            left_out=dict(Counter(found.left_out) + _count_left_out(partly)),
            problem_count=F("problem_count") + len(bad),
            done_count=done + len(batch),
            progress_at=now,
            **{name: F(name) + count for name, count in counts.items()},
        )
    return True


def _end(contact_import: ContactImport, status: str, **fields: Any) -> None:
    """Done or failed, unless somebody else got further."""
    still = ContactImport.objects.filter(
        pk=contact_import.pk,
        status=ContactImport.Status.RUNNING,
        done_count=contact_import.done_count,
    )
    with transaction.atomic():
        if still.update(status=status, finished_at=timezone.now(), **fields):
            contact_import.refresh_from_db()
            record(
                f"import.{status}",
                contact_import,
                by=contact_import.by,
                after={
                    "rows": contact_import.done_count,
                    "new": contact_import.new_count,
                    "updated": contact_import.updated_count,
                    "duplicates": contact_import.duplicate_count,
                    "not imported": contact_import.problem_count,
                    "cells left out": contact_import.left_out_count,
                },
            )


def _keep_problems(contact_import: ContactImport, rows: list[CheckedRow]) -> None:
    ImportProblem.objects.bulk_create(
        ImportProblem(
            contact_import=contact_import,
            line=checked.row.line,
            reason=checked.problem or tell_left_out(checked.left_out, contact_import.columns),
            row=checked.row.cells,
            is_imported=checked.contact is not None,
        )
        for checked in rows
    )


def _count_left_out(rows: list[CheckedRow]) -> Counter[str]:
    return Counter(why for checked in rows for _, why in checked.left_out)
