"""The file of an import, whatever its kind: its sheets and its rows."""

from collections.abc import Iterator
from itertools import islice

from campaigns.models import ContactImport
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.rows import ENCODINGS, Row, read_rows
from campaigns.rules.workbooks import ZIP, find_workbook_problem, is_workbook
from campaigns.services.workbook_rows import read_sheet, read_sheets


def sheets_of(path: str) -> list[str]:
    """The sheets of a workbook, in order; none for a file of text. `RuleBroken` when it is one
    that must not or cannot be opened."""
    if not is_workbook_at(path):
        return []
    _check_workbook(path)
    return read_sheets(path)


def _check_workbook(path: str) -> None:
    with open(path, "rb") as file:
        check(filter(None, [find_workbook_problem(file)]))


def is_workbook_at(path: str) -> bool:
    with open(path, "rb") as file:
        return is_workbook(file.read(len(ZIP)))


def read_file(contact_import: ContactImport, *, with_header: bool = False) -> Iterator[Row]:
    """The rows below the header, as the import's layout reads them."""
    skipped = int(contact_import.has_header and not with_header)
    yield from islice(_read(contact_import), skipped, None)


def _read(contact_import: ContactImport) -> Iterator[Row]:
    path = contact_import.file.path
    if is_workbook_at(path):
        _check_workbook(path)
        rows = read_sheet(path, contact_import.sheet)
        yield from (Row(line, cells) for line, cells in rows)
        return
    yield from _read_text(path, contact_import.encoding, contact_import.delimiter)


def _read_text(path: str, encoding: str, delimiter: str) -> Iterator[Row]:
    """Characters that are none are replaced; only UTF-16 without its mark cannot be begun."""
    try:
        with open(path, encoding=encoding, errors="replace", newline="") as stream:
            yield from read_rows(stream, delimiter)
    except UnicodeError:
        raise RuleBroken(
            f"This file is not {ENCODINGS.get(encoding, encoding)}: choose another encoding."
        ) from None
