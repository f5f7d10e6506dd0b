"""The library's own rules: the words files are found by, and what a weight means."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from campaigns.rules.fitting import MOST
from campaigns.rules.media import MediaKind, form_of, say_size
from campaigns.rules.slides import Capacity, MediumDraft

# --- Tags --------------------------------------------------------------------------------------

TAG_LENGTH = 40


def split_tags(words: str) -> list[str]:
    """What somebody typed, "Spring, sale", as the tags it names."""
    return clean_tags(re.split(r"[,;\n]", words))


def clean_tags(names: Iterable[str]) -> list[str]:
    """One line each, without commas and invisible marks, ≤ 40; what differs in case only is one."""
    found: dict[str, str] = {}
    for name in names:
        if cleaned := _clean(name):
            found.setdefault(fold_tag(cleaned), cleaned)
    return list(found.values())


def _clean(name: str) -> str:
    visible = "".join(
        " " if char in ",;" or char.isspace() else char
        for char in unicodedata.normalize("NFC", name)
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    return " ".join(visible.split())[:TAG_LENGTH].rstrip()


def fold_tag(name: str) -> str:
    """Two tags with the same answer are one."""
    return unicodedata.normalize("NFC", name.casefold())


# --- Weights -----------------------------------------------------------------------------------

#: So light a file arrives wherever any MMS does (PRODUCT, "Size").
LIGHT = 300_000


#: Many Android phones cannot show these in an MMS (reference §7.3).
_RARELY_OPENED = frozenset({MediaKind.PDF, MediaKind.CALENDAR, MediaKind.EXCEL})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a file in an MMS; `tone` is "ok", "warn" or "bad"."""

    tone: str
    words: str


def judge_file(medium: MediumDraft, capacity: Capacity) -> Verdict:
    """Whether it can go as it is: "412 KB · fine on all carriers"."""
    weight = say_size(medium.size)
    if medium.mime not in capacity.types:
        return Verdict("bad", f"{form_of(medium.mime)} · must be converted")
    if medium.size > capacity.size_of(medium):
        return Verdict("bad", f"{weight} · must be made smaller")
    if medium.size > MOST:
        return Verdict("warn", f"{weight} · heavy for some phones")
    if medium.kind in _RARELY_OPENED:
        return Verdict("warn", f"{weight} · not every phone opens it")
    return Verdict("ok", f"{weight} · fine on all carriers")


def say_gain(before: int, after: int) -> str:
    """What fitting gave: "2.4 MB → 412 KB, 83 % lighter"."""
    weights = f"{say_size(before)} → {say_size(after)}"
    share = round(100 * (1 - after / before)) if before else 0
    return f"{weights}, {share} % lighter" if share > 0 else weights


@dataclass(frozen=True, slots=True)
class Target:
    """A weight to aim at, and why."""

    size: int
    reason: str

    @property
    def words(self) -> str:
        return say_size(self.size)


def find_targets(size: int, limits: Mapping[str, int], *, must_convert: bool) -> list[Target]:
    """Weights worth choosing for a file of this size; `limits`: name of a channel → its limit."""
    targets = {MOST: "safe everywhere", LIGHT: "always works"}
    for name, limit in limits.items():
        targets.setdefault(limit, f"the most that {name} carries")
    return [
        Target(target, reason)
        for target, reason in targets.items()
        if must_convert or target < size
    ]


# --- Replacing ---------------------------------------------------------------------------------


def say_replacement(mms: int, sent: int, under_way: int, *, done: bool = False) -> str:
    """What another file in the place of one changes: counts of MMS and of campaigns."""
    if not mms:
        first = "No MMS was changed" if done else "No MMS shows it in its newest version"
    elif done:
        first = f"{mms} MMS show{'s' * (mms == 1)} the new file now"
    else:
        first = f"{mms} MMS will show the new file"
    keeping = [
        f"{count} campaign{'s' * (count > 1)} {state}"
        for count, state in (
            (sent, f"that {'was' if sent == 1 else 'were'} sent"),
            (under_way, "under way"),
        )
        if count
    ]
    if not keeping:
        return f"{first}."
    return f"{first}; {' and '.join(keeping)} keep{'s' * (sent + under_way == 1)} the old one."
