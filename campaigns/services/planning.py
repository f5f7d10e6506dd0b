"""When whom: the start of a campaign at every place, and the waves that makes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from campaigns.models import Campaign, Wave
from campaigns.rules.places import Place
from campaigns.rules.quiethours import Table, next_window
from campaigns.rules.starts import (
    last_moment,
    next_moment,
    say_clock,
    say_zones,
    westernmost,
    zones_of,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """When the people of one place get it: `send_after`, why not at once, or why not at all."""

    send_after: datetime
    held: str = ""
    skipped: str = ""
    #: Their time had passed at the launch: it is tomorrow's, or none.
    is_late: bool = False
    #: Quiet hours hold them longer than the campaign's start.
    is_quiet: bool = False
    #: When their quiet hours begin; None: never.
    closes_at: datetime | None = None


NO_WINDOW = "Quiet hours leave no time to write to them."
PAST_NOT_AFTER = "Their quiet hours end after the campaign's “not after”."
STARTS_TOO_LATE = "Their local time for it comes after the campaign's “not after”."
LATE = "Their local time for it had passed when the campaign was launched."
#: Rows skipped for these are planned anew when the start is moved.
PLANNED_AWAY = (NO_WINDOW, PAST_NOT_AFTER, STARTS_TOO_LATE, LATE)
FARTHEST = timedelta(days=366)
ENDLESS = datetime.max.replace(tzinfo=UTC)
Start = Campaign.Start
START_FIELDS = ("start", "starts_at", "local_date", "local_time", "late")


# --- Whether it can start then -------------------------------------------------------------------


def find_start_problems(campaign: Campaign, now: datetime) -> list[str]:
    """What is wrong with the chosen start, in full sentences."""
    if campaign.start == Start.AT:
        return _find_problems_of(campaign, campaign.starts_at, campaign.starts_at, now)
    if campaign.start == Start.LOCAL:
        return _find_problems_of(campaign, *_ends_of_the_world(campaign), now)
    return []


def _ends_of_the_world(campaign: Campaign) -> tuple[datetime | None, datetime | None]:
    """When the local time comes first on earth, and when last."""
    if campaign.local_date is None or campaign.local_time is None:
        return None, None
    wanted = datetime.combine(campaign.local_date, campaign.local_time, UTC)
    if not 1 < wanted.year < 9999:  # the calendar ends there
        return wanted, wanted
    return wanted - timedelta(hours=14), wanted + timedelta(hours=12)


def _find_problems_of(
    campaign: Campaign, first: datetime | None, last: datetime | None, now: datetime
) -> list[str]:
    if first is None or last is None:
        return ["Say on which day and at what time it starts."]
    problems = []
    if last <= now:
        problems.append("The start has passed: choose a later one, or “Now”.")
    if first > now + FARTHEST:
        problems.append("The start is more than a year ahead: choose an earlier one.")
    if campaign.not_after and campaign.not_after <= first:
        problems.append("“Not after” lies before the start: nobody would get it.")
    return problems


# --- Turns ---------------------------------------------------------------------------------------


def plan_turn(campaign: Campaign, place: str, table: Table, launched_at: datetime) -> Turn:
    """The turn of everybody at this place (a `Contact.place`). `launched_at` is the launch, or
    when the start was moved: what lies before it has passed."""
    at = Place.from_key(place)
    wanted, is_late = _wanted(campaign, at, launched_at)
    if is_late and campaign.late == Campaign.Late.SKIP:
        return Turn(wanted, skipped=LATE, is_late=True)
    window = next_window(table, at, wanted)
    if window is None:
        return Turn(wanted, skipped=NO_WINDOW)
    send_after = max(wanted, window.opens_at)
    if campaign.not_after and send_after >= campaign.not_after:
        is_quiet = wanted < campaign.not_after
        return Turn(send_after, skipped=PAST_NOT_AFTER if is_quiet else STARTS_TOO_LATE)
    return Turn(
        send_after,
        held=_say_why(campaign, at, wanted, send_after, is_late),
        is_late=is_late,
        is_quiet=send_after > wanted,
        closes_at=window.closes_at if window.closes_at < ENDLESS else None,
    )


def _wanted(campaign: Campaign, place: Place, launched_at: datetime) -> tuple[datetime, bool]:
    """(when it should start there, whether that is not on the wanted day any more)."""
    if campaign.start == Start.AT and campaign.starts_at:
        return max(campaign.starts_at, launched_at), False
    if campaign.start == Start.LOCAL and campaign.local_date and campaign.local_time:
        wanted = campaign.local_date, campaign.local_time, zones_of(place)
        if (first := last_moment(*wanted)) >= launched_at:
            return first, False
        return next_moment(*wanted, launched_at), True
    return launched_at, False


def _say_why(
    campaign: Campaign, place: Place, wanted: datetime, send_after: datetime, is_late: bool
) -> str:
    """Why they wait. As few different sentences as there are moments and zones."""
    if send_after > wanted:
        return say_quiet(place, send_after)
    if campaign.start == Start.AT:
        return f"Starts {say_portal_time(send_after)}."
    if campaign.start == Start.LOCAL:
        said = say_clock(send_after, westernmost(zones_of(place), send_after))
        passed = "The wanted time had passed at their place: starts" if is_late else "Starts"
        return f"{passed} {said}."
    return ""


def say_quiet(place: Place, opens_at: datetime) -> str:
    """“Quiet hours at their place until Mon 23 Nov, 08:00 EST.”"""
    zone = westernmost(zones_of(place), opens_at)
    return f"Quiet hours at their place until {say_clock(opens_at, zone)}."


def portal_zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_default_timezone_name())


def say_portal_time(moment: datetime) -> str:
    return say_clock(moment, portal_zone())


def say_start(campaign: Campaign) -> str:
    """“Now”, “Mon 23 Nov, 10:00 EST”, “Mon 23 Nov, 10:00 at their place”."""
    if campaign.start == Start.AT and campaign.starts_at:
        return say_portal_time(campaign.starts_at)
    if campaign.start == Start.LOCAL and campaign.local_date and campaign.local_time:
        day = campaign.local_date
        return f"{day:%a} {day.day} {day:%b}, {campaign.local_time:%H:%M} at their place"
    return "Now"


def say_now(now: datetime) -> str:
    """“14:05 EST, America/New_York”: the portal's clock."""
    local = now.astimezone(portal_zone())
    key, name = portal_zone().key, local.tzname() or ""
    return f"{local:%H:%M} {name}" if name == key else f"{local:%H:%M} {name}, {key}"


