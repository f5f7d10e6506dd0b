"""How many parts an SMS is sent in, and which characters make it Unicode (GSM 03.38)."""

import unicodedata
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

#: The provider adds a link to the MMS. What it looks like is nowhere published: about so [assumed].
SAMPLE_LINK = "https://mms.example/a1b2"
#: With the space before it.
LINK_LENGTH = len(SAMPLE_LINK) + 1

#: Typographic characters and what says the same in every encoding.
_PLAIN = {
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\t", " "),
    **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
    "…": "...",
    "•": "-",
}
#: What people call a character, where Unicode's own name says less.
_NAMES = {
    "’": "curly apostrophe",
    "‘": "curly opening apostrophe",
    "“": "curly opening quote",
    "”": "curly closing quote",
    "…": "ellipsis",
    "\u00a0": "non-breaking space",
    "\u202f": "narrow non-breaking space",
    "\ufe0f": "emoji mark",
    "\u200d": "joining mark",
    "\t": "tab",
    "`": "backtick",
}
#: Marks that belong to the emoji before them: naming them apart would say nothing.
_MARKS = frozenset("\ufe0f\u200d\u20e3")


@dataclass(frozen=True, slots=True)
class SmsParts:
    """`units` are septets or UTF-16 units; `forced_by` holds what GSM-7 cannot say, in order;
    `room` is what so many parts hold."""

    encoding: str
    units: int
    parts: int
    forced_by: tuple[str, ...]
    room: int = 160


@dataclass(frozen=True, slots=True)
class Forcing:
    """A character that makes a whole SMS Unicode. `plain` is None where nothing says the same."""

    char: str
    name: str
    plain: str | None

    @property
    def shown(self) -> str:
        """The character on a key; a space for what nobody could see."""
        return self.char if self.char.isprintable() and not self.char.isspace() else "␣"

    @property
    def offer(self) -> str:
        """What the button that gets rid of it says."""
        return {"": "Remove", " ": "Replace with a space"}.get(
            self.plain or "", f"Replace with {self.plain}"
        )


def count_parts(text: str, *, with_link: bool = False) -> SmsParts:
    """How a network will cut this text, and the link that may follow it."""
    forced_by = tuple(dict.fromkeys(c for c in text if c not in _GSM7 | _GSM7_EXTENSION))
    encoding = "Unicode" if forced_by else "GSM-7"
    widths = [_width(char, encoding) for char in text] + [1] * (LINK_LENGTH if with_link else 0)
    units = sum(widths)
    single, several = _ROOM[encoding]
    if units <= single:
        return SmsParts(encoding, units, 1 if widths else 0, forced_by, single)
    parts = _fill(widths, several)
    return SmsParts(encoding, units, parts, forced_by, parts * several)


def name_forcing(counted: SmsParts) -> list[Forcing]:
    """Each character that forces Unicode, with its name and what could stand in its place."""
    named = [char for char in counted.forced_by if char not in _MARKS and not _is_skin(char)]
    return [
        Forcing(char, _name(char), _PLAIN.get(char))
        for char in named or list(counted.forced_by)  # a mark alone is named after all
    ]


def _name(char: str) -> str:
    return _NAMES.get(char) or unicodedata.name(char, "").lower() or f"U+{ord(char):04X}"


def _is_skin(char: str) -> bool:
    return "\U0001f3fb" <= char <= "\U0001f3ff"


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
