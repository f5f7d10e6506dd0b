"""What is wrong with the definition of a segment, in sentences. A damaged one selects nobody."""

from collections.abc import Callable
from datetime import date
from typing import Any

from campaigns.rules.customfields import FieldKind
from campaigns.rules.segments import (
    ALL_SUBJECTS,
    ATTRIBUTE,
    LINES,
    Known,
    Node,
    Takes,
    find_how,
    is_row_number,
    join_of,
    parts_of,
)

#: A sentence beyond these is no sentence any more; queries stay within what databases take.
MOST_CONDITIONS = 100
MOST_LEVELS = 10
MOST_DAYS = 36_500
LONGEST_TEXT = 200
MOST_TEXTS = 500
MOST_NUMBER = 1e15
MOST_DIGITS = 15
YEARS = range(1900, 2200)

_DAMAGED = "A part of this segment is damaged: take it out, or write the segment anew."
_EMPTY = "A group is empty: add a condition to it, or remove it."


def find_segment_problems(definition: Any, known: Known, *, itself: int | None = None) -> list[str]:
    """Every problem once; [] when it can be counted. `itself`: the segment that says this."""
    if definition in ({}, None, {"all": []}):
        return ["Add a condition: a segment without one holds nobody."]
    search = _Search(known, (itself,) if itself else ())
    search.look(definition, 1)
    return list(dict.fromkeys(search.problems))


class _Search:
    """One walk over a tree and over the segments it names."""

    def __init__(self, known: Known, inside: tuple[int, ...]) -> None:
        self.known, self.inside = known, inside
        self.problems: list[str] = []
        self.count = 0

    def look(self, node: Any, level: int) -> None:
        if level > MOST_LEVELS or self.count >= MOST_CONDITIONS:
            self.problems.append(
                f"It is too long: at most {MOST_CONDITIONS} conditions in {MOST_LEVELS} levels of "
                "groups and segments. Make it shorter."
            )
        elif join := join_of(node):
            self._look_into(node, join, level)
        elif isinstance(node, dict):
            self.count += 1
            self.problems += self._of_condition(node, level)
        else:
            self.problems.append(_DAMAGED)

    def _look_into(self, node: Node, join: str, level: int) -> None:
        if join != "not" and not isinstance(node[join], list):
            self.problems.append(_DAMAGED)
        elif not parts_of(node):
            self.problems.append(_EMPTY)
        for part in parts_of(node):
            self.look(part, level + 1)

    def _of_condition(self, condition: Node, level: int) -> list[str]:
        about = condition.get("about")
        if about == ATTRIBUTE:
            if problems := self._of_attribute(condition):
                return problems
        elif not isinstance(about, str) or (about and about not in ALL_SUBJECTS):
            return [_DAMAGED]
        if not about:
            return ["Choose what a condition is about."]
        how = find_how(condition)
        if how is None:
            return [f"{_name(condition)}: choose how it is compared."]
        return self._of_value(condition, how.takes, level)

    def _of_attribute(self, condition: Node) -> list[str]:
        name, kind = condition.get("name"), condition.get("kind")
        if not isinstance(name, str) or not name or not name.isprintable():
            return [_DAMAGED]
        field = self.known.fields.get(name)
        if kind not in FieldKind.values:
            return [_DAMAGED]
        if field is None:  # an attribute that nobody described is a text
            return [] if kind == FieldKind.TEXT else [f"There is no field “{name}” any more."]
        if field.kind != kind:
            label = FieldKind(field.kind).label.lower()
            return [f"“{name}” is of another type now ({label}): choose how it is compared."]
        return []

    def _of_value(self, condition: Node, takes: Takes, level: int) -> list[str]:
        value = condition.get("value")
        rows = {
            Takes.LIST: self.known.lists,
            Takes.CAMPAIGN: self.known.campaigns,
            Takes.SEGMENT: self.known.segments,
        }
        if takes in rows:
            word = takes.name.lower()
            if value in (None, ""):
                return [f"Choose a {word}."]
            if isinstance(value, str):
                return [f"There is no {word} “{value[:60]}”: choose one of those offered."]
            if not is_row_number(value) or value not in rows[takes]:
                return [f"A {word} in this segment does not exist any more: choose another."]
            return self._of_segment(value, level) if takes is Takes.SEGMENT else []
        if takes is Takes.CHOICE:
            return self._of_choice(condition)
        problem = _CHECKS[takes](value)
        if not problem and condition["about"] == "phone":
            problem = _check_digits(value)
        return [f"{_name(condition)}: {problem}"] if problem else []

    def _of_segment(self, number: int, level: int) -> list[str]:
        name, definition = self.known.segments[number]
        if number in self.inside:
            return [f"The segment “{name}” would hold itself: choose another."]
        inner = _Search(self.known, (*self.inside, number))
        inner.count = self.count
        inner.look(definition or {"all": []}, level + 1)
        self.count = inner.count
        return [f"The segment “{name}” cannot be used. {told}" for told in inner.problems[:1]]

    def _of_choice(self, condition: Node) -> list[str]:
        value, about = condition.get("value"), condition["about"]
        if value in (None, ""):
            return [f"{_name(condition)}: choose what it is compared with."]
        if about == "country":
            is_offered = isinstance(value, str) and len(value) == 2 and value.isalpha()
        elif about == "line":
            is_offered = isinstance(value, str) and value in LINES
        else:
            is_offered = value in self.known.fields[condition["name"]].choices
        if is_offered:
            return []
        return [f"{_name(condition)}: “{str(value)[:60]}” is not offered any more: choose another."]


def _name(condition: Node) -> str:
    if condition["about"] == ATTRIBUTE:
        return condition["name"]
    return ALL_SUBJECTS[condition["about"]].label


def _check_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return "write what it is compared with."
    if not value.isprintable():
        return "it is compared with signs that nobody can read: write it anew."
    if len(value) > LONGEST_TEXT:
        return f"it is compared with too long a text: at most {LONGEST_TEXT} characters."
    return ""


def _check_texts(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return "write what it is compared with, with commas between."
    if len(value) > MOST_TEXTS:
        return f"at most {MOST_TEXTS} values: put more into a list."
    return next((problem for text in value if (problem := _check_text(text))), "")


def _check_number(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not -MOST_NUMBER <= value <= MOST_NUMBER:
        return "write a number."
    return ""


def _check_date(value: Any) -> str:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        found = None
    return "" if found and found.year in YEARS else "choose a date."


def _check_days(value: Any) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 1 <= value <= MOST_DAYS:
        return f"write how many days, from 1 to {MOST_DAYS:,}."
    return ""


def _check_digits(value: str) -> str:
    digits = "".join(sign for sign in value if sign.isascii() and sign.isdigit())
    return "" if 1 <= len(digits) <= MOST_DIGITS else "write a number, or how it begins, in digits."


_CHECKS: dict[Takes, Callable[[Any], str]] = {
    Takes.NOTHING: lambda value: "",
    Takes.TEXT: _check_text,
    Takes.TEXTS: _check_texts,
    Takes.NUMBER: _check_number,
    Takes.DATE: _check_date,
    Takes.DAYS: _check_days,
}
