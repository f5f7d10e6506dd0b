"""Counters say how much is used, what is recommended and how much is too many."""

import pytest

from campaigns.rules.counts import count_subject, count_text, is_long_fallback


@pytest.mark.parametrize(
    ("length", "tone", "words"),
    [
        (0, "", "0 of 40 (80 at most)"),
        (40, "", "40 of 40 (80 at most)"),
        (41, "warn", "41 of 40 (80 at most): many phones cut it"),
        (80, "warn", "80 of 40 (80 at most): many phones cut it"),
        (83, "bad", "83 of 40 (80 at most): 3 too many"),
    ],
)
def test_a_subject_is_counted_against_two_limits(length, tone, words):
    counted = count_subject("x" * length, 80)
    assert (counted.tone, counted.words) == (tone, words)


@pytest.mark.parametrize(
    ("length", "tone", "words"),
    [
        (12, "", "12 of 5,000"),
        (4_500, "", "4,500 of 5,000"),
        (4_501, "warn", "4,501 of 5,000: 499 left"),
        (5_000, "warn", "5,000 of 5,000: 0 left"),
        (6_200, "bad", "6,200 of 5,000: 1,200 too many"),
    ],
)
def test_a_text_is_counted_against_what_fits(length, tone, words):
    counted = count_text("x" * length, 5_000)
    assert (counted.tone, counted.words) == (tone, words)


def test_a_fallback_beyond_the_recommended_length_is_long():
    assert not is_long_fallback("x" * 110)
    assert is_long_fallback("x" * 111)
