"""What every benchmark gives: rows of ours, baseline and their ratio."""

import json
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` above 1 means that we are better. `ours` and `baseline` are medians, in `unit`."""

    name: str
    ours: float
    baseline: float
    ratio: float
    unit: str


def more_is_better(name: str, ours: Sequence[float], baseline: Sequence[float], unit: str) -> Row:
    """Ratios are taken round by round: both sides of a round met the same noise."""
    ratio = statistics.median(our / other for our, other in zip(ours, baseline, strict=True))
    return Row(name, _median(ours), _median(baseline), round(ratio, 2), unit)


def under_limit(name: str, ours: float, limit: float, unit: str) -> Row:
    """A figure that must stay below a limit."""
    return Row(
        name, round(ours, 1), round(limit, 1), round(limit / ours, 2), f"{unit} (baseline: limit)"
    )


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1)


def print_rows(rows: Sequence[Row], *, as_json: bool, write: Callable[[str], None]) -> None:
    """One JSON object per line, or a table with the machine it was measured on."""
    if as_json:
        for row in rows:
            write(json.dumps(asdict(row)))
        return
    write(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}\n")
    write(f"{'name':<32}{'ours':>12}{'baseline':>12}{'ratio':>8}  unit")
    for row in rows:
        write(f"{row.name:<32}{row.ours:>12,}{row.baseline:>12,}{row.ratio:>8}  {row.unit}")
