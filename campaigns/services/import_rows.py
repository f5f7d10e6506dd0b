"""The rows of an import: read from its file, checked, and written batch by batch.

Everything a batch changes, its progress included, is one short transaction that begins by taking
the progress from where it was found. So a kill costs nothing, a second worker changes nothing,
and the counts add up at every moment.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from campaigns.models import Contact, ContactImport, ImportProblem, Membership
from campaigns.rules.columns import ContactRow, make_contact
from campaigns.rules.problems import RuleBroken
from campaigns.rules.rows import Row, read_rows
from campaigns.services.audit import record
from campaigns.services.queue import ring

#: One writer at a time: sending and callbacks get their turn after each batch.
BATCH_ROWS = 1_000
#: A run ends well before the queue's time limit and rings for the next.
RUN_SECONDS = 60
#: More rows with a problem than this are counted but not kept.
MOST_PROBLEMS = 10_000
FILE_GONE = "The file is no longer there: import it again."
LIST_GONE = "The list was deleted: import the file again."


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row, and the contact it makes or the sentence why it makes none."""

    row: Row
    contact: ContactRow | None
    problem: str = ""


def read_file(contact_import: ContactImport, *, with_header: bool = False) -> Iterator[Row]:
    """The rows below the header, as the import's layout reads them."""
    skipped = int(contact_import.has_header and not with_header)
    with open(
        contact_import.file.path, encoding=contact_import.encoding, errors="replace", newline=""
    ) as stream:
        rows = read_rows(stream, contact_import.delimiter)
        yield from islice(rows, skipped, None)


def check_rows(contact_import: ContactImport, rows: Iterable[Row]) -> Iterator[CheckedRow]:
    mapping = {int(place): name for place, name in contact_import.mapping.items()}
    columns, country = contact_import.columns, contact_import.country
    for row in rows:
        if row.problem:
            yield CheckedRow(row, None, row.problem)
            continue
        try:
            yield CheckedRow(row, make_contact(row.cells, columns, mapping, country))
        except RuleBroken as problem:
            yield CheckedRow(row, None, str(problem))


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


def write_batches(contact_import: ContactImport) -> Iterator[int]:
    """Write batch after batch and then the end; yields how many rows are done.

    Stops when it finds that somebody else writes too.
    """
    done = contact_import.done_count
    checked = check_rows(contact_import, islice(read_file(contact_import), done, None))
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
        counts = _write_contacts(found, [row.contact for row in batch if row.contact])
        bad = [row for row in batch if row.contact is None]
        _keep_problems(found, bad[: max(0, MOST_PROBLEMS - found.problem_count)])
        from_here.update(
            causes=dict(Counter(found.causes) + Counter(row.problem for row in bad)),
            problem_count=F("problem_count") + len(bad),
            done_count=done + len(batch),
            progress_at=timezone.now(),
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
                },
            )


def _write_contacts(contact_import: ContactImport, rows: list[ContactRow]) -> dict[str, int]:
    """Merge the rows into what is known and put the people on the list; count by what they were.

    The last row of a number wins, cell by cell, and a blank cell never erases. Whoever was
    written since this import began is in the file twice.
    """
    merged: dict[str, ContactRow] = {}
    for row in rows:
        merged[row.phone] = row.over(merged[row.phone]) if row.phone in merged else row
    merged = dict(sorted(merged.items()))  # one order for all: two imports do not lock crosswise
    known = {contact.phone: contact for contact in Contact.objects.filter(phone__in=merged)}
    again = sum(c.updated_at >= contact_import.started_at for c in known.values())
    contacts = Contact.objects.bulk_create(
        [_contact(row, known.get(row.phone)) for row in merged.values()],
        update_conflicts=True,
        unique_fields=["phone"],
        update_fields=["first_name", "last_name", "email", "attributes", "updated_at"],
    )
    Membership.objects.bulk_create(
        [
            Membership(contact_list_id=contact_import.contact_list_id, contact_id=contact.pk)
            for contact in contacts
        ],
        ignore_conflicts=True,
    )
    return {
        "new_count": len(merged) - len(known),
        "updated_count": len(known) - again,
        "duplicate_count": len(rows) - len(merged) + again,
    }


def _contact(row: ContactRow, known: Contact | None) -> Contact:
    if known is not None:
        row = row.over(
            ContactRow(
                known.phone, known.first_name, known.last_name, known.email, known.attributes
            )
        )
    return Contact(
        phone=row.phone,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        attributes=row.attributes,
    )


def _keep_problems(contact_import: ContactImport, bad: list[CheckedRow]) -> None:
    ImportProblem.objects.bulk_create(
        ImportProblem(
            contact_import=contact_import,
            line=checked.row.line,
            reason=checked.problem,
            row=checked.row.cells,
        )
        for checked in bad
    )
