"""How long texts are, in words that stand beneath them (reference/sinch-mms-json-api.md §7.3)."""

from dataclasses import dataclass

from campaigns.rules.slides import FALLBACK_ADVICE, SUBJECT_ADVICE

#: From this share of the room on, the counter says how much is left.
_NEARLY_FULL = 0.9


@dataclass(frozen=True, slots=True)
class Count:
    """`tone` is "", "warn" or "bad"."""

    tone: str
    words: str


def count_subject(subject: str, limit: int) -> Count:
    """A subject against what phones show, and against what is allowed."""
    length = len(subject)
    words = f"{length} of {SUBJECT_ADVICE} ({limit} at most)"
    if length > limit:
        return Count("bad", f"{words}: {length - limit} too many")
    if length > SUBJECT_ADVICE:
        return Count("warn", f"{words}: many phones cut it")
    return Count("", words)


def count_text(text: str, limit: int) -> Count:
    """The text of a slide against what fits."""
    length = len(text)
    words = f"{length:,} of {limit:,}"
    if length > limit:
        return Count("bad", f"{words}: {length - limit:,} too many")
    if length > limit * _NEARLY_FULL:
        return Count("warn", f"{words}: {limit - length:,} left")
    return Count("", words)


def is_long_fallback(text: str) -> bool:
    """Whether the fallback SMS leaves little room for the link."""
    return len(text) > FALLBACK_ADVICE
