"""A number as people may have written it in a text: to be found there and taken out."""

import re

import phonenumbers

#: What stands between digits; as JSON writes it, too, but for what separates cells.
_BETWEEN = r'(?:[^0-9A-Za-z",\\]|\\u[0-9a-fA-F]{4}){0,4}'
TAKEN_OUT = "•••"


def spelling_pattern(phone: str) -> str:
    """A regular expression (of Python's and PostgreSQL's kind) for every spelling of a number of
    digits with country code: with it or without, with "+", "00" or a leading zero."""
    code = str(phonenumbers.parse(f"+{phone}", None).country_code)
    national = _BETWEEN.join(phone.removeprefix(code))
    international = rf"(?:\+|00)?{_BETWEEN}{_BETWEEN.join(code)}{_BETWEEN}0?{_BETWEEN}"
    return rf"(?<![0-9])(?:{international}|0{_BETWEEN})?{national}(?![0-9])"


def take_out(text: str, phone: str) -> str:
    """The text without any spelling of this number."""
    return re.sub(spelling_pattern(phone), TAKEN_OUT, text)
