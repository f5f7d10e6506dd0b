"""What is wrong with cards, questions and places, and what may disappoint."""

from dataclasses import replace

import pytest

from campaigns.rules.formats import Choice, ChoiceKind, Format, WrittenPlace
from campaigns.rules.formats_checks import (
    find_country_doubts,
    find_format_doubts,
    find_format_problems,
)
from campaigns.rules.slides import Capacity, MediumDraft, SlideDraft, Wording, find_problems

F, K = Format, ChoiceKind
ANY = Capacity()
CARD = SlideDraft("20 % off", title="Spring sale")
PHOTO = MediumDraft("image", "image/jpeg", 60_000, "a.jpg")
YES = Choice(K.TEXT, "Yes")
GARDEN = WrittenPlace("Garden", "", "52.5, 13.4")


def problems(format, *slides, capacity=ANY, **wording):
    return find_format_problems(slides, Wording(format=format, **wording), capacity)


def doubts(format, *slides, capacity=ANY, **wording):
    return find_format_doubts(slides, Wording(format=format, **wording), capacity)


def told(findings):
    return [(found.place, found.text) for found in findings]


@pytest.mark.parametrize(
    ("format", "slides", "more"),
    [
        (F.TEXT, [SlideDraft("Hello")], {}),
        (F.MEDIA, [SlideDraft(media=(PHOTO,))], {}),
        (F.CARD, [CARD], {}),
        (F.CARD, [replace(CARD, text="", media=(PHOTO,), choices=(YES,) * 10)], {}),
        (F.CHOICE, [SlideDraft("Will you come?")], {"choices": (YES,)}),
        (F.CAROUSEL, [CARD] * 2, {"choices": (YES,) * 3}),
        (F.CAROUSEL, [CARD] * 10, {}),
        (F.LOCATION, [], {"place": GARDEN}),
        (F.SLIDES, [SlideDraft("a")] * 3, {}),
    ],
)
def test_what_is_complete_has_no_problem(format, slides, more):
    assert problems(format, *slides, **more) == []


@pytest.mark.parametrize(
    ("format", "slides", "more", "place"),
    [
        (F.TEXT, [SlideDraft(" ")], {}, "slide-1-text"),
        (F.TEXT, [SlideDraft("{{ City|}}")], {}, "slide-1-text"),
        (F.MEDIA, [SlideDraft()], {}, "slide-1-files"),
        (F.MEDIA, [SlideDraft(media=(PHOTO, PHOTO))], {}, "slide-1-media"),
        (F.CARD, [replace(CARD, title=" ")], {}, "slide-1-title"),
        (F.CARD, [replace(CARD, title="x" * 81)], {}, "slide-1-title"),
        (F.CARD, [replace(CARD, title="{{ first_name| }}")], {}, "slide-1-title"),
        (F.CARD, [replace(CARD, choices=(YES,) * 11)], {}, "slide-1-choice-11-title"),
        (F.CHOICE, [SlideDraft("Come?")], {}, "choices"),
        (F.CHOICE, [SlideDraft("")], {"choices": (YES,)}, "slide-1-text"),
        (F.CHOICE, [SlideDraft("Come?")], {"choices": (YES,) * 11}, "choice-11-title"),
        (F.CAROUSEL, [CARD], {}, ""),
        (F.CAROUSEL, [], {}, ""),
        (F.CAROUSEL, [CARD] * 11, {}, ""),
        (F.CAROUSEL, [CARD] * 2, {"choices": (YES,) * 4}, "choice-4-title"),
        (F.CAROUSEL, [CARD, replace(CARD, media=(PHOTO,) * 2)], {}, "slide-2-media"),
        (F.LOCATION, [], {"place": replace(GARDEN, title="")}, "place-title"),
        (F.LOCATION, [], {"place": replace(GARDEN, coordinates="")}, "place-coordinates"),
        (F.LOCATION, [], {"place": replace(GARDEN, coordinates="91, 0")}, "place-coordinates"),
    ],
)
def test_each_gap_is_told_once_and_where_it_is_mended(format, slides, more, place):
    assert [found.place for found in problems(format, *slides, **more)] == [place]


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (Choice(K.TEXT, " "), "title"),
        (Choice(K.TEXT, "x" * 81), "title"),
        (Choice(K.TEXT, "For {{ first_name|you }}"), "title"),
        (Choice(K.URL, "Shop", ""), "target"),
        (Choice(K.URL, "Shop", "example.net"), "target"),
        (Choice(K.URL, "Shop", "javascript:alert(1)"), "target"),
        (Choice(K.URL, "Shop", "https://[bad"), "target"),
        (Choice(K.URL, "Shop", "https://example.net/{{ first_name }}"), "target"),
        (Choice(K.URL, "Shop", f"https://example.net/{'x' * 2048}"), "target"),
        (Choice(K.CALL, "Call", ""), "target"),
        (Choice(K.CALL, "Call", "12"), "target"),
        (Choice(K.LOCATION, "Find", ""), "target"),
        (Choice(K.LOCATION, "Find", "0, 181"), "target"),
        (Choice(K.TEXT, "Yes", postback="x" * 1025), "postback"),
    ],
)
def test_what_is_wrong_with_a_choice_is_told_at_its_field(choice, field):
    [found] = problems(F.CARD, replace(CARD, choices=(YES, choice)))
    assert found.place == f"slide-1-choice-2-{field}"
    [outer] = problems(F.CHOICE, SlideDraft("Come?"), choices=(choice,))
    assert (outer.place, outer.where) == (f"choice-1-{field}", "Choice 1")


