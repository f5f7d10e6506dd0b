"""How long texts are, in words that stand beneath them (reference/sinch-mms-json-api.md §7.3)."""

from dataclasses import dataclass

SUBJECT_ADVICE = 40
FALLBACK_ADVICE = 110
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


def count_fallback(text: str) -> Count:
    """The text of the fallback SMS against what leaves room for the link."""
    length = len(text)
    if length > FALLBACK_ADVICE:
        return Count("warn", f"{length} characters, {FALLBACK_ADVICE} recommended")
    return Count("", f"{length} of {FALLBACK_ADVICE} recommended characters")
