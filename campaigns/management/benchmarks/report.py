"""What every benchmark gives: rows of ours, of a baseline and their ratio; the table of them."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


class Missing(Exception):
    """A part that a row is measured with is not here; it says which."""


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` above 1 means that we are better. `ours` and `baseline` are medians, in `unit`."""

    name: str
    ours: float = 0
    baseline: float = 0
    ratio: float = 0
    unit: str = ""
    #: Under which condition: "50 ms" of latency, 100,000 rows.
    at: str = ""
    #: The ratio that is expected; None where none was promised.
    least: float | None = None
    rounds: int = 1
    #: From the lowest to the highest of ours, in percent of their median.
    spread: float = 0
    note: str = ""
    #: Why it was not measured.
    skipped: str = ""
    database: str = ""

    @property
    def is_met(self) -> bool | None:
        return None if self.skipped or self.least is None else self.ratio >= self.least

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_met": self.is_met}


def more_is_better(
    name: str,
    ours: Sequence[float],
    baseline: Sequence[float],
    unit: str,
    *,
    least: float | None = None,
    at: str = "",
    note: str = "",
) -> Row:
    """Ratios are taken round by round: both sides of a round met the same noise."""
    ratio = statistics.median(our / other for our, other in zip(ours, baseline, strict=True))
    return Row(
        name,
        *(_median(ours), _median(baseline), round(ratio, 3), unit),
        at=at,
        least=least,
        rounds=len(ours),
        spread=_spread(ours),
        note=note,
    )


def less_is_better(
    name: str, ours: Sequence[float], baseline: Sequence[float], unit: str, **others: Any
) -> Row:
    """Costs: the ratio is turned round, so that above 1 is still better."""
    row = more_is_better(name, baseline, ours, unit, **others)
    return Row(
        **{**asdict(row), "ours": _median(ours), "baseline": _median(baseline)}
        | {"spread": _spread(ours)}
    )


def under_limit(
    name: str,
    ours: float | Sequence[float],
    limit: float,
    unit: str,
    *,
    at: str = "",
    note: str = "",
) -> Row:
    """A figure that must stay below a limit."""
    values = [ours] if isinstance(ours, (int, float)) else list(ours)
    limits = [limit] * len(values)
    unit = f"{unit} (baseline: limit)"
    return less_is_better(name, values, limits, unit, least=1.0, at=at, note=note)


def over_limit(name: str, ours: Sequence[float], limit: float, unit: str, **others: Any) -> Row:
    """A figure that must be above one."""
    unit = f"{unit} (baseline: limit)"
    return more_is_better(name, ours, [limit] * len(ours), unit, least=1.0, **others)


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1)


def _spread(values: Sequence[float]) -> float:
    return round((max(values) - min(values)) / statistics.median(values) * 100)


# --- The table -----------------------------------------------------------------------------------

HEADINGS = (
    *("name", "database", "at", "ours", "baseline", "ratio", "expected", "met"),
    *("rounds", "spread", "unit"),
)


def cells(row: Row) -> tuple[str, ...]:
    """What stands under the headings."""
    if row.skipped:
        return (row.name, row.database, row.at, *("–",) * 7, f"skipped: {row.skipped}")
    least = "" if row.least is None else f"≥ {row.least:g}"
    met = {None: "", True: "yes", False: "NO"}[row.is_met]
    return (
        *(row.name, row.database, row.at, f"{row.ours:,}", f"{row.baseline:,}"),
        *(f"{row.ratio:.2f}", least, met, f"{row.rounds}", f"{row.spread:.0f} %", row.unit),
    )


def print_rows(rows: Sequence[Row], about: Iterable[str], write: Callable[[str], None]) -> None:
    """One table, under what it was measured on, over what its rows mean."""
    for line in about:
        write(line)
    write("")
    lines = [HEADINGS, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for line in lines:
        write(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
    for name, note in notes(rows).items():
        write(f"\n{name}: {note}")


def notes(rows: Sequence[Row]) -> dict[str, str]:
    """Name → how it was measured, each once."""
    return {row.name: row.note for row in rows if row.note}
