"""A file of contacts comes in: every kind of file, every row accounted for, nothing twice."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.models import Contact, ContactImport, ContactList, Membership, OptOut
from campaigns.models import ImportProblem as Problem
from campaigns.rules import columns, contactrows, phones, rows, workbooks
from campaigns.rules.problems import RuleBroken
from campaigns.services import import_preview, import_rejects, import_rows, imports
from campaigns.services.optouts import record_optout


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def start(marketer):
    def start(content, list_name="Spring", **options):
        if isinstance(content, str):
            content = content.encode()
        contact_list = ContactList.objects.filter(name=list_name).first()
        return imports.start_import(
            SimpleUploadedFile("people.csv", content),
            contact_list=contact_list,
            list_name=list_name,
            by=marketer,
            **options,
        )

    return start


@pytest.fixture
def confirm(start, marketer):
    def confirm(content, **options):
        contact_import = start(content, **options)
        mapping = {int(place): name for place, name in contact_import.mapping.items()}
        imports.confirm_import(contact_import, mapping, by=marketer, in_background=False)
        return contact_import

    return confirm


@pytest.fixture
def run(confirm):
    """Import a file to its end."""

    def run(content, **options):
        contact_import = confirm(content, **options)
        import_rows.run_import(contact_import.pk, timezone.now())
        contact_import.refresh_from_db()
        return contact_import

    return run


def counts(done):
    """New, updated, duplicates, not imported; they always add up."""
    four = (done.new_count, done.updated_count, done.duplicate_count, done.problem_count)
    assert sum(four) == done.row_count == done.done_count
    assert sum(done.causes.values()) == done.problem_count
    return four


def phone(number):
    return f"1201555{number:04}"


def people(count, first=0):
    lines = [f"{phone(number)},Ann {number}" for number in range(first, first + count)]
    return "Phone,First name\n" + "\n".join(lines) + "\n"


# --- A corpus of files -------------------------------------------------------------------------

THREE = "Phone;First name;City\n12015550101;Zoë;Köln\n12015550102;José;São Paulo\n"
#: what it is → (bytes, new, updated, duplicates, not imported)
CORPUS = {
    "plain": (people(3).encode(), 3, 0, 0, 0),
    "with a mark": (people(3).encode("utf-8-sig"), 3, 0, 0, 0),
    "UTF-16": (people(3).encode("utf-16"), 3, 0, 0, 0),
    "UTF-16, unmarked": (people(3).encode("utf-16-le"), 3, 0, 0, 0),
    "UTF-16, big endian": (b"\xfe\xff" + people(3).encode("utf-16-be"), 3, 0, 0, 0),
    "Windows": (THREE.encode("cp1252"), 2, 0, 0, 0),
    "semicolons": (THREE.encode(), 2, 0, 0, 0),
    "tabs": (THREE.replace(";", "\t").encode(), 2, 0, 0, 0),
    "vertical bars": (THREE.replace(";", "|").encode(), 2, 0, 0, 0),
    "old Mac line ends": (people(3).replace("\n", "\r").encode(), 3, 0, 0, 0),
    "Windows line ends": (people(3).replace("\n", "\r\n").encode(), 3, 0, 0, 0),
    "mixed line ends": (b"Phone\r\n12015550101\r12015550102\n12015550103", 3, 0, 0, 0),
    "no line end at the end": (people(3).rstrip().encode(), 3, 0, 0, 0),
    "Excel's separator line": (("sep=;\n" + THREE).encode(), 2, 0, 0, 0),
    "quotes": (b'"Phone","Name"\n"1 (201) 555-0101","Lee, Ann"\n', 1, 0, 0, 0),
    "quoted line break": (b'Phone,Note\n12015550101,"one\ntwo"\n12015550102,x\n', 2, 0, 0, 0),
    "doubled quotes": (b'Phone,Name\n12015550101,"Ann ""Lee"" Oh"\n', 1, 0, 0, 0),
    "forgotten quote": (
        b'Phone,Name\n12015550101,"Ann\n12015550102,Bo\n12015550103,C\n',
        2,
        0,
        0,
        1,
    ),
    "short and long rows": (b"Phone,A,B\n12015550101\n12015550102,a,b,c,d\n", 1, 0, 0, 1),
    "blank lines": (b"Phone\n\n12015550101\n,,\n\n12015550102\n\n", 2, 0, 0, 0),
    "duplicate headers": (b"Phone,Name,Name\n12015550101,Ann,Lee\n", 1, 0, 0, 0),
    "no header": (b"12015550101,Ann\n12015550102,Bo\n", 2, 0, 0, 0),
    "one column, no header": (b"12015550101\n2015550102\n", 2, 0, 0, 0),
    "NUL": (b"Phone,Name\n12015550101,A\x00nn\n12015550102,Bo\n", 1, 0, 0, 1),
    "formulas": (b"Phone,Name\n12015550101,=1+1\n=1+1,Bo\n", 1, 0, 0, 1),
    "duplicates": (b"Phone\n12015550101\n(201) 555-0101\n+1 201 555 0101\n", 1, 0, 2, 0),
    "bad numbers": (
        b"Phone\n1.77456E+10\n12345\n201 555 0101 x5\nAnn\n+1\n12015550101\n",
        1,
        0,
        0,
        5,
    ),
    "empty phone cells": (b"Phone,Name\n,Ann\n12015550101,Bo\n", 1, 0, 0, 1),
    "full-width digits": ("电话,姓名\n１２０１５５５０１０１,王 伟\n".encode(), 1, 0, 0, 0),
    "ten megabytes in a cell": (b"Phone\n" + b"x" * 10_000_000 + b"\n12015550101\n", 1, 0, 0, 1),
    "international": (b"MSISDN\n+390669821234\n00442079460958\n4915112345678\n", 3, 0, 0, 0),
}


@pytest.mark.parametrize("name", CORPUS)
def test_every_row_of_every_file_is_accounted_for(run, name):
    content, *expected = CORPUS[name]
    done = run(content)
    assert done.status == ContactImport.Status.DONE
    assert counts(done) == tuple(expected)
    assert Contact.objects.count() == done.new_count == Membership.objects.count()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf", "There are no contacts in this file"),
        (b"\n\n\n", "There are no contacts in this file"),
        (b"Phone,First name\n", "There are no contacts in this file"),
        (b"PK\x03\x04 a workbook", workbooks.BROKEN),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), rows.BINARY),
    ],
)
def test_a_file_without_contacts_is_refused_and_not_kept(start, tmp_path, content, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        start(content)
    assert not ContactImport.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def wide(count, first="12015550101"):
    head = ",".join(["Phone", *(f"c{n}" for n in range(count - 1))])
    return f"{head}\n{first}{',x' * (count - 1)}\n"


def test_as_many_columns_as_the_page_can_show_are_taken(start):
    assert len(start(wide(300)).columns) == 300


@pytest.mark.parametrize("content", [wide(301), wide(301).partition("\n")[2]])
def test_more_columns_than_the_page_can_show_are_refused(start, content):
    with pytest.raises(RuleBroken) as refusal:
        start(content)
    assert "The file has 301 columns; 300 are the most" in str(refusal.value)


def test_accents_survive_every_encoding(run):
    run(THREE.encode("cp1252"))
    contact = Contact.objects.get(phone="12015550101")
    assert (contact.first_name, contact.attributes) == ("Zoë", {"City": "Köln"})


def test_columns_of_the_same_name_are_both_kept(run):
    run("Phone,Tag,Tag\n12015550101,a,b\n")
    assert Contact.objects.get().attributes == {"Tag": "a", "Tag (3)": "b"}


# --- Before it is confirmed ----------------------------------------------------------------------


def test_looking_at_a_file_touches_nobody(start):
    contact_import = start(people(3))
    assert import_preview.preview(contact_import).good_count == 3
    assert not Contact.objects.exists()
    assert not ContactList.objects.exists()


def test_a_preview_counts_what_the_import_will_do(start):
    found = import_preview.preview(start(f"Phone\n{phone(1)}\n{phone(1)}\n123\n456\nx\n"))
    assert (found.good_count, found.duplicate_count, found.problem_count) == (1, 1, 3)
    assert {cause.sentence: cause.count for cause in found.causes} == {
        phones.SHORT_CODE: 2,
        phones.LETTERS: 1,
    }
    assert found.is_complete


def test_a_corrected_delimiter_gives_new_columns(start):
    contact_import = start("Phone,City;Town\n12015550101,a;b\n")
    imports.change_layout(contact_import, {}, encoding="cp1252", delimiter=";")
    assert contact_import.columns == ["Phone,City", "Town"]


def test_an_import_without_a_phone_column_does_not_begin(start, marketer):
    contact_import = start("Colour\nred\n")
    with pytest.raises(RuleBroken, match="which column holds the phone"):
        imports.confirm_import(contact_import, {0: "attribute"}, by=marketer)


def test_a_list_name_that_is_taken_is_refused(start):
    ContactList.objects.create(name="spring")
    with pytest.raises(RuleBroken, match="already a list"):
        start(people(1), list_name="SPRING")


def test_pressing_twice_begins_once(confirm, marketer):
    contact_import = confirm(people(1))
    contact_import.status = ContactImport.Status.PREVIEW  # what the other tab still shows
    with pytest.raises(RuleBroken, match="already started"):
        imports.confirm_import(contact_import, {0: "phone"}, by=marketer)


def test_a_discarded_file_is_gone(start, marketer, tmp_path, django_capture_on_commit_callbacks):
    contact_import = start(people(1))
    with django_capture_on_commit_callbacks(execute=True):
        imports.discard_import(contact_import, by=marketer)
    assert not ContactImport.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_running_import_is_not_discarded(confirm, marketer):
    with pytest.raises(RuleBroken, match="was started"):
        imports.discard_import(confirm(people(1)), by=marketer)


# --- What is known stays known -------------------------------------------------------------------


def test_known_people_are_updated_and_blank_cells_erase_nothing(run):
    run("Phone,First name,City\n12015550101,Ann,Rome\n")
    done = run("Phone,First name,Last name,City\n12015550101,,Lee,Oslo\n12015550102,Bo,,\n")
    assert counts(done) == (1, 1, 0, 0)
    contact = Contact.objects.get(phone="12015550101")
    assert (contact.first_name, contact.last_name) == ("Ann", "Lee")
    assert contact.attributes == {"City": "Oslo"}


def test_the_last_of_two_rows_wins_across_batches_too(run, monkeypatch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 2)
    text = "Phone,First name,City\n{0},Ann,Rome\n{1},Bo,\n{2},Cy,\n{0},Anna,\n"
    done = run(text.format(*map(phone, range(3))))
    assert counts(done) == (3, 0, 1, 0)
    contact = Contact.objects.get(phone=phone(0))
    assert (contact.first_name, contact.attributes) == ("Anna", {"City": "Rome"})


def test_a_file_imported_twice_changes_nothing_more(run):
    run(people(5))
    before = list(Contact.objects.values("phone", "first_name", "attributes"))
    assert counts(run(people(5))) == (0, 5, 0, 0)
    assert list(Contact.objects.values("phone", "first_name", "attributes")) == before
    assert Membership.objects.count() == 5


def test_known_people_join_another_list(run):
    run(people(3))
    assert counts(run(people(3), list_name="Autumn")) == (0, 3, 0, 0)
    assert ContactList.objects.get(name="Autumn").contacts.count() == 3


def test_an_import_never_lifts_an_opt_out(run):
    record_optout(phone(0), source="staff")
    record_optout(phone(1), source="reply")
    run(people(3))
    assert set(OptOut.objects.values_list("phone", flat=True)) == {phone(0), phone(1)}


def test_people_met_while_it_runs_do_not_upset_the_counts(confirm, monkeypatch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 2)
    contact_import = confirm(people(4))
    begun = timezone.now()
    ContactImport.objects.update(started_at=begun)
    contact_import.started_at = begun
    batches = import_rows.write_batches(contact_import)
    next(batches)
    Contact.objects.create(phone=phone(3))  # a reply came in
    list(batches)
    contact_import.refresh_from_db()
    assert sum(counts(contact_import)) == 4


# --- Kills and crowds ------------------------------------------------------------------------


@pytest.mark.parametrize("survived", range(5))
def test_an_import_killed_after_any_batch_ends_the_same(confirm, monkeypatch, survived):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 3)
    text = people(9) + f"{phone(0)},Anna\nbad,Bo\n{phone(8)},\n"
    contact_import = confirm(text)
    now = timezone.now()
    ContactImport.objects.update(started_at=now)
    contact_import.started_at = now
    batches = import_rows.write_batches(contact_import)
    for _ in range(min(survived, 4)):
        next(batches)
    batches.close()  # killed
    import_rows.run_import(contact_import.pk, now)
    contact_import.refresh_from_db()
    assert counts(contact_import) == (9, 0, 2, 1)
    assert Problem.objects.count() == 1
    assert Contact.objects.get(phone=phone(0)).first_name == "Anna"
    assert Membership.objects.count() == 9


def test_a_batch_that_fails_half_way_leaves_nothing(confirm, monkeypatch):
    contact_import = confirm(people(3))

    def fail(*args):
        raise RuntimeError("killed")

    monkeypatch.setattr(import_rows, "_keep_problems", fail)
    with pytest.raises(RuntimeError):
        import_rows.run_import(contact_import.pk, timezone.now())
    contact_import.refresh_from_db()
    assert contact_import.done_count == 0
    assert not Contact.objects.exists()


def test_two_workers_at_one_import_count_each_row_once(confirm, monkeypatch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 2)
    contact_import = confirm(people(6))
    ContactImport.objects.update(started_at=timezone.now())
    first, second = (
        import_rows.write_batches(ContactImport.objects.get(pk=contact_import.pk)) for _ in "ab"
    )
    assert next(first) == 2
    assert list(second) == []  # it finds somebody else at work, and leaves
    list(first)
    contact_import.refresh_from_db()
    assert counts(contact_import) == (6, 0, 0, 0)


def test_ringing_for_a_finished_import_does_nothing(run):
    done = run(people(2))
    import_rows.run_import(done.pk, timezone.now())
    done.refresh_from_db()
    assert counts(done) == (2, 0, 0, 0)


def test_an_import_that_lost_its_doorbell_is_rung_again(
    confirm, django_capture_on_commit_callbacks
):
    confirm(people(1))
    now = timezone.now()
    with django_capture_on_commit_callbacks() as early:
        imports.ring_stalled(now)
    with django_capture_on_commit_callbacks() as late:
        imports.ring_stalled(now + timedelta(minutes=3))
    assert (len(early), len(late)) == (0, 1)


def test_an_import_whose_file_is_gone_says_so(confirm):
    contact_import = confirm(people(1))
    contact_import.file.delete(save=False)
    import_rows.run_import(contact_import.pk, timezone.now())
    contact_import = ContactImport.objects.get()
    assert contact_import.status == ContactImport.Status.FAILED
    assert contact_import.reason == import_rows.FILE_GONE


def test_an_import_whose_list_was_deleted_says_so(confirm):
    contact_import = confirm(people(1))
    ContactList.objects.all().delete()
    import_rows.run_import(contact_import.pk, timezone.now())
    contact_import.refresh_from_db()
    assert contact_import.reason == import_rows.LIST_GONE
    assert not Contact.objects.exists()


def test_every_problem_is_counted_and_kept(run, monkeypatch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 4)
    done = run("Phone\n" + "x\n" * 9)
    assert counts(done) == (0, 0, 0, 9)
    assert Problem.objects.count() == len(read_rejects(done)) - 1 == 9


# --- The file of rejected rows -----------------------------------------------------------------


def read_rejects(done):
    text = "".join(import_rejects.write_rejects(done))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=done.delimiter))


def test_rejected_rows_come_back_with_their_columns_and_the_reason(run):
    done = run("Phone;Name\n12345;Ann\n12015550101;Bo\n;Cy;too;many\n")
    assert read_rejects(done) == [
        ["Phone", "Name", columns.REASON_COLUMN],
        ["12345", "Ann", phones.SHORT_CODE],
        ["", "Cy", contactrows.EXTRA, "too", "many"],
    ]


def test_no_cell_of_the_rejects_is_a_formula(run):
    done = run('Phone,=Name\n"=HYPERLINK(""x"")",@SUM\n+1,-1\n')
    assert read_rejects(done)[0][1] == "'=Name"
    assert [row[:2] for row in read_rejects(done)[1:]] == [
        ['\'=HYPERLINK("x")', "'@SUM"],
        ["'+1", "'-1"],
    ]


def test_rejected_cells_come_back_as_they_were(run):
    cells = ["STOP;=1+1;x", 'He said "=1", twice', "one\n=two", "a,\t'-b", "'=x"]
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    done = run(f"Phone,=A,B,C,D,E\n12345,{quoted}\n")
    corrected = "".join(import_rejects.write_rejects(done)).replace("12345", "12015550101")
    assert counts(run(corrected)) == (1, 0, 0, 0)
    told = Contact.objects.get().attributes
    assert told == dict(zip(["=A", *"BCDE"], ["STOP;=1+1;x", cells[1], *cells[2:]], strict=True))


def test_corrected_rejects_are_imported_like_any_file(run):
    done = run("Phone,Name\n+1201555,Ann\n")
    corrected = "".join(import_rejects.write_rejects(done)).replace("'+1201555", "'+12015550101")
    again = run(corrected)
    assert counts(again) == (1, 0, 0, 0)
    assert Contact.objects.get().attributes == {}
