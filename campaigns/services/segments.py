"""Segments: their sentence as one query, counted and tried while it is written."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.models import Campaign, Contact, ContactList, CustomField, Segment
from campaigns.rules import segments as rules
from campaigns.rules import segments_problems, segments_words
from campaigns.rules.segments import Known, KnownField, Node, Takes, join_of, parts_of
from campaigns.services.segments_events import consents, happened, on_list
from campaigns.services.segments_fields import person_is


def people_in(definition: Any, now: datetime) -> Q:
    """The contacts a definition describes, as a condition on `Contact`; nobody if anything of it
    is damaged, however deep."""
    known = read_known(definition)
    if segments_problems.find_segment_problems(definition, known):
        return Q(pk__in=[])
    return _compile(definition, known, now)


def _compile(node: Node, known: Known, now: datetime, *, is_not: bool = False) -> Q:
    """NOT is carried down to the conditions: databases join what they need not negate."""
    join = join_of(node)
    if join is None:
        return _condition(node, known, now, is_not)
    if join == "not":
        return _compile(node["not"], known, now, is_not=not is_not)
    combined = Q()
    for part in parts_of(node):
        found = _compile(part, known, now, is_not=is_not)
        combined = combined & found if (join == "all") != is_not else combined | found
    return combined


def _condition(condition: Node, known: Known, now: datetime, is_not: bool) -> Q:
    about = condition["about"]
    if about == "segment":
        _, definition = known.segments[condition["value"]]
        return _compile(definition, known, now, is_not=is_not != (condition["how"] == "not_in"))
    if about == "list":
        found = on_list(condition)
    elif about == "consent":
        found = consents(condition, now)
    elif about in ("campaign", "campaigns"):
        found = happened(condition, now)
    else:
        found = person_is(condition, now)
    return ~found if is_not else found


# --- What a definition names ---------------------------------------------------------------------


def read_known(*definitions: Any) -> Known:
    """The names of everything that these definitions name, and the attributes with a type."""
    segments = _read_segments(definitions)
    everything = [*definitions, *(definition for _, definition in segments.values())]

    def read(model: type[Campaign | ContactList], takes: Takes) -> dict[int, str]:
        named = {pk for each in everything for pk in rules.numbers_named(each, takes)}
        rows = model.objects.filter(pk__in=named).order_by() if named else []
        return {row.pk: row.name for row in (rows.only("name") if named else [])}

    return Known(
        lists=read(ContactList, Takes.LIST),
        campaigns=read(Campaign, Takes.CAMPAIGN),
        segments=segments,
        fields=read_fields(),
    )


def _read_segments(definitions: Any) -> dict[int, tuple[str, Any]]:
    """Those that are named, and those that they name: a query per level."""
    found: dict[int, tuple[str, Any]] = {}
    definitions = list(definitions)
    while named := {
        pk for each in definitions for pk in rules.numbers_named(each, Takes.SEGMENT)
    } - set(found):
        rows = (
            Segment.objects.filter(pk__in=named).order_by().values_list("pk", "name", "definition")
        )
        level = {pk: (name, definition) for pk, name, definition in rows}
        found |= level
        definitions = [definition for _, definition in level.values()]
    return found


def read_fields() -> dict[str, KnownField]:
    """The attributes that have a type, in the order people gave them."""
    rows = CustomField.objects.values_list("name", "kind", "choices")
    return {
        name: KnownField(kind, tuple(choices) if isinstance(choices, list) else ())
        for name, kind, choices in rows
    }


def find_segment_problems(definition: Any, *, itself: int | None = None) -> list[str]:
    """Every problem of a definition; with one it selects nobody."""
    return segments_problems.find_segment_problems(
        definition, read_known(definition), itself=itself
    )


def problems_of(segment: Segment) -> list[str]:
    """What keeps a stored segment from being used, each a full sentence that names it."""
    found = find_segment_problems(segment.definition, itself=segment.pk)
    return [f"The segment “{segment}” holds nobody. {problem}" for problem in found]


def say(definition: Any, known: Known | None = None) -> str:
    """A definition as a sentence."""
    return segments_words.say(definition, known or read_known(definition))


# --- Counting ------------------------------------------------------------------------------------


def people(definition: Any, now: datetime) -> QuerySet[Contact]:
    """Everybody in it, each once. Lists that all of them are on are joined, which no condition
    can say: SQLite reads them a quarter faster than within an IN."""
    known = read_known(definition)
    if segments_problems.find_segment_problems(definition, known):
        return Contact.objects.none()
    rows, parts = Contact.objects.order_by(), []
    for part in definition["all"] if join_of(definition) == "all" else [definition]:
        if part.get("about") == "list" and part["how"] == "on":
            rows = rows.filter(memberships__contact_list=part["value"])  # a join of its own
        else:
            parts.append(part)
    return rows.filter(_compile({"all": parts}, known, now))


def count_people(definition: Any, now: datetime, most: int | None = None) -> int:
    """How many they are; with `most`, counted no further than one beyond it."""
    found = people(definition, now)
    return (found if most is None else found[: most + 1]).count()


def sample_people(definition: Any, now: datetime, count: int = 5) -> list[Contact]:
    """Some of them, the newest."""
    return list(people(definition, now).order_by("-pk")[:count])


# --- What can be chosen --------------------------------------------------------------------------

#: Of each: the newest; what a definition names already is offered besides.
MOST_OFFERED = 5000

Rows = dict[int, str]


def read_offered(known: Known, *, itself: int | None = None) -> tuple[Rows, Rows, Rows]:
    """Lists, campaigns that were launched, and other segments: number → name."""
    lists = ContactList.objects.order_by("-pk").values_list("pk", "name")
    launched = Campaign.objects.exclude(launched_at=None).order_by("-launched_at")
    others = Segment.objects.exclude(pk=itself).order_by("name").values_list("pk", "name")
    campaigns = {
        pk: f"{name}, {timezone.localtime(at):%Y-%m-%d}"
        for pk, name, at in launched.values_list("pk", "name", "launched_at")[:MOST_OFFERED]
    }
    named = {pk: name for pk, name in known.campaigns.items() if pk not in campaigns}
    return (
        {**dict(lists[:MOST_OFFERED]), **known.lists},
        {**campaigns, **named},
        dict(others[:MOST_OFFERED]),
    )
