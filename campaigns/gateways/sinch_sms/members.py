"""Reads the members of what this API says (reference/sinch-sms-rest-api.md §2)."""

from datetime import datetime
from typing import Any

from campaigns.gateways.payload import moment, text


def digits(value: Any) -> str:
    """A number as we write it: no `+`, and no `00`. A name of letters stays what it is."""
    number = text({"number": value}, "number", limit=30).strip().removeprefix("+")
    return number.removeprefix("00") if number.isdigit() else number


def members(data: dict[str, Any], name: str) -> list[Any]:
    """What a list holds; nothing where there is none."""
    found = data.get(name)
    return found if isinstance(found, list) else []


def whole(data: dict[str, Any], name: str) -> int | None:
    """A whole number, also where it is written as text."""
    found = text(data, name, limit=9)
    return int(found) if found.isascii() and found.isdigit() else None


def at(data: dict[str, Any], *names: str) -> datetime | None:
    """The first of these moments that is one; without an offset it is UTC."""
    for name in names:
        value = text(data, name, limit=60)
        if found := moment(value) or moment(f"{value}Z"):
            return found
    return None
