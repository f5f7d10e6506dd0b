"""Rows with an unusable cell: refused whole, or imported without it, as was chosen."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.models import AuditEntry, Contact, ContactImport
from campaigns.rules import phones
from campaigns.rules.contactrows import BAD_EMAIL
from campaigns.rules.customfields import NOT_A_NUMBER
from campaigns.services import import_rows, imports
from campaigns.services.import_preview import preview
from campaigns.services.import_rejects import write_rejects
from campaigns.services.import_undo import run_undo, start_undo

REFUSE, LEAVE_OUT = ContactImport.Unusable.values
COLUMNS = "Phone,First name,E-mail,Age\n"
ROWS = (
    "12015550101,Ann,ann@example.com,30\n"
    "12015550102,Bo,nobody,31\n"  # a bad e-mail
    "12015550103,Cy,nobody,old\n"  # two bad cells
    "12345,Di,nobody,32\n"  # a bad number
    "12015550102,Bob,,young\n"  # a duplicate with a bad cell
    "12015550104,Ed,ed@example.com,33,more\n"  # slid out of its columns
)


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def start(marketer):
    def start(unusable, text=COLUMNS + ROWS):
        number = ContactImport.objects.count()
        upload = SimpleUploadedFile("people.csv", text.encode())
        contact_import = imports.start_import(upload, list_name=f"List {number}", by=marketer)
        mapping = {0: "phone", 1: "first_name", 2: "email", 3: "attribute:number"}
        imports.change_layout(contact_import, mapping, unusable=unusable)
        return contact_import

    return start


@pytest.fixture
def run(start, marketer):
    def run(unusable, **options):
        contact_import = start(unusable, **options)
        mapping = {int(place): name for place, name in contact_import.mapping.items()}
        imports.confirm_import(contact_import, mapping, by=marketer)
        import_rows.run_import(contact_import.pk, timezone.now())
        contact_import.refresh_from_db()
        assert contact_import.status == "done"
        return contact_import

    return run


def counts(done):
    return done.new_count, done.updated_count, done.duplicate_count, done.problem_count


def rejects(done):
    text = "".join(write_rejects(done)).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_with_an_unusable_cell_is_refused_unless_chosen_otherwise(run):
    done = run(REFUSE)
    assert counts(done) == (1, 0, 0, 5)
    assert done.left_out == {}
    assert not done.problems.filter(is_imported=True).exists()


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_the_person_is_imported_without_the_cell_and_all_rows_add_up(run, monkeypatch, batch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", batch)
    done = run(LEAVE_OUT)
    assert counts(done) == (3, 0, 1, 2)
    assert sum(counts(done)) == done.done_count == done.row_count == 6
    assert done.left_out == {BAD_EMAIL: 2, f"Age: {NOT_A_NUMBER}": 2}
    assert done.left_out_count == 4
    assert sum(done.causes.values()) == done.problem_count
    people = Contact.objects.order_by("phone").values_list("first_name", "email", "attributes")
    assert list(people) == [
        ("Ann", "ann@example.com", {"Age": 30}),
        ("Bob", "", {"Age": 31}),
        ("Cy", "", {}),
    ]


def test_a_bad_number_and_a_row_out_of_its_columns_are_always_refused(run):
    refused = run(LEAVE_OUT).problems.filter(is_imported=False)
    assert list(refused.values_list("line", flat=True)) == [5, 7]


def test_what_is_known_of_a_person_stays_where_a_cell_is_left_out(run):
    Contact.objects.create(phone="12015550102", email="bo@example.com")
    assert counts(run(LEAVE_OUT)) == (2, 1, 1, 2)
    assert Contact.objects.get(phone="12015550102").email == "bo@example.com"


def test_the_file_of_rejects_has_also_the_rows_that_came_in_without_a_cell(run):
    found = rejects(run(LEAVE_OUT))
    reasons = {row["First name"]: row["Reason not imported"] for row in found}
    assert list(reasons) == ["Bo", "Cy", "Di", "Bob", "Ed"]
    assert reasons["Bo"] == f"Imported without “E-mail”: {BAD_EMAIL}"
    assert reasons["Cy"] == f"{reasons['Bo']} Imported without “Age”: {NOT_A_NUMBER}"
    assert reasons["Di"] == phones.SHORT_CODE
    assert found[1]["E-mail"] == "nobody"  # as it stood in the file, to be corrected


def test_the_corrected_file_brings_the_cells_that_were_left_out(run):
    run(LEAVE_OUT)
    corrected = "12015550103,Cy,cy@example.com,33\n"
    done = run(REFUSE, text=COLUMNS + corrected)
    assert counts(done) == (0, 1, 0, 0)
    cy = Contact.objects.get(phone="12015550103")
    assert (cy.email, cy.attributes) == ("cy@example.com", {"Age": 33})


def test_an_undo_takes_back_those_who_came_in_without_a_cell(run, marketer):
    known = Contact.objects.create(phone="12015550102", first_name="Old", attributes={"Age": 9})
    done = run(LEAVE_OUT)
    start_undo(done, by=marketer)
    run_undo(done.pk)
    left = Contact.objects.get()
    assert (left.pk, left.first_name, left.attributes) == (known.pk, "Old", {"Age": 9})


def test_the_audit_trail_says_how_many_cells_were_left_out(run):
    run(LEAVE_OUT)
    assert AuditEntry.objects.get(verb="import.done").after["cells left out"] == 4


# --- Before it begins --------------------------------------------------------------------------


def test_the_preview_counts_what_the_import_then_does(start, run):
    said = preview(start(LEAVE_OUT))
    assert (said.new_count, said.duplicate_count, said.problem_count) == (3, 1, 2)
    assert {cause.sentence: cause.count for cause in said.left_out} == run(LEAVE_OUT).left_out
    assert said.left_out[0].examples == [(3, "nobody"), (4, "nobody")]
    assert [set(row.left_out) for row in said.rows] == [set(), {2}, {2, 3}, set(), {3}, set()]


@pytest.mark.parametrize(
    ("row", "is_asked"),
    [
        ("12015550102,Bo,nobody,31\n", True),
        ("12345,Di,di@example.com,32\n", False),  # only the number is bad
        ("12015550104,Ed,ed@example.com,33,more\n", False),
        ("12015550105,Fay,,\n", False),
    ],
)
@pytest.mark.django_db
def test_it_is_asked_only_where_the_answer_matters(start, row, is_asked):
    assert preview(start(REFUSE, text=COLUMNS + row)).may_leave_out is is_asked
