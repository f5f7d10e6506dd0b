"""What size to try, at which rate, and when it is said that a file cannot be made to fit."""

from itertools import pairwise

import pytest

from campaigns.rules import fitting
from campaigns.rules.fitting import (
    GifPlan,
    find_no_gain,
    find_obstacle,
    gif_plans,
    keep_frames,
    picture_sizes,
    plan_film,
    plan_sound,
    poster_at,
    say_need,
    say_seconds,
    target_of,
)
from campaigns.rules.media import SENDABLE, SIZES, TYPES


def test_the_target_is_what_the_channel_takes_and_at_most_600_kb():
    assert target_of("video", "video/mp4", SIZES, 1_000_000) == 600_000
    assert target_of("video", "video/mp4", {"video": 50_000_000}, 2_000_000) == 600_000
    assert target_of("video", "video/mp4", SIZES, 300_000) == 300_000
    small = {**SIZES, "gif": 200_000}
    assert target_of("image", "image/gif", small, 1_000_000) == 200_000
    assert target_of("image", "image/png", small, 1_000_000) == 600_000


def test_a_file_that_goes_out_as_it_is_needs_nothing():
    assert say_need("image/jpeg", 400_000, 400_000, SENDABLE) == ""


def test_why_a_file_must_be_made_to_fit_is_said():
    assert say_need("video/quicktime", 10, 99, SENDABLE) == (
        "Few phones play or show an MOV as it is."
    )
    assert "an M4A" in say_need("audio/mp4", 10, 99, SENDABLE)
    assert say_need("video/mp4", 7_300_000, 1_000_000, SENDABLE) == (
        "It weighs 7.30 MB; the channel takes 1.00 MB."
    )


def test_every_type_has_a_form_to_name():
    assert all(say_need(mime, 1, 9, frozenset()) for mime in TYPES)


@pytest.mark.parametrize(
    ("kind", "seconds", "words"),
    [
        (
            "video",
            240,
            "The video runs 4 minutes: at 600 KB it would be unwatchable. Cut it to under 60 s.",
        ),
        (
            "audio",
            900,
            "The sound runs 15 minutes: at 600 KB nobody could follow it. "
            "Cut it to under 4 minutes.",
        ),
        ("pdf", None, "A PDF cannot be made smaller here"),
        ("contact", None, "remove its photo"),
        ("calendar", None, "remove its attachments"),
        ("excel", None, "remove sheets"),
    ],
)
def test_what_cannot_be_made_to_fit_says_why_and_what_to_do(kind, seconds, words):
    assert words in find_obstacle(kind, seconds, 600_000)


@pytest.mark.parametrize(("kind", "seconds"), [("video", 60), ("audio", 282), ("image", None)])
def test_what_can_be_made_to_fit_is_tried(kind, seconds):
    assert find_obstacle(kind, seconds, 600_000) == ""


def test_a_length_is_said_as_people_say_it():
    assert [say_seconds(n) for n in (45.4, 99, 130, 240, 7200)] == [
        "45 s",
        "99 s",
        "2 minutes",
        "4 minutes",
        "2 hours",
    ]


def test_no_gain_is_said_unless_the_form_had_to_change():
    assert "well made already" in find_no_gain("image/jpeg", 500, 500)
    assert find_no_gain("image/jpeg", 500, 499) == ""
    assert find_no_gain("image/webp", 500, 900) == ""


# --- Pictures ----------------------------------------------------------------------------------


def test_a_picture_is_tried_within_1280_by_1920_first_and_then_smaller():
    sizes = list(picture_sizes(3000, 4000))
    assert sizes[0] == (1280, 1707)
    assert all(small < large for large, small in pairwise(sizes))
    assert 240 <= max(sizes[-1]) < 400


def test_a_picture_that_lies_may_be_1920_wide():
    assert next(picture_sizes(4000, 3000)) == (1707, 1280)
    assert next(picture_sizes(4000, 1000)) == (1920, 480)


