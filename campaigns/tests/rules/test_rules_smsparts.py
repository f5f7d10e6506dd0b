"""Parts of an SMS are counted as networks cut them."""

import pytest

from campaigns.rules.smsparts import count_parts


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("é" * 160, "GSM-7", 160, 1),
        ("ж" * 70, "Unicode", 70, 1),
        ("ж" * 71, "Unicode", 71, 2),
        ("🎉" * 35, "Unicode", 70, 1),
        ("🎉" * 67, "Unicode", 134, 3),  # 33 whole emoji fit into 67 units
    ],
)
def test_a_text_is_cut_into_parts(text, encoding, units, parts):
    counted = count_parts(text)
    assert (counted.encoding, counted.units, counted.parts) == (encoding, units, parts)


def test_an_escaped_character_is_not_cut_in_two():
    assert count_parts("a" * 152 + "€" + "a" * 152).parts == 3


def test_each_character_that_forces_unicode_is_named_once_and_in_order():
    assert count_parts("50 ’off’ – now 🎉").forced_by == ("’", "–", "🎉")
