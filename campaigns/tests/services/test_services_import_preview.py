"""What is said of a file before it is imported: how it is read, what would be, what is wrong."""

import codecs
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.models import Contact, ContactImport, ContactList, CustomField
from campaigns.rules import contactrows, phones
from campaigns.rules.problems import RuleBroken
from campaigns.services import import_preview, import_rows, imports
from campaigns.services.import_preview import NewField, preview
from campaigns.services.import_reading import tell_reading
from campaigns.services.optouts import record_optout


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def start(marketer):
    def start(content, name="people.csv"):
        content = content.encode() if isinstance(content, str) else content
        number = ContactImport.objects.count()
        upload = SimpleUploadedFile(name, content)
        return imports.start_import(upload, list_name=f"Spring {number}", by=marketer)

    return start


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def mapping(contact_import):
    return {int(place): name for place, name in contact_import.mapping.items()}


# --- How it is read ----------------------------------------------------------------

UNITED_STATES = "Numbers without a country code count as numbers of this country: United States."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Phone;Name\n12015550101;Ann\n", "UTF-8, columns parted by semicolons, the first line"),
        (codecs.BOM_UTF8 + b"Phone,Name\n12015550101,Ann\n", "UTF-8 with a byte order mark, col"),
        ("Phone,Name\n12015550101,Ann\n".encode("utf-16"), "UTF-16 with a byte order mark"),
        ("Phone\tName\n12015550101\tZoë\n".encode("cp1252"), "Windows), columns parted by tabs"),
        ("12015550101\n", "UTF-8, one column, no line names the columns. " + UNITED_STATES),
    ],
)
def test_how_a_file_is_read_is_said_in_words(start, content, words):
    assert words in tell_reading(start(content))


def test_a_workbook_is_read_from_the_first_sheet_that_has_anything(start):
    book = workbook(Empty=[], Members=[["Phone", "Name"], [12015550101, "Ann"]])
    contact_import = start(book, "people.xlsx")
    assert tell_reading(contact_import).startswith("Workbook, sheet “Members”, the first line")
    assert preview(contact_import).good_count == 1


README = [["How to use this file: see the sheet of members"]]
LONG_README = [["Read me"], ["Fill in the next sheet"], ["Questions? +1 202 555 0123"]]


@pytest.mark.parametrize(
    ("first", "header"),
    [
        (README, ["Phone", "Name"]),
        (README, None),
        ([["Code", "City"], ["A1", "Rome"]], None),
        (LONG_README, ["Phone", "Name"]),  # it has a number, too, but names no column
    ],
)
def test_a_sheet_without_people_before_theirs_is_passed_over(start, first, header):
    people = [[12015550101, "Ann"], [12015550102, "Bo"]]
    book = workbook(Notes=first, Members=[header, *people] if header else people)
    contact_import = start(book, "people.xlsx")
    assert (contact_import.sheet, preview(contact_import).good_count) == ("Members", 2)


def test_without_any_phone_number_the_first_sheet_with_rows_is_shown(start):
    book = workbook(Notes=README, A=[["Code"], ["A1"]], B=[["Code"], ["B1"]])
    contact_import = start(book, "people.xlsx")
    assert (contact_import.sheet, preview(contact_import).good_count) == ("A", 0)
    with pytest.raises(RuleBroken, match="no contacts on this sheet"):
        imports.change_layout(contact_import, mapping(contact_import), sheet="Notes")


def test_another_sheet_is_read_anew_header_and_all(start):
    book = workbook(A=[["Phone", "Name"], [12015550101, "Ann"]], B=[[12015550102], [12015550103]])
    contact_import = start(book, "people.xlsx")
    imports.change_layout(contact_import, mapping(contact_import), sheet="B")
    assert (contact_import.has_header, contact_import.row_count) == (False, 2)
    assert preview(contact_import).good_count == 2


# --- What would happen ----------------------------------------------------------------


