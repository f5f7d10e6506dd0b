"""Typed attributes: what a cell may look like, and how it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.customfields import FieldKind, fits, guess_kind, parse_value
from campaigns.rules.mergefields import as_text
from campaigns.rules.problems import RuleBroken


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("12", 12), ("12.5", 12.5), ("-3", -3), ("1,234.5", 1234.5), ("1 234", 1234)],
        *[("007", 7), (".5", 0.5), ("１２", 12), ("2.0", 2), ("1,234,567", 1234567), ("+7", 7)],
    ],
)
def test_numbers_are_kept_as_numbers(text, value):
    kept = parse_value(FieldKind.NUMBER, text)
    assert kept == value
    assert type(kept) is type(value)


@pytest.mark.parametrize(
    "text", ["12,5", "1,23", "twelve", "1e5", "nan", "inf", "-", ".", "1.2.3", "1,2345", "5 %"]
)
def test_what_is_no_number_says_how_to_write_one(text):
    with pytest.raises(RuleBroken, match=r"is no number: write it like 1234\.5"):
        parse_value(FieldKind.NUMBER, text)


def test_a_number_too_long_to_be_kept_exactly_is_refused():
    with pytest.raises(RuleBroken, match="too many digits"):
        parse_value(FieldKind.NUMBER, "1234567890123456")


@pytest.mark.parametrize(
    "text",
    [
        *["2026-03-01", "2026/3/1", "3/1/2026", "03/01/2026", "1.3.2026", "1 March 2026"],
        *["2026-03-01 00:00:00", "2026-03-01T09:30:00Z", "3/1/2026 9:00 AM", "1-Mar-2026"],
        "Mar 1, 2026",
    ],
)
def test_dates_are_kept_with_the_year_first(text):
    assert parse_value(FieldKind.DATE, text) == "2026-03-01"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *[("25/12/2026", "month/day/year"), ("13/13/2026", "month/day/year")],
        *[("2026-02-30", "year-month-day"), ("0000-01-01", "year-month-day")],
        ("30.2.2026", "day.month.year"),
    ],
)
def test_a_day_that_does_not_exist_is_refused_with_how_it_is_read(text, read):
    with pytest.raises(RuleBroken, match=f"There is no such day: this is read as {read}"):
        parse_value(FieldKind.DATE, text)


@pytest.mark.parametrize("text", ["soon", "2026", "03/26", "46082", "20260301"])
def test_what_is_no_date_says_how_to_write_one(text):
    with pytest.raises(RuleBroken, match="write it like 2026-03-31"):
        parse_value(FieldKind.DATE, text)


@pytest.mark.parametrize(
    ("text", "value"), [("Yes", True), ("sí", True), ("0", False), ("N", False), ("TRUE", True)]
)
def test_yes_and_no_in_several_languages(text, value):
    assert parse_value(FieldKind.YES_NO, text) is value


def test_neither_yes_nor_no_is_refused():
    with pytest.raises(RuleBroken, match="neither yes nor no"):
        parse_value(FieldKind.YES_NO, "maybe")


def test_a_choice_is_kept_as_it_is_listed():
    assert parse_value(FieldKind.CHOICE, " CAFÉ ", ["Bar", "Café"]) == "Café"


def test_what_is_no_choice_names_the_choices():
    with pytest.raises(RuleBroken, match="none of the choices: Bar, Café"):
        parse_value(FieldKind.CHOICE, "Pub", ["Bar", "Café"])


@pytest.mark.parametrize("kind", FieldKind)
def test_an_empty_cell_is_no_value(kind):
    assert parse_value(kind, " \0 ", ["a"]) == ""


def test_a_text_of_very_many_characters_is_refused():
    with pytest.raises(RuleBroken, match="longer than 1,000"):
        parse_value(FieldKind.TEXT, "x" * 1001)


@given(kind=st.sampled_from(FieldKind), text=st.text(max_size=30))
def test_whatever_is_kept_is_read_back_as_itself(kind, text):
    try:
        kept = parse_value(kind, text, ["Red", "Blue"])
    except RuleBroken:
        return
    assert parse_value(kind, as_text(kept), ["Red", "Blue"]) == kept


@given(st.from_regex(r"[+-]?[0-9]{0,7}(\.[0-9]{1,6})?", fullmatch=True))
def test_a_number_is_read_back_as_itself(text):
    try:
        kept = parse_value(FieldKind.NUMBER, text)
    except RuleBroken:
        return
    assert kept == (float(text) if text else "")
    assert parse_value(FieldKind.NUMBER, as_text(kept)) == kept


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        *[("number", 5, True), ("number", "5", True), ("number", "five", False)],
        *[("yes_no", True, True), ("date", 5, False), ("number", None, True)],
        ("text", {"a": 1}, False),
    ],
)
def test_a_kept_value_fits_a_type_or_does_not(kind, value, expected):
    assert fits(kind, value) is expected


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["3", "", "4.5"], "number"),
        (["3", "four"], "text"),
        (["00123", "4"], "text"),
        (["12015550101"], "text"),
        (["2026-01-01", "3/1/2026"], "date"),
        (["yes", "No"], "yes_no"),
        (["0", "1"], "number"),
        (["", " "], "text"),
        (["many"] * 12 + ["5"] * 488 + [""] * 500, "number"),
        (["many"] * 6 + ["5"] * 94, "text"),
        (["soon", *["2026-01-01"] * 19], "date"),
        (["2026-02-30"] * 3, "text"),
    ],
)
def test_the_type_of_a_column_is_guessed_from_its_cells(cells, kind):
    assert guess_kind(cells) == kind
