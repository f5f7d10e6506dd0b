"""Two texts are compared by what readers see as words, in any script."""

import pytest

from campaigns.rules.words import Change, Piece, compare_words, split_words


def told(before, after):
    marks = {Change.SAME: "{}", Change.GONE: "-{}-", Change.NEW: "+{}+"}
    return "".join(marks[piece.change].format(piece.text) for piece in compare_words(before, after))


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("", "", ""),
        ("", "New", "+New+"),
        ("Old", "", "-Old-"),
        ("The same", "The same", "The same"),
        ("Hello", "Hello you", "Hello+ you+"),
        ("Only 20 % off today", "Only half price today", "Only -20 % off-+half price+ today"),
        ("One\nTwo", "One Two", "One-\n-+ +Two"),
        ("今日は休みです", "今日は仕事です", "今日は-休み-+仕事+です"),
        ("नमस्ते दुनिया", "नमस्कार दुनिया", "-नमस्ते-+नमस्कार+ दुनिया"),
        ("مرحبا بكم", "مرحبا جدا بكم", "مرحبا +جدا +بكم"),
        ("Go 👨‍👩‍👧!", "Go 👨‍👩‍👦!", "Go -👨‍👩‍👧-+👨‍👩‍👦+!"),
        ("In 🇩🇪🇫🇷", "In 🇩🇪🇪🇸", "In 🇩🇪-🇫🇷-+🇪🇸+"),
        ("👍🏽", "👍🏿", "-👍🏽-+👍🏿+"),
    ],
)
def test_words_that_went_and_came_are_told(before, after, difference):
    assert told(before, after) == difference


def test_a_merge_field_is_one_word():
    assert split_words("Hi {{ first_name|dear reader }}!") == [
        "Hi",
        " ",
        "{{ first_name|dear reader }}",
        "!",
    ]


@pytest.mark.parametrize("text", ["a\u0301 e\u0301", "ไทย ภาษา", "{{ a }}{{ b|c }} {{ d", "🇩🇪🇩"])
def test_the_words_together_are_the_text(text):
    assert "".join(split_words(text)) == text


def test_both_texts_can_be_read_from_the_pieces():
    before, after = "Come on Sunday at three, dear friends.", "Come on Monday, dear old friends!"
    pieces = compare_words(before, after)
    assert "".join(p.text for p in pieces if p.change != Change.NEW) == before
    assert "".join(p.text for p in pieces if p.change != Change.GONE) == after


def test_a_line_break_that_came_is_seen():
    assert Piece(Change.NEW, "a\nb").shown == "a↵\nb"
    assert Piece(Change.SAME, "a\nb").shown == "a\nb"
