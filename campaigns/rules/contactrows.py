"""A row of a table as a contact, and what several rows say about one person."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import itemgetter

from campaigns.rules.cells import take_plain
from campaigns.rules.columns import kind_of
from campaigns.rules.customfields import FieldKind, Value, parse_value
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.rules.regions import parse_postal_code, parse_state, parse_time_zone

EXTRA = "This line has more cells than there are columns: put quotes around texts with a delimiter."
BAD_EMAIL = "The e-mail address is not one: correct it or leave it empty."
LONG_NAME = "A name has more than 100 characters: shorten it."
LONG_CELL = "A cell has more than 1,000 characters: shorten it."

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_MOST_CELL = 1000


@dataclass(frozen=True)
class FieldType:
    """How an extra field is kept: under which name, and with which type."""

    name: str
    kind: str = FieldKind.TEXT
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """What the columns of one file mean. `fields`: place of a column → its extra field."""

    columns: Sequence[str]
    mapping: Mapping[int, str]
    country: str = "US"
    fields: Mapping[int, FieldType] = field(default_factory=dict)

    @cached_property
    def named(self) -> list[tuple[int, str]]:
        """(place, field of the contact)."""
        kinds = {place: kind_of(name) for place, name in self.mapping.items()}
        return sorted((p, k) for p, k in kinds.items() if k not in ("", "attribute"))

    @cached_property
    def extra(self) -> list[tuple[int, FieldType]]:
        """(place, extra field), in the order of the columns."""
        places = sorted(p for p, name in self.mapping.items() if kind_of(name) == "attribute")
        return [(p, self.fields.get(p) or FieldType(self.columns[p])) for p in places]


@dataclass(slots=True)
class ContactRow:
    """What one row says about a person. Blank means: says nothing."""

    phone: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    time_zone: str = ""
    state: str = ""
    postal_code: str = ""
    attributes: dict[str, Value] = field(default_factory=dict)
    #: The two names stood in one cell and belong together.
    is_whole_name: bool = False

    def over(self, older: "ContactRow") -> "ContactRow":
        """This row where it says something, else the older one: blanks never erase."""
        is_named = self.is_whole_name and bool(self.first_name or self.last_name)
        return ContactRow(
            self.phone,
            self.first_name if is_named else self.first_name or older.first_name,
            self.last_name if is_named else self.last_name or older.last_name,
            self.email or older.email,
            self.time_zone or older.time_zone,
            self.state or older.state,
            self.postal_code or older.postal_code,
            {**older.attributes, **self.attributes} if self.attributes else older.attributes,
        )

    def under(self, older: "ContactRow") -> "ContactRow":
        """The older row, and this one only where that says nothing."""
        found = older.over(self)
        if self.is_whole_name and (older.first_name or older.last_name):
            found.first_name, found.last_name = older.first_name, older.last_name
        return found


def make_contact(cells: Sequence[str], layout: Layout) -> ContactRow:
    """The row as a contact; `RuleBroken` with the one sentence that says why it cannot be."""
    count = len(cells)
    if count > len(layout.columns) and any(map(str.strip, cells[len(layout.columns) :])):
        raise RuleBroken(EXTRA)
    found: dict[str, str] = {}
    for place, name in layout.named:
        if place < count and (cell := take_plain(cells[place])):
            found[name] = cell
    phone = normalise(found.pop("phone", ""), layout.country)
    full_name = found.pop("full_name", "")
    if full_name:
        _split_name(full_name, found)
    for name, cell in found.items():
        found[name] = _CHECKS[name](cell, layout.country)
    row = ContactRow(phone, **found, is_whole_name=bool(full_name))
    for place, extra in layout.extra:
        if place < count and (cell := take_plain(cells[place])):
            row.attributes[extra.name] = _read_extra(cell, extra)
    return row


def make_without_unusable(
    cells: Sequence[str], layout: Layout
) -> tuple[ContactRow, list[tuple[int, str]]]:
    """The row as a contact without the cells that cannot be used: (place, why) of each.

    `RuleBroken` where nothing can be left out: the number, or a row that slid out of its columns.
    """
    unusable = list(_find_unusable(cells, layout))
    kept = list(cells)
    for place, _ in unusable:
        kept[place] = ""
    return make_contact(kept, layout), unusable


def tell_left_out(left_out: Iterable[tuple[int, str]], columns: Sequence[str]) -> str:
    """“Imported without “Mail”: …” for each cell."""
    return " ".join(
        f"Imported without “{columns[place]}”: {why.removeprefix(f'{columns[place]}: ')}"
        for place, why in left_out
    )


def _find_unusable(cells: Sequence[str], layout: Layout) -> Iterator[tuple[int, str]]:
    """(place, why), in the order of the columns; the number is not asked."""
    checks: list[tuple[int, Callable[[str], object]]] = [
        *((place, partial(_check_named, name, layout.country)) for place, name in layout.named),
        *((place, partial(_read_extra, extra=extra)) for place, extra in layout.extra),
    ]
    for place, check in sorted(checks, key=itemgetter(0)):
        if place < len(cells) and (cell := take_plain(cells[place])):
            try:
                check(cell)
            except RuleBroken as problem:
                yield place, str(problem)


def _check_named(name: str, country: str, cell: str) -> None:
    parts = {name: cell}
    if name == "full_name":
        _split_name(parts.pop(name), parts)
    for part, text in parts.items():
        if part in _CHECKS:  # the number is not: without it there is nobody
            _CHECKS[part](text, country)


def _read_extra(cell: str, extra: FieldType) -> Value:
    if len(cell) > _MOST_CELL:
        raise RuleBroken(LONG_CELL)
    if extra.kind == FieldKind.TEXT:
        return cell
    try:
        return parse_value(extra.kind, cell, extra.choices)
    except RuleBroken as problem:
        raise RuleBroken(f"{extra.name}: {problem}") from None


def _split_name(full: str, found: dict[str, str]) -> None:
    """“Ann Lee” and “Lee, Ann” into first and last name, where those are not given."""
    if "," in full:
        last, _, first = full.partition(",")
    else:
        first, _, last = full.partition(" ")
    found["first_name"] = found.get("first_name") or first.strip()
    found["last_name"] = found.get("last_name") or last.strip()


def _check_name(name: str, country: str) -> str:
    if len(name) > 100:
        raise RuleBroken(LONG_NAME)
    return name


def _check_email(email: str, country: str) -> str:
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise RuleBroken(BAD_EMAIL)
    return email


def _check_state(state: str, country: str) -> str:
    return parse_state(state)


def _check_zone(zone: str, country: str) -> str:
    return parse_time_zone(zone)


_CHECKS: dict[str, Callable[[str, str], str]] = {
    "first_name": _check_name,
    "last_name": _check_name,
    "email": _check_email,
    "state": _check_state,
    "time_zone": _check_zone,
    "postal_code": parse_postal_code,
}
