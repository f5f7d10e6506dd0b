"""Which weight each file of an MMS gets, so that all slides together fit.

The whole aims at 600 KB: with that an MMS arrives nearly everywhere. Where a file would become
poor so, the whole aims at what the channel carries, less a little for words still to be written.
What texts and objects leave is shared: a video gets twice what a picture or a sound gets, a file
that is light already stays as it is, and a film or sound never gets less than its length needs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from campaigns.rules.fitting import (
    LEAST_FILM_RATE,
    LEAST_SOUND_RATE,
    MODEST_RATE,
    MOST,
    say_seconds,
)
from campaigns.rules.media import MediaKind, say_size

#: Lighter than this no file needs to be.
LEAST = 100_000
#: A picture of this weight can still be looked at.
_LEAST_PICTURE = 30_000
_GOOD_SOUND_RATE = 32_000
#: The share of a channel's total that is given away.
_GIVEN = 0.98
_STEP = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """A file that may be made to fit; `most` is what it weighs, or what the channel takes."""

    kind: str
    most: int
    seconds: float = 0

    @property
    def weight(self) -> int:
        return 2 if self.kind == MediaKind.VIDEO else 1


def share_out(parts: Sequence[Part], fixed: int, total: int) -> list[int]:
    """The bytes of each part, beside `fixed` bytes of texts and objects. Where even the least is
    too much the sum is, too."""
    shares: list[int] = []
    for whole, floor in ((min(MOST, total), _good_of), (int(total * _GIVEN), least_of)):
        shares = _fill(parts, whole - fixed, floor)
        if sum(shares) <= whole - fixed:
            break
    return shares


def target_beside(target: int, others: int, total: int) -> int:
    """What one file may weigh where the others on all slides weigh so much already."""
    room = (total - others) // _STEP * _STEP
    return min(target, max(LEAST, room))


def least_of(part: Part) -> int:
    """Below this it cannot be watched, heard or looked at."""
    if part.kind == MediaKind.VIDEO:
        return _bytes_for(part, LEAST_FILM_RATE)
    if part.kind == MediaKind.AUDIO:
        return _bytes_for(part, LEAST_SOUND_RATE)
    return min(part.most, _LEAST_PICTURE)


def say_too_long(name: str, part: Part) -> str:
    """What to do about a file that cannot get as light as its share."""
    if part.kind in (MediaKind.VIDEO, MediaKind.AUDIO) and part.seconds:
        words = f"“{name}” runs {say_seconds(part.seconds)} and needs {say_size(least_of(part))}"
        return f"{words}. Cut it, or give it an MMS of its own."
    return f"“{name}” cannot get light enough beside the others. Take some files off."


def _good_of(part: Part) -> int:
    if part.kind == MediaKind.VIDEO:
        return min(part.most, max(LEAST, _bytes_for(part, MODEST_RATE)))
    if part.kind == MediaKind.AUDIO:
        return _bytes_for(part, _GOOD_SOUND_RATE)
    return min(part.most, LEAST)


def _bytes_for(part: Part, rate: int) -> int:
    """Never rounded down: at less it is refused."""
    wanted = -int(-part.seconds * rate / 8 // _STEP) * _STEP
    return min(part.most, max(_LEAST_PICTURE, wanted))


def _fill(parts: Sequence[Part], room: int, floor: Callable[[Part], int]) -> list[int]:
    """Those that need more than their part get that first; what light ones leave is shared."""
    shares: dict[int, int] = {}
    while left := [n for n in range(len(parts)) if n not in shares]:
        unit = (room - sum(shares.values())) / sum(parts[n].weight for n in left)
        offers = {n: int(unit * parts[n].weight) for n in left}
        settled = {n: floor(parts[n]) for n in left if floor(parts[n]) > offers[n]}
        settled = settled or {n: parts[n].most for n in left if parts[n].most <= offers[n]}
        shares |= settled or {n: max(floor(parts[n]), offers[n] // _STEP * _STEP) for n in left}
    return [shares[n] for n in range(len(parts))]
