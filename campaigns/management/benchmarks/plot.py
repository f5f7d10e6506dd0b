"""The plot of sending: messages per second of ours and the others, on a log scale, as SVG."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from campaigns.management.benchmarks.report import Row

#: row → what it is called in the plot.
LABELS = {
    "dispatch.vs_bare_pool": "our transport, bare pool",
    "dispatch.vs_session_pool": "Session.post, bare pool",
    "dispatch.vs_celery": "Celery, a task per message",
    "dispatch.vs_task_per_message": "django-q2, a task per message",
    "dispatch.vs_sdk": "official SDK in a loop",
}
WIDTH, LEFT, RIGHT, LINE, TOP, BOTTOM = 760, 230, 70, 22, 16, 50
#: Colours that are read on light and on dark, where the reader's system says which.
STYLE = """
    svg { --ink: #1f2430; --paper: #ffffff; --line: #d5d9e0; --dim: #5a6272; --ours: #b3261e;
        --other: #4b5d7a; font: 13px system-ui, sans-serif; }
    @media (prefers-color-scheme: dark) { svg { --ink: #e8eaf0; --paper: #14171f; --line: #3a4150;
        --dim: #a3abbb; --ours: #ff8a7a; --other: #9db4d8; } }
    .paper { fill: var(--paper); } text { fill: var(--ink); } .dim { fill: var(--dim); }
    .title { font-weight: 600; } .ours { fill: var(--ours); } .other { fill: var(--other); }
    .grid { stroke: var(--line); } .stem { stroke: var(--line); stroke-width: 3; }
"""


def draw(rows: Sequence[Row]) -> str:
    """One block for each database and latency; "" when nothing of it was measured."""
    shown = [row for row in rows if row.name in LABELS and not row.skipped]
    if not shown:
        return ""
    blocks = [
        (f"{database}, {at}", _figures(list(group)))
        for (database, at), group in groupby(shown, key=lambda row: (row.database, row.at))
    ]
    speeds = [speed for _, figures in blocks for _, speed in figures]
    low, high = math.floor(math.log10(min(speeds))), math.ceil(math.log10(max(speeds)) + 0.01)
    height = TOP + BOTTOM + LINE * sum(len(figures) + 2 for _, figures in blocks)
    body = [*_axis(low, high, height), *_blocks(blocks, low, high)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Messages per second, ours and others, on a log scale">\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _figures(group: list[Row]) -> list[tuple[str, float]]:
    """Label and messages a second, the fastest first; "" is ours."""
    others = [(LABELS[row.name], row.baseline) for row in group]
    return sorted([("", group[0].ours), *others], key=lambda one: -one[1])


def _x(speed: float, low: int, high: int) -> float:
    return LEFT + (math.log10(speed) - low) / (high - low) * (WIDTH - LEFT - RIGHT)


def _axis(low: int, high: int, height: int) -> Iterator[str]:
    bottom = height - BOTTOM + 8
    for power in range(low, high + 1):
        x = _x(10.0**power, low, high)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
        yield _text(x, bottom + 16, f"{10.0**power:,.10g}", "dim", "middle")
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    yield _text(middle, bottom + 34, "messages per second (log scale)", "dim", "middle")


def _blocks(
    blocks: Sequence[tuple[str, list[tuple[str, float]]]], low: int, high: int
) -> Iterator[str]:
    y = TOP
    for title, figures in blocks:
        y += LINE
        yield _text(12, y, title, "title", "start")
        for label, speed in figures:
            y += LINE
            x, kind = _x(speed, low, high), "other" if label else "ours"
            yield f'<line class="stem" x1="{LEFT}" x2="{x:.1f}" y1="{y - 4}" y2="{y - 4}"/>'
            yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y - 4}" r="5"/>'
            yield _text(LEFT - 10, y, label or "Magpie", "" if label else "title", "end")
            yield _text(x + 10, y, f"{speed:,.0f}", "dim", "start")
        y += LINE


def _text(x: float, y: float, said: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(said)}</text>'
