"""The language of segments: what can be asked about people, and how a sentence is kept as JSON.

A node is a group, `{"all": […]}`, `{"any": […]}` or `{"not": node}`, or a condition:
`{"about": "state", "how": "is", "value": "NY"}`; of an attribute also `name` and `kind`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from campaigns.rules.customfields import FieldKind
from campaigns.rules.lines import LineKind

Node = dict[str, Any]
JOINS = ("all", "any", "not")


class Takes(Enum):
    """What a comparison is given."""

    NOTHING = auto()
    TEXT = auto()
    TEXTS = auto()  # a list of them
    NUMBER = auto()
    DATE = auto()  # "2026-03-01"
    DAYS = auto()  # a whole number of days
    CHOICE = auto()  # one of what is offered
    LIST = auto()  # these three: a number of a row
    CAMPAIGN = auto()
    SEGMENT = auto()


@dataclass(frozen=True, slots=True)
class How:
    """A comparison: its word in the editor, its sentence, what it takes."""

    label: str
    said: str
    takes: Takes = Takes.NOTHING


_OR_NOT = "(or is not known)"
_KNOWN = {
    "known": How("is known", "{about} is known"),
    "unknown": How("is not known", "{about} is not known"),
}
_TEXT = {
    "is": How("is", "{about} is {value}", Takes.TEXT),
    "is_not": How("is not", f"{{about}} is not {{value}} {_OR_NOT}", Takes.TEXT),
    "one_of": How("is one of", "{about} is one of {value}", Takes.TEXTS),
    "none_of": How("is none of", f"{{about}} is none of {{value}} {_OR_NOT}", Takes.TEXTS),
    "begins": How("begins with", "{about} begins with {value}", Takes.TEXT),
    "contains": How("contains", "{about} contains {value}", Takes.TEXT),
    "lacks": How("does not contain", f"{{about}} does not contain {{value}} {_OR_NOT}", Takes.TEXT),
}
_NUMBER = {
    "is": How("is", "{about} is {value}", Takes.NUMBER),
    "is_not": How("is not", f"{{about}} is not {{value}} {_OR_NOT}", Takes.NUMBER),
    "more": How("is more than", "{about} is more than {value}", Takes.NUMBER),
    "least": How("is at least", "{about} is at least {value}", Takes.NUMBER),
    "less": How("is less than", "{about} is less than {value}", Takes.NUMBER),
    "most": How("is at most", "{about} is at most {value}", Takes.NUMBER),
}
_DAY = {
    "is": How("is", "{about} is {value}", Takes.DATE),
    "since": How("is on or after", "{about} is on or after {value}", Takes.DATE),
    "until": How("is on or before", "{about} is on or before {value}", Takes.DATE),
    "last": How("is in the last … days", "{about} is in the last {value}", Takes.DAYS),
    "older": How("is more than … days ago", "{about} is more than {value} ago", Takes.DAYS),
}
_AHEAD = {"next": How("is in the next … days", "{about} is in the next {value}", Takes.DAYS)}
_CHOICE = {
    "is": How("is", "{about} is {value}", Takes.CHOICE),
    "is_not": How("is not", f"{{about}} is not {{value}} {_OR_NOT}", Takes.CHOICE),
}
_ALWAYS_CHOICE = {
    "is": _CHOICE["is"],
    "is_not": How("is not", "{about} is not {value}", Takes.CHOICE),
}
_YES_NO = {"yes": How("is yes", "{about} is yes"), "no": How("is no", "{about} is no")}
_NUMBERED = {
    "is": _TEXT["is"],
    "is_not": How("is not", "{about} is not {value}", Takes.TEXT),
    "begins": _TEXT["begins"],
}

#: kind of an attribute → how it is compared.
ATTRIBUTES: dict[str, dict[str, How]] = {
    FieldKind.TEXT: {**_TEXT, **_KNOWN},
    FieldKind.NUMBER: {**_NUMBER, **_KNOWN},
    FieldKind.DATE: {**_DAY, **_AHEAD, **_KNOWN},
    FieldKind.YES_NO: {**_YES_NO, **_KNOWN},
    FieldKind.CHOICE: {**_CHOICE, **_KNOWN},
}
_LIST = {
    "on": How("is", "in {value}", Takes.LIST),
    "not_on": How("is not", "not in {value}", Takes.LIST),
}
_CONSENT = {
    "agreed": How("is given", "agreed to be written to"),
    "none": How("is not known", "no consent is known"),
    "since": How("was given on or after", "agreed on or after {value}", Takes.DATE),
    "until": How("was given on or before", "agreed on or before {value}", Takes.DATE),
    "last": How("was given in the last … days", "agreed in the last {value}", Takes.DAYS),
    "older": How("was given more than … days ago", "agreed more than {value} ago", Takes.DAYS),
    "opted_out": How("ended: opted out", "opted out"),
    "not_opted_out": How("did not end: no opt-out", "did not opt out"),
}
_CAMPAIGN = {
    "got": How("they got", "got {value}", Takes.CAMPAIGN),
    "delivered": How("was delivered", "{value} was delivered", Takes.CAMPAIGN),
    "failed": How("failed", "{value} failed", Takes.CAMPAIGN),
    "replied": How("they replied to", "replied to {value}", Takes.CAMPAIGN),
    "not_got": How(
        "they did not get", "did not get {value} (and does not wait for it)", Takes.CAMPAIGN
    ),
    "not_replied": How(
        "they got and did not reply to", "got {value} but did not reply", Takes.CAMPAIGN
    ),
}
_LATELY = "in the last {value}"
_CAMPAIGNS = {
    "got": How("they got, in the last … days", f"got a campaign {_LATELY}", Takes.DAYS),
    "delivered": How(
        "was delivered, in the last … days", f"a campaign was delivered {_LATELY}", Takes.DAYS
    ),
    "failed": How("failed, in the last … days", f"a campaign failed {_LATELY}", Takes.DAYS),
    "replied": How(
        "they replied to, in the last … days", f"replied to a campaign {_LATELY}", Takes.DAYS
    ),
    "not_got": How(
        "they did not get, in the last … days",
        f"got no campaign {_LATELY} (and waits for none)",
        Takes.DAYS,
    ),
    "not_replied": How(
        "they got and did not reply to, in the last … days",
        f"got a campaign {_LATELY}, replied to none",
        Takes.DAYS,
    ),
}
_SEGMENT = {
    "in": How("is", "in the segment {value}", Takes.SEGMENT),
    "not_in": How("is not", "not in the segment {value}", Takes.SEGMENT),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is known of a person."""

    label: str
    hows: Mapping[str, How]
    said: str = ""  # where the sentence has another word for it


