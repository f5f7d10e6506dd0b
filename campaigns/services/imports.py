"""Imports as people do them: a file comes in, is looked at, confirmed, and its rejects go out."""

import csv
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from django.contrib.auth.models import AbstractBaseUser
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from campaigns.models import ContactImport, ContactList
from campaigns.rules.columns import (
    REASON_COLUMN,
    find_mapping_problems,
    guess_mapping,
    is_header,
    name_columns,
    neutralise,
)
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.rows import find_delimiter, find_encoding, find_file_problem
from campaigns.services.audience import check_list_name, create_list
from campaigns.services.audit import record
from campaigns.services.import_rows import CheckedRow, check_rows, read_file
from campaigns.services.queue import ring

MOST_BYTES = 100 * 1024 * 1024
MOST_ROWS = 2_000_000
#: The page checks these many rows before it answers; the import itself checks all.
CHECKED_ROWS = 20_000
SAMPLE_ROWS = 50
HEAD = 64 * 1024
#: A running import without progress for this long has lost its doorbell or its worker.
STALLED_AFTER = timedelta(minutes=2)
Status = ContactImport.Status


# --- The file comes in -------------------------------------------------------------------------


def start_import(
    upload: File,
    *,
    contact_list: ContactList | None = None,
    list_name: str = "",
    country: str = "US",
    by: AbstractBaseUser | None,
) -> ContactImport:
    """Keep the file and guess how to read it; no contact is touched before it is confirmed."""
    check_upload(upload)
    if contact_list is None:
        list_name = " ".join(list_name.split())
        check_list_name(list_name)
    contact_import = ContactImport(
        file_name=str(upload.name).rpartition("/")[2][-255:],
        contact_list=contact_list,
        list_name=contact_list.name if contact_list else list_name,
        encoding=find_encoding(upload.chunks()),
        country=country,
        by=by,
    )
    contact_import.file.save(f"{uuid.uuid4().hex}.csv", upload, save=False)
    try:
        _guess_layout(contact_import)
    except RuleBroken:
        contact_import.file.delete(save=False)
        raise
    contact_import.save()
    return contact_import


def check_upload(upload: File) -> None:
    """Raise `RuleBroken` for a file that cannot be a table of contacts."""
    if not upload.size:
        raise RuleBroken("The file is empty: export the contacts again.")
    if upload.size > MOST_BYTES:
        raise RuleBroken("The file is larger than 100 MB: split it and import the parts.")
    upload.seek(0)
    if problem := find_file_problem(upload.read(HEAD)):
        raise RuleBroken(problem)
    upload.seek(0)


def _guess_layout(contact_import: ContactImport) -> None:
    with open(contact_import.file.path, encoding=contact_import.encoding, errors="replace") as file:
        contact_import.delimiter = find_delimiter(file.read(HEAD))
    first = next(_all_rows(contact_import), [])
    contact_import.has_header = is_header(first)
    _read_layout(contact_import)


def _all_rows(contact_import: ContactImport) -> Iterator[list[str]]:
    """The cells of every row, the header included."""
    return (row.cells for row in read_file(contact_import, with_header=True))


def _read_layout(contact_import: ContactImport) -> None:
    """Columns, mapping and row count as encoding, delimiter and header have it."""
    sample = list(islice(_all_rows(contact_import), SAMPLE_ROWS))
    below = sample[1:] if contact_import.has_header else sample
    if not below:
        raise RuleBroken("There are no contacts in this file, only a header or nothing at all.")
    head = sample[0]
    if not contact_import.has_header:
        head = [""] * max(len(cells) for cells in sample)
    contact_import.columns = name_columns(head, has_header=contact_import.has_header)
    mapping = guess_mapping(contact_import.columns, below, contact_import.country)
    contact_import.mapping = {str(place): name for place, name in mapping.items()}
    contact_import.row_count = sum(1 for _ in read_file(contact_import))
    if contact_import.row_count > MOST_ROWS:
        raise RuleBroken(f"The file has more than {MOST_ROWS:,} rows: split it.")


# --- It is looked at ---------------------------------------------------------------------------


def change_layout(
    contact_import: ContactImport,
    *,
    encoding: str,
    delimiter: str,
    has_header: bool,
    country: str,
    mapping: dict[int, str],
) -> None:
    """Read the file in another way. When its columns change, they are guessed anew."""
    _check_open(contact_import)
    layout = (encoding, delimiter, has_header)
    is_new = layout != (
        contact_import.encoding,
        contact_import.delimiter,
        contact_import.has_header,
    )
    contact_import.encoding, contact_import.delimiter, contact_import.has_header = layout
    contact_import.country = country
    if is_new:
        _read_layout(contact_import)
    else:
        contact_import.mapping = {str(place): name for place, name in mapping.items()}
    contact_import.save()


