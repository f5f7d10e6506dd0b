"""The editor of a segment: rows of plain selects and inputs, and what was posted of them.

Every row posts one `node`, and a condition one `about`, `how`, `value` and `was` besides, in the
order of the page; "end" closes a group. So nothing is numbered, and no script is needed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from campaigns.rules.numbers import is_number
from campaigns.rules.phones import COUNTRIES
from campaigns.rules.segments import (
    ATTRIBUTE,
    LINES,
    SUBJECTS,
    Known,
    Node,
    Takes,
    find_how,
    hows_of,
)
from campaigns.rules.segments_editing import (
    BETWEEN,
    JOIN_WORDS,
    Group,
    read_condition,
    start,
    write_value,
)

#: Beyond so many, one types and chooses from what fits.
MOST_IN_SELECT = 40
#: takes → the id of the page's list of suggestions.
SUGGESTED = {Takes.LIST: "lists", Takes.CAMPAIGN: "campaigns", Takes.SEGMENT: "segments"}
_INPUT_TYPES = {Takes.DATE: "date", Takes.DAYS: "number"}

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen: number → name, the newest first."""

    lists: Mapping[int, str]
    campaigns: Mapping[int, str]
    segments: Mapping[int, str]

    def of(self, takes: Takes) -> Mapping[int, str]:
        return getattr(self, SUGGESTED[takes])

    @property
    def suggestions(self) -> dict[str, Mapping[int, str]]:
        """The long ones, as lists of suggestions of the page."""
        every = {name: getattr(self, name) for name in SUGGESTED.values()}
        return {name: rows for name, rows in every.items() if len(rows) > MOST_IN_SELECT}


def label_of(number: int, name: str) -> str:
    """How a row stands among suggestions: names of campaigns are not unique."""
    return f"{name} (#{number})"


# --- What was posted -----------------------------------------------------------------------------


def read_group(posted: QueryDict, known: Known, offered: Offered) -> Group:
    """The tree of the page; what is missing at its end is made up for."""
    rows = zip(
        *(posted.getlist(name) for name in ("about", "how", "value", "was")),
        strict=False,
    )
    conditions = (
        read_condition(about, how, _number_in(value, was, offered), was, known)
        for about, how, value, was in rows
    )
    group: Group | None = None
    trail: list[Group] = []
    for node in posted.getlist("node"):
        if node == "end":
            trail = trail[:-1] or trail
        elif node in JOIN_WORDS:
            new = Group(node)
            (trail[-1].parts.append(new) if trail else None)
            group = group or new
            trail.append(new)
        elif trail and (condition := next(conditions, None)):
            trail[-1].parts.append(condition)
    return group or start()


def _number_in(value: str, was: str, offered: Offered) -> str:
    """“Spring (#12)”, or a name that only one has, as “#12”."""
    took = was.rpartition(" ")[2]
    takes = Takes[took] if took in Takes.__members__ else None
    if takes not in SUGGESTED or not value.strip() or value.startswith("#"):
        return value
    head, _, number = value.strip().rpartition("(#")
    if head and number.endswith(")") and is_number(number[:-1]):
        return f"#{number[:-1]}"
    wanted = value.strip().casefold()
    found = [pk for pk, name in offered.of(takes).items() if name.casefold() == wanted]
    return f"#{found[0]}" if len(found) == 1 else value


# --- What is shown -------------------------------------------------------------------------------


@dataclass(slots=True)
class Field:
    """The last field of a row; `control` is none, select, suggest or input."""

    control: str
    value: str = ""
    kind: str = "text"
    options: Options = field(default_factory=list)
    suggestions: str = ""
    word: str = ""
    hint: str = ""


@dataclass(slots=True)
class Row:
    """A condition as the page shows it."""

    path: str
    about: str
    how: str
    was: str
    abouts: list[tuple[str, Options]]
    hows: Options
    field: Field
    number: int  # of its group, from 1
    between: str
    is_first: bool
    is_last: bool
    is_group = False


