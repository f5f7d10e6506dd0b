"""Coordinates as people write and paste them, and the link that shows them on a map
(reference/sinch-conversation-api.md §6)."""

import re
import struct
from decimal import Decimal

_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,20})?"
_PAIR = re.compile(rf"({_NUMBER})\s*°?\s*([NS]?)\s*[,;\s]\s*({_NUMBER})\s*°?\s*([EW]?)", re.I)
#: In the address of a map: "…/@52.5,13.4,17z", "…query=52.5%2C13.4".
_IN_ADDRESS = re.compile(rf"(?:@|[?&](?:q|ll|query)=)({_NUMBER})(?:,|%2C)({_NUMBER})", re.I)


def read_coordinates(text: str) -> tuple[float, float] | None:
    """(latitude, longitude) of "52.5, 13.4", "52.5° N, 13.4° E" or the address of a map; None of
    what is no place on earth."""
    if found := _PAIR.fullmatch(text.strip()):
        north, east = found[2].upper() != "S", found[4].upper() != "W"
        pair = float(found[1]) * (1 if north else -1), float(found[3]) * (1 if east else -1)
    elif found := _IN_ADDRESS.search(text):
        pair = float(found[1]), float(found[2])
    else:
        return None
    return pair if abs(pair[0]) <= 90 and abs(pair[1]) <= 180 else None


def write_coordinates(latitude: float, longitude: float) -> str:
    """The form in which a choice keeps them: "52.5,13.4"."""
    return f"{_plain(repr(latitude))},{_plain(repr(longitude))}"


def map_link(latitude: float, longitude: float) -> str:
    """The link by which a place reaches phones. The provider passes numbers through single
    precision: …479 arrives as …477."""
    where = ",".join(map(_as_single, (latitude, longitude)))
    return f"https://www.google.com/maps/search/?api=1&query={where}"


def _as_single(number: float) -> str:
    """The shortest decimal number that is the same in single precision."""
    single = _single(number)
    shortest = (f"{single:.{digits}g}" for digits in range(1, 10))
    return _plain(next(text for text in shortest if _single(float(text)) == single))


def _single(number: float) -> float:
    return struct.unpack("f", struct.pack("f", number))[0]


def _plain(number: str) -> str:
    """Without an exponent and without a tail of zeros: 1e-05 is 0.00001, 52.0 is 52."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
