"""The weights of slides as a bar: what each takes of the room, and where the limits are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.rules.carriers import Carrier, Verdict

#: Lighter than this, no slide is worth making smaller.
_WORTH_NAMING = 50_000


@dataclass(frozen=True, slots=True)
class Part:
    """A slide's stretch of the bar; `at` and `width` are percent of it."""

    number: int
    size: int
    at: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A carrier's limit on the bar."""

    carrier: Carrier
    at: float


@dataclass(frozen=True, slots=True)
class Meter:
    """One bar for all slides. It goes on beyond the channel's limit, which is at `limit_at`."""

    verdict: Verdict
    total: int
    limit_at: float
    beyond: float
    parts: tuple[Part, ...]
    ticks: tuple[Tick, ...]
    heaviest: Part | None


def weigh(text: str, sizes: Iterable[int]) -> int:
    """Bytes of a slide with this text and files of these sizes."""
    return len(text.encode()) + sum(sizes)


def percent(part: float, whole: float) -> float:
    """A share as a number between 0 and 100."""
    return round(min(100.0, 100 * part / whole), 2) if whole else 0.0


def draw_meter(sizes: Sequence[int], total: int, verdict: Verdict) -> Meter:
    """The bar for slides of these sizes on a channel that takes `total` bytes."""
    end = _find_end(total, verdict)
    limit_at = percent(total, end)
    parts = tuple(_stack(sizes, end))
    heaviest = find_heaviest(sizes)
    return Meter(
        verdict,
        total,
        limit_at,
        round(100 - limit_at, 2),
        parts,
        tuple(Tick(c, percent(c.limit, end)) for c in verdict.carriers if c.limit <= end),
        parts[heaviest] if heaviest is not None else None,
    )


def _find_end(total: int, verdict: Verdict) -> float:
    """Where the bar ends: beyond its limit and its load, and beyond the limits that are near."""
    end = max(total, verdict.size) * 1.12
    near = [carrier.limit * 1.05 for carrier in verdict.carriers if carrier.limit < end * 1.4]
    return max([end, *near])


def _stack(sizes: Sequence[int], end: float) -> Iterable[Part]:
    start = 0
    for number, size in enumerate(sizes, 1):
        yield Part(number, size, percent(start, end), percent(size, end))
        start += size


def find_heaviest(sizes: Sequence[int]) -> int | None:
    """The place of the slide that weighs most, where one does and it is worth naming."""
    most = max(sizes, default=0)
    if len(sizes) < 2 or most < _WORTH_NAMING or sizes.count(most) > 1:
        return None
    return sizes.index(most)
