"""Where a person is: in words, what time it is there, and when it is quiet hours."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from campaigns.models import Contact
from campaigns.rules.places import Place, say_place
from campaigns.rules.quiethours import Window, next_window
from campaigns.services.quiethours import read_table

#: A window that never closes.
ENDLESS = datetime.max.replace(tzinfo=UTC)
_CLOCKS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`clocks` are the times there now, each once; "" where they may be anywhere."""

    place: str
    clocks: str
    hours: str


def find_whereabouts(contact: Contact, now: datetime) -> Whereabouts:
    """“Florida, Eastern time”, “09:12”, “no quiet hours until 20:00 EST”."""
    place = Place.from_key(contact.place)
    return Whereabouts(say_place(place), _say_clocks(place, now), _say_hours(contact, now))


def find_window(contact: Contact, now: datetime) -> Window | None:
    """When they may be written to: now, or next; None: not within 14 days."""
    return next_window(read_table(), Place.from_key(contact.place), now)


def local_clock(contact: Contact, moment: datetime, now: datetime) -> str:
    """A moment as their clocks show it, with its zone; the day when it is not today."""
    zones = Place.from_key(contact.place).zones
    zone = ZoneInfo(zones[0]) if zones else timezone.get_current_timezone()
    local = moment.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return local.strftime("%H:%M %Z" if is_today else "%a %-d %b, %H:%M %Z")


def _say_clocks(place: Place, now: datetime) -> str:
    clocks = sorted({f"{now.astimezone(ZoneInfo(zone)):%H:%M}" for zone in place.zones})
    if len(clocks) > _CLOCKS_SHOWN:
        return f"{clocks[0]} to {clocks[-1]}"
    return " or ".join(clocks)


def _say_hours(contact: Contact, now: datetime) -> str:
    window = find_window(contact, now)
    if window is None:
        return "quiet hours for the next 14 days at least"
    if window.opens_at > now:
        return f"quiet hours until {local_clock(contact, window.opens_at, now)}"
    if window.closes_at >= ENDLESS:
        return "no quiet hours"
    return f"no quiet hours until {local_clock(contact, window.closes_at, now)}"