@dataclass(slots=True)
class ShownGroup:
    path: str
    join: str
    joins: Options
    level: int
    parts: list["Row | ShownGroup"]
    number: int = 1
    between: str = ""
    is_first: bool = True
    is_last: bool = True
    is_group = True


def show_group(group: Group, known: Known, offered: Offered) -> ShownGroup:
    return _Showing(known, offered).group(group, "", 1)


class _Showing:
    """One walk over the tree of an editor."""

    def __init__(self, known: Known, offered: Offered) -> None:
        self.known, self.offered = known, offered

    def group(self, group: Group, path: str, level: int) -> ShownGroup:
        parts = list(self._parts(group, path, level))
        return ShownGroup(path, group.join, list(JOIN_WORDS.items()), level, parts)

    def _parts(self, group: Group, path: str, level: int) -> "Iterator[Row | ShownGroup]":
        for at, part in enumerate(group.parts):
            inside = f"{path}-{at}".removeprefix("-")
            is_group = isinstance(part, Group)
            shown = self.group(part, inside, level + 1) if is_group else self._row(part, inside)
            shown.number, shown.between = at + 1, BETWEEN[group.join] if at else ""
            shown.is_first, shown.is_last = at == 0, at == len(group.parts) - 1
            yield shown

    def _row(self, condition: Node, path: str) -> Row:
        about = condition.get("about") or ""
        if about == ATTRIBUTE:
            about = f"{ATTRIBUTE}:{condition.get('name')}"
        how = find_how(condition)
        hows = [(name, each.label) for name, each in hows_of(condition).items()]
        takes = how.takes if how else Takes.NOTHING
        return Row(
            path=path,
            about=about,
            how=condition.get("how") or "",
            was=f"{about} {takes.name}",
            abouts=self._abouts(about),
            hows=hows,
            field=self._field(condition, takes),
            number=1,
            between="",
            is_first=True,
            is_last=True,
        )

    def _abouts(self, chosen: str) -> list[tuple[str, Options]]:
        groups = [
            (name, [(about, subject.label) for about, subject in subjects.items()])
            for name, subjects in SUBJECTS.items()
        ]
        names = list(self.known.fields)
        if chosen.startswith(f"{ATTRIBUTE}:") and (name := chosen[10:]) not in names:
            names.append(name)
        fields = [(f"{ATTRIBUTE}:{name}", name) for name in names]
        return [*groups, ("Fields", fields)] if fields else groups

    def _field(self, condition: Node, takes: Takes) -> Field:
        value = condition.get("value")
        if takes is Takes.NOTHING:
            return Field("none")
        if takes in SUGGESTED:
            return self._rows(takes, value)
        if takes is Takes.CHOICE:
            return Field("select", write_value(value), options=self._choices(condition))
        kind = _INPUT_TYPES.get(takes, "text")
        hint = {Takes.TEXTS: "Several, with commas between", Takes.DAYS: "days"}.get(takes, "")
        return Field("input", write_value(value), kind, hint=hint)

    def _rows(self, takes: Takes, value: Any) -> Field:
        rows, word = self.offered.of(takes), takes.name.lower()
        is_number = isinstance(value, int)
        if len(rows) <= MOST_IN_SELECT:
            options = [(f"#{pk}", name) for pk, name in rows.items()]
            if is_number and value not in rows:
                options.append((f"#{value}", f"a {word} that was deleted"))
            return Field("select", f"#{value}" if is_number else "", options=options, word=word)
        shown = label_of(value, rows.get(value, "deleted")) if is_number else write_value(value)
        hint = f"Type a part of its name: {len(rows):,} {word}s"
        return Field("suggest", shown, suggestions=SUGGESTED[takes], word=word, hint=hint)

    def _choices(self, condition: Node) -> Options:
        about, value = condition["about"], write_value(condition.get("value"))
        if about == "country":
            options = sorted(COUNTRIES.items(), key=lambda item: item[1])
        elif about == "line":
            options = list(LINES.items())
        else:
            known = self.known.fields.get(condition["name"])
            options = [(choice, choice) for choice in (known.choices if known else ())]
        if value and value not in dict(options):
            options.append((value, f"{value} (not offered any more)"))
        return options
