"""The extra fields of an undone import: who uses one keeps it, the others may go."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.models import AuditEntry, Contact, ContactImport, CustomField, Segment
from campaigns.services import import_rows, imports
from campaigns.services.customfields import save_field
from campaigns.services.import_undo import run_undo, start_undo
from campaigns.services.import_undo_fields import delete_unused_fields, find_unused_fields

ODD_NAMES = ['He said "3.5"', "a.b", "it's", "$.x", "日本語", "2024", "back\\slash"]


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bring(marketer):
    """An import with these extra fields."""

    def bring(*names):
        quoted = [f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names]
        cells = ",x" * len(names)
        text = f"Phone,{','.join(quoted)}\n12015550101{cells}\n"
        upload = SimpleUploadedFile("people.csv", text.encode())
        number = ContactImport.objects.count()
        contact_import = imports.start_import(upload, list_name=f"List {number}", by=marketer)
        mapping = dict.fromkeys(range(1, len(names) + 1), "attribute") | {0: "phone"}
        imports.confirm_import(contact_import, mapping, by=marketer)
        return contact_import

    return bring


def finish(contact_import):
    import_rows.run_import(contact_import.pk, timezone.now())
    contact_import.refresh_from_db()
    return contact_import


def undone(contact_import):
    start_undo(contact_import, by=None)
    run_undo(contact_import.pk)
    contact_import.refresh_from_db()
    return contact_import


def unused(contact_import):
    return [field.name for field in find_unused_fields(contact_import)]


def test_what_an_undone_import_made_and_nobody_uses_may_go(bring):
    CustomField.objects.create(name="Older")
    done = finish(bring("City", "Older"))
    assert unused(done) == []  # only after its undo
    assert unused(undone(done)) == ["City"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_contact_with_a_value_uses_the_field_whatever_it_is_called(bring, name):
    done = undone(finish(bring("City", name)))
    assert unused(done) == ["City", name]
    Contact.objects.create(phone="12015550102", attributes={name: "Rome"})
    assert unused(done) == ["City"]


def test_three_hundred_fields_are_looked_at_together(bring):
    names = [f"Field {number}" for number in range(299)]
    done = undone(finish(bring(*names)))
    Contact.objects.create(phone="12015550102", attributes={"Field 7": 1, "Another": 2})
    assert unused(done) == [name for name in names if name != "Field 7"]


def test_a_segment_uses_its_field(bring):
    done = undone(finish(bring("City")))
    condition = {"about": "attribute", "name": "City", "op": "is", "value": "Rome"}
    Segment.objects.create(name="Romans", definition={"all": [condition]})
    assert unused(done) == []


def test_an_mms_uses_its_merge_field(bring, make_mms):
    done = undone(finish(bring("City")))
    make_mms(text="Hi from {{ City|town }}")
    assert unused(done) == []


def test_what_a_person_changed_is_theirs(bring, marketer):
    done = undone(finish(bring("City", "Colour")))
    city = CustomField.objects.get(name="City")
    city.position = 9
    save_field(city, by=marketer)
    save_field(CustomField.objects.get(name="Colour"), by=marketer)  # nothing changed
    assert unused(done) == ["Colour"]


def test_an_import_under_way_will_use_its_columns(bring):
    done = undone(finish(bring("City")))
    later = bring("City")
    assert unused(done) == []
    undone(finish(later))
    assert unused(done) == ["City"]


def test_a_field_left_by_an_earlier_undo_is_offered_again(bring):
    undone(finish(bring("City", "Colour")))
    assert unused(undone(finish(bring("CITY")))) == ["City"]


def test_only_the_unused_are_deleted_and_that_is_written_down(bring, marketer):
    done = undone(finish(bring("City", "Colour")))
    Contact.objects.create(phone="12015550102", attributes={"Colour": "red"})
    assert delete_unused_fields(done, by=marketer) == ["City"]
    assert list(CustomField.objects.values_list("name", flat=True)) == ["Colour"]
    assert AuditEntry.objects.get(verb="field.deleted").actor == marketer
    assert delete_unused_fields(done, by=marketer) == []
