"""The extra fields of an import: which field a column fills, and the new ones it brings."""

from collections.abc import Iterable, Sequence
from itertools import islice

from django.db.models import Max

from campaigns.models import ContactImport, CustomField
from campaigns.rules.columns import kind_of, said_type
from campaigns.rules.contactrows import FieldType, Layout
from campaigns.rules.customfields import guess_kind
from campaigns.rules.rows import Row
from campaigns.services.import_files import read_file

#: The type of a new field is guessed from the cells of so many rows.
GUESSED_ROWS = 2_000


def layout_of(contact_import: ContactImport) -> Layout:
    """What the columns mean, with fields that are there and types guessed for those that are
    not (yet)."""
    mapping = {int(place): name for place, name in contact_import.mapping.items()}
    return Layout(
        tuple(contact_import.columns), mapping, contact_import.country, _fields(contact_import)
    )


def _fields(contact_import: ContactImport) -> dict[int, FieldType]:
    """Place of a column → its extra field. Names are the same in any case of letters."""
    columns = contact_import.columns
    extra = {
        place: said_type(name)
        for place, name in ((int(place), name) for place, name in contact_import.mapping.items())
        if kind_of(name) == "attribute" and place < len(columns)
    }
    known = {one.name.casefold(): one for one in CustomField.objects.all()} if extra else {}
    found = {
        place: FieldType(one.name, one.kind, tuple(one.choices))
        for place in extra
        if (one := known.get(columns[place].casefold()))
    }
    unsaid = [place for place, said in extra.items() if place not in found and not said]
    rows = read_file(contact_import) if unsaid else []
    guessed = _guess(unsaid, rows)
    for place in extra.keys() - found.keys():
        found[place] = FieldType(columns[place], extra[place] or guessed[place])
    return _apart(found, columns)


def _guess(places: Sequence[int], rows: Iterable[Row]) -> dict[int, str]:
    cells = [row.cells for row in islice(rows, GUESSED_ROWS) if not row.problem]
    return {place: guess_kind(row[place] for row in cells if place < len(row)) for place in places}


def _apart(fields: dict[int, FieldType], columns: Sequence[str]) -> dict[int, FieldType]:
    """Of “City” and “CITY” in one file only the first fills the field “City”."""
    taken: set[str] = set()
    for place in sorted(fields):
        if fields[place].name in taken:
            fields[place] = FieldType(columns[place])
        taken.add(fields[place].name)
    return fields


def make_fields(contact_import: ContactImport, layout: Layout) -> None:
    """Make the extra fields that are not there yet."""
    last = CustomField.objects.aggregate(last=Max("position"))["last"] or 0
    there = set(CustomField.objects.values_list("name", flat=True))
    new = [extra for _, extra in layout.extra if extra.name not in there]
    CustomField.objects.bulk_create(
        (
            CustomField(
                name=extra.name,
                kind=extra.kind,
                position=last + number,
                made_by_import=contact_import.pk,
            )
            for number, extra in enumerate(new, start=1)
        ),
        ignore_conflicts=True,  # another import brings the same
    )
