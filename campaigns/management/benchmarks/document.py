"""The page of what was measured: the table and the plot, with how to repeat them."""

from collections.abc import Sequence
from pathlib import Path

from campaigns.management.benchmarks.plot import draw
from campaigns.management.benchmarks.report import HEADINGS, Row, cells, notes

_REPEAT = """
## Repeat it

```
make bench
```

needs what the tests need (`make setup-dev`), and for its rows Redis' and PostgreSQL's servers
(`apt-get install redis-server postgresql`); a row whose part is missing is skipped and says so.
Nothing leaves the machine: the provider is a stub on 127.0.0.1 behind TLS, and databases are made
for the run and dropped after it. `BENCH_POSTGRES=postgres://…/a-new-name make bench` takes another
server. A single part: `manage.py bench dispatch --latency 0,50 --rounds 5`. Let nothing else run.

A ratio above 1 means that we are better; it is the median of the ratios of each round, in which
ours and the other are measured one right after the other. *Spread* is from the slowest to the
fastest round of ours.
"""


def write_document(path: Path, rows: Sequence[Row], about: Sequence[str]) -> None:
    """Markdown at `path`, and the plot beside it."""
    parts = ["# What was measured", "", *(f"- {line}" for line in about), ""]
    if plot := draw(rows):
        picture = path.with_suffix(".svg")
        picture.write_text(plot)
        parts += [f"![Messages per second, on a log scale: Magpie and others]({picture.name})", ""]
    parts += [_line(HEADINGS), _line(["---"] * len(HEADINGS))]
    parts += [_line(cells(row)) for row in rows]
    parts += ["", "## What the rows are", ""]
    parts += [f"- `{name}`: {note}." for name, note in notes(rows).items()]
    path.write_text("\n".join(parts) + "\n" + _REPEAT)


def _line(said: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in said)} |"
