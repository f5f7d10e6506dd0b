"""States, postal codes and time zones as people write them."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules import regions
from campaigns.rules.problems import RuleBroken
from campaigns.rules.regions import parse_postal_code, parse_state, parse_time_zone
from campaigns.rules.states import STATES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FL", "FL"),
        ("florida", "FL"),
        (" New  York ", "NY"),
        ("N.Y.", "NY"),
        ("US-CA", "CA"),
        ("ca-on", "ON"),
        ("Québec", "QC"),
        ("PQ", "QC"),
        ("Washington, DC", "DC"),
        ("Île-du-Prince-Édouard", "PE"),
        ("Puerto Rico", "PR"),
    ],
)
def test_a_state_is_kept_as_its_two_letters(text, code):
    assert parse_state(text) == code


@pytest.mark.parametrize("code", STATES)
def test_every_state_is_known_by_its_name(code):
    assert parse_state(STATES[code].name) == parse_state(code) == code


@pytest.mark.parametrize("text", ["Bayern", "XX", "12", "", "Fla", "US-XX"])
def test_what_is_no_state_says_so(text):
    with pytest.raises(RuleBroken) as refusal:
        parse_state(text)
    assert str(refusal.value) == regions.NOT_A_STATE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("10001", "10001"),
        ("10001-1234", "10001-1234"),
        ("100011234", "10001-1234"),
        ("2134", "02134"),
        ("501", "00501"),
        ("02134.0", "02134"),
        ("k1a0b1", "K1A 0B1"),
        ("K1A-0B1", "K1A 0B1"),
        ("sw1a 1aa", "SW1A 1AA"),
    ],
)
def test_a_postal_code_is_kept_in_one_spelling(text, code):
    assert parse_postal_code(text) == code


def test_elsewhere_a_short_postal_code_is_whole():
    assert parse_postal_code("2134", "AU") == "2134"


@pytest.mark.parametrize("text", ["x", "1", "Boston", "12345678901234", "10001!"])
def test_what_is_no_postal_code_says_so(text):
    with pytest.raises(RuleBroken) as refusal:
        parse_postal_code(text)
    assert str(refusal.value) == regions.NOT_A_POSTAL_CODE


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("Eastern", "America/New_York"),
        ("EST", "America/New_York"),
        ("PT", "America/Los_Angeles"),
        ("Central Standard Time", "America/Chicago"),
        ("(UTC-07:00) Mountain Time (US & Canada)", "America/Denver"),
        ("US/Hawaii", "Pacific/Honolulu"),
        ("Europe/Rome", "Europe/Rome"),
    ],
)
def test_a_time_zone_is_kept_by_the_name_computers_use(text, zone):
    assert parse_time_zone(text) == zone


@pytest.mark.parametrize("text", ["UTC", "Etc/GMT+5", "-05:00", "Mars", ""])
def test_what_is_no_zone_people_live_in_says_so(text):
    with pytest.raises(RuleBroken) as refusal:
        parse_time_zone(text)
    assert str(refusal.value) == regions.NOT_A_ZONE


@given(st.text())
def test_any_text_gives_what_is_kept_or_a_sentence(text):
    for parse, longest in ((parse_state, 3), (parse_postal_code, 12), (parse_time_zone, 40)):
        try:
            kept = parse(text)
        except RuleBroken:
            continue
        assert parse(kept) == kept
        assert len(kept) <= longest
        assert parse is not parse_time_zone or ZoneInfo(kept)
