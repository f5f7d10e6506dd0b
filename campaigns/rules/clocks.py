"""A local time of day as a moment, where clocks change: never a minute too early or too late.

A time that the clock jumps over is the moment of the jump. Of a time that comes twice, the later
one opens a window and the earlier one closes it.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=65_536)
def opening_moment(zone: str, day: date, since_midnight: timedelta) -> datetime:
    """The moment (UTC) at which a window opens there."""
    return _moment(ZoneInfo(zone), datetime.combine(day, time()) + since_midnight, fold=1)


@lru_cache(maxsize=65_536)
def closing_moment(zone: str, day: date, since_midnight: timedelta) -> datetime:
    """The moment (UTC) at which a window closes there."""
    return _moment(ZoneInfo(zone), datetime.combine(day, time()) + since_midnight, fold=0)


def _moment(zone: ZoneInfo, shown: datetime, fold: int) -> datetime:
    first, second = (shown.replace(tzinfo=zone, fold=number).astimezone(UTC) for number in (0, 1))
    if first <= second:  # it comes once, or twice
        return second if fold else first
    return _jump(zone, second, first)


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """When the clock changed between two moments."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)
