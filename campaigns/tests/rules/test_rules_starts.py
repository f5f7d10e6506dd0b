"""Local times as moments: clock changes, several zones, and the words."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.rules.places import Place
from campaigns.rules.starts import (
    is_skipped,
    last_moment,
    moment_at,
    next_moment,
    say_clock,
    say_times,
    say_zones,
    westernmost,
    zones_of,
)

ZONES = [
    ZoneInfo(f"America/{city}")
    for city in ("New_York", "Chicago", "Denver", "Phoenix", "Los_Angeles", "Anchorage")
]
EASTERN, CENTRAL, MOUNTAIN, ARIZONA, PACIFIC, ALASKA = ZONES
SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)
MINUTES = [time(minute // 60, minute % 60) for minute in range(0, 1440)]


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.key)
@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=str)
def test_every_minute_of_both_clock_changes_has_its_moment(zone, day):
    for at in MINUTES:
        local = moment_at(day, at, zone).astimezone(zone)
        if is_skipped(day, at, zone):
            assert (local.date(), local.time()) == (day, time(3))
        else:
            assert (local.date(), local.time(), local.fold) == (day, at, 0)


def test_a_skipped_time_is_the_next_minute_there_is():
    assert is_skipped(SPRING, time(2, 30), EASTERN)
    assert moment_at(SPRING, time(2, 30), EASTERN) == datetime(2027, 3, 14, 7, tzinfo=UTC)
    assert not is_skipped(SPRING, time(2, 30), ARIZONA)


def test_of_a_time_that_comes_twice_the_first_counts():
    assert moment_at(AUTUMN, time(1, 30), EASTERN) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_several_zones_wait_for_the_last():
    at = last_moment(date(2026, 11, 23), time(10), [EASTERN, CENTRAL])
    assert at == datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.mark.parametrize("days", range(0, 4))
def test_the_next_time_is_never_before_the_moment_asked_for(days):
    after = datetime(2026, 11, 23, 15, 30, tzinfo=UTC) + timedelta(days=days)
    found = next_moment(date(2026, 11, 23), time(10), [EASTERN], after)
    assert found == datetime(2026, 11, 24, 15, tzinfo=UTC) + timedelta(days=days)


def test_a_time_yet_to_come_is_left_on_its_day():
    after = datetime(2026, 11, 20, tzinfo=UTC)
    found = next_moment(date(2026, 11, 23), time(10), [EASTERN], after)
    assert found == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_the_day_after_a_clock_change_keeps_the_time_of_day():
    after = moment_at(date(2027, 3, 13), time(10), EASTERN) + timedelta(seconds=1)
    found = next_moment(date(2027, 3, 13), time(10), [EASTERN], after)
    assert found.astimezone(EASTERN).time() == time(10)
    assert found - after < timedelta(hours=23)


MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_clocks_are_said_with_their_zone():
    assert say_clock(MONDAY, EASTERN) == "Mon 23 Nov, 10:00 EST"
    assert say_clock(MONDAY, ZoneInfo("Europe/Berlin")) == "Mon 23 Nov, 16:00 CET"
    buenos_aires = ZoneInfo("America/Argentina/Buenos_Aires")
    assert say_clock(MONDAY, buenos_aires) == "Mon 23 Nov, 12:00 Buenos Aires"
    assert say_clock(MONDAY, ZoneInfo("Asia/Shanghai")) == "Mon 23 Nov, 23:00 Shanghai"


def test_a_moment_is_said_for_several_zones():
    assert say_zones([EASTERN], MONDAY) == "ET 10:00"
    assert say_zones([CENTRAL, EASTERN], MONDAY) == "ET, CT 09:00–10:00"
    assert say_zones(ZONES, MONDAY) == "6 zones 06:00–10:00"
    assert say_times([MOUNTAIN, ARIZONA], MONDAY) == "08:00"


def test_a_label_is_never_longer_than_its_column():
    long = [ZoneInfo(f"America/{end}") for end in ("North_Dakota/New_Salem", "Port-au-Prince")]
    far = [ZoneInfo("Antarctica/DumontDUrville"), ZoneInfo("America/Argentina/ComodRivadavia")]
    assert len(say_zones([*long, *far], MONDAY)) <= 60


def test_the_west_waits_longest():
    assert westernmost(ZONES, MONDAY) == ALASKA


def test_a_place_without_zones_has_candidates_all_the_same():
    assert zones_of(Place("US", (), ("America/Denver",))) == (MOUNTAIN,)
    assert set(zones_of(Place(""))) >= {EASTERN, PACIFIC}