#: Where the editor groups them → about → subject. Attributes come besides.
SUBJECTS: dict[str, dict[str, Subject]] = {
    "What happened": {
        "list": Subject("List", _LIST),
        "campaign": Subject("Campaign", _CAMPAIGN),
        "campaigns": Subject("Any campaign", _CAMPAIGNS),
        "consent": Subject("Consent", _CONSENT),
        "segment": Subject("Segment", _SEGMENT),
    },
    "The person": {
        "first_name": Subject("First name", {**_TEXT, **_KNOWN}),
        "last_name": Subject("Last name", {**_TEXT, **_KNOWN}),
        "email": Subject("E-mail", {**_TEXT, **_KNOWN}),
        "phone": Subject("Number", _NUMBERED),
        "country": Subject("Country", {**_CHOICE, **_KNOWN}),
        "state": Subject("State or province", {**_TEXT, **_KNOWN}, "state"),
        "postal_code": Subject("Postal code", {**_TEXT, **_KNOWN}),
        "time_zone": Subject("Time zone", {**_TEXT, **_KNOWN}),
        "line": Subject("Kind of line", _ALWAYS_CHOICE, "the line"),
        "created_at": Subject("Added", _DAY, "the day they were added"),
    },
}
ALL_SUBJECTS = {about: one for group in SUBJECTS.values() for about, one in group.items()}
ATTRIBUTE = "attribute"
#: What `line` may be compared with.
LINES = {str(kind.value): str(kind.label) for kind in LineKind}


@dataclass(frozen=True, slots=True)
class KnownField:
    """What is known of an attribute."""

    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The rows that a definition may name: number → name (of segments also what they say)."""

    lists: Mapping[int, str] = field(default_factory=dict)
    campaigns: Mapping[int, str] = field(default_factory=dict)
    segments: Mapping[int, tuple[str, Any]] = field(default_factory=dict)
    fields: Mapping[str, KnownField] = field(default_factory=dict)


def hows_of(condition: Node) -> Mapping[str, How]:
    """The comparisons its subject has; {} of an unknown one."""
    about = condition.get("about")
    if about == ATTRIBUTE:
        kind = condition.get("kind")
        return ATTRIBUTES.get(kind, {}) if isinstance(kind, str) else {}
    subject = ALL_SUBJECTS.get(about) if isinstance(about, str) else None
    return subject.hows if subject else {}


def find_how(condition: Node) -> How | None:
    how = condition.get("how")
    return hows_of(condition).get(how) if isinstance(how, str) else None


def join_of(node: Any) -> str | None:
    """all, any or not, when it is a group."""
    if not isinstance(node, dict) or len(node) != 1:
        return None
    join = next(iter(node))
    return join if join in JOINS else None


def parts_of(node: Node) -> list[Any]:
    """What is in a group; [] when that is damaged."""
    join = join_of(node)
    if join == "not":
        return [node["not"]]
    parts = node[join] if join else []
    return parts if isinstance(parts, list) else []


def conditions_of(node: Any) -> list[Node]:
    """Every condition of a tree; of a damaged one those that can be found."""
    if join_of(node):
        return [found for part in parts_of(node) for found in conditions_of(part)]
    return [node] if isinstance(node, dict) else []


def numbers_named(definition: Any, takes: Takes) -> set[int]:
    """The lists, campaigns or segments (by number) that its conditions name."""
    named = set()
    for condition in conditions_of(definition):
        how, value = find_how(condition), condition.get("value")
        if how and how.takes is takes and is_row_number(value):
            named.add(value)
    return named


def is_row_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
