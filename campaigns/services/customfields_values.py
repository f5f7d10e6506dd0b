"""The values that contacts have of a field: counted, tried against a type, moved in chunks."""

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Count, QuerySet

from campaigns.models import Contact, CustomField
from campaigns.models.typed import AttributeWords
from campaigns.rules.customfields import Value, parse_value
from campaigns.rules.mergefields import as_text
from campaigns.rules.problems import RuleBroken
from campaigns.services.queue import ring

CHUNK = 500
#: One ring of the doorbell works for so long, and rings again.
WORKING_TIME = timedelta(seconds=20)


def having(name: str) -> QuerySet[Contact]:
    """Contacts with a value under this name: text, number, yes or no; with `words`."""
    return Contact.objects.alias(words=AttributeWords(name)).exclude(words="").order_by("pk")


def count_values(name: str) -> int:
    """How many contacts have a value; it walks through all of them."""
    return having(name).order_by().count()


@dataclass(frozen=True, slots=True)
class Misfits:
    """Values that a type does not take: how many contacts have one, and one of them."""

    count: int = 0
    example: str = ""


def find_misfits(name: str, kind: str, choices: list[str]) -> Misfits:
    """What of the values under this name is none of this type. Each wording is tried once."""
    words = having(name).annotate(said=AttributeWords(name)).order_by().values("said")
    count, example = 0, ""
    for said, people in words.annotate(n=Count("pk")).values_list("said", "n").iterator():
        if not fits(kind, said, choices):
            count, example = count + people, example or said
    return Misfits(count, example)


def fits(kind: str, value: object, choices: list[str]) -> bool:
    """Whether a value can be read as one of this type."""
    try:
        return bool(str(parse_value(kind, as_text(value), choices)))
    except RuleBroken:
        return False


def convert(kind: str, value: object, choices: list[str]) -> Value:
    """A value as the type keeps it; what does not fit stays as it is."""
    text = as_text(value)
    if not text or not fits(kind, value, choices):
        return value  # type: ignore[return-value]
    return parse_value(kind, text, choices)


def move_values(field_id: int, for_so_long: timedelta = WORKING_TIME) -> bool:
    """Bring the values to the field's new name and type, chunk by chunk; a kill costs nothing.
    Rings again when it is not through; whether it is."""
    until = monotonic() + for_so_long.total_seconds()
    while _move_chunk(field_id):
        if monotonic() > until:
            ring("customfields.move_values", field_id)
            return False
    return True


@transaction.atomic
def _move_chunk(field_id: int) -> bool:
    """Whether there may be more."""
    field = CustomField.objects.select_for_update().filter(pk=field_id).first()
    if field is None or not field.former_name:
        return False
    rows = having(field.former_name).filter(pk__gt=field.moved_to).select_for_update()
    people = list(rows.only("pk", "attributes")[:CHUNK])
    for person in people:
        person.attributes = moved(person.attributes, field)
    Contact.objects.bulk_update(people, ["attributes"])
    if people:
        field.moved_to = people[-1].pk
    else:
        field.former_name, field.moved_to = "", 0
    field.save(update_fields=["former_name", "moved_to"])
    return bool(people)


def moved(attributes: dict[str, object], field: CustomField) -> dict[str, object]:
    """The attributes of one contact with this value under its new name and of its new type; what
    stands under the new name already is newer."""
    value = convert(field.kind, attributes.get(field.former_name), field.choices)
    others = {n: v for n, v in attributes.items() if n != field.former_name}
    return {**others, field.name: others.get(field.name, value)}
