"""Reads what strangers send: JSON that may be hostile, text that must fit a column."""

import json
import re
from datetime import UTC, datetime
from math import isinf
from typing import Any

#: PostgreSQL takes neither of them (RELIABILITY.md §0, fact 9).
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
#: At the ends of the calendar a few seconds more, or another time zone, are an error.
_OUR_DAYS = range(1970, 2200)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        _refuse(digits[:20])
    return number


def _lower_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {key.lower(): value for key, value in pairs}
    if len(found) != len(pairs):
        raise ValueError("A key occurs twice.")
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_lower_keys, parse_constant=_refuse, parse_float=_finite
)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, keys in lower case at every level; raises only `ValueError`."""
    try:
        found = _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("It is not text in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"It is not JSON: {error}.") from None
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    if not isinstance(found, dict):
        raise ValueError("It is not a JSON object.")
    return found


def clean(value: str, limit: int) -> str:
    """`value` as a database takes it: nothing unstorable, at most `limit` characters."""
    value = value[:limit]
    # Nearly all text is ASCII without a NUL, and then there is nothing to look for.
    if value.isascii() and "\x00" not in value:
        return value
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)


def text(data: dict[str, Any], *names: str, limit: int) -> str:
    """The first of these members that says something: a text, or a whole number as text."""
    for name in names:
        value = data.get(name)
        if type(value) is int:
            value = str(value)
        if value and isinstance(value, str):
            return clean(value, limit)
    return ""


def moment(value: str) -> datetime | None:
    """An ISO 8601 time of our days with an offset, in UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(value)
        found = found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return found if found and found.year in _OUR_DAYS else None
