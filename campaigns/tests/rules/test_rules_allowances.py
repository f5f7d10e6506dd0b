"""What the carriers allow a sender, minute by minute and day by day."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.allowances import PLENTY, Allowance, Flow, carriers_day, next_day_at

NOON = datetime(2026, 11, 20, 20, tzinfo=UTC)  # noon, Pacific


def send_for(allowance, minutes, step=0.25):
    """The moments at which messages would be let go, looked at every so often."""
    sent = []
    for tick in range(int(minutes * 60 / step)):
        now = NOON + timedelta(seconds=tick * step)
        if room := allowance.room(now):
            allowance.take(room, now)
            sent += [now.timestamp()] * room
    return sent


@settings(deadline=None)
@given(st.integers(1, 2400), st.sampled_from([0.2, 0.5, 1.0]))
def test_no_minute_holds_more_than_its_limit(per_minute, step):
    """Though what is let go may leave up to two seconds later."""
    sent = send_for(Allowance(per_minute=per_minute), 4, step)
    busiest = max(bisect_left(sent, start + 62) - n for n, start in enumerate(sent))
    assert busiest <= max(per_minute, 1) * 1.01 + 1
    assert len(sent) >= per_minute * 4 * 0.9 - 1


def test_without_limits_there_is_plenty():
    assert Allowance().room(NOON) == PLENTY


def test_a_day_ends_at_midnight_by_the_pacific():
    allowance = Allowance(per_day=100)
    allowance.take(98, NOON)
    assert allowance.room(NOON) == 2
    allowance.take(5, NOON)  # tests and replies go all the same
    assert allowance.room(NOON) == 0
    midnight = next_day_at(NOON)
    assert midnight.astimezone(UTC) == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert allowance.room(midnight - timedelta(seconds=1)) == 0
    assert allowance.room(midnight) == 100


def test_the_day_of_a_clock_change_has_its_own_length():
    before = datetime(2026, 11, 1, 8, tzinfo=UTC)  # 01:00, the first time, Pacific
    assert carriers_day(before) == date(2026, 11, 1)
    assert next_day_at(before).astimezone(UTC) == datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_a_clock_from_the_future_does_not_hold_for_ever():
    allowance = Allowance(per_minute=60, next_slot_at=NOON.timestamp() + 7200)
    assert allowance.room(NOON) >= 1
    allowance.take(1, NOON)
    assert allowance.seconds_left(NOON) < 2


def test_a_flow_is_as_fast_as_its_rate():
    ends_at, _ = Flow(10).through(600, NOON, NOON)
    assert ends_at == NOON + timedelta(minutes=1)
    assert Flow(0).through(1, NOON, NOON)[0] is None


def test_what_does_not_fit_in_a_day_goes_on_after_midnight():
    flow = Flow(10, per_day=1000, left_today=300)
    ends_at, rest = flow.through(2350, NOON, NOON)
    assert ends_at == next_day_at(NOON) + timedelta(days=2, seconds=5)
    assert rest.left_today == 950


@pytest.mark.parametrize("count", [1, 300, 301, 1300, 1301])
def test_waves_that_follow_each_other_end_as_one(count):
    flow = Flow(10, per_day=1000, left_today=300)
    middle, rest = flow.through(count, NOON, NOON)
    parts, _ = rest.through(700, middle, middle)
    whole, _ = flow.through(count + 700, NOON, NOON)
    assert abs((parts - whole).total_seconds()) < 1


def test_nobody_plans_for_longer_than_a_year():
    assert Flow(10, per_day=1, left_today=1).through(1000, NOON, NOON)[0] is None
