"""Public holidays of countries and of their states, observed days included."""

from datetime import date
from functools import lru_cache

import holidays


def is_holiday(country: str, state: str, day: date) -> bool:
    """Whether it is one there; a country the library does not know has none."""
    return day in _days(country, state, day.year)


@lru_cache(maxsize=1024)
def _days(country: str, state: str, year: int) -> frozenset[date]:
    """A holiday on a Saturday may be observed in the year before."""
    try:
        found = holidays.country_holidays(country, subdiv=state or None, years=(year, year + 1))
    except NotImplementedError:  # it knows neither this country nor this state
        return _days(country, "", year) if state else frozenset()
    return frozenset(day for day in found if day.year == year)
