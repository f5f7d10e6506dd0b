"""Area codes: ours beside what phonenumbers knows."""

import re
from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from campaigns.rules.areas import AREAS
from campaigns.rules.postalcodes import find_spot
from campaigns.rules.states import STATES
from campaigns.rules.zones import label_zones

#: How the geocoder calls states otherwise than we do.
ITS_NAMES = {state.name: code for code, state in STATES.items()} | {
    "Washington State": "WA",
    "Washington D.C.": "DC",
    "British Colombia": "BC",
}
#: A single prefix of the other state, across the river.
ITS_MISTAKES = {"201": {"NY"}}
#: What it says of zones and is wrong, or was right before the law changed.
ITS_OLD_ZONES = {
    "474": "Saskatchewan does not change its clocks",
    "689": "Orlando keeps Eastern time",
    "867": "Yukon stopped changing its clocks in 2020",
    "879": "Labrador keeps Atlantic time like Halifax",
    "907": "nobody in Alaska keeps Hawaii's time all year",
}
SAMPLES = ("2345678", "5550123", "9876543", "6789012")
NO_PLACE = re.compile("5..|600|622|633|700|8(00|22|33|44|55|66|77|88)|900|710")


def its_states() -> dict[str, set[str]]:
    found = defaultdict(set)
    for prefix, names in GEOCODE_DATA.items():
        if not re.fullmatch(r"1[2-9]\d\d\d*", prefix) or "en" not in names:
            continue
        name = names["en"].rpartition(", ")[2]
        code = ITS_NAMES.get(name, name)
        if code in STATES:
            found[prefix[1:4]].add(code)
    return found


def test_every_area_code_in_service_is_in_the_table():
    valid = {
        code
        for code in map(str, range(200, 1000))
        for sample in SAMPLES
        if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{code}{sample}"))
    }
    assert len(valid) > 400
    assert {code for code in valid - AREAS.keys() if not NO_PLACE.fullmatch(code)} == set()


def test_states_are_those_that_the_geocoder_knows():
    differing = {
        code: (states, AREAS[code].states)
        for code, states in its_states().items()
        if not states - ITS_MISTAKES.get(code, set()) <= set(AREAS[code].states)
    }
    assert differing == {}


def year(zone: str) -> tuple:
    return tuple(
        datetime(2025, month, 1, 12, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)
    )


def test_no_zone_that_phonenumbers_knows_of_is_missing():
    """Ours may be more: an area that two zones share is often one of them to the library."""
    missing = set()
    for prefix, zones in TIMEZONE_DATA.items():
        code = prefix[1:4]
        if re.fullmatch(r"1\d{3,}", prefix) and code in AREAS:
            ours = {year(zone) for zone in AREAS[code].zones}
            missing |= {code for zone in zones if year(zone) not in ours}
    assert missing == set(ITS_OLD_ZONES)


@pytest.mark.parametrize(
    ("code", "states", "zones"),
    [
        ("219", "IN", "ET CT"),
        ("270", "KY", "ET CT"),
        ("423", "TN", "ET CT"),
        ("850", "FL", "ET CT"),
        ("305", "FL", "ET"),
        ("915", "TX", "MT"),
        ("602", "AZ", "AZ"),
        ("928", "AZ", "MT AZ"),
        ("808", "HI", "HI"),
        ("907", "AK", "AK Adak"),
        ("787", "PR", "PR"),
        ("671", "GU", "GU"),
        ("709", "NL", "NT AT"),
        ("306", "SK", "SK AB"),
        ("902", "NS PE", "AT"),
    ],
)
def test_areas_that_others_get_wrong(code, states, zones):
    area = AREAS[code]
    assert " ".join(area.states) == states
    assert " ".join(label_zones(area.zones)) == zones


def test_every_zone_of_the_tables_is_one():
    for zone in {zone for row in (*AREAS.values(), *STATES.values()) for zone in row.zones}:
        assert ZoneInfo(zone)


@pytest.mark.parametrize(
    ("postal_code", "state", "zones"),
    [
        ("10001", "NY", "ET"),
        ("10001-1234", "NY", "ET"),
        ("2139", "MA", "ET"),
        ("00901", "PR", "PR"),
        ("32501", "FL", "CT"),
        ("32401", "FL", "ET CT"),
        ("33101", "FL", "ET"),
        ("85001", "AZ", "AZ"),
        ("86515", "AZ", "MT AZ"),
        ("79901", "TX", "MT"),
        ("38103", "TN", "CT"),
        ("99501", "AK", "AK"),
        ("99546", "AK", "Adak"),
        ("96799", "AS", "AS"),
        ("96910", "GU", "GU"),
        ("96950", "MP", "MP"),
        ("K1A 0B1", "ON", "ET"),
        ("p7b1a1", "ON", "ET EST MB CT"),
        ("X0A 0H0", "NU", "ET CT MT"),
        ("S4P 3Y2", "SK", "SK AB"),
    ],
)
def test_a_postal_code_tells_the_state_and_often_the_zone(postal_code, state, zones):
    spot = find_spot(postal_code)
    assert spot.state == state
    assert " ".join(label_zones(spot.zones)) == zones


@pytest.mark.parametrize(
    "text", ["", "-", "09012", "96941", "SW1A 1AA", "1", "123456", "Ä1A", "٣٣١٠١"]
)
def test_what_is_no_postal_code_of_north_america_tells_nothing(text):
    assert find_spot(text) is None
