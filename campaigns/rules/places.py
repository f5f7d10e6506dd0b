"""Where a person may be: the states and time zones that their number and their data allow.

A place is kept as one short text, `country;states;zones` ("US;FL;America/New_York"), so that people
of one place can be counted and planned together by the database. Blank zones mean every zone of
the country (the continental ones of the USA); a blank country means that nothing is known.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from phonenumbers import NumberParseException, parse, region_code_for_number
from phonenumbers.timezone import time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from campaigns.rules.areas import AREAS
from campaigns.rules.countries import name_of, zones_of
from campaigns.rules.postalcodes import find_spot
from campaigns.rules.states import CONTINENTAL, STATES
from campaigns.rules.zones import label_zones, name_zones

#: A contact of whom nothing is known yet.
NOWHERE = ";;"
#: As long as the columns that keep a place.
LONGEST_KEY = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Candidates: every state whose law may apply, every zone they may be in."""

    country: str
    states: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.country};{','.join(self.states)};{','.join(self.zones)}"

    @classmethod
    def from_key(cls, key: str) -> "Place":
        country, states, zones = (key or NOWHERE).split(";")
        return cls(country, _listed(states), _listed(zones))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


#: Toll-free numbers, numbers of no place, area codes we do not know.
ANYWHERE = Place("")
_BY_AREA = {
    code: Place(area.country, tuple(sorted(area.states)), tuple(sorted(area.zones)))
    for code, area in AREAS.items()
}


def find_place(phone: str, *, state: str = "", postal_code: str = "", time_zone: str = "") -> Place:
    """The place of a person with this number (digits with country code).

    Candidate zones are the person's own zone, else those of the postal code or the state, else
    every zone of the area code; of other countries those of the number. States are the given one
    and the postal code's, and always those of the area code, too: several laws (Florida, Oklahoma,
    Oregon) go by the area code, wherever the person has moved to.
    """
    if not (state or postal_code or time_zone) and phone[:1] == "1":
        return _BY_AREA.get(phone[1:4], ANYWHERE)
    if phone[:1] == "1":
        return _north_american(phone[1:4], state.strip().upper(), postal_code, time_zone)
    return _foreign(phone, state.strip().upper(), time_zone)


#: Where clocks stand still, people say “Mountain” or “Central” and mean their own time.
_SAY = defaultdict(frozenset, {"America/Denver": {"AZ"}, "America/Chicago": {"SK"}})


@lru_cache(maxsize=32_768)
def _north_american(area_code: str, state: str, postal_code: str, time_zone: str) -> Place:
    by_area = _BY_AREA.get(area_code, ANYWHERE)
    spot = find_spot(postal_code) if postal_code else None
    known = {state} & STATES.keys() | ({spot.state} if spot else set())
    states = known | set(by_area.states)
    zones = _zones_of(known, spot.zones if spot else ()) or set(by_area.zones)
    if _is_zone(time_zone):
        zones = {time_zone}.union(*(STATES[code].zones for code in states & _SAY[time_zone]))
    country = by_area.country or next((STATES[code].country for code in sorted(known)), "")
    return _fitting(country, states, zones)


def _zones_of(states: set[str], of_postal_code: tuple[str, ...]) -> set[str]:
    """The postal code is the more exact; when the state says otherwise, both may be true."""
    if of_postal_code and len(states) == 1:
        return set(of_postal_code)
    return set(of_postal_code).union(*(STATES[state].zones for state in states))


def _foreign(phone: str, state: str, time_zone: str) -> Place:
    """Where the number says nothing better: every zone of its country."""
    try:
        number = parse(f"+{phone}")
    except NumberParseException:
        return ANYWHERE
    country = region_code_for_number(number) or ""
    if len(country) != 2:  # satellites and services of no country
        return ANYWHERE
    zones = {time_zone} if _is_zone(time_zone) else set(time_zones_for_number(number))
    of_all = TIMEZONE_DATA.get(str(number.country_code), ())
    if not all(map(_is_zone, zones)) or (len(zones) > 1 and zones.issuperset(of_all)):
        zones = set()
    is_code = state.isascii() and state.isalnum() and len(state) <= 3
    return _fitting(country, {state} if is_code else set(), zones)


def _fitting(country: str, states: set[str], zones: set[str]) -> Place:
    """A key has its length. Of more zones than fit the middle ones go: where those at both ends
    are inside their windows, so are they."""
    kept = sorted(zones, key=lambda zone: (_offsets(zone), zone))
    while (
        len((place := Place(country, tuple(sorted(states)), tuple(sorted(kept)))).key) > LONGEST_KEY
    ):
        del kept[len(kept) // 2]
    return place


def _offsets(zone: str) -> tuple[float, ...]:
    """In winter and in summer."""
    moments = (datetime(2027, month, 1, tzinfo=ZoneInfo(zone)) for month in (1, 7))
    return tuple((moment.utcoffset() or timedelta()).total_seconds() for moment in moments)


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    """Whether people live by this clock: “UTC” is what software says of nobody in particular."""
    if "/" not in name or name.startswith("Etc/"):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, or no name at all
        return False
    return True


def candidate_zones(place: Place) -> tuple[str, ...]:
    """Every zone the person may be in, blank ones spelt out; never none."""
    if place.zones or place.country in ("", "US"):
        return place.zones or CONTINENTAL
    return zones_of(place.country) or CONTINENTAL


# --- In words ------------------------------------------------------------------------------------


def say_place(place: Place) -> str:
    """“Florida, Eastern or Central time”."""
    where = _either([STATES[code].name if code in STATES else code for code in place.states])
    where = where or name_of(place.country)
    if place.zones:
        return f"{where}, {_either(name_zones(place.zones))} time".removeprefix(", ")
    if place.country in ("", "US"):
        return f"{where or 'Anywhere'}, every time zone of the continental USA"
    is_wide = len(set(map(_offsets, zones_of(place.country)))) > 1
    return f"{where}, every time zone there" if is_wide else where


def label_of(place: Place) -> str:
    """“ET”, “ET/CT”, “AZ”, “Berlin”, “anywhere”: as short as a wave needs it."""
    return "/".join(label_zones(place.zones)) or place.country or "anywhere"


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)
