"""Phone numbers and group ids: many spellings in, one out (§2)."""

import re
from typing import Any

from campaigns.sandbox.sms.models import ALPHABET
from campaigns.sandbox.sms.problems import bad_format

DROPPED = re.compile(r"[\s()\[\]-]")
NUMBER = re.compile(r"[1-9][0-9]{4,14}")
GROUP_ID = re.compile(f"[{ALPHABET}]{{26}}")
SHORT_CODE_OR_NAME = re.compile(r"[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 .&_-]{1,11}")


def plain(value: str) -> str:
    """Digits only where it is a number in any spelling; other words as they are."""
    bare = DROPPED.sub("", value)
    bare = bare.removeprefix("+").removeprefix("00")
    return bare if NUMBER.fullmatch(bare) else value


def read_number(value: Any) -> str:
    number = plain(value) if isinstance(value, str) else ""
    if not NUMBER.fullmatch(number):
        raise bad_format(f"{value!s:.40} is not a valid phone number")
    return number


def read_recipient(value: Any) -> str:
    """A number or the id of a group."""
    if isinstance(value, str) and is_group_id(value):
        return value
    return read_number(value)


def read_sender(value: Any) -> str:
    """A number, a short code or a name."""
    if not isinstance(value, str):
        raise bad_format("from is not a string")
    number = plain(value)
    if not (NUMBER.fullmatch(number) or SHORT_CODE_OR_NAME.fullmatch(value)):
        raise bad_format(f"{value:.40} is not a valid identifier")
    return number


def is_group_id(value: str) -> bool:
    return GROUP_ID.fullmatch(value) is not None
