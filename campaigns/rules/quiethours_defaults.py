"""What the table of quiet hours starts with: what the law says where, as engineers read it.

No legal advice: the table is there to be edited. A state that is not named here takes the federal
hours. Telemarketing laws are read as if every one of them meant texts, which several do by word.
"""

from dataclasses import dataclass
from datetime import time

from campaigns.rules.quiethours import DayKind, Rule

D = DayKind
#: Ends the day.
MIDNIGHT = time(23, 59)


@dataclass(frozen=True, slots=True)
class Line:
    """A rule and where it comes from."""

    rule: Rule
    note: str


def _line(country: str, state: str, day: DayKind, hours: str, note: str = "") -> Line:
    """`hours`: "8-20", "9:30-21:30"; "" closes the day."""
    opens_at, closes_at = map(_time, hours.split("-")) if hours else (None, None)
    return Line(Rule(country, state, day, opens_at, closes_at), note)


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute or 0))


#: (state, day, hours, where it says so)
_STATES = (
    ("AL", D.EVERY, "8-20", "Ala. Admin. Code r. 770-X-5-.17"),
    ("AL", D.SUNDAY, "", "Ala. Admin. Code r. 770-X-5-.17"),
    ("AL", D.HOLIDAY, "", "Ala. Admin. Code r. 770-X-5-.17"),
    ("CT", D.EVERY, "9-20", "Conn. Gen. Stat. § 42-288a (Public Act 23-98)"),
    ("FL", D.EVERY, "8-20", "Fla. Stat. § 501.616(6) (FTSA)"),
    ("KY", D.EVERY, "10-21", "Ky. Rev. Stat. § 367.46955(3)"),
    ("LA", D.EVERY, "8-20", "La. Rev. Stat. § 45:811"),
    ("LA", D.SUNDAY, "", "La. Rev. Stat. § 45:811"),
    ("LA", D.HOLIDAY, "", "La. Rev. Stat. § 45:811"),
    ("MA", D.EVERY, "8-20", "Mass. Gen. Laws ch. 159C § 3"),
    ("MD", D.EVERY, "8-20", "Md. Code, Com. Law § 14-4502 (Stop the Spam Calls Act)"),
    ("MI", D.EVERY, "9-21", "Mich. Comp. Laws § 750.540e"),
    ("MN", D.EVERY, "9-21", "Minn. Stat. § 325E.30"),
    ("MS", D.EVERY, "8-20", "Miss. Code § 77-3-723 (Telephone Solicitation Act)"),
    ("MS", D.SUNDAY, "", "Miss. Code § 77-3-723 (Telephone Solicitation Act)"),
    ("NJ", D.EVERY, "8-20", "An hour within N.J. Stat. § 56:8-128(d), as in the usual tables"),
    ("NM", D.EVERY, "9-21", "N.M. Stat. § 57-12-22(B)(5)"),
    ("NV", D.EVERY, "9-20", "Taken from the usual tables of calling hours"),
    ("OK", D.EVERY, "8-20", "Okla. Stat. tit. 15, § 775C.4 (Act of 2022)"),
    ("OR", D.EVERY, "8-20", "Or. HB 3865 (2025), in force since 1 Jan 2026"),
    ("PA", D.HOLIDAY, "", "73 P.S. § 2245(a)(10) (Act 73 of 2019)"),
    ("RI", D.WEEKDAY, "9-18", "R.I. Gen. Laws §§ 5-61-2, 5-61-3.6"),
    ("RI", D.SATURDAY, "10-17", "R.I. Gen. Laws §§ 5-61-2, 5-61-3.6"),
    ("RI", D.SUNDAY, "", "R.I. Gen. Laws §§ 5-61-2, 5-61-3.6"),
    ("RI", D.HOLIDAY, "", "R.I. Gen. Laws §§ 5-61-2, 5-61-3.6"),
    ("TX", D.EVERY, "9-21", "Tex. Bus. & Com. Code § 301.051"),
    ("TX", D.SUNDAY, "12-21", "Tex. Bus. & Com. Code § 301.051"),
    ("UT", D.SUNDAY, "", "Utah Code § 13-25a-103(3)"),
    ("UT", D.HOLIDAY, "", "Utah Code § 13-25a-103(3)"),
    ("WA", D.EVERY, "8-20", "Rev. Code Wash. § 80.36.390"),
)
_CRTC = "CRTC Unsolicited Telecommunications Rules, part III § 23"

DEFAULTS: tuple[Line, ...] = (
    _line("", "", D.EVERY, "8-21", "47 CFR § 64.1200(c)(1)"),
    *(_line("US", *words) for words in _STATES),
    _line("CA", "", D.WEEKDAY, "9-21:30", _CRTC),
    _line("CA", "", D.SATURDAY, "10-18", _CRTC),
    _line("CA", "", D.SUNDAY, "10-18", _CRTC),
)
#: The same hours for everybody, inside nearly every law of the table above.
SAFE: tuple[Line, ...] = (_line("", "", D.EVERY, "9-20", "The safe preset: 9 to 20 everywhere"),)
#: For a demo and for tests: nobody sleeps.
OPEN: tuple[Line, ...] = (
    Line(Rule("", "", D.EVERY, time(0), MIDNIGHT), "Open around the clock: only for trying"),
)
