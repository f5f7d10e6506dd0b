"""What a saved template means for the next campaign is told in words."""

import pytest

from campaigns.rules.slides import VIDEO_HEAVY
from campaigns.rules.templates import (
    Standing,
    TemplateState,
    choose,
    find_weightiest,
    judge_state,
    tell_state,
)

T = TemplateState


def standing(state, **fields):
    return Standing(state, "Main", **{"version": 5, "has_media": True, **fields})


@pytest.mark.parametrize(
    ("status", "older", "state"),
    [
        ("", "", T.NONE),
        ("ready", "", T.READY),
        ("failed", "ready", T.FAILED),
        ("", "ready", T.OUT_OF_DATE),
        ("", "transcoding", T.OUT_OF_DATE),
        ("", "failed", T.NONE),
    ],
)
def test_the_working_version_counts_before_older_ones(status, older, state):
    assert judge_state(status, older) == state


def test_of_several_channels_the_one_that_needs_somebody_is_shown():
    assert find_weightiest([T.READY, T.FAILED, T.SAVING]) == T.FAILED
    assert find_weightiest([T.NONE, T.READY]) == T.READY
    assert find_weightiest([]) == T.NONE


def test_an_edit_since_names_both_versions():
    told = tell_state(standing(T.OUT_OF_DATE, saved_version=3))
    assert told == "Edited since: version 3 is saved, you are writing version 5."


def test_a_ready_template_is_what_a_campaign_sends():
    choice = choose(standing(T.READY, mms_id="35674", video=VIDEO_HEAVY + 1))
    assert choice.uses_saved
    assert choice.sentence == "A campaign would send the saved template 35674."
    assert choice.own_sentence == "It sends the saved template 35674."
    assert choice.advice == ""


@pytest.mark.parametrize("state", [state for state in T if state != T.READY])
def test_whatever_is_not_ready_goes_slide_by_slide_and_says_why(state):
    choice = choose(standing(state, saved_version=3, mms_id="35674"))
    assert not choice.uses_saved
    assert choice.mms_id == ""
    assert choice.sentence.startswith("A campaign would send the slides themselves, because ")


def test_much_video_is_strongly_advised_to_be_saved():
    choice = choose(standing(T.NONE, video=VIDEO_HEAVY + 1, recipients=4812))
    assert choice.is_urgent
    assert choice.advice == (
        "With 300 KB of video, save it to Sinch first: its media are then fetched and converted "
        "once instead of 4,812 times."
    )


def test_little_media_is_told_why_one_would_save_it():
    choice = choose(standing(T.NONE))
    assert not choice.is_urgent
    assert "once instead of for every recipient" in choice.advice


def test_texts_alone_need_no_template():
    assert choose(standing(T.NONE, has_media=False)).advice == ""


def test_what_is_being_converted_is_worth_waiting_for():
    assert choose(standing(T.TRANSCODING)).advice.startswith("Wait until it is ready")
