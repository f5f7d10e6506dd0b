"""A local time of day as a moment: clock changes, the last of several zones, and how it is said."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.rules.places import Place, candidate_zones
from campaigns.rules.zones import label_zones

MINUTE = timedelta(minutes=1)
#: A label names so many zones; more are counted.
MOST_NAMED = 4
#: Their abbreviations are known to the people there; CST is also China's.
_SPOKEN_IN = ("America/", "Pacific/Honolulu", "Europe/")


@lru_cache(4096)
def zones_of(place: Place) -> tuple[ZoneInfo, ...]:
    """The candidate zones of a place, never none."""
    return tuple(ZoneInfo(key) for key in candidate_zones(place))


def is_skipped(day: date, at: time, zone: ZoneInfo) -> bool:
    """Whether the clock there jumps over this time on this day."""
    wanted = datetime.combine(day, at)
    moment = wanted.replace(tzinfo=zone).astimezone(UTC)
    return moment.astimezone(zone).replace(tzinfo=None) != wanted


@lru_cache(4096)
def moment_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which the clock there shows it. A time that the clock jumps over is the
    next minute there is; of a time that comes twice it is the first."""
    wanted = datetime.combine(day, at, zone)
    if not is_skipped(day, at, zone):
        return wanted.astimezone(UTC)
    moment = wanted.replace(fold=1).astimezone(UTC)  # before the jump
    while moment.astimezone(zone).replace(tzinfo=None) < wanted.replace(tzinfo=None):
        moment += MINUTE
    return moment.replace(second=0, microsecond=0)


def last_moment(day: date, at: time, zones: Iterable[ZoneInfo]) -> datetime:
    """The first moment at which it is this time, or later, in every one of the zones."""
    return max(moment_at(day, at, zone) for zone in zones)


def next_moment(day: date, at: time, zones: Collection[ZoneInfo], after: datetime) -> datetime:
    """`last_moment` of the first day, from `day` on, that is not before `after`."""
    passed = after - last_moment(day, at, zones)
    day += timedelta(days=max(passed.days, 0))
    while (moment := last_moment(day, at, zones)) < after:
        day += timedelta(days=1)
    return moment


# --- In words ------------------------------------------------------------------------------------


def westernmost(zones: Iterable[ZoneInfo], moment: datetime) -> ZoneInfo:
    """The one where it is earliest then: for it people wait."""
    return min(zones, key=lambda zone: (_offset(zone, moment), zone.key))


def say_clock(moment: datetime, zone: ZoneInfo) -> str:
    """“Mon 23 Nov, 10:00 EST”; where the zone has no name of its own, that of its city."""
    local = moment.astimezone(zone)
    is_known = zone.key.startswith(_SPOKEN_IN) or "/" not in zone.key
    abbreviation = local.tzname() or ""
    name = abbreviation if is_known and abbreviation.isalpha() else label_zones((zone.key,))[0]
    return f"{local:%a} {local.day} {local:%b, %H:%M} {name}"


def say_zones(zones: Iterable[ZoneInfo], moment: datetime) -> str:
    """“ET, CT 09:00–10:00”: what the clocks of these zones show at that moment."""
    zones = tuple(zones)
    names = label_zones(tuple(zone.key for zone in zones))
    told = ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} zones"
    return f"{told[:40]} {say_times(zones, moment)}"


def say_times(zones: Iterable[ZoneInfo], moment: datetime) -> str:
    """“10:00”, or “09:00–10:00” when the clocks of the zones differ."""
    shown = sorted({moment.astimezone(zone).replace(tzinfo=None) for zone in zones})
    first, last = f"{shown[0]:%H:%M}", f"{shown[-1]:%H:%M}"
    return first if first == last else f"{first}–{last}"


def _offset(zone: ZoneInfo, moment: datetime) -> float:
    return (moment.astimezone(zone).utcoffset() or timedelta()).total_seconds()
