"""Parts of an SMS are counted as networks cut them."""

import pytest

from campaigns.rules.smsparts import LINK_LENGTH, SAMPLE_LINK, count_parts, name_forcing


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


def test_the_link_takes_its_room():
    assert count_parts("a" * 135, with_link=True).parts == 1
    assert count_parts("a" * 136, with_link=True).parts == 2
    assert count_parts("", with_link=True).units == LINK_LENGTH == len(SAMPLE_LINK) + 1


def test_what_all_parts_hold_is_told():
    assert count_parts("a" * 10).room == 160
    assert count_parts("ж" * 71).room == 134


@pytest.mark.parametrize(
    ("char", "name", "plain", "offer"),
    [
        ("—", "em dash", "-", "Replace with -"),
        ("’", "curly apostrophe", "'", "Replace with '"),
        ("“", "curly opening quote", '"', 'Replace with "'),
        ("…", "ellipsis", "...", "Replace with ..."),
        ("\u00a0", "non-breaking space", " ", "Replace with a space"),
        ("\u200b", "zero width space", "", "Remove"),
        ("ж", "cyrillic small letter zhe", None, None),
        ("🎉", "party popper", None, None),
        ("\ue000", "U+E000", None, None),
    ],
)
def test_a_character_is_named_and_its_plain_form_offered(char, name, plain, offer):
    (found,) = name_forcing(count_parts(f"Hi {char}"))
    assert (found.name, found.plain) == (name, plain)
    if plain is not None:
        assert found.offer == offer
        assert count_parts(f"Hi {plain}").encoding == "GSM-7"


def test_an_unseen_character_has_a_key_of_its_own():
    assert name_forcing(count_parts("a\u00a0b"))[0].shown == "␣"
    assert name_forcing(count_parts("—"))[0].shown == "—"


def test_the_marks_within_an_emoji_are_not_named():
    assert [item.char for item in name_forcing(count_parts("👍🏽 ❤️"))] == ["👍", "❤"]
    assert [item.name for item in name_forcing(count_parts("\ufe0f"))] == ["emoji mark"]
