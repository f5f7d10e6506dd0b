"""A number is found in a text however it is spelled, and no other number is."""

import json
import re

import pytest

from campaigns.rules.spellings import spelling_pattern, take_out


@pytest.mark.parametrize(
    "text",
    [
        "12015550123",
        "+1 (201) 555-0123",
        "201.555.0123",
        "0012015550123",
        "1-201-555-0123",
        "2015550123",
        "call 201 555 01 23 now",
        "'+1 201‑555‑0123",
        "1 201 555 0123",
    ],
)
def test_every_spelling_is_found(text):
    assert re.search(spelling_pattern("12015550123"), text)
    assert re.search(spelling_pattern("12015550123"), json.dumps([text]))
    assert not re.search(r"0123|01 23", take_out(text, "12015550123"))


@pytest.mark.parametrize("text", ["+39 06 698 12345", "06 69812345", "390669812345"])
def test_a_leading_zero_of_italy_belongs_to_the_number(text):
    assert re.search(spelling_pattern("390669812345"), text)


@pytest.mark.parametrize("text", ["+44 7400 123456", "07400 123456", "+44 (0) 7400 123456"])
def test_a_leading_zero_of_britain_does_not(text):
    assert re.search(spelling_pattern("447400123456"), text)


@pytest.mark.parametrize(
    "text",
    [
        "12015550124",
        "120155501234",
        "712015550123",
        "201555",
        '["201555", "0123"]',
        "1,201,555,0123",
    ],
)
def test_another_number_is_left_alone(text):
    assert take_out(text, "12015550123") == text
