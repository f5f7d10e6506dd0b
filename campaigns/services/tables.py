"""Tables that people take out of the portal: one way to write CSV, for every spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from campaigns.rules.cells import neutralise

#: Excel reads UTF-8 only after it.
MARK = "\ufeff"


class _Line:
    """Takes what csv writes and gives it on."""

    def write(self, line: str) -> str:
        return line


def write_csv(rows: Iterable[Iterable[Any]], delimiter: str = ",") -> Iterator[str]:
    """The lines of a file without any formula, whatever sign the reader parts columns by.

    Everything is quoted: a bare cell could end in the sign that another spreadsheet parts by.
    """
    writer = csv.writer(_Line(), delimiter=delimiter, quoting=csv.QUOTE_ALL)
    yield MARK
    for row in rows:
        yield writer.writerow(neutralise("" if cell is None else str(cell)) for cell in row)
