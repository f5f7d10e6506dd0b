"""What benchmarks say of what they measured: ratios, limits, the table, the plot and the page."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from campaigns.management.benchmarks.document import write_document
from campaigns.management.benchmarks.plot import draw
from campaigns.management.benchmarks.report import (
    Row,
    less_is_better,
    more_is_better,
    over_limit,
    print_rows,
    under_limit,
)

SVG = "{http://www.w3.org/2000/svg}"
SENDING = [
    replace(
        more_is_better(f"dispatch.{name}", [4000, 5000], [baseline] * 2, "messages/s", least=3),
        at="0 ms",
        database="SQLite",
    )
    for name, baseline in (("vs_session_pool", 1250), ("vs_celery", 300), ("vs_sdk", 450))
]
SKIPPED = Row("dispatch.vs_celery", at="50 ms", skipped="there is no redis-server")


def test_a_ratio_is_taken_round_by_round():
    row = more_is_better("a", [10, 40, 90], [10, 20, 30], "x/s", least=2)
    assert (row.ours, row.baseline, row.ratio) == (40, 20, 2)
    assert (row.rounds, row.spread, row.is_met) == (3, 200, True)


def test_a_cost_is_better_when_it_is_lower():
    row = less_is_better("a", [220, 220], [200, 200], "µs", least=0.909)
    assert (row.ours, row.baseline, row.ratio, row.is_met) == (220, 200, 0.909, True)
    assert less_is_better("a", [250], [200], "µs", least=0.909).is_met is False


@pytest.mark.parametrize(("ours", "is_met"), [(199, True), (200, True), (201, False)])
def test_below_a_limit(ours, is_met):
    assert under_limit("a", ours, 200, "MB").is_met is is_met


@pytest.mark.parametrize(("ours", "is_met"), [(1900, False), (2000, True)])
def test_above_a_limit(ours, is_met):
    assert over_limit("a", [ours], 2000, "events/s").is_met is is_met


def test_what_was_not_promised_or_not_measured_is_neither_met_nor_missed():
    assert more_is_better("a", [1], [2], "x").is_met is None
    assert SKIPPED.is_met is None


def test_the_table_tells_what_was_skipped_and_why():
    lines = []
    print_rows([*SENDING, SKIPPED], ["2 cores"], lines.append)
    assert lines[0] == "2 cores"
    (told,) = (line for line in lines if "50 ms" in line)
    assert told.endswith("skipped: there is no redis-server")
    assert "≥ 3" in lines[3] and "yes" in lines[3]  # noqa: PT018
    assert len(lines) == 2 + 1 + 4


def test_a_row_survives_json():
    told = json.loads(json.dumps(SENDING[0].as_json()))
    assert told.pop("is_met") is True
    assert Row(**told) == SENDING[0]


def test_the_plot_has_a_point_for_each_and_more_lies_further_right():
    picture = ElementTree.fromstring(draw(SENDING))
    points = [float(point.get("cx")) for point in picture.iter(f"{SVG}circle")]
    assert points == sorted(points, reverse=True)
    words = [text.text for text in picture.iter(f"{SVG}text")]
    assert words[-9:] == [
        *("SQLite, 0 ms", "Magpie", "4,500", "Session.post, bare pool", "1,250"),
        *("official SDK in a loop", "450", "Celery, a task per message", "300"),
    ]
    assert "messages per second (log scale)" in words


def test_without_sending_there_is_no_plot(tmp_path):
    page = tmp_path / "benchmarks.md"
    write_document(page, [SKIPPED], ["2 cores"])
    assert "skipped: there is no redis-server" in page.read_text()
    assert list(tmp_path.iterdir()) == [page]


def test_the_page_shows_the_plot_and_how_to_repeat_it(tmp_path):
    page = tmp_path / "benchmarks.md"
    write_document(page, SENDING, ["2 cores"])
    text = page.read_text()
    assert "(benchmarks.svg)" in text
    assert "make bench" in text
    assert "- 2 cores" in text
    assert (tmp_path / "benchmarks.svg").read_text() == draw(SENDING)
