"""What holds where: the window of a place at a moment in words, and the week after it drawn."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.rules.phones import normalise
from campaigns.rules.places import Place, candidate_zones, find_place, label_of, say_place
from campaigns.rules.problems import RuleBroken
from campaigns.rules.quiethours import ENDLESS, Table, Window, next_window
from campaigns.rules.regions import parse_state, parse_time_zone
from campaigns.rules.zones import name_zones

_MINUTES = 1440
NOT_FOUND = (
    "This is no phone number, state or time zone: write one such as (305) 555-0123, Florida or"
    " America/Denver."
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a day, in minutes since midnight."""

    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    spans: tuple[Span, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`week` is drawn by the clock of `zone`, which is a word: Eastern."""

    place: str
    label: str
    sentence: str
    is_open: bool
    zone: str
    week: tuple[Day, ...]


def read_place(text: str) -> Place:
    """The place that a number, a state or a time zone names; `RuleBroken` when none does."""
    if any(map(str.isdigit, text)) and "/" not in text:
        return find_place(normalise(text))
    try:
        return find_place("1", state=parse_state(text))
    except RuleBroken:
        pass
    try:
        return Place("", (), (parse_time_zone(text),))
    except RuleBroken:
        raise RuleBroken(NOT_FOUND) from None


def find_answer(table: Table, place: Place, moment: datetime) -> Answer:
    """What holds at this place at this moment."""
    zone = ZoneInfo(candidate_zones(place)[-1])
    window = next_window(table, place, moment)
    return Answer(
        say_place(place),
        label_of(place),
        _say(window, moment, zone),
        bool(window and window.is_open(moment)),
        name_zones((zone.key,))[0],
        _draw_week(table, place, moment, zone),
    )


def _say(window: Window | None, moment: datetime, zone: ZoneInfo) -> str:
    if window is None:
        return "Nothing goes out to them within the next 14 days."
    if window.closes_at >= ENDLESS:
        return "They may be written to at any hour."
    until = _clock(window.closes_at, zone)
    if window.is_open(moment):
        return f"They may be written to until {until}."
    return (
        f"They are left alone until {_clock(window.opens_at, zone)}; then it is open until {until}."
    )


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b, %H:%M %Z}"


def _draw_week(table: Table, place: Place, moment: datetime, zone: ZoneInfo) -> tuple[Day, ...]:
    first = moment.astimezone(zone).date()
    windows = _windows(table, place, first, zone)
    return tuple(_draw_day(first + timedelta(days=number), windows, zone) for number in range(7))


def _windows(table: Table, place: Place, first: date, zone: ZoneInfo) -> list[Window]:
    now = datetime.combine(first, time(), zone)
    end = now + timedelta(days=7)
    found: list[Window] = []
    while now < end and (window := next_window(table, place, now)):
        found.append(window)
        now = window.closes_at
    return found


def _draw_day(day: date, windows: list[Window], zone: ZoneInfo) -> Day:
    spans, words = [], []
    for window in windows:
        start = _minutes(window.opens_at, day, zone)
        end = _MINUTES if window.closes_at >= ENDLESS else _minutes(window.closes_at, day, zone)
        if start < end:
            spans.append(Span(start, end - start))
            words.append(f"{_hour(start)}–{_hour(end)}")
    return Day(day, tuple(spans), ", ".join(words) or "closed")


def _minutes(moment: datetime, day: date, zone: ZoneInfo) -> int:
    """What the clock shows, in minutes since the midnight of `day`, not outside of it."""
    shown = moment.astimezone(zone).replace(tzinfo=None) - datetime.combine(day, time())
    return min(max(round(shown.total_seconds() / 60), 0), _MINUTES)


def _hour(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
