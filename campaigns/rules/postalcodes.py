"""Where a ZIP code or a Canadian postal code lies: the state, and its zones as exactly as we know.

ZIP codes are read by their section, the first three digits. A section that two zones share, or that
we are not sure of, counts as lying in every zone of its state.
"""

from functools import lru_cache
from typing import NamedTuple

from campaigns.rules.states import STATES


class Spot(NamedTuple):
    """Where a postal code lies."""

    state: str
    zones: tuple[str, ...]


#: Sections, from–to, and their state.
_SECTIONS = """
    006-007 PR, 008-008 VI, 009-009 PR, 010-027 MA, 028-029 RI, 030-038 NH, 039-049 ME, 050-059 VT,
    060-069 CT, 070-089 NJ, 005-005 NY, 100-149 NY, 150-196 PA, 197-199 DE, 200-200 DC, 201-201 VA,
    202-205 DC, 206-219 MD, 220-246 VA, 247-268 WV, 270-289 NC, 290-299 SC, 300-319 GA, 320-339 FL,
    341-342 FL, 344-344 FL, 346-347 FL, 349-349 FL, 350-369 AL, 370-385 TN, 386-397 MS, 398-399 GA,
    400-427 KY, 430-459 OH, 460-479 IN, 480-499 MI, 500-528 IA, 530-549 WI, 550-567 MN, 569-569 DC,
    570-577 SD, 580-588 ND, 590-599 MT, 600-629 IL, 630-658 MO, 660-679 KS, 680-693 NE, 700-714 LA,
    716-729 AR, 730-732 OK, 733-733 TX, 734-749 OK, 750-799 TX, 800-816 CO, 820-831 WY, 832-838 ID,
    840-847 UT, 850-865 AZ, 870-884 NM, 885-885 TX, 889-898 NV, 900-961 CA, 967-968 HI, 970-979 OR,
    980-994 WA, 995-999 AK
"""
#: In states of several zones: the sections that surely lie in one of them.
_ONE_ZONE = {
    "America/New_York": "320-323 326-342 344-349 374-374 376-376 379-379 400-400 402-418 425-425"
    " 460-462 466-468 470-474 478-478 480-497",
    "America/Chicago": "325-325 370-372 375-375 380-385 420-424 464-464 476-477 570-573"
    " 580-584 660-676 679-679 680-689 733-733 750-797",
    "America/Denver": "577-577 693-693 799-799 832-834 836-837 885-885",
    "America/Los_Angeles": "838-838 889-897 970-978",
    "America/Phoenix": "850-859 863-864",
    "America/Anchorage": "995-999",
}
_PROVINCES = dict(
    zip(
        "ABCEGHJKLMNPRSTVY",
        "NL NS PE NB QC QC QC ON ON ON ON ON MB SK AB BC YT".split(),
        strict=True,
    )
)
#: Beginnings of Canadian codes that lie in one zone of a province of several.
_ONE_ZONE_BEGINNINGS = {
    **dict.fromkeys("HJKLMN", "America/Toronto"),
    **dict.fromkeys(("V3", "V4", "V5", "V6", "V7", "V8", "V9"), "America/Vancouver"),
}
#: The Marianas share a section with three other countries; their fourth digit tells.
_MARIANAS = {"1": "GU", "2": "GU", "3": "GU", "5": "MP"}
_NUNAVUT = ("0A", "0B", "0C")
#: Codes that lie elsewhere than their section: Samoa, and the far Aleutians.
_ALONE = {
    "96799": ("AS", "Pacific/Pago_Pago"),
    "99546": ("AK", "America/Adak"),
    "99547": ("AK", "America/Adak"),
}


@lru_cache(maxsize=4096)
def find_spot(postal_code: str) -> Spot | None:
    """Of “10001”, “10001-1234”, “2134” (a lost zero is put back), “K1A 0B1”; None: not known."""
    code = postal_code.upper().replace(" ", "")
    head = code.partition("-")[0]
    if head.isascii() and head.isdigit() and len(head) in (4, 5, 9):
        return _find_zip(head.zfill(5))
    if code.isascii() and len(code) in (3, 6) and code[0].isalpha() and code[1].isdigit():
        return _find_canadian(code)
    return None


def _find_zip(code: str) -> Spot | None:
    section = code[:3]
    if code in _ALONE:
        return _spot(*_ALONE[code])
    if section == "969":
        return _spot(_MARIANAS.get(code[3]), None)
    return _spot(_STATE_OF_SECTION.get(section), _ZONE_OF_SECTION.get(section))


def _find_canadian(code: str) -> Spot | None:
    if code[0] == "X":
        return _spot("NU" if code[1:3] in _NUNAVUT else "NT", None)
    zone = _ONE_ZONE_BEGINNINGS.get(code[0]) or _ONE_ZONE_BEGINNINGS.get(code[:2])
    return _spot(_PROVINCES.get(code[0]), zone)


def _spot(state: str | None, zone: str | None) -> Spot | None:
    if state is None:
        return None
    return Spot(state, (zone,) if zone else STATES[state].zones)


def _numbers(sections: str) -> list[str]:
    first, last = sections.split("-")
    return [f"{number:03}" for number in range(int(first), int(last) + 1)]


_STATE_OF_SECTION = {
    number: state
    for part in _SECTIONS.split(",")
    for sections, state in [part.split()]
    for number in _numbers(sections)
}
_ZONE_OF_SECTION = {
    number: zone
    for zone, listed in _ONE_ZONE.items()
    for sections in listed.split()
    for number in _numbers(sections)
}
