"""What the columns of a contact say about each other: those that are derived from the others."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from campaigns.rules.lines import LineKind
from campaigns.rules.phones import country_and_line
from campaigns.rules.places import find_place

#: As long as the columns of folded names are.
FOLDED_LENGTH = 100


@dataclass(slots=True)
class Derived:
    """Columns of a contact that follow from the others."""

    country: str
    line: LineKind
    place: str
    first_folded: str
    last_folded: str


def derive(
    phone: str,
    *,
    first_name: str = "",
    last_name: str = "",
    state: str = "",
    postal_code: str = "",
    time_zone: str = "",
) -> Derived:
    """Everything derived, from a number of digits with country code and what is known besides."""
    country, line = country_and_line(phone)
    place = find_place(phone, state=state, postal_code=postal_code, time_zone=time_zone)
    return Derived(country, line, place.key, fold_name(first_name), fold_name(last_name))


@lru_cache(maxsize=16_384)  # an import meets the same names again and again
def fold_name(name: str) -> str:
    """A name as it is looked for: without case, accents and double spaces."""
    plain = name.lower() if name.isascii() else _without_accents(name)
    return " ".join(plain.split())[:FOLDED_LENGTH]


def _without_accents(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in text if not unicodedata.combining(sign))
