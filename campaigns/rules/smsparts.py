"""How many parts an SMS is sent in, and which characters make it Unicode (GSM 03.38)."""

from collections.abc import Iterable
from dataclasses import dataclass

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Sent as an escape and a character: two units that one part must hold together.
_GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")

#: encoding → (units of a single SMS, units of one part of several)
_ROOM = {"GSM-7": (160, 153), "Unicode": (70, 67)}


@dataclass(frozen=True, slots=True)
class SmsParts:
    """`units` are septets or UTF-16 units; `forced_by` holds what GSM-7 cannot say, in order."""

    encoding: str
    units: int
    parts: int
    forced_by: tuple[str, ...]


def count_parts(text: str) -> SmsParts:
    """How a network will cut this text."""
    forced_by = tuple(dict.fromkeys(c for c in text if c not in _GSM7 | _GSM7_EXTENSION))
    encoding = "Unicode" if forced_by else "GSM-7"
    widths = [_width(char, encoding) for char in text]
    units = sum(widths)
    single, several = _ROOM[encoding]
    if units <= single:
        return SmsParts(encoding, units, 1 if text else 0, forced_by)
    return SmsParts(encoding, units, _fill(widths, several), forced_by)


def _width(char: str, encoding: str) -> int:
    if encoding == "Unicode":
        return 2 if ord(char) > 0xFFFF else 1
    return 2 if char in _GSM7_EXTENSION else 1


def _fill(widths: Iterable[int], room: int) -> int:
    """Parts needed when no character is cut in two."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
