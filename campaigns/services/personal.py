"""An MMS with merge fields and the people it goes to: what one of them reads, who lacks what."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Exists, F, Func, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from campaigns.models import Campaign, Channel, Contact, ContactList, OptOut
from campaigns.models.attributes import AttributeText, stripped
from campaigns.models.audience import MANY
from campaigns.rules.doubts import FALLBACK_ADVICE
from campaigns.rules.findings import Finding
from campaigns.rules.mergefields import (
    CONTACT_FIELDS,
    MergeField,
    Passage,
    as_text,
    fill_in_for_preview,
    find_fields,
    find_too_long,
    find_unknown,
    names_of,
    passages_in,
    tell_missing,
    tell_places,
)
from campaigns.rules.slides import TITLE_ROOM, Capacity
from campaigns.services import ladder
from campaigns.services.content_checks import capacity_of
from campaigns.services.drafts import MmsDraft
from campaigns.services.mergefields import known_fields

# --- Whom it goes to -----------------------------------------------------------------------------


def written_to(audience: Campaign | ContactList) -> QuerySet[Contact]:
    """The people of an audience without those who opted out, in an order that stays."""
    if isinstance(audience, Campaign):
        return ladder.written_to(audience, timezone.now())
    opted_out = OptOut.objects.on(None).filter(phone=OuterRef("phone"))
    people = Contact.objects.filter(memberships__contact_list=audience)
    # The members of a list stand in this order already: nothing is sorted.
    return people.filter(~Exists(opted_out)).order_by("memberships__contact_id")


@dataclass(frozen=True, slots=True)
class Reader:
    """One of the people it goes to. `count` is bounded: `MANY` + 1 means more than `MANY`."""

    contact: Contact
    position: int
    count: int

    @property
    def name(self) -> str:
        return f"{self.contact.first_name} {self.contact.last_name}".strip()

    @property
    def is_cut(self) -> bool:
        """Whether there are more people than we page through."""
        return self.count > MANY

    @property
    def last(self) -> int:
        return min(self.count, MANY)


def sample_recipients(people: QuerySet[Contact], position: int) -> Reader | None:
    """The person at this place, counted from 1; beyond the last comes the first again."""
    count = people[: MANY + 1].count()
    if not count:
        return None
    place = (position - 1) % min(count, MANY)
    contact = people[place : place + 1].first()
    return Reader(contact, place + 1, count) if contact else None


# --- What one of them reads ----------------------------------------------------------------------


def values_of(contact: Contact, names: Iterable[str]) -> dict[str, str]:
    """What is known of somebody for these fields, as text; "" where nothing is."""
    own = contact.attributes if isinstance(contact.attributes, dict) else {}
    return {
        name: as_text(getattr(contact, name) if name in CONTACT_FIELDS else own.get(name))
        for name in names
    }


def values_for_phone(phone: str, names: Iterable[str]) -> dict[str, str]:
    """The same of whoever has this number; of a stranger only the number is known."""
    contact = Contact.objects.filter(phone=phone).first() or Contact(phone=phone)
    return values_of(contact, names)


def passages_of(draft: MmsDraft) -> tuple[Passage, ...]:
    """Every text of an MMS that a person reads in their own words."""
    fallback = draft.fallback_text if draft.has_fallback else ""
    titles = [slide.title for slide in draft.slides]
    return passages_in(draft.subject, [slide.text for slide in draft.slides], fallback, titles)


def fields_of(draft: MmsDraft) -> tuple[MergeField, ...]:
    """The merge fields of an MMS, each wording once."""
    found = find_fields(*(passage.text for passage in passages_of(draft)))
    return tuple(field for field in found if field.name)


def personalise(draft: MmsDraft, values: Mapping[str, str]) -> MmsDraft:
    """The MMS as one person reads it; what is missing is marked."""
    return replace(
        draft,
        subject=fill_in_for_preview(draft.subject, values),
        slides=tuple(
            replace(
                slide,
                text=fill_in_for_preview(slide.text, values),
                title=fill_in_for_preview(slide.title, values),
            )
            for slide in draft.slides
        ),
        fallback_text=fill_in_for_preview(draft.fallback_text, values),
    )


# --- Who lacks what ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gaps:
    """Of `total` people: how many have no value for a field, and how long the longest one is."""

    total: int
    missing: Mapping[str, int]
    longest: Mapping[str, int]


def count_missing(
    people: QuerySet[Contact], names: Sequence[str], *, most: int | None = None
) -> Gaps:
    """Counted in one query, however many fields there are; with `most`, among the first."""
    values = {f"value_{number}": _text_of(name) for number, name in enumerate(names)}
    # Cut off, the rows are a table of their own, and no value is looked up twice.
    rows = people.annotate(**values)[: most or sys.maxsize]
    asked: dict[str, Func] = {"total": Count("pk")}
    for value in values:
        asked[f"missing_{value}"] = Count("pk", filter=Q(**{value: ""}))
        asked[f"longest_{value}"] = Max(Length(value))
    found = rows.aggregate(**asked)
    return Gaps(
        total=found["total"],
        missing={name: found[f"missing_value_{number}"] for number, name in enumerate(names)},
        longest={name: found[f"longest_value_{number}"] or 0 for number, name in enumerate(names)},
    )


def _text_of(name: str) -> Func:
    return stripped(F(name) if name in CONTACT_FIELDS else AttributeText(name))


def find_personal_problems(
    draft: MmsDraft,
    people: QuerySet[Contact],
    channel: Channel | None,
    *,
    most: int | None = None,
) -> tuple[list[Finding], list[Finding]]:
    """(what stops sending this to these people, what is only worth knowing); with `most`, the
    first of them are looked at."""
    fields = fields_of(draft)
    if not fields:
        return [], []
    gaps = count_missing(people, names_of(fields), most=most)
    unknown, problems = _find_unknown(draft, gaps)
    warnings: list[Finding] = []
    passages = passages_of(draft)
    for field in fields:
        missing = gaps.missing[field.name]
        if missing and field.name not in unknown:
            told = problems if field.fallback is None else warnings
            place = tell_places(field, passages)
            told.append(tell_missing(field, missing, gaps.total, place))
    return problems, [*warnings, *_find_too_long(draft, gaps, capacity_of(channel))]


def _find_unknown(draft: MmsDraft, gaps: Gaps) -> tuple[set[str], list[Finding]]:
    """Names that nobody has: none of these people, and nobody we look at besides."""
    doubtful = {
        name
        for name, missing in gaps.missing.items()
        if missing == gaps.total and name not in CONTACT_FIELDS
    }
    if not doubtful:
        return set(), []
    known = [field.name for field in known_fields()]
    unknown = doubtful.difference(known)
    return unknown, find_unknown(passages_of(draft), unknown, known)


def _find_too_long(draft: MmsDraft, gaps: Gaps, capacity: Capacity) -> list[Finding]:
    """Texts that fit as they are written and may not fit with the longest values."""
    rooms = {
        "subject": capacity.subject,
        "fallback_text": FALLBACK_ADVICE,
        "text": capacity.text,
        "title": TITLE_ROOM,
    }
    return [
        found
        for passage in passages_of(draft)
        for found in find_too_long(passage, gaps.longest, rooms[passage.field])
    ]
