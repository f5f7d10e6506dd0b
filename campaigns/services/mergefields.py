"""The merge fields there are to choose from: those of every contact, and what people imported."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from campaigns.models import Contact, ContactImport
from campaigns.rules.mergefields import (
    CONTACT_FIELDS,
    MergeField,
    as_text,
    find_fields,
    say_name,
)

#: How far back we look for what people have: the newest contacts and imports.
CONTACTS_SEEN, IMPORTS_SEEN = 2_000, 20
MOST_ATTRIBUTES = 60


@dataclass(frozen=True, slots=True)
class KnownField:
    """`share` is the percentage of the newest contacts that have it; None without contacts."""

    name: str
    example: str = ""
    share: int | None = None

    @property
    def label(self) -> str:
        return CONTACT_FIELDS.get(self.name, self.name)

    @property
    def said(self) -> str:
        """As it is said in a sentence: the first name, “City”."""
        said = say_name(self.name)
        return f"the {said}" if self.name in CONTACT_FIELDS else said

    @property
    def usual_fallback(self) -> str:
        """What most people write where it is not known."""
        return "there" if self.name == "first_name" else ""

    @property
    def is_everybodys(self) -> bool:
        """Whether nobody can be without it."""
        return self.name == "phone"


def known_fields() -> list[KnownField]:
    """The fields of a contact, then the attributes, the most common first."""
    have: Counter[str] = Counter()
    examples: dict[str, str] = {}
    people = Contact.objects.order_by("-pk").values(*CONTACT_FIELDS, "attributes")
    newest = list(people[:CONTACTS_SEEN])
    for person in newest:
        for name, value in _known_of(person):
            have[name] += 1
            examples.setdefault(name, value)
    return [
        KnownField(name, examples.get(name, ""), _share(have[name], len(newest)))
        for name in (*CONTACT_FIELDS, *_pick_attributes(have))
    ]


def _share(count: int, total: int) -> int | None:
    """In percent: 100 only when all have it, 0 only when nobody has."""
    if not total:
        return None
    return max(100 * count // total, min(count, 1))


def _known_of(person: Mapping) -> Iterable[tuple[str, str]]:
    own = person["attributes"] if isinstance(person["attributes"], dict) else {}
    for name, value in (own | {name: person[name] for name in CONTACT_FIELDS}).items():
        if text := as_text(value):
            yield name, text


def _pick_attributes(have: Counter[str]) -> list[str]:
    names = {name: have[name] for name in (*have, *_imported_names())}
    written = [name for name in names if _can_be_written(name) and name not in CONTACT_FIELDS]
    return sorted(written, key=lambda name: (-names[name], name.casefold()))[:MOST_ATTRIBUTES]


def _imported_names() -> Iterable[str]:
    """The columns that recent imports kept as attributes."""
    recent = ContactImport.objects.exclude(status=ContactImport.Status.PREVIEW)
    for columns, mapping in recent.values_list("columns", "mapping")[:IMPORTS_SEEN]:
        for place, kind in mapping.items():
            if kind == "attribute" and int(place) < len(columns):
                yield columns[int(place)]


def _can_be_written(name: str) -> bool:
    """Whether a merge field of this name is read back as it was written."""
    field = MergeField(name)
    return find_fields(str(field)) == (field,)
