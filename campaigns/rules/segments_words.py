"""A segment said as an English sentence: “in “VIP” and got “Spring sale” but did not reply”."""

from datetime import date
from typing import Any

from campaigns.rules.phones import COUNTRIES
from campaigns.rules.segments import (
    ALL_SUBJECTS,
    ATTRIBUTE,
    LINES,
    Known,
    Node,
    Takes,
    find_how,
    join_of,
    parts_of,
)

NOT_SAID = "…"


def say(definition: Any, known: Known) -> str:
    """What the people have in common; what is missing or was deleted is said to be."""
    if not join_of(definition) or not parts_of(definition):
        return _say_node(definition, known) if isinstance(definition, dict) and definition else ""
    return _say_group(definition, known)


def _say_node(node: Any, known: Known) -> str:
    if join_of(node):
        parts = parts_of(node)
        said = _say_group(node, known)
        is_plain = join_of(node) == "not" or (len(parts) == 1 and not join_of(parts[0]))
        return said if is_plain or len(parts) < 2 else f"({said})"
    return _say_condition(node, known) if isinstance(node, dict) else NOT_SAID


def _say_group(node: Node, known: Known) -> str:
    said = [_say_node(part, known) for part in parts_of(node)] or [NOT_SAID]
    join = join_of(node)
    if join == "not":
        return f"not {said[0]}" if said[0].startswith("(") else f"not ({said[0]})"
    return (" or " if join == "any" else " and ").join(said)


def _say_condition(condition: Node, known: Known) -> str:
    how = find_how(condition)
    if how is None:
        return NOT_SAID
    return how.said.format(
        about=_about(condition), value=_value(how.takes, condition, known) or NOT_SAID
    )


def _about(condition: Node) -> str:
    if condition["about"] == ATTRIBUTE:
        return str(condition.get("name"))
    subject = ALL_SUBJECTS[condition["about"]]
    return subject.said or subject.label[:1].lower() + subject.label[1:]


def _value(takes: Takes, condition: Node, known: Known) -> str:
    value = condition.get("value")
    if value in (None, "", []):
        return ""
    if takes in (Takes.LIST, Takes.CAMPAIGN, Takes.SEGMENT):
        return _row(takes, value, known)
    if takes is Takes.DAYS:
        return "day" if value == 1 else f"{value} days"
    if takes is Takes.DATE:
        return _date(value)
    if takes is Takes.TEXTS:
        return f"({', '.join(map(_quoted, value))})" if isinstance(value, list) else ""
    if takes is Takes.CHOICE:
        return _choice(condition, value)
    return f"{value:g}" if isinstance(value, float) else _quoted(value)


def _row(takes: Takes, number: Any, known: Known) -> str:
    rows = {
        Takes.LIST: known.lists,
        Takes.CAMPAIGN: known.campaigns,
        Takes.SEGMENT: {pk: name for pk, (name, _) in known.segments.items()},
    }[takes]
    name = rows.get(number) if isinstance(number, int) else None
    return _quoted(name) if name else f"a {takes.name.lower()} that was deleted"


def _choice(condition: Node, value: Any) -> str:
    if condition["about"] == "country":
        return COUNTRIES.get(str(value), str(value))
    if condition["about"] == "line":
        return LINES.get(str(value), str(value)).lower()
    return _quoted(value)


def _date(value: Any) -> str:
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        return ""
    return f"{found.day} {found:%B %Y}"


def _quoted(value: Any) -> str:
    return f"{value}" if isinstance(value, int) else f"“{value}”"
