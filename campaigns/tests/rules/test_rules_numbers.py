"""Numbers in what a browser sends."""

import pytest

from campaigns.rules.numbers import is_number, read_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text, number):
    assert read_number(text) == number
    assert is_number(text)


@pytest.mark.parametrize(
    "text", [None, "", "abc", "-1", "1.5", " 1", "1\n", "²", "٣", "9" * 19, "9" * 4_301]
)
def test_anything_else_is_none(text):
    assert read_number(text) is None
    assert not is_number(text)
