"""A workbook, read in a process of its own: two far cells or a bomb cost that process, not ours.

Run as a module it prints one JSON value per line: `… PATH` the names of its sheets, `… PATH SHEET`
a pair of line number and cells for every row. What it cannot do its exit code says.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
    load_workbook,
)

from campaigns.rules.problems import RuleBroken
from campaigns.rules.workbooks import BROKEN, LOCKED, LONG_ROW, NO_SHEET, TOO_LARGE, cell_text

#: The whole process, in bytes: a million rows of six columns need about 700 MB.
MOST_MEMORY = 1024**3
MOST_SECONDS = 120
#: What Excel itself lets one cell have; a file may claim more.
MOST_OF_CELL = 32_767
#: Of one row, in characters: people have some hundreds.
MOST_OF_ROW = 500_000
#: Excel's own number. How many an import takes is for it to say.
MOST_COLUMNS = 16_384
#: Exit code → sentence. What breaks down without saying why had too little memory.
_SENTENCES = {3: BROKEN, 4: LOCKED, 5: NO_SHEET, 6: LONG_ROW}
_ROOT = Path(__file__).resolve().parents[2]


class _RowTooLarge(Exception):
    pass


def read_sheets(path: str) -> list[str]:
    """The sheets that people see, in order."""
    return list(_ask(path))


def read_sheet(path: str, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that is not blank; `sheet` "" is the first one."""
    return ((line, cells) for line, cells in _ask(path, sheet))


def _ask(*arguments: str) -> Iterator:
    """What the other process prints; `RuleBroken` when it could not."""
    command = [sys.executable, "-m", "campaigns.services.workbook_rows", *arguments]
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with subprocess.Popen(  # noqa: S603 our own program
        command,
        cwd=_ROOT,
        env={**environment, "PYTHONIOENCODING": "utf-8:surrogatepass"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            for line in process.stdout:
                yield json.loads(line)
        except GeneratorExit:
            process.kill()
            raise
    if process.returncode:
        raise RuleBroken(_SENTENCES.get(process.returncode, TOO_LARGE))


def _print_rows(path: str, sheet: str) -> None:
    with load_workbook(path) as workbook:
        found = workbook.get_sheet_by_name(sheet or _visible(workbook)[0])
        for line, row in enumerate(found.iter_rows(), start=1):
            cells = [cell_text(value)[:MOST_OF_CELL] for value in row[:MOST_COLUMNS]]
            while cells and not cells[-1].strip():
                cells.pop()
            if sum(map(len, cells)) > MOST_OF_ROW:
                raise _RowTooLarge
            if cells:
                print(json.dumps((line, cells)))


def _print_sheets(path: str) -> None:
    with load_workbook(path) as workbook:
        for name in _visible(workbook):
            print(json.dumps(name))


def _visible(workbook: CalamineWorkbook) -> list[str]:
    """People choose among what they see; when they see nothing, among all."""
    tables = [s for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    seen = [sheet.name for sheet in tables if sheet.visible == SheetVisibleEnum.Visible]
    return seen or [sheet.name for sheet in tables] or workbook.sheet_names


def main(path: str, *sheet: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        _print_rows(path, *sheet) if sheet else _print_sheets(path)
    except PasswordError:
        return 4
    except WorksheetNotFound:
        return 5
    except _RowTooLarge:
        return 6
    except (CalamineError, OSError, ValueError, IndexError):
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
