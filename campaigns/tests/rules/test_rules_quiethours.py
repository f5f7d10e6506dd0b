"""Windows of the local day: which rule holds, their overlap, and the nights when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.places import Place, find_place
from campaigns.rules.quiethours import ENDLESS, DayKind, Rule, Window, next_window
from campaigns.rules.quiethours_defaults import DEFAULTS, OPEN, SAFE

DEFAULT = tuple(line.rule for line in DEFAULTS)
EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"
MINUTE = timedelta(minutes=1)


def rule(hours, day=DayKind.EVERY, country="", state=""):
    """`hours`: "8-20", "8:30-23:59", "" for a closed day."""
    times = (
        [
            time.fromisoformat(f"{part:0>5}" if ":" in part else f"{part:0>2}:00")
            for part in hours.split("-")
        ]
        if hours
        else (None, None)
    )
    return Rule(country, state, day, *times)


def at(zone, *moment):
    return datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local(window, zone=EASTERN):
    """“Sat 21 08:00 – Sat 21 20:00”."""
    return " – ".join(
        f"{edge.astimezone(ZoneInfo(zone)):%a %d %H:%M}"
        for edge in (window.opens_at, window.closes_at)
    )


def florida(zone=EASTERN):
    return Place("US", ("FL",), (zone,))


# --- Which rule holds -----------------------------------------------------------------------------

FRIDAY = (2026, 11, 20, 5, 0)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], "Fri 20 09:00 – Fri 20 20:00"),
        ([rule("7-22")], "Fri 20 07:00 – Fri 20 22:00"),
        ([rule("7-22"), rule("8-21", country="US")], "Fri 20 08:00 – Fri 20 21:00"),
        (
            [rule("7-22", DayKind.WEEKDAY), rule("8-21", country="US")],
            "Fri 20 08:00 – Fri 20 21:00",
        ),
        ([rule("8-21", country="US"), rule("10-11", country="CA")], "Fri 20 08:00 – Fri 20 21:00"),
        (
            [rule("8-21", country="US"), rule("9-19", country="US", state="FL")],
            "Fri 20 09:00 – Fri 20 19:00",
        ),
        (
            [rule("8-21", DayKind.WEEKDAY, "US"), rule("9-19", country="US", state="FL")],
            "Fri 20 09:00 – Fri 20 19:00",
        ),
        (
            [rule("9-19", country="US", state="FL"), rule("10-12", DayKind.WEEKDAY, "US", "FL")],
            "Fri 20 10:00 – Fri 20 12:00",
        ),
        (
            [rule("8-20", country="US"), rule("", DayKind.WEEKDAY, "US", "FL")],
            "Sat 21 08:00 – Sat 21 20:00",
        ),
        ([rule("8-20"), rule("", DayKind.HOLIDAY)], "Fri 20 08:00 – Fri 20 20:00"),
        ([rule("8-23:59")], "Fri 20 08:00 – Sat 21 00:00"),
        ([rule("8-20", DayKind.SATURDAY)], "Fri 20 09:00 – Fri 20 20:00"),
    ],
)
def test_the_most_particular_rule_holds(rules, expected):
    assert local(next_window(tuple(rules), florida(), at(EASTERN, *FRIDAY))) == expected


def test_on_a_public_holiday_its_rule_holds():
    table = (rule("8-20"), rule("12-14", DayKind.HOLIDAY), rule("", DayKind.HOLIDAY, "US", "AL"))
    thanksgiving = at(EASTERN, 2026, 11, 26, 5)
    assert local(next_window(table, florida(), thanksgiving)) == "Thu 26 12:00 – Thu 26 14:00"
    alabama = Place("US", ("AL",), (CENTRAL,))
    assert (
        local(next_window(table, alabama, thanksgiving), CENTRAL) == "Fri 27 08:00 – Fri 27 20:00"
    )


def test_a_holiday_of_one_state_is_a_common_day_in_another():
    """Mardi Gras 2026 is kept in Louisiana."""
    table = (rule("8-20"), rule("", DayKind.HOLIDAY))
    mardi_gras = at(CENTRAL, 2026, 2, 17, 5)
    for state, day in (("LA", "Wed 18"), ("TX", "Tue 17")):
        window = next_window(table, Place("US", (state,), (CENTRAL,)), mardi_gras)
        assert local(window, CENTRAL) == f"{day} 08:00 – {day} 20:00"


def test_a_country_without_known_holidays_has_none():
    table = (rule("8-20"), rule("", DayKind.HOLIDAY))
    place = Place("XX", ("Y",), ("Europe/Berlin",))
    assert next_window(table, place, at("Europe/Berlin", 2026, 12, 25, 9)).is_open(
        at("Europe/Berlin", 2026, 12, 25, 10)
    )


# --- Several candidates ---------------------------------------------------------------------------


def test_every_zone_and_every_law_must_allow_it():
    place = Place("US", ("FL", "TX"), (EASTERN, CENTRAL))
    window = next_window(DEFAULT, place, at(EASTERN, *FRIDAY))
    assert local(window) == "Fri 20 10:00 – Fri 20 20:00"  # Texas from 9 Central, Florida until 20


def test_the_law_of_the_other_country_goes_with_its_province():
    place = find_place("13055550123", state="ON", postal_code="K1A 0B1")
    saturday = at(EASTERN, 2026, 11, 21, 5)
    assert local(next_window(DEFAULT, place, saturday)) == "Sat 21 10:00 – Sat 21 18:00"


def test_a_toll_free_recipient_is_under_the_strictest_of_the_continent():
    """From 9 in Nevada; until 18 in Rhode Island, where Sunday is closed."""
    window = next_window(DEFAULT, find_place("18005550123"), at(EASTERN, *FRIDAY))
    assert local(window) == "Fri 20 12:00 – Fri 20 18:00"
    sunday = next_window(DEFAULT, find_place("18005550123"), at(EASTERN, 2026, 11, 22, 5))
    assert local(sunday) == "Mon 23 12:00 – Mon 23 18:00"


def test_a_contact_without_a_zone_is_written_to_in_every_zone_of_the_area_code():
    window = next_window(DEFAULT, find_place("18505550123"), at(EASTERN, *FRIDAY))
    assert local(window) == "Fri 20 09:00 – Fri 20 20:00"


def test_blank_zones_of_another_country_are_all_of_its_zones():
    window = next_window(
        tuple(line.rule for line in SAFE), find_place("61412345678"), at("UTC", *FRIDAY)
    )
    assert window.closes_at - window.opens_at > timedelta(hours=5)
    for zone in ("Australia/Perth", "Australia/Sydney", "Australia/Lord_Howe"):
        for edge in (window.opens_at, window.closes_at - MINUTE):
            assert 9 <= edge.astimezone(ZoneInfo(zone)).hour < 20


def test_windows_that_never_meet_are_none():
    table = (rule("8-9", country="US", state="FL"), rule("10-11", country="US", state="GA"))
    assert next_window(table, Place("US", ("FL", "GA"), (EASTERN,)), at(EASTERN, *FRIDAY)) is None


def test_a_place_that_is_closed_for_two_weeks_has_no_window():
    assert next_window((rule(""),), florida(), at(EASTERN, *FRIDAY)) is None


# --- Around the clock -----------------------------------------------------------------------------


def test_around_the_clock_never_closes():
    table = tuple(line.rule for line in OPEN)
    now = at(EASTERN, *FRIDAY)
    for place in (florida(), Place(""), Place("AU")):
        assert next_window(table, place, now) == Window(now, ENDLESS)


def test_days_that_touch_are_one_window():
    table = (rule("0-23:59"), rule("8-20", DayKind.SUNDAY))
    window = next_window(table, florida(), at(EASTERN, 2026, 11, 18, 5))
    assert local(window) == "Tue 17 00:00 – Sun 22 00:00"


def test_what_a_later_holiday_closes_is_not_endless():
    """A worker may keep a window for weeks."""
    table = (rule("0-23:59"), rule("", DayKind.HOLIDAY))
    now = at(EASTERN, 2026, 7, 6, 5)  # the next one is in September
    window = next_window(table, florida(), now)
    assert window.is_open(now)
    assert now + timedelta(days=14) <= window.closes_at < at(EASTERN, 2026, 9, 7)


def test_around_the_clock_goes_on_where_midnight_comes_twice_or_not_at_all():
    table = (rule("0-23:59"), rule("8-20", DayKind.WEEKDAY))
    for zone, sunday in (("America/Havana", (2026, 11, 1)), ("America/Havana", (2026, 3, 8))):
        saturday = datetime(*sunday, 12, tzinfo=ZoneInfo(zone)) - timedelta(days=1)
        window = next_window(table, Place("CU", (), (zone,)), saturday.astimezone(UTC))
        assert local(window, zone)[-5:] == "00:00"
        assert window.closes_at - window.opens_at >= timedelta(hours=47)


# --- Nights when the clocks change ----------------------------------------------------------------

SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("hours", "day", "opens", "closes"),
    [
        ("2:30-20", SPRING, "03:00 EDT", "20:00 EDT"),
        ("0:30-2:30", SPRING, "00:30 EST", "03:00 EDT"),  # that is 02:00 EST, which there is not
        ("1:30-20", AUTUMN, "01:30 EST", "20:00 EST"),
        ("0:30-1:30", AUTUMN, "00:30 EDT", "01:30 EDT"),
        ("1:15-1:45", AUTUMN, "", ""),
        ("2:15-2:45", SPRING, "", ""),
    ],
)
def test_edges_in_the_changed_hour_are_read_strictly(hours, day, opens, closes):
    table = (rule(hours),)
    window = next_window(table, florida(), at(EASTERN, day.year, day.month, day.day, 0, 5))
    if not opens:  # nothing is left of it: the next day
        assert window.opens_at.astimezone(ZoneInfo(EASTERN)).date() == day + timedelta(days=1)
        return
    told = [
        f"{edge.astimezone(ZoneInfo(EASTERN)):%H:%M %Z}"
        for edge in (window.opens_at, window.closes_at)
    ]
    assert told == [opens, closes]


GRID = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Phoenix",
)


@pytest.mark.parametrize("zone", GRID)
@pytest.mark.parametrize("night", [SPRING, AUTUMN])
def test_no_minute_of_a_changing_day_is_forbidden(zone, night):
    """RELIABILITY F28: nothing goes out between 21:00 and 8:00, whenever it is asked for."""
    table = (rule("8-21"),)
    midnight = datetime.combine(night, time(), ZoneInfo(zone)).astimezone(UTC)
    forbidden = []
    for minute in range(1440):
        wanted = midnight + minute * MINUTE
        window = next_window(table, Place("US", (), (zone,)), wanted)
        sent = [max(wanted, window.opens_at), window.closes_at - timedelta(seconds=1)]
        hours = [moment.astimezone(ZoneInfo(zone)).hour for moment in sent]
        is_late = (sent[0] - wanted) > timedelta(hours=12)
        forbidden += [wanted] * (is_late or not all(8 <= hour < 21 for hour in hours))
    assert forbidden == []


# --- Against an oracle that looks at every minute -------------------------------------------------


@lru_cache(maxsize=64)
def shown_minutes(zone, first):
    """What the clock shows there in every minute of five days (UTC) from `first` on."""
    start = datetime.combine(first, time(), UTC)
    return [
        (start + number * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for number in range(5 * 1440)
    ]


def oracle(hours_of, zone, first):
    """The minutes in which it is allowed: from the last that shows the opening (or the first after
    it) until the first that shows the closing or later."""
    shown = shown_minutes(zone, first)
    allowed = [False] * len(shown)
    for number in range(-1, 7):
        day = first + timedelta(days=number)
        hours = hours_of(day)
        if hours is None:
            continue
        opens_at, closes_at = (
            datetime.combine(day, time()) + hours[0],
            datetime.combine(day, time()) + hours[1],
        )
        exact = [minute for minute, clock in enumerate(shown) if clock == opens_at]
        later = [minute for minute, clock in enumerate(shown) if clock > opens_at]
        opening = exact[-1] if exact else (later or [len(shown)])[0]
        closing = next(
            (minute for minute, clock in enumerate(shown) if clock >= closes_at), len(shown)
        )
        allowed[opening:closing] = [True] * max(0, closing - opening)
    return allowed


def read(table, weekday):
    """The naive reading of a table that is about everywhere."""
    named = {
        0: "weekday",
        1: "weekday",
        2: "weekday",
        3: "weekday",
        4: "weekday",
        5: "saturday",
        6: "sunday",
    }
    for kind in (named[weekday], "every"):
        for line in table:
            if line.day == kind:
                if line.opens_at is None:
                    return None
                closes_at = timedelta(hours=line.closes_at.hour, minutes=line.closes_at.minute)
                closes_at += MINUTE if line.closes_at == time(23, 59) else timedelta(0)
                return timedelta(hours=line.opens_at.hour, minutes=line.opens_at.minute), closes_at
    return timedelta(hours=9), timedelta(hours=20)


times = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@st.composite
def lines(draw, day):
    if draw(st.integers(0, 4)) == 0:
        return Rule("", "", day, None, None)
    first, last = sorted([draw(times), draw(st.one_of(times, st.just(time(23, 59))))])
    return Rule("", "", day, first, last) if first < last else Rule("", "", day, None, None)


@st.composite
def tables(draw):
    days = [DayKind.EVERY, DayKind.WEEKDAY, DayKind.SATURDAY, DayKind.SUNDAY]
    return tuple(draw(lines(day)) for day in draw(st.lists(st.sampled_from(days), unique=True)))


ZONES = [*GRID, "America/St_Johns", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]
DAYS = st.one_of(
    st.sampled_from([date(2026, 3, 6), date(2026, 10, 30), date(2026, 3, 27), date(2026, 4, 3)]),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)


@settings(max_examples=150, deadline=None)
@given(
    tables(),
    st.sets(st.sampled_from(ZONES), min_size=1, max_size=3),
    DAYS,
    st.integers(1440, 3 * 1440),
)
def test_a_window_is_what_every_minute_of_every_zone_allows(table, zones, first, asked):
    everywhere = [oracle(lambda day: read(table, day.weekday()), zone, first) for zone in zones]
    allowed = [all(minute) for minute in zip(*everywhere, strict=True)]
    start = datetime.combine(first, time(), UTC)
    window = next_window(table, Place("XX", (), tuple(zones)), start + asked * MINUTE)
    opening = next((number for number in range(asked, 4 * 1440) if allowed[number]), None)
    if opening is None:  # later than the oracle looks
        assert window is None or window.opens_at >= start + 4 * 1440 * MINUTE
        return
    closing = next((number for number in range(opening, len(allowed)) if not allowed[number]), None)
    assert max(window.opens_at, start + asked * MINUTE) == start + opening * MINUTE
    if closing is not None:
        assert window.closes_at == start + closing * MINUTE
    else:
        assert window.closes_at >= start + len(allowed) * MINUTE


# --- The defaults ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "day", "expected"),
    [
        ("13055550123", 20, "Fri 20 08:00 – Fri 20 20:00"),  # Florida
        ("14055550123", 20, "Fri 20 08:00 – Fri 20 20:00"),  # Oklahoma
        ("14105550123", 20, "Fri 20 08:00 – Fri 20 20:00"),  # Maryland
        ("12015550123", 20, "Fri 20 08:00 – Fri 20 20:00"),  # New Jersey
        ("16175550123", 20, "Fri 20 08:00 – Fri 20 20:00"),  # Massachusetts
        ("12145550123", 22, "Sun 22 12:00 – Sun 22 21:00"),  # Texas, a Sunday
        ("12125550123", 22, "Sun 22 08:00 – Sun 22 21:00"),  # New York
        ("12055550123", 22, "Mon 23 08:00 – Mon 23 20:00"),  # Alabama, a Sunday
        ("14165550123", 20, "Fri 20 09:00 – Fri 20 21:30"),  # Toronto
        ("14165550123", 21, "Sat 21 10:00 – Sat 21 18:00"),
    ],
)
def test_the_defaults(phone, day, expected):
    place = find_place(phone)
    zone = place.zones[-1]
    assert local(next_window(DEFAULT, place, at(zone, 2026, 11, day, 5)), zone) == expected


def test_every_default_has_its_source_and_its_own_place():
    places = [(line.rule.country, line.rule.state, line.rule.day) for line in DEFAULTS]
    assert len(set(places)) == len(places)
    assert all(line.note and len(line.note) <= 200 for line in (*DEFAULTS, *SAFE, *OPEN))
    for line in DEFAULTS:
        assert line.rule.opens_at is None or line.rule.opens_at < line.rule.closes_at