# --- Waves ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Everybody who starts at one moment: turns by place, and how many people."""

    starts_at: datetime
    turns: Mapping[str, Turn]
    people: int

    @property
    def zones(self) -> set[ZoneInfo]:
        return {zone for place in self.turns for zone in zones_of(Place.from_key(place))}

    @property
    def label(self) -> str:
        return say_zones(self.zones, self.starts_at)


def group_turns(turns: Mapping[str, Turn], counts: Mapping[str, int]) -> Iterator[Group]:
    """By moment, soonest first, without those who are skipped."""
    moments: defaultdict[datetime, dict[str, Turn]] = defaultdict(dict)
    for place, turn in turns.items():
        if not turn.skipped and counts.get(place):
            moments[turn.send_after][place] = turn
    for starts_at, there in sorted(moments.items()):
        yield Group(starts_at, there, sum(counts[place] for place in there))


def waves_of(
    campaign: Campaign, turns: Mapping[str, Turn], counts: Mapping[str, int]
) -> list[Wave]:
    """The moments at which parts of the campaign start (not saved), soonest first. `counts` are
    the people of each place."""
    return [
        Wave(
            campaign=campaign,
            starts_at=group.starts_at,
            label=group.label,
            people_count=group.people,
        )
        for group in group_turns(turns, counts)
    ]
