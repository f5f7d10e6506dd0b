"""A year of sends to every zone of the USA: no message outside its window, by the default table.

The judge shares nothing with the product: zones, laws and holidays are written down here once more,
and it asks a wall clock only.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Campaign
from campaigns.rules.places import find_place
from campaigns.rules.quiethours_defaults import DEFAULTS
from campaigns.services.hours import OpenHours
from campaigns.services.outbox import Claimed
from campaigns.services.planning import plan_turn

E, C, M, P = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
AZ, HI, AK = "America/Phoenix", "Pacific/Honolulu", "America/Anchorage"
#: Who: number, what else is known, and every (state, zone) that may be theirs.
PEOPLE = [
    ("13055550123", {}, [("FL", E)]),  # Miami
    ("12125550123", {}, [("NY", E)]),
    ("12015550123", {}, [("NJ", E)]),
    ("14015550123", {}, [("RI", E)]),
    ("12155550123", {}, [("PA", E)]),
    ("17135550123", {}, [("TX", C)]),  # Houston
    ("12055550123", {}, [("AL", C)]),
    ("15045550123", {}, [("LA", C)]),
    ("13035550123", {}, [("CO", M)]),
    ("18015550123", {}, [("UT", M)]),
    ("19155550123", {}, [("TX", M)]),  # El Paso
    ("12135550123", {}, [("CA", P)]),
    ("12065550123", {}, [("WA", P)]),
    ("17025550123", {}, [("NV", P)]),
    ("16025550123", {}, [("AZ", AZ)]),  # Phoenix
    ("19285550123", {}, [("AZ", AZ), ("AZ", M)]),  # and the Navajo Nation
    ("18085550123", {}, [("HI", HI)]),
    ("19075550123", {}, [("AK", AK), ("AK", "America/Adak")]),
    ("17875550123", {}, [("PR", "America/Puerto_Rico")]),
    ("16715550123", {}, [("GU", "Pacific/Guam")]),
    ("18505550123", {}, [("FL", E), ("FL", C)]),  # the Panhandle
    ("12195550123", {}, [("IN", E), ("IN", C)]),
    ("12705550123", {}, [("KY", E), ("KY", C)]),
    ("14235550123", {}, [("TN", E), ("TN", C)]),
    ("17015550123", {}, [("ND", C), ("ND", M)]),
    ("12085550123", {}, [("ID", M), ("ID", P)]),
    ("15415550123", {}, [("OR", M), ("OR", P)]),
    ("14165550123", {}, [("ON", "America/Toronto")]),
    ("17095550123", {}, [("NL", "America/St_Johns"), ("NL", "America/Goose_Bay")]),
    ("13055550123", {"state": "CA"}, [("FL", P), ("CA", P)]),  # has moved and kept the number
    ("12125550123", {"time_zone": HI}, [("NY", HI)]),
    ("18005550123", {}, [("", zone) for zone in (E, C, M, AZ, P)]),  # toll-free
    ("15215550123", {}, [("", zone) for zone in (E, C, M, AZ, P)]),  # of no place
]
HOLIDAYS = {date(2026, *day) for day in ((1, 1), (1, 19), (5, 25), (9, 7), (11, 26), (12, 25))}
NO_SUNDAYS, NO_HOLIDAYS = {"AL", "LA", "UT", "RI", "MS"}, {"AL", "LA", "UT", "RI", "PA"}
FROM = {"TX": 9, "NV": 9, "RI": 9, "ON": 9, "NL": 9, "KY": 10}
UNTIL = dict.fromkeys(("FL", "AL", "LA", "WA", "NV", "OR"), time(20))


@lru_cache(maxsize=50_000)
def lawful_hours(state: str, day: date) -> tuple[time, time] | None:
    weekday = day.weekday()
    if (state in NO_SUNDAYS and weekday == 6) or (state in NO_HOLIDAYS and day in HOLIDAYS):
        return None
    if state == "RI":
        return (time(10), time(17)) if weekday == 5 else (time(9), time(18))
    if state in ("ON", "NL"):
        return (time(10), time(18)) if weekday >= 5 else (time(9), time(21, 30))
    opens_at = 12 if state == "TX" and weekday == 6 else FROM.get(state, 8)
    return time(opens_at), UNTIL.get(state, time(21))


@lru_cache(maxsize=64)
def clock(zone: str, moment: datetime) -> tuple[date, time]:
    local = moment.astimezone(ZoneInfo(zone))
    return local.date(), local.time()


def is_lawful(moment: datetime, candidates: list[tuple[str, str]]) -> bool:
    for state, zone in candidates:
        day, shown = clock(zone, moment)
        hours = lawful_hours(state, day)
        if hours is None or not hours[0] <= shown < hours[1]:
            return False
    return True


YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
SECOND, HALF_HOUR = timedelta(seconds=1), timedelta(minutes=30)
#: Both nights of the changing clocks with the days around them.
CHANGES = [(datetime(2026, month, day, tzinfo=UTC), 48 * 60) for month, day in ((3, 8), (11, 1))]
TABLE = tuple(line.rule for line in DEFAULTS)


def moments():
    """Ten seconds before every hour and at it, where windows begin and end (on every fourth day the
    half hours, too: Newfoundland); the nights of the changing clocks by the minute."""
    now = YEAR[0]
    while now < YEAR[1]:
        yield now - 10 * SECOND
        yield now
        now += HALF_HOUR if now.day % 4 == 0 else 2 * HALF_HOUR
    for first, minutes in CHANGES:
        yield from (first + number * timedelta(minutes=1) for number in range(minutes))


def parcel(number: int, place: str) -> Claimed:
    return Claimed(number, 1, 1, "12015550101", "12015550100", "a-1", 0, 0, place=place)


@pytest.fixture
def parcels():
    """One for everybody: its id is their number in `PEOPLE`."""
    return [
        parcel(number, find_place(phone, **known).key)
        for number, (phone, known, _) in enumerate(PEOPLE)
    ]


def test_what_goes_out_in_a_year_goes_out_inside_every_window(parcels):
    hours, judged = OpenHours(table=TABLE), set()
    sent, outside = [0] * len(PEOPLE), []
    for now in sorted(moments()):
        awake, asleep = hours.part(parcels, lambda parcel: None, now)
        assert len(awake) + len(asleep) == len(parcels)
        for one in awake:
            sent[one.id] += 1
            # A request may still leave until the very second its window is over.
            last = datetime.fromtimestamp(one.closes_at, UTC)
            ways = [now] if (one.id, last) in judged else [now, last - SECOND]
            judged.add((one.id, last))
            outside += [
                (one, moment) for moment in ways if not is_lawful(moment, PEOPLE[one.id][2])
            ]
        assert all(result.send_after > now for result in asleep)
    assert outside == []
    assert min(sent) > 365 * 5  # nobody is forgotten


@pytest.mark.parametrize("step", [timedelta(hours=11, minutes=13)])
def test_what_is_planned_in_a_year_is_planned_inside_every_window(parcels, step):
    campaign, outside = Campaign(start=Campaign.Start.NOW), []
    launches = [YEAR[0] + number * step for number in range((YEAR[1] - YEAR[0]) // step)]
    for first, minutes in CHANGES:
        launches += [first + number * timedelta(minutes=7) for number in range(minutes // 7)]
    for launched_at in launches:
        for one in parcels:
            turn = plan_turn(campaign, one.place, TABLE, launched_at)
            assert not turn.skipped
            assert turn.send_after - launched_at < timedelta(days=5)
            if not is_lawful(turn.send_after, PEOPLE[one.id][2]):
                outside.append((one, turn))
    assert outside == []
