"""Every spelling of one number is one number; every cause has its sentence."""

import phonenumbers
import pytest

from campaigns.rules import phones
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken

SPELLINGS = [
    "12015550123",
    "+12015550123",
    "2015550123",
    "(201) 555-0123",
    "201.555.0123",
    "201-555-0123",
    "+1 201 555 0123",
    "1-201-555-0123",
    "  201 555 0123\t",
    "0012015550123",
    "001 201 555 0123",
    "011 1 201 555 0123",
    "１２０１５５５０１２３",
    "＋１ ２０１ ５５５ ０１２３",
    "201–555–0123",
    "201‑555‑0123",
    "\u202a+1 (201) 555-0123\u202c",
    "\ufeff2015550123",
    "2015550123.0",
    "12015550123.00",
    "'+12015550123",
    '="12015550123"',
    "201\u00a0555\u00a00123",
    "٢٠١٥٥٥٠١٢٣",
]
OTHERS = [
    ("0012025550123", "US", "12025550123"),
    ("+39 06 6982 1234", "US", "390669821234"),
    ("06 6982 1234", "IT", "390669821234"),
    ("390669821234", "US", "390669821234"),
    ("+44 7400 123456", "US", "447400123456"),
    ("447400123456", "US", "447400123456"),
    ("00447400123456", "US", "447400123456"),
    ("07400 123456", "GB", "447400123456"),
    ("+52 55 1234 5678", "US", "525512345678"),
    ("0171 1234567", "DE", "491711234567"),
    ("204 555 0123", "CA", "12045550123"),
]
REFUSED = [
    ("", phones.EMPTY),
    ("   ", phones.EMPTY),
    ("'", phones.EMPTY),
    ("1.77456E+10", phones.MANGLED),
    ("1,77456e+10", phones.MANGLED),
    ("1.2E10", phones.MANGLED),
    ("1-800-FLOWERS", phones.LETTERS),
    ("n/a", phones.LETTERS),
    ("201 555 O123", phones.LETTERS),
    ("201 555 0123 x5", phones.EXTENSION),
    ("2015550123ext.12", phones.EXTENSION),
    ("+1 201 555 0123 extension 7", phones.EXTENSION),
    ("2015550123;2015550124", phones.MARKS),
    ("201#5550123", phones.MARKS),
    ("---", phones.MARKS),
    ("+", phones.MARKS),
    ("12345", phones.SHORT_CODE),
    ("555123", phones.SHORT_CODE),
    ("911", phones.SHORT_CODE),
    ("1", phones.TOO_SHORT),
    ("5550123", phones.TOO_SHORT),
    ("+1", phones.TOO_SHORT),
    ("+1 201 555", phones.TOO_SHORT),
    ("2015550123 2015550124", phones.TOO_LONG),
    ("2015550123/2015550124", phones.TOO_LONG),
    ("+1 201 555 01234", phones.TOO_LONG),
    ("1" * 40, phones.TOO_LONG),
    ("1 101 555 0123", phones.INVALID),
    ("000 000 0000", phones.INVALID),
    ("+999 201 555 0123", phones.INVALID),
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_of_one_number_is_one_number(text):
    assert normalise(text) == "12015550123"


@pytest.mark.parametrize(("text", "country", "digits"), OTHERS)
def test_numbers_of_other_countries(text, country, digits):
    assert normalise(text, country) == digits


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_every_cause_has_its_sentence(text, sentence):
    with pytest.raises(RuleBroken) as refusal:
        normalise(text)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "text", [*SPELLINGS, *(text for text, country, _ in OTHERS if country == "US")]
)
def test_normalising_twice_is_normalising_once(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_a_number_of_every_country_survives_its_plus_form(region):
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None or not phonenumbers.is_valid_number(example):
            continue
        written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        digits = normalise(written)
        assert normalise(f"+{digits}") == digits
        assert digits.isascii()
        assert digits.isdigit()


def test_a_short_foreign_number_without_plus_is_not_guessed():
    """390 is no American area code; 39 is Italy. Nobody said which was meant."""
    with pytest.raises(RuleBroken):
        normalise("3905550123")


def test_every_country_offered_is_known():
    assert set(phones.COUNTRIES) <= phonenumbers.SUPPORTED_REGIONS