@pytest.mark.parametrize(
    "choice",
    [
        Choice(K.URL, "Shop", "https://example.net/a?b=c"),
        Choice(K.CALL, "Call", "+1 201 555 0123"),
        Choice(K.LOCATION, "Find", "52.5° N, 13.4° E"),
    ],
)
def test_what_a_choice_leads_to_may_be_written_as_usual(choice):
    assert problems(F.CARD, replace(CARD, choices=(choice,))) == []


def test_a_format_that_the_channel_does_not_carry_is_a_problem():
    [found] = problems(F.CARD, CARD, capacity=Capacity(formats=frozenset({F.SLIDES})))
    assert found.place == "format"
    assert "does not carry a card" in found.text


def test_choices_on_a_channel_without_are_a_problem():
    bare, card = Capacity(choices=False), replace(CARD, choices=(YES,))
    [found] = problems(F.CARD, card, capacity=bare)
    assert str(found).startswith("This channel carries no choices.")
    assert problems(F.CARD, CARD, capacity=bare) == []
    assert problems(F.CARD, card, capacity=ANY) == []
    [found] = problems(F.CARD, card, capacity=replace(bare, formats=frozenset({F.SLIDES})))
    assert "does not carry a card" in found.text


# --- Slides on a channel that carries one ------------------------------------------------------


def test_more_slides_than_one_may_become_cards_in_a_row():
    narrow = Capacity(slides=1)
    [found] = find_problems((SlideDraft("a"),) * 2, Wording(fallback=False), narrow)
    assert found.text == "There are 2 slides and 1 fits."
    assert "cards in a row" in found.remedy
    only_slides = replace(narrow, formats=frozenset({F.SLIDES}))
    [found] = find_problems((SlideDraft("a"),) * 2, Wording(fallback=False), only_slides)
    assert found.remedy == "Remove or merge some."


def test_more_files_than_the_channel_carries_are_told():
    sound = MediumDraft("audio", "audio/mpeg", 60_000, "a.mp3")
    slide = SlideDraft("a", (PHOTO, sound))
    assert find_problems((slide,), Wording(fallback=False), ANY) == []
    [found] = find_problems((slide,), Wording(fallback=False), Capacity(media=1))
    assert found.text == "2 files stand here; this channel carries 1."


# --- Doubts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", [F.CHOICE, F.CAROUSEL, F.LOCATION])
def test_what_becomes_text_is_said(format):
    assert any(
        "as text: phones have no buttons" in found.text for found in doubts(format, place=GARDEN)
    )


def test_choices_of_a_card_become_lines():
    assert doubts(F.CARD, CARD) == []
    [found] = doubts(F.CARD, replace(CARD, choices=(YES,)))
    assert "lines of text" in found.text


def test_a_title_longer_than_phones_show_is_a_doubt():
    assert doubts(F.CARD, replace(CARD, title="x" * 40)) == []
    [found] = doubts(F.CARD, replace(CARD, title="x" * 41))
    assert (found.place, "many phones show 40" in found.text) == ("slide-1-title", True)


def test_two_choices_that_read_the_same_are_a_doubt():
    found = doubts(F.CHOICE, choices=(YES, Choice(K.URL, " yes ", "https://example.net")))
    assert ("choice-2-title", "two choices say “yes”.") in told(found)


def test_a_label_that_nobody_reads_is_a_doubt():
    found = doubts(F.LOCATION, place=replace(GARDEN, label="Behind the church"))
    assert found[-1].place == "place-label"


def test_a_text_of_several_sms_says_how_many():
    assert doubts(F.TEXT, SlideDraft("x" * 160)) == []
    [found] = doubts(F.TEXT, SlideDraft("x" * 161))
    assert found.text == "The text goes out as 2 SMS, and each is paid for."


def test_a_png_is_a_doubt_where_nothing_converts_it():
    png = SlideDraft(media=(replace(PHOTO, mime="image/png"),))
    assert doubts(F.SLIDES, png) == []
    [found] = doubts(F.SLIDES, png, capacity=Capacity(saves=False))
    assert "JPEG" in found.text


@pytest.mark.parametrize(
    ("format", "country", "adds_link", "count"),
    [
        (F.CARD, "DE", False, 1),
        (F.CARD, "CA", False, 0),
        (F.CARD, "", False, 0),
        (F.TEXT, "DE", False, 0),
        (F.SLIDES, "DE", True, 0),
    ],
)
def test_a_number_of_a_country_without_mms_is_a_doubt(format, country, adds_link, count):
    found = find_country_doubts(format, country, Capacity(adds_link=adds_link))
    assert len(list(found)) == count
