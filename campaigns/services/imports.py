"""Imports as people do them: a file comes in, is read as they say, and is confirmed."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from campaigns.models import ContactImport, ContactList
from campaigns.rules.columns import (
    find_mapping_problems,
    guess_mapping,
    is_header,
    name_columns,
)
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.rows import find_delimiter, find_encoding, find_file_problem
from campaigns.services.audience import check_list_name, create_list
from campaigns.services.audit import record
from campaigns.services.import_consent import NOBODY_AGREED, Agreed, note_agreed
from campaigns.services.import_files import read_file, sheets_of
from campaigns.services.queue import ring

MOST_BYTES = 100 * 1024 * 1024
MOST_ROWS = 2_000_000
#: The page asks of every column what it is.
MOST_COLUMNS = 300
#: What a file of contacts may be called.
ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".xlsx")
#: A change of these gives other columns.
READING = {"encoding", "delimiter", "has_header", "sheet"}
SAMPLE_ROWS = 50
#: Opening one takes a moment, and the people are rarely on the twentieth.
MOST_SHEETS_LOOKED_AT = 12
#: Has rows, has phone numbers, names their column: a greater one is likelier to hold the people.
SheetRank = tuple[bool, bool, bool]
BEST_SHEET: SheetRank = (True, True, True)
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
    ending = Path(contact_import.file_name).suffix.lower()
    kept_ending = ending if ending in ENDINGS else ".csv"
    contact_import.file.save(f"{uuid.uuid4().hex}{kept_ending}", upload, save=False)
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
    path = contact_import.file.path
    if sheets := sheets_of(path):
        contact_import.sheet, contact_import.delimiter = _find_sheet(contact_import, sheets), ","
    else:
        with open(path, encoding=contact_import.encoding, errors="replace") as file:
            contact_import.delimiter = find_delimiter(file.read(HEAD))
    contact_import.has_header = is_header(_first_row(contact_import))
    _read_layout(contact_import)


def _find_sheet(contact_import: ContactImport, sheets: list[str]) -> str:
    """The first with rows and phone numbers, rather one whose columns are named; a “read me” is
    passed over. Without one the first with rows: the person chooses another on the preview."""
    ranks = {}
    for sheet in sheets[:MOST_SHEETS_LOOKED_AT]:
        contact_import.sheet = sheet
        ranks[sheet] = _rank_sheet(contact_import)
        if ranks[sheet] == BEST_SHEET:
            break
    return max(ranks, key=lambda sheet: ranks[sheet])


def _rank_sheet(contact_import: ContactImport) -> SheetRank:
    """Whether it has rows, numbers in one of its columns, and a name of such a column."""
    sample = list(islice(_all_rows(contact_import), SAMPLE_ROWS))
    if not sample:
        return False, False, False
    is_named = is_header(sample[0])
    below = sample[1:] if is_named else sample
    names = name_columns(sample[0], has_header=is_named)
    nameless = [""] * max(len(cells) for cells in sample)
    has_numbers = "phone" in guess_mapping(nameless, below, contact_import.country).values()
    has_name = "phone" in guess_mapping(names, [], contact_import.country).values()
    return bool(below), has_numbers, has_name


def _first_row(contact_import: ContactImport) -> list[str]:
    return next(_all_rows(contact_import), [])


def _all_rows(contact_import: ContactImport) -> Iterator[list[str]]:
    """The cells of every row, the header included."""
    return (row.cells for row in read_file(contact_import, with_header=True))


def _read_layout(contact_import: ContactImport) -> None:
    """Columns, mapping and row count as encoding, delimiter and header have it."""
    sample = list(islice(_all_rows(contact_import), SAMPLE_ROWS))
    below = sample[1:] if contact_import.has_header else sample
    if not below:
        is_chosen = contact_import.sheet and not contact_import._state.adding
        where = "on this sheet" if is_chosen else "in this file"
        raise RuleBroken(f"There are no contacts {where}, only a header or nothing at all.")
    head = sample[0]
    if not contact_import.has_header:
        head = [""] * max(len(cells) for cells in sample)
    if len(head) > MOST_COLUMNS:
        raise RuleBroken(
            f"The file has {len(head):,} columns; {MOST_COLUMNS} are the most: take out those that "
            "you do not need, or choose another sign that parts them."
        )
    contact_import.columns = name_columns(head, has_header=contact_import.has_header)
    mapping = guess_mapping(contact_import.columns, below, contact_import.country)
    contact_import.mapping = {str(place): name for place, name in mapping.items()}
    contact_import.row_count = sum(1 for _ in read_file(contact_import))
    if contact_import.row_count > MOST_ROWS:
        raise RuleBroken(f"The file has more than {MOST_ROWS:,} rows: split it.")


# --- It is looked at ---------------------------------------------------------------------------


def change_layout(contact_import: ContactImport, mapping: dict[int, str], **layout: Any) -> None:
    """Read the file in another way: `encoding`, `delimiter`, `has_header`, `sheet`, `country`,
    `winner`, `unusable`. When its columns change, they are guessed anew."""
    _check_open(contact_import)
    changed = {name for name, value in layout.items() if getattr(contact_import, name) != value}
    for name in changed:
        setattr(contact_import, name, layout[name])
    if "sheet" in changed:
        contact_import.has_header = is_header(_first_row(contact_import))
    if changed & READING:
        _read_layout(contact_import)
    else:
        contact_import.mapping = {str(place): name for place, name in mapping.items()}
    contact_import.save()


def _check_open(contact_import: ContactImport) -> None:
    if contact_import.status != Status.PREVIEW:
        raise RuleBroken("This import was already started: import the file again to change it.")


def confirm_import(
    contact_import: ContactImport,
    mapping: dict[int, str],
    *,
    agreed: Agreed = NOBODY_AGREED,
    by: AbstractBaseUser | None,
    in_background: bool = True,
) -> None:
    """Begin. A worker does it, unless the caller says that it does it itself."""
    _check_open(contact_import)
    check(find_mapping_problems(mapping))
    now = timezone.now()
    note_agreed(contact_import, agreed, now)
    with transaction.atomic():
        waiting = ContactImport.objects.select_for_update().filter(status=Status.PREVIEW)
        if not waiting.filter(pk=contact_import.pk).exists():  # pressed twice
            raise RuleBroken("This import was already started.")
        contact_import.contact_list = contact_import.contact_list or _find_or_create_list(
            contact_import, by
        )
        contact_import.mapping = {str(place): name for place, name in mapping.items()}
        contact_import.status, contact_import.progress_at = Status.RUNNING, now
        contact_import.save()
        record("import.started", contact_import, by=by, after=_tell_start(contact_import))
        if in_background:
            ring("imports.run_import", contact_import.pk)


def _tell_start(contact_import: ContactImport) -> dict[str, str]:
    how = contact_import.get_consent_method_display() or "nobody agreed"
    return {"list": contact_import.contact_list.name, "consent": how}


def _find_or_create_list(contact_import: ContactImport, by: AbstractBaseUser | None) -> ContactList:
    """Somebody may have made it since the file came in."""
    made = ContactList.objects.filter(name__iexact=contact_import.list_name).first()
    return made or create_list(contact_import.list_name, by=by)


def discard_import(contact_import: ContactImport, *, by: AbstractBaseUser | None) -> None:
    """Forget a file that was only looked at. What was imported is history."""
    if contact_import.status != Status.PREVIEW:
        raise RuleBroken("This import was started: it can be undone, but not discarded.")
    with transaction.atomic():
        record("import.discarded", contact_import, by=by)
        contact_import.delete()
        transaction.on_commit(lambda: contact_import.file.delete(save=False))


def ring_stalled(now: datetime) -> None:
    """Ring again for imports, and their undos, that lost their doorbell or their worker."""
    stalled = ContactImport.objects.filter(progress_at__lt=now - STALLED_AFTER)
    tasks = {Status.RUNNING: "imports.run_import", Status.UNDOING: "imports.run_undo"}
    for status, task in tasks.items():
        for import_id in stalled.filter(status=status).values_list("pk", flat=True):
            ring(task, import_id)
