"""When whom: turns by place, held and late people, and the waves they make."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Campaign
from campaigns.rules.quiethours import Window
from campaigns.services import planning
from campaigns.services.planning import (
    LATE,
    NO_WINDOW,
    PAST_NOT_AFTER,
    STARTS_TOO_LATE,
    find_start_problems,
    plan_turn,
    waves_of,
)

EASTERN, CENTRAL = "US;NY;America/New_York", "US;IL;America/Chicago"
FLORIDA = "US;FL;America/Chicago,America/New_York"
NOBODY_KNOWS = ";;"
DAY = date(2026, 11, 23)
MONDAY_10_ET = datetime(2026, 11, 23, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVENING_BEFORE = MONDAY_10_ET - timedelta(hours=16)
NO_TABLE = ()
ENDLESS = datetime.max.replace(tzinfo=UTC)


@pytest.fixture(autouse=True)
def _open_all_day(monkeypatch):
    shut(monkeypatch)


def shut(monkeypatch, until=None):
    """Quiet hours everywhere until then."""

    def next_window(table, place, after):
        return Window(max(after, until) if until else after, ENDLESS)

    monkeypatch.setattr(planning, "next_window", next_window)


def local(**fields):
    wanted = {"local_date": DAY, "local_time": time(10), **fields}
    return Campaign(start=Campaign.Start.LOCAL, **wanted)


def plan(campaign, place=EASTERN, launched_at=EVENING_BEFORE):
    return plan_turn(campaign, place, NO_TABLE, launched_at)


def test_now_is_the_launch():
    turn = plan(Campaign())
    assert (turn.send_after, turn.held, turn.skipped) == (EVENING_BEFORE, "", "")


def test_a_time_is_the_same_moment_everywhere():
    campaign = Campaign(start=Campaign.Start.AT, starts_at=MONDAY_10_ET)
    assert plan(campaign).send_after == plan(campaign, CENTRAL).send_after == MONDAY_10_ET
    assert plan(campaign).held == "Starts Mon 23 Nov, 15:00 UTC."


def test_a_local_time_comes_later_in_the_west():
    assert plan(local()).send_after == MONDAY_10_ET
    assert plan(local(), CENTRAL).send_after == MONDAY_10_ET + HOUR
    assert plan(local(), CENTRAL).held == "Starts Mon 23 Nov, 10:00 CST."


def test_who_may_be_in_two_zones_waits_for_both():
    assert plan(local(), FLORIDA).send_after == MONDAY_10_ET + HOUR


def test_of_whom_nothing_is_known_waits_for_the_last_continental_zone():
    assert plan(local(), NOBODY_KNOWS).send_after == MONDAY_10_ET + 3 * HOUR


def test_who_is_late_gets_it_tomorrow_at_that_time():
    turn = plan(local(), launched_at=MONDAY_10_ET + HOUR / 2)
    assert turn.send_after == MONDAY_10_ET + 24 * HOUR
    assert turn.is_late
    assert turn.held.endswith("starts Tue 24 Nov, 10:00 EST.")
    on_time = plan(local(), CENTRAL, launched_at=MONDAY_10_ET + HOUR / 2)
    assert (on_time.send_after, on_time.is_late) == (MONDAY_10_ET + HOUR, False)


def test_who_is_late_is_left_out_if_so_chosen():
    late = local(late=Campaign.Late.SKIP)
    assert plan(late, launched_at=MONDAY_10_ET + HOUR / 2).skipped == LATE
    assert plan(late, CENTRAL, launched_at=MONDAY_10_ET + HOUR / 2).skipped == ""


def test_the_very_second_is_not_late():
    assert plan(local(), launched_at=MONDAY_10_ET).send_after == MONDAY_10_ET


def test_tomorrow_keeps_the_time_of_day_over_a_clock_change():
    spring = local(local_date=date(2027, 3, 13))
    launched_at = datetime(2027, 3, 13, 18, tzinfo=UTC)
    turn = plan(spring, launched_at=launched_at)
    assert turn.send_after == datetime(2027, 3, 14, 14, tzinfo=UTC)  # 10:00 EDT


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2026, 11, 1)], ids=str)
@pytest.mark.parametrize("city", "New_York Chicago Denver Phoenix Los_Angeles Anchorage".split())
def test_a_local_start_after_a_clock_change_is_right(city, day):
    launched_at = datetime.combine(day - timedelta(days=1), time(18), UTC)
    turn = plan(local(local_date=day), f"US;;America/{city}", launched_at)
    there = turn.send_after.astimezone(ZoneInfo(f"America/{city}"))
    assert (there.date(), there.time()) == (day, time(10))


def test_quiet_hours_hold_and_say_until_when(monkeypatch):
    shut(monkeypatch, until=MONDAY_10_ET - 2 * HOUR)
    turn = plan(Campaign())
    assert turn.send_after == MONDAY_10_ET - 2 * HOUR
    assert turn.held == "Quiet hours at their place until Mon 23 Nov, 08:00 EST."
    both = plan(Campaign(), FLORIDA)
    assert both.held == "Quiet hours at their place until Mon 23 Nov, 07:00 CST."


def test_no_window_leaves_out(monkeypatch):
    monkeypatch.setattr(planning, "next_window", lambda *args: None)
    assert plan(Campaign()).skipped == NO_WINDOW


def test_past_not_after_leaves_out_and_says_whose_fault(monkeypatch):
    in_time = {"not_after": MONDAY_10_ET}
    assert plan(local(**in_time)).skipped == STARTS_TOO_LATE
    shut(monkeypatch, until=MONDAY_10_ET + HOUR)
    assert plan(Campaign(**in_time)).skipped == PAST_NOT_AFTER


def test_there_are_few_different_reasons():
    places = [EASTERN, CENTRAL, FLORIDA, "US;GA;America/New_York", "US;TX;America/Chicago"]
    assert len({plan(local(), place).held for place in places}) == 2


# --- Waves ---------------------------------------------------------------------------------------


def test_everybody_of_a_moment_is_one_wave():
    counts = {EASTERN: 4100, CENTRAL: 2050, FLORIDA: 7, "US;HI;Pacific/Honolulu": 0}
    turns = {place: plan(local(), place) for place in counts}
    waves = waves_of(local(), turns, counts)
    assert [(wave.label, wave.people_count) for wave in waves] == [
        ("ET 10:00", 4100),
        ("ET, CT 10:00–11:00", 2057),
    ]


def test_who_is_left_out_is_in_no_wave():
    turns = {EASTERN: plan(local(late=Campaign.Late.SKIP), launched_at=MONDAY_10_ET + HOUR)}
    assert waves_of(local(), turns, {EASTERN: 5}) == []


# --- Whether it can start then -------------------------------------------------------------------


def problems(campaign):
    return " ".join(find_start_problems(campaign, MONDAY_10_ET))


def at(moment, **fields):
    return Campaign(start=Campaign.Start.AT, starts_at=moment, **fields)


def test_a_start_in_the_past_is_refused():
    assert "has passed" in problems(at(MONDAY_10_ET))
    assert "has passed" in problems(local(local_date=DAY - timedelta(days=2)))
    assert problems(local()) == problems(at(MONDAY_10_ET + HOUR)) == ""


def test_a_start_more_than_a_year_ahead_is_refused():
    assert "more than a year" in problems(at(MONDAY_10_ET + timedelta(days=367)))
    assert "more than a year" in problems(local(local_date=date(2028, 1, 1)))


def test_a_start_without_a_time_is_refused():
    assert "on which day" in problems(at(None))
    assert "on which day" in problems(local(local_time=None))


def test_not_after_must_lie_after_the_start():
    assert "Not after" in problems(at(MONDAY_10_ET + HOUR, not_after=MONDAY_10_ET + HOUR))
    assert "Not after" in problems(local(not_after=MONDAY_10_ET - 24 * HOUR))
    assert problems(local(not_after=MONDAY_10_ET + HOUR)) == ""
