"""What no log may say: secrets, callback addresses, whole phone numbers."""

import re
from collections.abc import Iterable
from typing import Any

HIDDEN = "…"
#: Of one text no more is kept: what a stranger wrote may be of any length.
MOST_CHARACTERS = 20_000
#: Shorter ones would be found by chance in any text.
SHORTEST_SECRET = 6
MOST_SECRETS = 2_000

_NAMED = r"(?:api[_-]?key|token|secret|passw(?:or)?d|authorization|signature)"
_NAME = rf"""["']?\b[\w-]{{0,40}}{_NAMED}[\w-]{{0,40}}["']?\s{{0,3}}[:=]\s{{0,3}}"""
_VALUE = r"""(?:b?"(?:\\.|[^"\\])*"|b?'(?:\\.|[^'\\])*'|[^\s,;&"'}\])]+)"""
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = (
    # Whoever knows a callback's address can post to it.
    (re.compile(r"(?<=/hooks/)[^/\s'\"?]+"), HIDDEN),
    (re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)"), HIDDEN),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)(\bcookie[\"']?\s{0,3}[:=]\s{0,3})[^\n]+"), rf"\1{HIDDEN}"),
    (re.compile(rf"(?i)({_NAME}){_VALUE}"), rf"\1{HIDDEN}"),
    # PostgreSQL shows the row that it refuses.
    (re.compile(r"(?<=Failing row contains )\([^\n]*\)"), f"({HIDDEN})"),
)
_PHONES = (
    re.compile(r"(?<!\d)\d{9,15}(?!\d)"),
    re.compile(r"\+\d[\d\s().-]{5,18}\d(?!\d)"),
    re.compile(r"(?<!\d)\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\d)"),
)
#: What is held under such a name is a secret.
_OF_SECRETS = re.compile(rf"(?i){_NAMED}|cookie")
#: What would start a line of its own, colour a terminal, or turn the reading direction.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

#: Secrets this process has read, oldest first: hidden wherever they turn up, under any name.
_known: dict[str, None] = {}


def remember_secrets(value: Any) -> None:
    """Every string in `value` (of any shape that JSON has) is hidden from now on."""
    if isinstance(value, str):
        if len(value) >= SHORTEST_SECRET:
            _known.pop(value, None)
            _known[value] = None
            while len(_known) > MOST_SECRETS:
                del _known[next(iter(_known))]
    elif isinstance(value, Iterable):
        for part in value.values() if isinstance(value, dict) else value:
            remember_secrets(part)


def redact(text: str) -> str:
    """The text without secrets, with numbers masked to their last digits, and no longer than
    `MOST_CHARACTERS`."""
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}{HIDDEN} ({len(text) - MOST_CHARACTERS} more)"
    for secret in tuple(_known):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for pattern, instead in _PLAIN:
        text = pattern.sub(instead, text)
    for pattern in _PHONES:
        text = pattern.sub(_mask, text)
    return text


def redact_all(value: Any) -> Any:
    """The same for every string in `value`; what is not plain is told as a string."""
    if isinstance(value, dict):
        return {
            redact(str(name)): HIDDEN if _OF_SECRETS.search(str(name)) else redact_all(part)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple | set):
        return [redact_all(part) for part in value]
    return value if value is None or isinstance(value, int | float) else redact(str(value))


def visible(text: str) -> str:
    """The text on one line, with everything that steers a terminal written out."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _mask(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return f"•••{digits[-4:] if len(digits) > 9 else digits[-2:]}"
