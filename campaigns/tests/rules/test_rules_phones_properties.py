"""Whatever is written in a cell: one number has one form, and the fast way is the library's."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.rules.northamerica import find_line, read_plain
from campaigns.rules.phones import (
    COUNTRIES,
    country_and_line,
    country_and_line_of_any,
    normalise,
    normalise_any,
)
from campaigns.rules.problems import RuleBroken

REGIONS = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1])
FULL_WIDTH = str.maketrans("0123456789+", "０１２３４５６７８９＋")
national = st.from_regex(r"[2-9][0-9]{9}", fullmatch=True)
valid = st.from_regex(r"(201|212|305|415|416|604|787|868)[2-9][0-9]{6}", fullmatch=True).filter(
    find_line
)


def answer(read, *args):
    """What it says, or the sentence why not; anything else that is raised fails the test."""
    try:
        return read(*args)
    except RuleBroken as refusal:
        return refusal.problems


@st.composite
def spellings(draw, digits):
    """A number as people and their programs write it."""
    area, exchange, rest = digits[:3], digits[3:6], digits[6:]
    mark = draw(st.sampled_from(["", " ", "-", ".", "\u00a0", "–", " - "]))
    area = draw(st.sampled_from([area, f"({area})"])) + mark
    code = draw(st.sampled_from(["", "1", "+1", "1-", "+1 ", "001", "00 1 ", "011 1 "]))
    text = f"{code}{area}{exchange}{mark}{rest}"
    text = draw(st.sampled_from([text, text.translate(FULL_WIDTH)]))
    before = draw(st.sampled_from(["", " ", "'", '="', "\ufeff", "\u202a", "\t"]))
    return before + text + ('"' if before == '="' else draw(st.sampled_from(["", " ", "\u202c"])))


@given(digits=valid, data=st.data())
def test_every_spelling_of_one_number_gives_the_same_digits(digits, data):
    assert normalise(data.draw(spellings(digits))) == f"1{digits}"


@given(st.text(), st.sampled_from(sorted(COUNTRIES)))
@example("+\u0660", "US")
@example("1" * 10_000, "DE")
@example("+1+1+1", "US")
@example("tel:+1-201-555-0123;ext=1", "US")
def test_any_text_gives_digits_or_a_sentence(text, country):
    found = answer(normalise, text, country)
    assert isinstance(found, tuple) or (found.isascii() and found.isdigit() and len(found) <= 15)


@given(st.text("0123456789+()-. x", max_size=24), st.sampled_from(sorted(COUNTRIES)))
def test_normalising_twice_is_normalising_once(text, country):
    found = answer(normalise, text, country)
    if isinstance(found, str):
        assert normalise(f"+{found}", country) == found


@given(digits=national, data=st.data(), country=st.sampled_from([*REGIONS, "DE", "GB", "MX", "IT"]))
def test_the_fast_way_says_what_the_library_says(digits, data, country):
    text = data.draw(spellings(digits))
    assert answer(normalise, text, country) == answer(normalise_any, text, country)


@given(st.from_regex(r"\+?1?[(]?[2-9][0-9]{2}[)]?[-. ]{0,3}[0-9]{3}[-. ]?[0-9]{4}(\.0+)?"))
def test_what_the_fast_way_reads_the_library_reads(text):
    plain = read_plain(text, "US")
    assert not plain or plain == normalise_any(text, "US")


@given(national)
def test_the_line_of_a_number_is_what_the_library_says(digits):
    assert country_and_line(f"1{digits}") == country_and_line_of_any(f"1{digits}")


@pytest.mark.parametrize("region", REGIONS)
def test_the_line_of_every_kind_of_number_of_every_country_is_what_the_library_says(region):
    for kind in phonenumbers.PhoneNumberType.values():
        if number := phonenumbers.example_number_for_type(region, kind):
            phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
            assert country_and_line(phone) == country_and_line_of_any(phone)


@given(prefix=st.integers(200_000, 999_999), rest=st.integers(0, 9999))
def test_a_valid_number_of_north_america_is_read_fast(prefix, rest):
    text = f"{prefix}{rest:04}"
    is_valid = phonenumbers.is_valid_number(phonenumbers.parse(text, "US"))
    assert bool(read_plain(text, "US")) == (is_valid and text[3] in "23456789")
