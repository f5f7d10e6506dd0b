"""Types of attributes: what a cell must look like, and how its value is kept."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices

from campaigns.rules.problems import RuleBroken

NOT_A_NUMBER = "This is no number: write it like 1234.5, or leave it empty."
TOO_MANY_DIGITS = "This number has too many digits to be kept exactly: keep it as a text."
NOT_A_DATE = "This is no date: write it like 2026-03-31, or leave it empty."
NO_SUCH_DAY = "There is no such day: this is read as {}. Write it like 2026-03-31."
NOT_YES_OR_NO = "This is neither yes nor no: write one of them, or leave it empty."
NOT_A_CHOICE = "This is none of the choices: {}."
TOO_LONG = "This text is longer than 1,000 characters: shorten it."

LONGEST = 1000
#: So many of the cells of a column may not fit the type it is guessed to be of.
MISFITS = 0.05
#: As many as a spreadsheet keeps.
_MOST_DIGITS = 15
#: What is smaller is not written in digits only any more.
_SMALLEST = 0.0001
_YES = frozenset("yes y true t 1 x on ja j si sí oui o sim да 是 はい".split())
_NO = frozenset("no n false f 0 off nein não nao non nee нет 否 いいえ".split())
_NUMBER = re.compile(r"[+-]?(?=\.?\d)(\d{1,3}(?:([, ])\d{3}(?:\2\d{3})*)?|\d*)(\.\d+)?")
_CLOCK = r"(?:[T ]+\d{1,2}:\d{2}[\d:.]*(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?)?"
#: How a day is written, in words → what it looks like.
_DAYS = {
    words: re.compile(form + _CLOCK, re.IGNORECASE)
    for words, form in {
        "year-month-day": r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})",
        "month/day/year": r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})",
        "day.month.year": r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})",
    }.items()
}
_NAMED_DAYS = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y")


class FieldKind(TextChoices):
    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    YES_NO = "yes_no", "Yes or no"
    CHOICE = "choice", "One of a list"


#: What stands in the attributes of a contact.
Value = str | int | float | bool


def parse_value(kind: str, text: str, choices: Sequence[str] = ()) -> Value:
    """What is written as it is kept: a date as its ISO text, "" when nothing is written.

    `RuleBroken` says why it cannot be.
    """
    text = text.replace("\0", "").strip()
    if len(text) > LONGEST:
        raise RuleBroken(TOO_LONG)
    if kind == FieldKind.TEXT or not text:
        return text
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    return _choice(text, choices) if kind == FieldKind.CHOICE else _PARSERS[kind](text)


def fits(kind: str, value: Any, choices: Sequence[str] = ()) -> bool:
    """Whether a value that is kept already could be kept under this type; nothing always can."""
    if value is None:
        return True
    if isinstance(value, bool):
        return kind in (FieldKind.YES_NO, FieldKind.TEXT)
    if isinstance(value, int | float):
        return kind in (FieldKind.NUMBER, FieldKind.TEXT)
    if not isinstance(value, str):
        return False
    try:
        parse_value(kind, value, choices)
    except RuleBroken:
        return False
    return True


def _number(text: str) -> int | float:
    if not _NUMBER.fullmatch(text):
        raise RuleBroken(NOT_A_NUMBER)
    if sum(map(str.isdigit, text)) > _MOST_DIGITS:
        raise RuleBroken(TOO_MANY_DIGITS)
    value = float(re.sub("[, ]", "", text))
    if 0 < abs(value) < _SMALLEST:
        raise RuleBroken(TOO_MANY_DIGITS)
    return int(value) if value.is_integer() else value


def _date(text: str) -> str:
    for words, form in _DAYS.items():
        if found := form.fullmatch(text):
            try:
                return date(*(int(found[part]) for part in "ymd")).isoformat()
            except ValueError:
                raise RuleBroken(NO_SUCH_DAY.format(words)) from None
    for named in _NAMED_DAYS:
        try:
            return datetime.strptime(text, named).date().isoformat()  # noqa: DTZ007 a day only
        except ValueError:
            continue
    raise RuleBroken(NOT_A_DATE)


def _yes_no(text: str) -> bool:
    word = text.casefold()
    if word not in _YES and word not in _NO:
        raise RuleBroken(NOT_YES_OR_NO)
    return word in _YES


def _choice(text: str, choices: Sequence[str]) -> str:
    folded = text.casefold()
    for choice in choices:
        if " ".join(unicodedata.normalize("NFKC", choice).split()).casefold() == folded:
            return choice
    listed = ", ".join(choices)
    raise RuleBroken(NOT_A_CHOICE.format(listed if len(listed) <= 80 else f"{listed[:80]}…"))


_PARSERS: dict[str, Callable[[str], Value]] = {
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.YES_NO: _yes_no,
}


def guess_kind(cells: Iterable[str]) -> FieldKind:
    """The type that nearly all of these cells have; text when in doubt."""
    filled = [cell for cell in cells if cell.strip()]
    if not filled or any(map(_is_code, filled)):
        return FieldKind.TEXT
    kinds = (FieldKind.NUMBER, FieldKind.DATE, FieldKind.YES_NO)
    return next((kind for kind in kinds if _nearly_all_fit(kind, filled)), FieldKind.TEXT)


def _nearly_all_fit(kind: FieldKind, cells: Sequence[str]) -> bool:
    misfits = 0
    for cell in cells:
        misfits += not fits(kind, cell)
        if misfits > len(cells) * MISFITS:
            return False
    return True


def _is_code(cell: str) -> bool:
    """Digits that are a name and not a quantity: 00123, a number of ten digits."""
    digits = cell.strip().lstrip("+-")
    return digits.isdigit() and (len(digits) > 9 or (len(digits) > 1 and digits[0] == "0"))