def test_the_numbers_say_what_the_import_then_does(start, marketer):
    Contact.objects.create(phone="12015550101")
    record_optout("12015550102", source="staff")
    text = "Phone,City\n12015550101,A\n12015550102,B\n12015550103,\n12015550103,C\n12,\n"
    contact_import = start(text)
    said = preview(contact_import)
    assert (said.new_count, said.known_count, said.duplicate_count, said.problem_count) == (
        2,
        1,
        1,
        1,
    )
    assert said.opted_out_count == 1
    imports.confirm_import(contact_import, mapping(contact_import), by=marketer)
    import_rows.run_import(contact_import.pk, timezone.now())
    done = ContactImport.objects.get()
    assert (done.new_count, done.updated_count) == (said.new_count, said.known_count)
    assert (done.duplicate_count, done.problem_count) == (1, 1)


def test_new_extra_fields_are_said_with_their_types(start):
    CustomField.objects.create(name="City")
    said = preview(start("Phone,City,Age,Born\n12015550101,Rome,31,1995-02-01\n"))
    assert said.new_fields == [NewField("Age", "Number"), NewField("Born", "Date")]
    assert said.kinds == {1: "Text", 2: "Number", 3: "Date"}


def test_cells_that_do_not_fit_a_new_field_are_counted_until_it_is_kept_as_text(start):
    cells = ["many"] * 2 + ["5"] * 48
    rows = [f"1201555{number:04},{cell}" for number, cell in enumerate(cells, 100)]
    contact_import = start("\n".join(["Phone,Points", *rows]))
    said = preview(contact_import)
    assert (said.new_fields, said.good_count) == ([NewField("Points", "Number", 2)], 48)
    imports.change_layout(contact_import, mapping(contact_import) | {1: "attribute:text"})
    said = preview(contact_import)
    assert (said.new_fields, said.good_count) == ([NewField("Points", "Text")], 50)


def test_of_a_long_file_the_first_rows_are_checked_and_that_is_said(start, monkeypatch):
    monkeypatch.setattr(import_preview, "CHECKED_ROWS", 3)
    said = preview(start("Phone\n" + "".join(f"120155501{n:02}\n" for n in range(5))))
    assert (said.checked_count, said.is_complete) == (3, False)


# --- What is wrong ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "culprit"),
    [
        ("12345,Ann,a@b.example,3", 0),
        ("12015550101,Ann,nobody,3", 2),
        ("12015550101,Ann,a@b.example,old", 3),
        (",Ann,a@b.example,3", 0),
        ("12345,Ann,nobody,old", 0),  # the first that stops it
        ("12015550101,Ann,a@b.example,3,more", 4),
        ("12015550101,Ann,a@b.example,3", None),
        ("12015550101,A\0nn,a@b.example,3", None),  # the line, not a cell
    ],
)
def test_the_cell_that_is_wrong_is_marked(start, row, culprit):
    sound = "12015550199,Bo,b@b.example,4\n" * 3
    contact_import = start(f"Phone,Name,E-mail,Age\n{sound}{row}\n")
    chosen = mapping(contact_import) | {3: "attribute:number"}
    imports.change_layout(contact_import, chosen)
    assert preview(contact_import).rows[-1].culprit == culprit


def test_causes_are_grouped_with_examples_the_commonest_first(start):
    said = preview(start("Phone,Name\n12345,A\nx,B\n,C\n" + "y,D\n" * 5))
    first = said.causes[0]
    assert (first.sentence, first.count) == (phones.LETTERS, 6)
    assert first.examples == [(3, "x"), (5, "y"), (6, "y")]
    assert sum(cause.count for cause in said.causes) == said.problem_count == 8


def test_three_thousand_problems_are_few_causes(start):
    said = preview(start("Phone\n" + "12345\n" * 3_000))
    assert [(cause.count, len(cause.examples)) for cause in said.causes] == [(3_000, 3)]


def test_a_file_without_a_column_of_numbers_marks_no_cell(start):
    said = preview(start("Colour,Size\nred,1\n"))
    assert (said.good_count, said.rows[0].culprit) == (0, None)


def test_a_row_with_too_many_cells_says_so(start):
    said = preview(start("Phone,Name\n12015550101,Ann,Lee\n"))
    assert said.causes[0].sentence == contactrows.EXTRA
    assert said.causes[0].examples == [(2, "Lee")]


def test_a_preview_makes_nothing(start):
    preview(start("Phone,City\n12015550101,Rome\n"))
    assert not Contact.objects.exists()
    assert not ContactList.objects.exists()
    assert not CustomField.objects.exists()
