"""The rows that were not imported, or not whole, as a file to correct and import again."""

from collections.abc import Iterator

from campaigns.models import ContactImport
from campaigns.rules.columns import REASON_COLUMN
from campaigns.services.tables import write_csv


def write_rejects(contact_import: ContactImport) -> Iterator[str]:
    """Every such row as CSV: the same columns and the reason, ready to be corrected. Imported
    again, a person who came in without a cell gets it."""
    return write_csv(_rows(contact_import), contact_import.delimiter)


def _rows(contact_import: ContactImport) -> Iterator[list[str]]:
    columns = contact_import.columns
    yield [*columns, REASON_COLUMN]
    for problem in contact_import.problems.iterator():
        cells = problem.row
        padding = [""] * (len(columns) - len(cells))
        yield [*cells[: len(columns)], *padding, problem.reason, *cells[len(columns) :]]
