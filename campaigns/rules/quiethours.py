"""When a message may go out: windows of the local day, their overlap, the next opening.

A person may be in several zones and under several laws (`rules/places.py`); a message goes out
only while every one of them allows it. Where the table says nothing, 9 to 20 holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, reduce
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

from campaigns.rules.clocks import closing_moment, opening_moment
from campaigns.rules.places import Place, candidate_zones
from campaigns.rules.publicholidays import is_holiday
from campaigns.rules.states import STATES, country_of


class DayKind(TextChoices):
    """The days a line of the table is about."""

    EVERY = "every", "Every day"
    WEEKDAY = "weekday", "Monday to Friday"
    SATURDAY = "saturday", "Saturday"
    SUNDAY = "sunday", "Sunday"
    HOLIDAY = "holiday", "Public holiday"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table; without times nothing goes out on such a day. 23:59 ends the day."""

    country: str
    state: str
    day: DayKind
    opens_at: time | None
    closes_at: time | None


Table = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which a message may go out to every candidate of a place. UTC."""

    opens_at: datetime
    closes_at: datetime

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at


ENDLESS = datetime.max.replace(tzinfo=UTC)
#: A window that opens later than this is none.
HORIZON = timedelta(days=14)
_DAY = timedelta(days=1)
_KINDS = (DayKind.WEEKDAY,) * 5 + (DayKind.SATURDAY, DayKind.SUNDAY)


def next_window(table: Table, place: Place, after: datetime) -> Window | None:
    """The window that is open at `after`, or the next one; None when there is none in 14 days.

    `closes_at` is `ENDLESS` when no rule ever closes it. Else it may be the end of what was looked
    at, some 14 days on, of a window that is open for longer.
    """
    candidates = _candidates(table, place)
    if all(law.is_always_open for _, law in candidates):
        return Window(after, ENDLESS)
    runs = [_runs(law, zone, after) for zone, law in candidates if not law.is_always_open]
    for opens_at, closes_at in reduce(_overlap, runs):
        if opens_at >= after + HORIZON:
            return None
        if closes_at > after:
            return Window(opens_at, closes_at)
    return None


# --- Laws -----------------------------------------------------------------------------------------

#: From and until, since midnight; None: closed.
Hours = tuple[timedelta, timedelta] | None
_ALL_DAY: Hours = (timedelta(0), _DAY)
#: Where the table says nothing: inside nearly every law.
STRICTEST: Hours = (timedelta(hours=9), timedelta(hours=20))


@dataclass(frozen=True, slots=True)
class Law:
    """The hours of Monday to Sunday, on a common day and on a public holiday."""

    week: tuple[Hours, ...]
    holidays: tuple[Hours, ...]
    country: str = ""
    state: str = ""

    @property
    def is_always_open(self) -> bool:
        return {*self.week, *self.holidays} == {_ALL_DAY}

    def hours(self, day: date) -> Hours:
        weekday = day.weekday()
        common, festive = self.week[weekday], self.holidays[weekday]
        if common == festive:
            return common
        return festive if is_holiday(self.country, self.state, day) else common


@lru_cache(maxsize=1024)
def find_law(table: Table, country: str, state: str) -> Law:
    """What holds in a state: its own rules before those of the country, those before what holds
    everywhere; at each of them holidays before days, days before every day."""
    levels = [_rules_of(table, *level) for level in ((country, state), (country, ""), ("", ""))]
    week = tuple(_hours(levels, (kind, DayKind.EVERY)) for kind in _KINDS)
    holidays = tuple(_hours(levels, (DayKind.HOLIDAY, kind, DayKind.EVERY)) for kind in _KINDS)
    # Only who has holidays of their own needs a name: so equal laws are one.
    return Law(week, holidays) if week == holidays else Law(week, holidays, country, state)


def _hours(levels: list[dict[DayKind, Hours]], kinds: tuple[DayKind, ...]) -> Hours:
    return next((rules[kind] for rules in levels for kind in kinds if kind in rules), STRICTEST)


def _rules_of(table: Table, country: str, state: str) -> dict[DayKind, Hours]:
    return {
        rule.day: _times(rule) for rule in table if (rule.country, rule.state) == (country, state)
    }


def _times(rule: Rule) -> Hours:
    if rule.opens_at is None or rule.closes_at is None:
        return None
    is_midnight = (rule.closes_at.hour, rule.closes_at.minute) == (23, 59)
    return _since_midnight(rule.opens_at), _DAY if is_midnight else _since_midnight(rule.closes_at)


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


@lru_cache(maxsize=8192)
def _candidates(table: Table, place: Place) -> tuple[tuple[str, Law], ...]:
    """Every clock with every law that may be theirs."""
    found = {
        (zone, find_law(table, *where)): None
        for zone in candidate_zones(place)
        for where in _where(place, zone)
    }
    return tuple(found)


def _where(place: Place, zone: str) -> list[tuple[str, str]]:
    """(country, state): the states of a place, else every state that keeps this time."""
    if place.states:
        return [(country_of(state, place.country), state) for state in place.states]
    countries = {place.country or "US"} if place.country or not place.zones else {"US", "CA"}
    possible = [
        (state.country, code)
        for code, state in STATES.items()
        if zone in state.zones and state.country in countries
    ]
    return possible or [(place.country, "")]


# --- Stretches of time ----------------------------------------------------------------------------

Run = tuple[datetime, datetime]
#: A day, and how long after its midnight.
Edge = tuple[date, timedelta]


def _runs(law: Law, zone: str, after: datetime) -> Iterator[Run]:
    """When this law is kept by this clock, from the day before on; nothing of it may be left in the
    hour that a clock jumps over, or shows twice."""
    for opened, closed in _stretches(law, after.astimezone(ZoneInfo(zone)).date() - _DAY):
        run = opening_moment(zone, *opened), closing_moment(zone, *closed)
        if run[0] < run[1]:
            yield run


def _stretches(law: Law, first: date) -> Iterator[tuple[Edge, Edge]]:
    """From and until by the local clock; days that touch at midnight are one stretch."""
    opened: Edge | None = None
    for number in range(HORIZON.days + 4):
        day = first + number * _DAY
        hours = law.hours(day)
        if opened and (hours is None or hours[0]):  # not from midnight on
            yield opened, (day, timedelta(0))
            opened = None
        if hours:
            opened = opened or (day, hours[0])
            if hours[1] < _DAY:
                yield opened, (day, hours[1])
                opened = None
    if opened:
        yield opened, (day, timedelta(0))


def _overlap(these: Iterator[Run], those: Iterator[Run]) -> Iterator[Run]:
    """What two rows of stretches have in common."""
    this, that = next(these, None), next(those, None)
    while this and that:
        opens_at, closes_at = max(this[0], that[0]), min(this[1], that[1])
        if opens_at < closes_at:
            yield opens_at, closes_at
        if this[1] <= that[1]:
            this = next(these, None)
        else:
            that = next(those, None)
