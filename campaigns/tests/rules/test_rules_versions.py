"""Slides of two versions are matched as somebody who edited them would."""

from dataclasses import replace

import pytest

from campaigns.rules.versions import Outline, SlideOutline, match_slides, tell_changes


def slides(*texts):
    return tuple(SlideOutline(text) for text in texts)


def matched(before, after):
    return [(m.before, m.after, m.is_moved) for m in match_slides(before, after)]


def changes(before, after):
    return tell_changes(Outline(slides=before), Outline(slides=after))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("abc", "abc", "Nothing changed."),
        ("abc", "axc", "Slide 2: text."),
        ("abc", "ac", "Slide 2 removed."),
        ("ac", "abc", "Slide 2 added."),
        ("abc", "bca", "Slide 3: was slide 1."),
        ("abc", "cab", "Slide 1: was slide 3."),
        ("ab", "ba", "Slide 2: was slide 1."),
        ("abc", "cba", "Slide 1: was slide 3; slide 3: was slide 1."),
        ("a", "abc", "Slide 2 added; slide 3 added."),
        ("abc", "x", "Slide 1: text; slide 2 removed; slide 3 removed."),
        ("", "a", "Slide 1 added."),
        ("a", "", "Slide 1 removed."),
        ("aa", "aaa", "Slide 3 added."),
        ("aaa", "aa", "Slide 3 removed."),
    ],
)
def test_the_fewest_changes_are_told(before, after, sentence):
    assert changes(slides(*before), slides(*after)) == sentence


def test_a_slide_that_was_edited_and_moved_is_known_by_its_words():
    before = slides("Spring is here, and so is our sale", "Hear what is new", "Save the date")
    after = slides("Hear what is new", "Save the date", "Spring is here, and so is our big sale")
    assert changes(before, after) == "Slide 3: was slide 1 and text."


def test_a_slide_that_was_rewritten_is_known_by_its_picture():
    before = (SlideOutline("Old words", (7,)), SlideOutline("Other", (8,)))
    after = (SlideOutline("Other", (8,)), SlideOutline("Entirely new", (7, 9)))
    assert matched(before, after) == [(1, 0, False), (0, 1, True)]
    assert changes(before, after) == "Slide 2: was slide 1, text and media."


def test_foreign_words_are_compared_too():
    before = slides("今日は休みです", "明日また来てください")
    after = slides("明日また来てくださいね", "今日は休みです")
    assert changes(before, after) == "Slide 1: text; slide 2: was slide 1."


def test_a_removed_slide_stands_where_it_stood():
    assert matched(slides("a", "b", "c", "d"), slides("a", "d")) == [
        (0, 0, False),
        (1, None, False),
        (2, None, False),
        (3, 1, False),
    ]


def test_every_slide_of_both_is_told_once():
    before, after = slides(*"abcdefgh"), slides(*"hgxyacb")
    found = match_slides(before, after)
    assert sorted(m.before for m in found if m.before is not None) == list(range(8))
    assert [m.after for m in found if m.after is not None] == list(range(7))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"subject": "New"}, "Subject."),
        ({"fallback_text": "New"}, "Fallback SMS."),
        ({"fallback": False}, "Fallback SMS switched off."),
        ({"fallback_link": False}, "Link in the SMS removed."),
    ],
)
def test_what_stands_around_the_slides_is_told(change, words):
    assert tell_changes(Outline(), replace(Outline(), **change)) == words
