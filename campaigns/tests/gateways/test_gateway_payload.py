"""Reading what strangers send."""

import pytest

from campaigns.gateways.payload import clean, read_object, text


def test_keys_are_in_lower_case_at_every_level():
    assert read_object(b'{"A":[{"Bc":1}]}') == {"a": [{"bc": 1}]}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xff", "It is not text in UTF-8."),
        (b"<html>", "It is not JSON: "),
        (b"", "It is not JSON"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(body, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_object(body)


def test_a_number_with_an_exponent_that_fits_is_read():
    assert read_object(b'{"a":1e9}') == {"a": 1e9}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("plain", "plain"),
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("é✿😀", "é✿😀"),
        ("x" * 200, "x" * 100),
    ],
)
def test_clean_text_can_be_stored(given, expected):
    assert clean(given, 100) == expected
    assert clean(given, 100).encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("x", "x"), (12, "12"), (0, "0"), (True, ""), (1.5, ""), (None, ""), ([], ""), ({}, "")],
)
def test_only_texts_and_whole_numbers_are_text(value, expected):
    assert text({"a": value}, "a", limit=10) == expected


def test_the_first_name_that_says_something_counts():
    assert text({"a": "", "b": "x", "c": "y"}, "a", "b", "c", limit=10) == "x"
