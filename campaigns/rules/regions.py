"""States, postal codes and time zones as people write them, and as we keep them."""

import re
import unicodedata
from functools import cache, lru_cache
from zoneinfo import available_timezones

from campaigns.rules.problems import RuleBroken
from campaigns.rules.states import STATES

NOT_A_STATE = (
    "This is no state or province of the USA or Canada: correct it, leave it empty, or keep the"
    " column as an extra field."
)
NOT_A_POSTAL_CODE = "This is not a postal code: correct it or leave it empty."
NOT_A_ZONE = (
    "This is not a time zone: write one such as America/New_York or Eastern, or leave it empty."
)

#: What else people call a state or province: folded → code.
_ALSO = {
    "washingtondc": "DC",
    "usvirginislands": "VI",
    "newfoundland": "NL",
    "nfld": "NL",
    "nf": "NL",
    "terreneuveetlabrador": "NL",
    "ileduprinceedouard": "PE",
    "pei": "PE",
    "pq": "QC",
    "yk": "YT",
    "yukonterritory": "YT",
    "colombiebritannique": "BC",
    "nouveaubrunswick": "NB",
    "nouvelleecosse": "NS",
    "territoiresdunordouest": "NT",
}
_ZONES = {
    "America/New_York": "eastern et est edt",
    "America/Chicago": "central ct cst cdt",
    "America/Denver": "mountain mt mst mdt",
    "America/Phoenix": "arizona",
    "America/Los_Angeles": "pacific pt pst pdt",
    "America/Anchorage": "alaska akt akst akdt",
    "Pacific/Honolulu": "hawaii hawaiian hst ht hast",
    "America/Halifax": "atlantic ast adt",
    "America/St_Johns": "newfoundland nst ndt nt",
    "America/Puerto_Rico": "puertorico",
    "Europe/London": "gmt bst",
}
#: Old names of the zones that people still write.
_OLD = {
    "US/Eastern": "America/New_York",
    "US/Central": "America/Chicago",
    "US/Mountain": "America/Denver",
    "US/Arizona": "America/Phoenix",
    "US/Pacific": "America/Los_Angeles",
    "US/Alaska": "America/Anchorage",
    "US/Hawaii": "Pacific/Honolulu",
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
    "EST": "America/New_York",
    "MST": "America/Denver",
    "HST": "Pacific/Honolulu",
}
_SAID_OF_ZONES = re.compile(r"\(.*?\)|\b(standard|daylight|time|zone|us|usa)\b|&|canada")
_ZIP = re.compile(r"(\d{5})(?:[- ]?(\d{4}))?")
_CANADIAN = re.compile(r"([A-Z]\d[A-Z])[ -]?(\d[A-Z]\d)")
_OTHER_CODE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 -]{1,10}[A-Z0-9]")
_LONGEST_ZONE = 40


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filter(str.isalnum, plain))


@cache
def _states() -> dict[str, str]:
    """Folded name or code → code."""
    names = {_fold(state.name): code for code, state in STATES.items()}
    return {**names, **_ALSO, **{code.casefold(): code for code in STATES}}


@lru_cache(1024)
def parse_state(text: str) -> str:
    """“Florida”, “fl”, “US-FL”, “Fla.” is not one → FL."""
    known, folded = _states(), _fold(text)
    code = known.get(folded)
    if code is None and re.match(r"(us|ca)-..$", text.strip().casefold()):
        code = known.get(folded[2:])
    if code is None:
        raise RuleBroken(NOT_A_STATE)
    return code


@lru_cache(4096)
def parse_postal_code(text: str, country: str = "US") -> str:
    """“10001”, “10001-1234”, “k1a0b1” → “K1A 0B1”; a spreadsheet's 2134 is 02134 in the USA."""
    text = unicodedata.normalize("NFKC", text).strip().upper()
    text = re.sub(r"^(\d{3,5})\.0$", r"\1", text)
    if country in ("US", "PR") and re.fullmatch(r"\d{3,4}", text):
        text = text.zfill(5)
    if found := _CANADIAN.fullmatch(text):
        return f"{found[1]} {found[2]}"
    if country in ("US", "PR") and (found := _ZIP.fullmatch(text)):
        return f"{found[1]}-{found[2]}" if found[2] else found[1]
    if not text.isascii() or not _OTHER_CODE.fullmatch(text):
        raise RuleBroken(NOT_A_POSTAL_CODE)
    return text


@cache
def _zones() -> dict[str, str]:
    """Folded name → IANA name."""
    places = (name for name in available_timezones() if "/" in name and name[:4] != "Etc/")
    names = {_fold(name): name for name in places if len(name) <= _LONGEST_ZONE}
    common = {word: zone for zone, words in _ZONES.items() for word in words.split()}
    return {**names, **{_fold(old): new for old, new in _OLD.items()}, **common}


@lru_cache(1024)
def parse_time_zone(text: str) -> str:
    """“America/New_York”, “Eastern”, “EST”, “(UTC-05:00) Eastern Time (US & Canada)”."""
    known = _zones()
    zone = known.get(_fold(text)) or known.get(_fold(_SAID_OF_ZONES.sub(" ", text.casefold())))
    if zone is None:
        raise RuleBroken(NOT_A_ZONE)
    return zone
