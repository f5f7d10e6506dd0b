"""Cells that go out to spreadsheets and come back: none of them is a formula on the way."""

import re

#: A spreadsheet would take what begins like this for a formula.
_FORMULA = re.compile(r"[\s\"']*[=+\-@\t\r\n\0＝＋－＠]")
#: Where a spreadsheet that parts columns by another sign than we do lets a formula begin.
_INNER = re.compile(r"(?<=[,;|\t\r\n])(?=[\s\"']*[=+\-@＝＋－＠])")
_INNER_MARK = re.compile(r"(?<=[,;|\t\r\n])'(?=[\s\"']*[=+\-@＝＋－＠])")


def neutralise(cell: str) -> str:
    """The cell so that no spreadsheet takes it, or a part of it, for a formula; `take_plain`
    undoes it. Quotation marks alone do not help: they count only where a column begins."""
    safe = _INNER.sub("'", cell)
    return f"'{safe}" if _FORMULA.match(safe) else safe


def take_plain(cell: str) -> str:
    """The cell without spaces around it and without the apostrophes of `neutralise`."""
    if "'" in cell:
        if cell[0] == "'" and _FORMULA.match(cell, 1):
            cell = cell[1:]
        cell = _INNER_MARK.sub("", cell)
    return cell.strip()
