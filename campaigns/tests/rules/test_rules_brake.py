"""When a campaign must wait for a person: at, below and above every threshold."""

import pytest

from campaigns.rules.brake import Counted, fails_too_much, repels_too_many


@pytest.mark.parametrize(
    ("gone", "failed", "is_too_much"),
    [
        (100, 30, False),  # thirty per cent are not more than thirty
        (100, 31, True),
        (1000, 300, False),
        (1000, 301, True),
        (99, 99, False),  # too few say nothing
        (100, 100, True),
        (0, 0, False),
    ],
)
def test_failures(gone, failed, is_too_much):
    assert fails_too_much(Counted(gone, failed, gone - failed, 0), 30) is is_too_much


@pytest.mark.parametrize(("failed", "is_too_much"), [(19, False), (20, True), (21, True)])
def test_a_few_failures_are_no_reason_however_low_the_limit(failed, is_too_much):
    assert fails_too_much(Counted(100, failed, 100 - failed, 0), 1) is is_too_much


@pytest.mark.parametrize(
    ("reached", "opted_out", "are_too_many"),
    [
        (100, 5, False),  # five per cent are not more than five
        (100, 6, True),
        (119, 6, True),
        (120, 6, False),
        (99, 50, False),
    ],
)
def test_optouts(reached, opted_out, are_too_many):
    assert repels_too_many(Counted(reached, 0, reached, opted_out), 5) is are_too_many


@pytest.mark.parametrize(("opted_out", "are_too_many"), [(4, False), (5, True), (6, True)])
def test_a_few_optouts_are_no_reason_however_low_the_limit(opted_out, are_too_many):
    assert repels_too_many(Counted(100, 0, 100, opted_out), 1) is are_too_many


def test_without_a_limit_there_is_no_brake():
    worst = Counted(1000, 1000, 1000, 1000)
    assert not fails_too_much(worst, None)
    assert not repels_too_many(worst, None)
