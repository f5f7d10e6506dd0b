"""Answers say who we are and how to reach us, and nothing they do not know."""

import pytest

from campaigns.rules.answers import DEFAULTS, LONGEST, fill, find_problems
from campaigns.rules.keywords import BUILT_IN, Kind, Language, judge
from campaigns.rules.slides import Capacity, SlideDraft, Wording
from campaigns.rules.slides import find_problems as find_slide_problems


@pytest.mark.parametrize("key", DEFAULTS)
def test_what_is_built_in_keeps_the_rules_itself(key):
    assert list(find_problems(DEFAULTS[key], key[0])) == []
    assert len(fill(DEFAULTS[key], brand="B" * 60, contact="c" * 120)) <= LONGEST


@pytest.mark.parametrize("key", DEFAULTS)
def test_nothing_is_left_to_fill_in(key):
    for brand, contact in (("", ""), ("Bird", ""), ("", "+1 201 555 0100"), ("Bird", "a@b.ca")):
        said = fill(DEFAULTS[key], brand=brand, contact=contact)
        assert "{" not in said
        assert said.endswith(".")
        assert brand in said


def test_there_is_an_answer_for_every_word_in_every_language():
    assert set(DEFAULTS) == {(kind, language) for kind in BUILT_IN for language in Language}


def test_without_a_contact_help_is_still_answered_and_promises_none():
    said = fill(DEFAULTS[Kind.HELP, Language.ENGLISH], brand="", contact="")
    assert "STOP" in said
    assert "For help" not in said


def test_a_brand_is_never_taken_for_a_merge_field():
    assert "{{" not in fill("{brand}: Hi.", brand="{{ first_name }}", contact="")


@pytest.mark.parametrize("key", DEFAULTS)
def test_an_answer_is_an_mms_that_the_provider_takes(key):
    said = fill(DEFAULTS[key], brand="Bird", contact="a@b.ca")
    assert not find_slide_problems((SlideDraft(said),), Wording("", True, said), Capacity())


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_machine_that_reads_our_answer_does_not_take_it_for_a_keyword(key):
    said = fill(DEFAULTS[key], brand="Bird", contact="a@b.ca")
    assert judge(said).kind in (Kind.NONE, Kind.DOUBT)


@pytest.mark.parametrize(
    ("text", "kind", "problem"),
    [
        ("", Kind.STOP, "Write what is answered"),
        ("{brand}: bye {{ first_name }}", Kind.STOP, "no merge fields"),
        ("Bye.", Kind.STOP, "Say who answers"),
        ("{brand}: ask us.", Kind.HELP, "how to reach you"),
        ("{brand}: " + "x" * 320, Kind.STOP, "shorten it to 320"),
    ],
)
def test_words_that_cannot_be_the_answer_say_why(text, kind, problem):
    assert problem in " ".join(find_problems(text, kind))