def _check_open(contact_import: ContactImport) -> None:
    if contact_import.status != Status.PREVIEW:
        raise RuleBroken("This import was already started: import the file again to change it.")


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, and what was found in all rows that were checked."""

    rows: list[CheckedRow]
    checked_count: int
    good_count: int
    duplicate_count: int
    causes: dict[str, int]  # commonest first
    is_complete: bool

    @property
    def problem_count(self) -> int:
        return sum(self.causes.values())


def preview(contact_import: ContactImport, rows: int = SAMPLE_ROWS) -> Preview:
    """What an import would do; of a large file only the first rows are checked."""
    checked = check_rows(contact_import, islice(read_file(contact_import), CHECKED_ROWS))
    first = list(islice(checked, rows))
    phones: set[str] = set()
    causes: Counter[str] = Counter()
    count = good = 0
    for row in chain(first, checked):
        count += 1
        if row.contact is None:
            causes[row.problem] += 1
        else:
            good += 1
            phones.add(row.contact.phone)
    return Preview(
        rows=first,
        checked_count=count,
        good_count=len(phones),
        duplicate_count=good - len(phones),
        causes=dict(causes.most_common()),
        is_complete=count < CHECKED_ROWS or count == contact_import.row_count,
    )


def confirm_import(
    contact_import: ContactImport,
    mapping: dict[int, str],
    *,
    by: AbstractBaseUser | None,
    in_background: bool = True,
) -> None:
    """Begin. A worker does it, unless the caller says that it does it itself."""
    _check_open(contact_import)
    check(find_mapping_problems(mapping))
    waiting = ContactImport.objects.filter(pk=contact_import.pk, status=Status.PREVIEW)
    with transaction.atomic():
        contact_list = contact_import.contact_list or _find_or_create_list(contact_import, by)
        started = waiting.update(
            status=Status.RUNNING,
            mapping={str(place): name for place, name in mapping.items()},
            contact_list=contact_list,
            progress_at=timezone.now(),
        )
        if not started:  # pressed twice
            raise RuleBroken("This import was already started.")
        record("import.started", contact_import, by=by, after={"list": contact_list.name})
        if in_background:
            ring("imports.run_import", contact_import.pk)
    contact_import.refresh_from_db()


def _find_or_create_list(contact_import: ContactImport, by: AbstractBaseUser | None) -> ContactList:
    """Somebody may have made it since the file came in."""
    made = ContactList.objects.filter(name__iexact=contact_import.list_name).first()
    return made or create_list(contact_import.list_name, by=by)


def discard_import(contact_import: ContactImport, *, by: AbstractBaseUser | None) -> None:
    """Forget the file and its problems. Contacts that were imported stay."""
    if contact_import.status == Status.RUNNING:
        raise RuleBroken("This import is running: wait until it is done.")
    with transaction.atomic():
        record("import.discarded", contact_import, by=by)
        contact_import.delete()
        transaction.on_commit(lambda: contact_import.file.delete(save=False))


def ring_stalled(now: datetime) -> None:
    """Ring again for imports that lost their doorbell or their worker."""
    stalled = ContactImport.objects.filter(
        status=Status.RUNNING, progress_at__lt=now - STALLED_AFTER
    )
    for import_id in stalled.values_list("pk", flat=True):
        ring("imports.run_import", import_id)


# --- What was not imported goes out ------------------------------------------------------------


class _Line:
    """Takes what csv writes and gives it on."""

    def write(self, line: str) -> str:
        return line


def write_rejects(contact_import: ContactImport) -> Iterator[str]:
    """The kept rejected rows as CSV: the same columns and the reason, ready to be corrected."""
    writer = csv.writer(_Line(), delimiter=contact_import.delimiter)
    columns = contact_import.columns
    # Excel reads UTF-8 only after its mark.
    yield "\ufeff" + writer.writerow([*map(neutralise, columns), REASON_COLUMN])
    for problem in contact_import.problems.iterator():
        cells = [neutralise(cell) for cell in problem.row]
        padding = [""] * (len(columns) - len(cells))
        row = [*cells[: len(columns)], *padding, problem.reason, *cells[len(columns) :]]
        yield writer.writerow(row)
