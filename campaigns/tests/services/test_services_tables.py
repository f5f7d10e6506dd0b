"""Tables that people take out: no formula in them, whoever opens them and however."""

import csv
import io

import pytest

from campaigns.rules.cells import take_plain
from campaigns.services.tables import MARK, write_csv

CELLS = [
    "STOP;=HYPERLINK(1);x",
    "Ann,=1+1,x",
    "Ann\t=1+1\tx",
    "Ann|@SUM(1)|x",
    'He said "x";=1+1;"y"',
    "one\n=1+1\r\n+2",
    "=1+1",
    "ends in;",
    "-1",
    "'=1+1",
    "Zoë, Köln",
]


def written(delimiter):
    text = "".join(write_csv([["#", "text", None], *([1, cell, "="] for cell in CELLS)], delimiter))
    assert text.startswith(MARK)
    return text.removeprefix(MARK)


@pytest.mark.parametrize("ours", [",", ";", "\t", "|"])
@pytest.mark.parametrize("theirs", [",", ";", "\t", "|"])
def test_nothing_begins_like_a_formula_whatever_parts_the_columns(ours, theirs):
    rows = csv.reader(io.StringIO(written(ours), newline=""), delimiter=theirs)
    assert not [cell for row in rows for cell in row if cell.strip(' "')[:1] in tuple("=+-@")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_is_read_again_is_what_was_written(delimiter):
    rows = csv.reader(io.StringIO(written(delimiter), newline=""), delimiter=delimiter)
    assert [take_plain(row[1]) for row in rows] == ["text", *CELLS]


def test_it_is_written_line_by_line():
    endless = (["x"] for _ in iter(int, 1))
    lines = write_csv(endless)
    assert [next(lines), next(lines)] == [MARK, '"x"\r\n']
