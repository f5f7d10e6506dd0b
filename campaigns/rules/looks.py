"""How a phone is drawn: its dress, its shade, what it shows, and how it writes numbers."""

from dataclasses import dataclass
from typing import ClassVar

import phonenumbers

DRESSES = ("ios", "android")
SHADES = ("light", "dark")
#: The MMS, the SMS instead of it, the MMS as one of a group sees it.
FACES = ("mms", "sms", "group")
_SHORT_CODE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody likes their phones to look like; their browser keeps it in `cookie`."""

    cookie: ClassVar[str] = "magpie-phone"

    dress: str = DRESSES[0]
    shade: str = SHADES[0]


def read_look(kept: str) -> Look:
    """`android-dark` as a look; what is no look is the first of each."""
    dress, _, shade = kept.partition("-")
    return Look(dress if dress in DRESSES else DRESSES[0], shade if shade in SHADES else SHADES[0])


def write_number(text: str) -> str:
    """12015550142 → +1 201-555-0142; names and short codes stay as they are."""
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) <= _SHORT_CODE_LENGTH:
        return text
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