def test_a_picture_is_never_made_larger():
    assert list(picture_sizes(100, 50)) == [(100, 50)]
    assert next(picture_sizes(1, 9000)) == (1, 1920)


def test_a_gif_gets_smaller_then_poorer_then_jerkier():
    plans = gif_plans(800, 400, 40)
    assert plans[0] == GifPlan((480, 240), 128, 1)
    weights = [p.size[0] * p.size[1] * p.colours / p.keep for p in plans]
    assert weights == sorted(weights, reverse=True)
    assert plans[-1].keep == 8


def test_a_gif_of_two_frames_keeps_both_and_a_long_one_is_thinned_at_once():
    assert {plan.keep for plan in gif_plans(100, 100, 2)} == {1, 2}
    assert gif_plans(100, 100, 500)[0].keep == 8


def test_dropped_frames_leave_their_time_to_the_one_before():
    kept = keep_frames([10, 20, 30, 40, 50], 2)
    assert kept == [(0, 30), (2, 70), (4, 50)]
    assert sum(duration for _, duration in kept) == 150


# --- Films and sounds --------------------------------------------------------------------------


def whole(plan, seconds):
    return (plan.rate + plan.sound_rate) / 8 * seconds


@pytest.mark.parametrize("seconds", [2, 5, 12, 30, 60])
@pytest.mark.parametrize("channels", [0, 1, 2])
def test_rates_leave_room_for_the_container(seconds, channels):
    plan = plan_film(1280, 720, seconds, 30, channels, 600_000)
    assert 0.4 * 600_000 < whole(plan, seconds) < 600_000 or plan.rate == fitting.MOST_FILM_RATE


def test_a_film_gets_480_pixels_and_30_frames_at_most_in_even_numbers():
    plan = plan_film(1279, 719, 12, 60, 2, 600_000)
    assert (plan.width, plan.height, plan.frames) == (480, 270, 30)
    assert plan_film(719, 1279, 12, 24, 2, 600_000).frames == 24
    tall = plan_film(720, 1280, 12, 30, 0, 600_000)
    assert (tall.width, tall.height) == (270, 480)


def test_a_film_is_never_made_larger():
    plan = plan_film(161, 91, 12, 10, 0, 600_000)
    assert (plan.width, plan.height, plan.frames) == (160, 90, 10)


def test_a_long_film_is_made_smaller_slower_and_mono():
    plan = plan_film(1280, 720, 55, 30, 2, 600_000)
    assert (plan.width, plan.frames, plan.channels) == (320, 15, 1)


def test_a_film_without_sound_spends_nothing_on_it():
    plan = plan_film(640, 360, 20, 30, 0, 600_000)
    assert (plan.sound_rate, plan.channels) == (0, 0)


def test_a_frame_rate_that_nobody_knows_is_taken_as_30():
    assert plan_film(640, 360, 5, 0, 0, 600_000).frames == 30


def test_what_came_out_too_heavy_gets_less():
    plan = plan_film(640, 360, 12, 30, 2, 600_000)
    again = plan.corrected(800_000, 600_000)
    assert again.rate < plan.rate * 600 / 800
    assert again.sound_rate == plan.sound_rate
    assert plan.corrected(600_001, 600_000).rate < plan.rate


@pytest.mark.parametrize("seconds", [1, 20, 60, 200, 282])
def test_a_sound_gets_the_best_rate_that_fits(seconds):
    plan = plan_sound(seconds, 2, 600_000)
    assert plan.rate * seconds / 8 < 600_000
    assert plan.rate == 128_000 or plan.rate * 2 * seconds / 8 > 300_000


def test_a_long_sound_is_mono():
    assert plan_sound(120, 2, 600_000).channels == 1
    assert plan_sound(20, 2, 600_000).channels == 2


def test_a_poster_is_looked_for_at_a_tenth_and_at_a_second_at_most():
    assert (poster_at(4), poster_at(60)) == (0.4, 1.0)
