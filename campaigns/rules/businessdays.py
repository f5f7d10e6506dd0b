"""Days on which offices work: Monday to Friday without public holidays."""

from datetime import date, timedelta
from functools import cache

import holidays

#: An opt-out in other words is honoured within so many (FCC, 47 CFR 64.1200(a)(10)).
DAYS_TO_JUDGE = 10


def add_business_days(start: date, count: int, country: str = "US") -> date:
    """The `count`-th business day after `start`. A country without a table of ours has US days."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(day, country)
    return day


def count_business_days(start: date, end: date, country: str = "US") -> int:
    """How many business days come after `start` until `end`; below zero when `end` is past."""
    if end < start:
        return -count_business_days(end, start, country)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_business_day(day, country) for day in days)


def is_business_day(day: date, country: str = "US") -> bool:
    return day.weekday() < 5 and day not in _holidays(
        country if country == "CA" else "US", day.year
    )


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
