"""Phone numbers: every spelling of one number becomes the same digits, or a sentence says why not.

Digits with country code, no "+", are how the provider wants a number (reference §1) and how we
keep it. The numbers of the 555-01xx kind that tests and the demo use count as valid.
"""

import re
import unicodedata

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from campaigns.rules.lines import LineKind
from campaigns.rules.northamerica import find_line, read_plain
from campaigns.rules.problems import RuleBroken

EMPTY = "The phone number is missing."
MANGLED = (
    "A spreadsheet shortened this number (like 1.77456E+10) and its last digits are lost:"
    " format the column as text and export it again."
)
EXTENSION = "A number with an extension cannot receive messages: leave the extension out."
LETTERS = "The phone number has letters in it: write it in digits only."
MARKS = "The phone number has signs in it that no number has: write one number, in digits only."
SHORT_CODE = "This is a short code, which cannot receive messages: write the person’s own number."
TOO_SHORT = "The phone number is too short: write it with its area or country code."
TOO_LONG = "The phone number is too long: check its digits, and that it is only one number."
INVALID = "There is no such phone number: check its digits and its country."

#: What a number without a country code may be read as.
COUNTRIES = {
    "US": "United States",
    "CA": "Canada",
    "AR": "Argentina",
    "AU": "Australia",
    "AT": "Austria",
    "BE": "Belgium",
    "BR": "Brazil",
    "CL": "Chile",
    "CO": "Colombia",
    "CZ": "Czechia",
    "DK": "Denmark",
    "DO": "Dominican Republic",
    "FI": "Finland",
    "FR": "France",
    "DE": "Germany",
    "GR": "Greece",
    "HK": "Hong Kong",
    "IN": "India",
    "IE": "Ireland",
    "IT": "Italy",
    "JP": "Japan",
    "MX": "Mexico",
    "NL": "Netherlands",
    "NZ": "New Zealand",
    "NO": "Norway",
    "PH": "Philippines",
    "PL": "Poland",
    "PT": "Portugal",
    "PR": "Puerto Rico",
    "RO": "Romania",
    "SG": "Singapore",
    "ZA": "South Africa",
    "KR": "South Korea",
    "ES": "Spain",
    "SE": "Sweden",
    "CH": "Switzerland",
    "GB": "United Kingdom",
}

_PLAIN = re.compile(r"[+(]?[0-9][0-9 ()-]*")
_MANGLED = re.compile(r"\+?\d+([.,]\d*)?E\+?\d+", re.IGNORECASE)
_EXTENSION = re.compile(r"\d\W*(x|ext|extn|extension|int|poste|durchwahl)\W*\d+$", re.IGNORECASE)
_FLOAT = re.compile(r"(\+?\d{7,15})\.0+")
_ALLOWED = re.compile(r"\+?[\d\s().\-/+]*")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_TRIM = " \t\r\n'\"=`´’"
#: From here on digits without a "+" can only be a number with its country code.
_INTERNATIONAL_LENGTH = 11


def normalise(text: str, country: str = "US") -> str:
    """Digits with country code; `RuleBroken` with one sentence per cause.

    Digits without a "+" are read as a number of `country` first. So "+" + the result always gives
    the result again; the bare result does too, unless it is a short number of another country
    that also is one of `country`.
    """
    return read_plain(text, country) or normalise_any(text, country)


def normalise_any(text: str, country: str = "US") -> str:
    """What `normalise` does, by the library alone."""
    if not _PLAIN.fullmatch(text):
        text = _clean(text)
    number = _read(text, country) or _read(_international(text), None)
    if number is None:
        raise RuleBroken(_find_cause(text, country))
    # Not country code + national number: that loses the leading zero of Italian numbers.
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]


def _clean(text: str) -> str:
    """Without what copying and spreadsheets add; refuses what cannot be one number."""
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in {"Cf", "Cc"})
    text = text.strip(_TRIM)
    if whole := _FLOAT.fullmatch(text):
        text = whole[1]
    for pattern, sentence in ((_MANGLED, MANGLED), (_EXTENSION, EXTENSION)):
        if pattern.search(text):
            raise RuleBroken(sentence)
    if not text:
        raise RuleBroken(EMPTY)
    if not _ALLOWED.fullmatch(text):
        raise RuleBroken(LETTERS if any(map(str.isalpha, text)) else MARKS)
    return text


def _read(text: str, country: str | None) -> PhoneNumber | None:
    """The number, if there is one and it is valid: what is invalid is parsed all the same."""
    number = _parse(text, country) if text else None
    return number if number and phonenumbers.is_valid_number(number) else None


def _parse(text: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except NumberParseException:
        return None


def _international(text: str) -> str:
    """The same digits read with a country code: "00" said before it, or nothing at all."""
    digits = re.sub(r"\D", "", text)
    if "+" in text:
        return ""
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{digits}" if len(digits) >= _INTERNATIONAL_LENGTH else ""


def _find_cause(text: str, country: str) -> str:
    digits = re.sub(r"\D", "", text)
    if not digits:
        return EMPTY if not text.strip() else MARKS
    if len(digits) <= 6 and "+" not in text:
        return SHORT_CODE if len(digits) >= 3 else TOO_SHORT
    number = _parse(_international(text) or text, country)
    if number is None:
        return TOO_LONG if len(digits) > 15 else TOO_SHORT if len(digits) < 7 else INVALID
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return TOO_SHORT
    return TOO_LONG if reason == ValidationResult.TOO_LONG else INVALID


_LINES = {
    PhoneNumberType.MOBILE: LineKind.MOBILE,
    PhoneNumberType.FIXED_LINE: LineKind.LANDLINE,
    PhoneNumberType.TOLL_FREE: LineKind.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: LineKind.OTHER,
    PhoneNumberType.SHARED_COST: LineKind.OTHER,
    PhoneNumberType.PAGER: LineKind.OTHER,
    PhoneNumberType.UAN: LineKind.OTHER,
    PhoneNumberType.VOICEMAIL: LineKind.OTHER,
}


def country_and_line(phone: str) -> tuple[str, LineKind]:
    """The two letters of the country of a number (digits with country code; "" for one without,
    such as a toll-free number of all North America) and its kind of line."""
    plain = find_line(phone[1:]) if len(phone) == 11 and phone[0] == "1" else None
    return plain or country_and_line_of_any(phone)


def country_and_line_of_any(phone: str) -> tuple[str, LineKind]:
    """What `country_and_line` does, by the library alone."""
    number = _parse(f"+{phone}", None)
    if number is None:
        return "", LineKind.ANY
    country = phonenumbers.region_code_for_number(number) or ""
    line = _LINES.get(phonenumbers.number_type(number), LineKind.ANY)
    is_everywhere = line == LineKind.TOLL_FREE and number.country_code == 1
    return "" if is_everywhere or len(country) != 2 else country, line
