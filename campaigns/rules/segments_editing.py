"""A segment while it is written: groups of all, any or none, edited step by step.

Definitions are what is kept; a `Group` is what the editor shows. Places are paths: "0-2" is the
third part of the first part.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from campaigns.rules.numbers import is_number
from campaigns.rules.segments import ATTRIBUTE, Known, Node, Takes, find_how, hows_of, join_of

ALL, ANY, NONE = "all", "any", "none"
JOIN_WORDS = {ALL: "all of these", ANY: "any of these", NONE: "none of these"}
#: Parts are joined by these in the editor.
BETWEEN = {ALL: "and", ANY: "or", NONE: "nor"}


@dataclass(slots=True)
class Group:
    join: str = ALL
    parts: list["Group | Node"] = field(default_factory=list)


def blank() -> Node:
    """A condition in which nothing is chosen yet."""
    return {"about": "", "how": "", "value": None}


def start() -> Group:
    """What a new segment begins with."""
    return Group(ALL, [blank()])


def group_of(definition: Any) -> Group:
    """A definition as the editor shows it; what is damaged is left out."""
    shown = _shown(definition)
    if isinstance(shown, Group):
        return shown if shown.parts else start()
    return Group(ALL, [shown]) if shown else start()


def _shown(node: Any) -> "Group | Node | None":
    join = join_of(node)
    if join is None:
        return dict(node) if isinstance(node, dict) and "about" in node else None
    if join == "not":
        inner = _shown(node["not"])
        if isinstance(inner, Group) and inner.join == ANY:
            return Group(NONE, inner.parts)
        return Group(NONE, [inner] if inner else [])
    parts = node[join] if isinstance(node[join], list) else []
    return Group(join, [shown for part in parts if (shown := _shown(part))])


def definition_of(part: "Group | Node") -> Node:
    """What is kept of it."""
    if not isinstance(part, Group):
        return part
    parts = [definition_of(each) for each in part.parts]
    return {"not": {ANY: parts}} if part.join == NONE else {part.join: parts}


# --- Steps ---------------------------------------------------------------------------------------


def edit(group: Group, step: str, path: str) -> str:
    """Do one step at a place; where one goes on. A place that is gone changes nothing.

    Steps: condition, group (added at the end of a group), after (a condition behind this one),
    remove, duplicate, up, down.
    """
    places = [int(place) for place in path.split("-") if is_number(place)]
    if step in ("condition", "group"):
        inside = _find(group, places)
        return _add(inside, step, path) if isinstance(inside, Group) else path
    parent = _find(group, places[:-1]) if places else None
    if not isinstance(parent, Group) or places[-1] >= len(parent.parts):
        return path
    return _join([*places[:-1], _change(parent.parts, step, places[-1])])


def _add(inside: Group, step: str, path: str) -> str:
    inside.parts.append(Group(ANY, [blank()]) if step == "group" else blank())
    new = f"{path}-{len(inside.parts) - 1}".removeprefix("-")
    return f"{new}-0" if step == "group" else new


def _change(parts: list["Group | Node"], step: str, at: int) -> int:
    if step == "remove":
        del parts[at]
        return max(min(at, len(parts) - 1), 0)
    if step in ("duplicate", "after"):
        parts.insert(at + 1, deepcopy(parts[at]) if step == "duplicate" else blank())
        return at + 1
    to = at + {"up": -1, "down": 1}.get(step, 0)
    if 0 <= to < len(parts):
        parts[at], parts[to] = parts[to], parts[at]
        return to
    return at


def _find(group: Group, places: list[int]) -> "Group | Node | None":
    found: Group | Node = group
    for place in places:
        if not isinstance(found, Group) or place >= len(found.parts):
            return None
        found = found.parts[place]
    return found


def _join(places: list[int]) -> str:
    return "-".join(map(str, places))


# --- What people chose and typed -----------------------------------------------------------------


def read_condition(about: str, how: str, value: str, was: str, known: Known) -> Node:
    """A condition from a row of the editor. `was`: what the row was about, and what it took, when
    its value was typed; a value of something else is forgotten."""
    condition: Node = {"about": about, "how": how, "value": None}
    if about.startswith(f"{ATTRIBUTE}:"):
        name = about.removeprefix(f"{ATTRIBUTE}:")
        kind = known.fields[name].kind if name in known.fields else "text"
        condition = {"about": ATTRIBUTE, "name": name, "kind": kind, "how": how, "value": None}
    hows = hows_of(condition)
    if hows and how not in hows:
        condition["how"] = next(iter(hows))
    found = find_how(condition)
    was_about, _, took = was.rpartition(" ")
    if found and was_about == about and _goes_with(took, found.takes):
        condition["value"] = read_value(found.takes, value)
    return condition


def _goes_with(took: str, takes: Takes) -> bool:
    texts = {Takes.TEXT.name, Takes.TEXTS.name}
    return took == takes.name or {took, takes.name} <= texts


def read_value(takes: Takes, text: str) -> Any:
    """What was typed, as it is kept; what cannot be that stays as it was typed."""
    text = text.strip()
    if takes is Takes.NOTHING or not text:
        return None
    if takes is Takes.TEXTS:
        return [each.strip() for each in text.split(",") if each.strip()]
    if takes in (Takes.LIST, Takes.CAMPAIGN, Takes.SEGMENT):
        return _number(text.removeprefix("#")) if text.startswith("#") else text
    if takes in (Takes.NUMBER, Takes.DAYS):
        return _number(text.replace(",", ""))
    return text


def _number(text: str) -> int | float | str:
    for read in (int, float):
        try:
            return read(text) if len(text) <= 30 and text.isascii() else text
        except ValueError:
            continue
    return text


def write_value(value: Any) -> str:
    """A value as it stands in a field of the editor."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
