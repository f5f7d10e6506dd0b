"""From the bytes of a table somebody exported to its rows: encoding, delimiter, lines, quotes."""

import codecs
import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from campaigns.rules.workbooks import OLD, is_workbook

ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, little endian, unmarked",
    "utf-16-be": "UTF-16, big endian, unmarked",
    "cp1252": "Western European (Windows)",
    "cp1250": "Central European (Windows)",
    "cp1251": "Cyrillic (Windows)",
    "mac-roman": "Western European (old Mac)",
    "shift_jis": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}

UNCLOSED = "A quotation mark is opened on this line and not closed: close it or take it out."
TOO_LONG = "This line is longer than any line of contacts: it was probably joined by mistake."
NUL = "This line has an invisible NUL character in it: take it out."
UNREADABLE = "This line has a character that the encoding does not know: choose another encoding."

BINARY = "This is not a text file: export the contacts as CSV and import that file."

#: What csv itself allows one cell.
LINE_LIMIT = csv.field_size_limit()
#: More lines than this in one row mean that a quotation mark was forgotten.
ROW_LINES = 20
#: So many characters are read at once, up to the end of their last line.
_BLOCK = 64 * 1024
_MOST_REST = 32 * 1024
_HARD = re.compile('["\0\ufffd]')
#: Excel's own first line. A letter, a digit or a quotation mark parts nothing.
_SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t:~^#!*/])"?[ \r\n]*', re.IGNORECASE)
#: A cell in quotes, whichever sign parts the cells: read by the wrong one, a quotation mark would
#: stand inside a cell and quote nothing, and what it quotes would be taken for delimiters.
_QUOTED = re.compile(r'(?<![^,;\t|\r\n])"[^"]*+(?:""[^"]*+)*+"(?![^,;\t|\r\n])')
_ROWS_JUDGED = 50
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))


def find_file_problem(head: bytes) -> str:
    """One sentence when these first bytes are surely neither a table of text nor a workbook
    (`rules/workbooks.py` has the rest to say of that), else nothing."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return OLD
    if is_workbook(head) or _utf_16(head):
        return ""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    # A stray NUL is a problem of its line; a picture is full of them.
    return BINARY if controls > max(10, len(head) // 100) or head.startswith(b"%PDF") else ""


def find_encoding(chunks: Iterable[bytes]) -> str:
    """A key of ENCODINGS. UTF-8 only when the whole file is; Windows' own when nothing else."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for chunk in chunks:
            if first and (encoding := _utf_16(chunk)):
                return encoding
            first = False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _utf_16(head: bytes) -> str:
    """By its mark, or because every second byte of plain text is NUL."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = len(head) // 2
    if half >= 4 and head[1::2].count(0) > half * 0.7 and not head[::2].count(0):
        return "utf-16-le"
    if half >= 4 and head[::2].count(0) > half * 0.7 and not head[1::2].count(0):
        return "utf-16-be"
    return ""


def find_delimiter(head: str) -> str:
    """The sign that cuts most of these rows into equally many cells; of two, the one that cuts them
    into more. What is quoted counts for none of them."""
    if said := _SEPARATOR_LINE.fullmatch(next(_lines_of(head), "")):
        return said[1]
    rows = list(islice(_lines_of(_QUOTED.sub("", head)), _ROWS_JUDGED))
    return max(DELIMITERS, key=lambda sign: _regularity(rows, sign))


def _lines_of(text: str) -> Iterator[str]:
    """Cut only where a file is: U+2028 and the like end no line."""
    return io.StringIO(text, newline="")


def _regularity(rows: list[str], delimiter: str) -> tuple[int, int]:
    """(rows of the commonest width, that width); nothing for a width of one."""
    widths = Counter(count + 1 for row in rows if (count := row.count(delimiter)))
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


@dataclass(slots=True)  # not frozen: there are millions, and that would cost more than reading
class Row:
    """One row that is not blank. `line` is where it begins; with a problem, cells are as found."""

    line: int
    cells: list[str]
    problem: str = ""


class _LineTooLong(Exception):
    pass


class _RowTooLong(Exception):
    pass


class _Lines:
    """The lines of a file. It remembers those of the current row, to read them again if need be."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.again: deque[str] = deque()
        self.taken: list[str] = []
        self.count = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else self.stream.readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        self.count += 1
        self.taken.append(line)
        if len(line) >= LINE_LIMIT:
            self._skip_rest(line)
            self.taken[-1] = line[: LINE_LIMIT - 1] + "\n"  # all of it, should it be read again
            raise _LineTooLong
        if len(self.taken) > ROW_LINES:
            raise _RowTooLong
        return line

    def _skip_rest(self, line: str) -> None:
        while line and line[-1] not in "\r\n":
            line = self.stream.readline(LINE_LIMIT)

    def give_back(self) -> None:
        """All lines of this row but the first will be read again."""
        self.again.extendleft(reversed(self.taken[1:]))
        self.count -= len(self.taken) - 1


def read_rows(stream: TextIO, delimiter: str) -> Iterator[Row]:
    """Every row that is not blank; a row that cannot be read costs no other row.

    Open the stream with `newline=""` and `errors="replace"`.
    """
    lines = _Lines(stream)
    careful = csv.reader(lines, delimiter=delimiter)
    while block := stream.read(_BLOCK):
        if not block.endswith("\n"):
            block += stream.readline(LINE_LIMIT)
        text = io.StringIO(block, newline="")
        if _HARD.search(block) or len(block) > _BLOCK + _MOST_REST:
            lines.again.extend(text)
            yield from _read_carefully(lines, careful)
        else:
            yield from _read_fast(lines, csv.reader(text, delimiter=delimiter), delimiter)


def _read_fast(lines: _Lines, reader: Iterator[list[str]], delimiter: str) -> Iterator[Row]:
    """Every line is a row."""
    for line, cells in enumerate(reader, start=lines.count + 1):
        lines.count = line
        is_blank = not any(map(str.strip, cells))
        if is_blank or (line == 1 and _is_separator(delimiter.join(cells), line)):
            continue
        yield Row(line, cells)


def _read_carefully(lines: _Lines, reader: Iterator[list[str]]) -> Iterator[Row]:
    """The rows of the lines that wait, and what belongs to the last of them."""
    while lines.again:
        lines.taken.clear()
        try:
            cells, problem = next(reader), ""
        except StopIteration:
            return
        except _LineTooLong:
            cells, problem = [], TOO_LONG if len(lines.taken) == 1 else UNCLOSED
        except (_RowTooLong, csv.Error):
            cells, problem = [], UNCLOSED
        text = "".join(lines.taken)
        if not problem:
            problem = _find_problem(text, len(lines.taken))
        if problem in (TOO_LONG, UNCLOSED):
            cells = [lines.taken[0][:500].replace("\0", "").rstrip()]
            lines.give_back()
            yield Row(lines.count, cells, problem)
        elif any(map(str.strip, cells)) and not _is_separator(text, lines.count):
            cells = [cell.replace("\0", "") for cell in cells] if problem else cells
            yield Row(lines.count - len(lines.taken) + 1, cells, problem)


def _find_problem(text: str, line_count: int) -> str:
    if line_count > 1 and text.count('"') % 2:  # the file ended inside the quotes
        return UNCLOSED
    if "\0" in text:
        return NUL
    return UNREADABLE if "\ufffd" in text else ""


def _is_separator(text: str, line: int) -> bool:
    return line == 1 and bool(_SEPARATOR_LINE.fullmatch(text))
