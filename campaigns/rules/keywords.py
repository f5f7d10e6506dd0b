"""Opt-out, help and opt-in words: only when a word is the whole message."""

import re
import unicodedata

#: FCC (in force since 11 April 2025), what carriers add, and Canada's French words.
STOP_WORDS = (
    "stop",
    "quit",
    "end",
    "revoke",
    "opt out",
    "cancel",
    "unsubscribe",
    "stopall",
    "unsub",
    "remove",
    "arret",
)
HELP_WORDS = ("help", "info", "aide")
#: Not "yes": it is also an answer to a question.
START_WORDS = ("start", "unstop", "nonarret")


def fold(text: str) -> str:
    """Case, accents, spaces and hyphens gone, and every sign around the words.

    Inside, other signs stay: “stop.it” is not one of the words.
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    signs = [sign for sign in text if not _is_joint(sign)]
    while signs and not signs[0].isalnum():
        del signs[0]
    while signs and not signs[-1].isalnum():
        del signs[-1]
    return "".join(signs)


def _is_joint(sign: str) -> bool:
    """Spaces, dashes, accents and invisible signs: they hold words together or apart."""
    return sign.isspace() or sign == "_" or unicodedata.category(sign) in {"Pd", "Mn", "Cf", "Cc"}


_STOP, _HELP, _START = (
    frozenset(map(fold, words)) for words in (STOP_WORDS, HELP_WORDS, START_WORDS)
)


def is_stop(text: str) -> bool:
    """Whether the whole message is an opt-out word. “We have got to STOP this bill” is not."""
    return fold(text) in _STOP


def is_help(text: str) -> bool:
    """Whether the whole message asks for help."""
    return fold(text) in _HELP


def is_start(text: str) -> bool:
    """Whether the whole message asks to be written to again."""
    return fold(text) in _START


#: “Reply STOP”, “text END to 12345”, “opt out”, “unsubscribe”, “ARRET”: how people are told.
_TOLD = re.compile(
    r"\b(?i:reply|replying|text|texting|send|sending|txt|respond|type)\W{1,3}"
    r"(?i:(?:with|back|us|the word)\W{1,3})?"
    r"(?i:stop|stopall|end|quit|cancel|unsubscribe|arr[eê]t)\b"
    r"|\b(?:STOP|STOPALL|ARR[EÊ]T)\b"
    r"|(?i:\bopt(?:ing)?[ -]?out\b|\bunsubscrib|\bd[ée]sabonne)"
)


def tells_how_to_stop(text: str) -> bool:
    """Whether a message of ours tells its readers how to get no more."""
    return bool(_TOLD.search(unicodedata.normalize("NFC", text)))
