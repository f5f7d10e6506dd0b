"""Workbooks (XLSX): which files are one, and their cells as the text a person sees."""

import zipfile
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

ZIP = b"PK\x03\x04"
#: What its parts may need together once they are unpacked; a million rows need about a third.
MOST_UNPACKED = 1024**3
MOST_PARTS = 10_000

ARCHIVE = "This is an archive, not a workbook: unpack it and import the file that is in it."
LOCKED = "This workbook has a password: take the password away, or save the sheet as CSV."
OLD = "This is a workbook of an old kind, or it has a password: save it as XLSX or as CSV."
BROKEN = "This workbook cannot be read: open it, save it anew as XLSX or as CSV, and import that."
TOO_LARGE = "This workbook is too large once it is unpacked: save the sheet as CSV and import that."
LONG_ROW = "A row of this workbook is longer than any row of contacts: take out what is no contact."
NO_SHEET = "There is no such sheet in this workbook: choose another."

Cell = int | float | str | bool | time | date | datetime | timedelta


def is_workbook(head: bytes) -> bool:
    return head.startswith(ZIP)


def find_workbook_problem(file: BinaryIO) -> str:
    """One sentence when this is no workbook to open, by its table of contents alone: nothing is
    unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return BROKEN
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        return ARCHIVE
    if any(part.flag_bits & 1 for part in parts):
        return LOCKED
    is_large = sum(part.file_size for part in parts) > MOST_UNPACKED
    return TOO_LARGE if is_large or len(parts) > MOST_PARTS else ""


def cell_text(value: Cell | None) -> str:
    """The text of a cell: a whole number without its “.0”, a day as 2026-03-31, TRUE or FALSE."""
    if isinstance(value, str):
        return value.replace("\0", "")  # written as _x0000_
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
