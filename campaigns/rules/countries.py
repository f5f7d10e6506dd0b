"""Countries and their time zones, out of the tables that come with the time zones."""

from functools import cache
from importlib.resources import files


@cache
def _names() -> dict[str, str]:
    return {row[0]: row[1] for row in _rows("iso3166.tab")}


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    zones: dict[str, tuple[str, ...]] = {}
    for country, _, zone, *_ in _rows("zone.tab"):
        zones[country] = (*zones.get(country, ()), zone)
    return zones


def _rows(name: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def name_of(country: str) -> str:
    """DE → Germany."""
    return _names().get(country, country)


def countries() -> dict[str, str]:
    """Two letters → name, by name."""
    return dict(sorted(_names().items(), key=lambda row: row[1]))


def zones_of(country: str) -> tuple[str, ...]:
    """Every zone of a country."""
    return _zones().get(country, ())
