"""Plain values in a request: read, or refused with words that name the field."""

from typing import Any
from urllib.parse import urlsplit

from campaigns.sandbox.sms.problems import bad_format, broken_rule


def read_text(value: Any, name: str, longest: int) -> str:
    if not isinstance(value, str):
        raise bad_format(f"{name} is not a string")
    if len(value) > longest:
        raise broken_rule(f"{name} is longer than {longest} characters")
    return value


def read_list(value: Any, name: str, most: int) -> list:
    if not isinstance(value, list):
        raise bad_format(f"{name} is not a list")
    if len(value) > most:
        raise broken_rule(f"{name} has more than {most} elements")
    return value


def read_switch(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise bad_format(f"{name} is not a boolean")
    return value


def read_count(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_format(f"{name} is not an integer")
    if value < 0:
        raise broken_rule(f"{name} is negative")
    return value


def check_url(value: str, name: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise broken_rule(f"{name} is not a valid URL")
    return value
