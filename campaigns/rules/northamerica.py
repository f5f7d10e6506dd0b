"""Plain numbers of North America, read about thirty times faster than by the library.

Most numbers of most files are such numbers. One pattern is built from the library's own tables,
so the answers are the same; whatever it does not match is left to the library.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from phonenumbers import PhoneMetadata, PhoneNumberDesc
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from campaigns.rules.lines import LineKind

REGIONS: tuple[str, ...] = COUNTRY_CODE_TO_REGION_CODE[1]

_LENGTH = 10
#: 2015550123, (201) 555-0123, +1 201.555.0123, and what a spreadsheet makes of it: 12015550123.0
_SPELLED = re.compile(
    r"(\+?1[-. ]?)?\(?([2-9][0-9]{2})\)?[-. ]{0,2}([2-9][0-9]{2})[-. ]?([0-9]{4})"
    r"|(\+?1)?([2-9][0-9]{9})\.0+"
)


def read_plain(text: str, country: str) -> str:
    """The digits with country code of a valid number in a plain spelling, else nothing."""
    found = _SPELLED.fullmatch(text)
    if found is None:
        return ""
    said, area, exchange, rest, float_said, whole = found.groups()
    national = whole or area + exchange + rest
    said = said or float_said or ""
    if (said[:1] != "+" and country not in REGIONS) or not find_line(national):
        return ""
    return f"1{national}"


@lru_cache(maxsize=16_384)  # who reads a number asks for its line soon after
def find_line(national: str) -> tuple[str, LineKind] | None:
    """The country and the line of ten digits; None when there is no such number."""
    pattern, answers = _tables()
    found = pattern.fullmatch(national)
    return answers[found.lastindex - 1] if found and found.lastindex else None


@cache
def _tables() -> tuple[re.Pattern[str], list[tuple[str, LineKind] | None]]:
    """One group per answer, in the order in which the library asks: the first one counts."""
    patterns, answers = [], []
    for region in REGIONS:
        table = PhoneMetadata.metadata_for_region(region)
        found = list(_lines_of(table))
        groups = [f"{_asked(table.general_desc)}({pattern})" for pattern, _ in found]
        # A toll-free number is one of all North America.
        answers += [("" if line == LineKind.TOLL_FREE else region, line) for _, line in found]
        if table.leading_digits:  # it is of this country and no other one is asked
            groups.append("([0-9]*)")
            answers.append(None)
        patterns.append(f"(?={table.leading_digits or ''})(?:{'|'.join(groups)})")
    return re.compile("|".join(patterns)), answers


def _lines_of(table: PhoneMetadata) -> Iterator[tuple[str, LineKind]]:
    for desc, line in (
        (table.premium_rate, LineKind.OTHER),
        (table.toll_free, LineKind.TOLL_FREE),
        (table.shared_cost, LineKind.OTHER),
        (table.voip, LineKind.ANY),
        (table.personal_number, LineKind.ANY),
        (table.pager, LineKind.OTHER),
        (table.uan, LineKind.OTHER),
        (table.voicemail, LineKind.OTHER),
        *_persons(table),
    ):
        if pattern := _pattern(desc):
            yield pattern, line


def _persons(table: PhoneMetadata) -> Iterator[tuple[PhoneNumberDesc, LineKind]]:
    if table.same_mobile_and_fixed_line_pattern:
        yield table.fixed_line, LineKind.ANY
        return
    both = f"{_asked(table.mobile)}(?:{_pattern(table.fixed_line) or '(?!)'})"
    yield PhoneNumberDesc(national_number_pattern=both), LineKind.ANY
    yield table.fixed_line, LineKind.LANDLINE
    yield table.mobile, LineKind.MOBILE


def _pattern(desc: PhoneNumberDesc | None) -> str:
    """What ten digits must match; nothing when none can."""
    if desc is None or (desc.possible_length and _LENGTH not in desc.possible_length):
        return ""
    return desc.national_number_pattern or ""


def _asked(desc: PhoneNumberDesc | None) -> str:
    return f"(?=(?:{_pattern(desc) or '(?!)'})\\Z)"
