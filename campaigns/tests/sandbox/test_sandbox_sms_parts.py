"""The arithmetic of SMS parts (§10.1), against a second way to count."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from campaigns.sandbox.sms.parts import BASIC, EXTENDED, count_parts, cut_to_one, is_unicode


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("🐦" * 35, 1),
        ("🐦" * 36, 2),
    ],
)
def test_parts_by_example(text, parts):
    assert count_parts(text) == parts


def test_the_alphabet_has_all_its_characters():
    assert len(set(BASIC)) == len(BASIC) == 127
    assert len(set(EXTENDED)) == 9


@given(some.text(max_size=400))
def test_parts_by_another_way(text):
    is_plain = set(text) <= set(BASIC + EXTENDED)
    if is_plain:
        units, alone, each = sum(2 if c in EXTENDED else 1 for c in text), 160, 153
    else:
        units, alone, each = sum(2 if ord(c) > 0xFFFF else 1 for c in text), 70, 67
    expected = 1 if units <= alone else (units + each - 1) // each
    assert is_unicode(text) is not is_plain
    assert count_parts(text) == expected


@given(some.text(max_size=200))
def test_a_cut_text_is_the_longest_start_that_fits_one_part(text):
    kept = cut_to_one(text)
    assert text.startswith(kept)
    assert count_parts(kept) == 1
    assert kept == text or count_parts(text[: len(kept) + 1]) > 1
