"""Where a person may be, by the number and by what else is known."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.rules.areas import AREAS
from campaigns.rules.places import LONGEST_KEY, Place, find_place, label_of, say_place
from campaigns.rules.states import STATES

MIAMI, PENSACOLA, TOLL_FREE = "13055550123", "18505550123", "18005550123"


def key(phone, **known):
    return find_place(phone, **known).key


def test_an_area_code_tells_its_state_and_every_zone_of_it():
    assert key(MIAMI) == "US;FL;America/New_York"
    assert key(PENSACOLA) == "US;FL;America/Chicago,America/New_York"


def test_of_a_toll_free_or_unknown_number_nothing_is_known():
    for phone in (TOLL_FREE, "18445550123", "15005550123", "12995550123", "88161234567", "", "x"):
        assert key(phone) == ";;"


def test_a_number_of_no_place_is_where_the_person_lives():
    assert key(TOLL_FREE, state="HI") == "US;HI;Pacific/Honolulu"
    assert key(TOLL_FREE, time_zone="America/Denver") == ";;America/Denver"


def test_the_own_zone_comes_before_the_postal_code_and_that_before_the_area_code():
    assert key(MIAMI, time_zone="America/Denver", postal_code="10001") == (
        "US;FL,NY;America/Denver"
    )
    assert key(PENSACOLA, postal_code="32501") == "US;FL;America/Chicago"


def test_the_state_of_the_area_code_stays_a_candidate_for_its_laws():
    assert key(MIAMI, state="CA") == "US;CA,FL;America/Los_Angeles"
    assert key(MIAMI, state="ON", postal_code="K1A 0B1") == "US;FL,ON;America/Toronto"


def test_a_state_and_a_postal_code_that_disagree_are_both_candidates():
    assert key(MIAMI, state="CA", postal_code="10001") == (
        "US;CA,FL,NY;America/Los_Angeles,America/New_York"
    )


@pytest.mark.parametrize(
    "zone", ["UTC", "Etc/GMT+5", "EST", "Eastern", "../../etc/passwd", "a/b", "\0/"]
)
def test_a_zone_that_nobody_lives_by_is_passed_over(zone):
    assert key(MIAMI, time_zone=zone) == "US;FL;America/New_York"


@pytest.mark.parametrize(
    ("phone", "said", "expected"),
    [
        ("16025550123", "America/Denver", "US;AZ;America/Denver,America/Phoenix"),
        ("13065550123", "America/Chicago", "CA;SK;America/Chicago,America/Edmonton,America/Regina"),
        ("13035550123", "America/Denver", "US;CO;America/Denver"),
    ],
)
def test_who_says_mountain_in_arizona_may_mean_a_clock_that_stands_still(phone, said, expected):
    """“MST” in a file: in summer the two are an hour apart."""
    assert key(phone, time_zone=said) == expected


@pytest.mark.parametrize("state", ["XX", "Florida!", "é", "0"])
def test_a_state_that_there_is_not_is_passed_over(state):
    assert key(MIAMI, state=state) == "US;FL;America/New_York"


@pytest.mark.parametrize(
    ("phone", "known", "expected"),
    [
        ("4915112345678", {}, "DE;;Europe/Berlin"),
        ("525512345678", {}, "MX;;America/Mexico_City"),
        ("61412345678", {}, "AU;;"),
        ("61412345678", {"state": "nsw"}, "AU;NSW;"),
        ("61412345678", {"time_zone": "Australia/Perth"}, "AU;;Australia/Perth"),
        ("79161234567", {}, "RU;;"),
        ("12425550123", {}, "BS;;America/Nassau"),
    ],
)
def test_other_countries_by_their_numbers(phone, known, expected):
    assert key(phone, **known) == expected


@pytest.mark.parametrize(
    ("place", "words", "label"),
    [
        (find_place(MIAMI), "Florida, Eastern time", "ET"),
        (find_place(PENSACOLA), "Florida, Eastern or Central time", "ET/CT"),
        (find_place("16025550123"), "Arizona, Arizona time", "AZ"),
        (find_place(MIAMI, state="HI"), "Florida or Hawaii, Hawaii time", "HI"),
        (Place(""), "Anywhere, every time zone of the continental USA", "anywhere"),
        (Place("DE", (), ("Europe/Berlin",)), "Germany, Berlin time", "Berlin"),
        (Place("AU"), "Australia, every time zone there", "AU"),
        (Place("AU", ("NSW",)), "NSW, every time zone there", "AU"),
        (Place("", (), ("America/Denver",)), "Mountain time", "MT"),
    ],
)
def test_a_place_in_words(place, words, label):
    assert say_place(place) == words
    assert label_of(place) == label


POSTAL_CODES = [
    "",
    *(f"{section:03}01" for section in range(1000)),
    *(f"{a}0A 1B1" for a in "ABCEGHJKLMNPRSTVXY"),
]


def test_every_key_fits_its_column():
    """The longest of every pair of area and state; of all three, chance."""
    keys = {key(f"1{area}5550123", state=state) for area in AREAS for state in ("", *STATES)}
    draw = random.Random(4)
    for _ in range(20_000):
        area, state = draw.choice([*AREAS]), draw.choice(["", *STATES])
        keys.add(key(f"1{area}5550123", state=state, postal_code=draw.choice(POSTAL_CODES)))
    worst = [
        key(f"1{area}5550123", state=state, postal_code=postal_code)
        for area in ("867", "807", "418")
        for state in ("ON", "QC", "NU", "BC")
        for postal_code in ("P7B 1A1", "G0G 1A0", "X0A 0H0", "V0A 1A0")
    ]
    assert max(map(len, keys.union(worst))) <= LONGEST_KEY
    assert all(Place.from_key(key).key == key for key in keys)


def test_where_zones_do_not_fit_the_outermost_stay():
    place = find_place("18675550123", state="ON", postal_code="X0A 0H0")
    assert len(place.key) <= LONGEST_KEY
    assert len(place.zones) < len({*STATES["ON"].zones, *STATES["NU"].zones})
    for month in (1, 7):
        kept = {offset(zone, month) for zone in place.zones}
        every = {offset(zone, month) for state in ("ON", "NU") for zone in STATES[state].zones}
        assert (min(kept), max(kept)) == (min(every), max(every))


def offset(zone, month):
    return datetime(2027, month, 1, tzinfo=ZoneInfo(zone)).utcoffset()
