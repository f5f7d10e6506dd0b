"""Workbooks: their sheets and cells, and those that are refused before they can do harm."""

import io
import zipfile
import zlib
from datetime import date, datetime, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from campaigns.models import Contact, ContactImport, ContactList
from campaigns.rules import workbooks
from campaigns.rules.problems import RuleBroken
from campaigns.services import import_rows, imports
from campaigns.services.import_files import read_file, sheets_of

SEEN = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 a cell has no zone
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def workbook(*rows, **sheets):
    book = Workbook()
    book.active.title = "People"
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    return book


def as_bytes(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def replace_part(content, name, part):
    """The same archive with one part made anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            new.writestr(info.filename, part if info.filename == name else old.read(info))
    return out.getvalue()


def replace_all(content, old, new):
    """The same workbook with this text in its cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read(SHEET).replace(old, new)
    return replace_part(content, SHEET, part)


@pytest.fixture
def start(marketer):
    def start(content, name="people.xlsx"):
        return imports.start_import(
            SimpleUploadedFile(name, content), list_name="Spring", by=marketer
        )

    return start


def rows(contact_import):
    return [(row.line, row.cells) for row in read_file(contact_import)]


def test_cells_read_as_a_person_sees_them(start):
    content = as_bytes(
        workbook(
            ["Phone", "Name", "Born", "Seen", "At", "VIP", "Points"],
            [
                12015550101.0,
                "Zoë",
                date(1990, 3, 1),
                SEEN,
                time(9),
                True,
                1.5,
            ],
            [None, None, None],
            ["12015550102", "=1+1", None, None, None, False, 1e20],
        )
    )
    first, second = rows(start(content))
    assert first == (
        2,
        ["12015550101", "Zoë", "1990-03-01", "2026-01-02 03:04:00", "09:00:00", "TRUE", "1.5"],
    )
    assert (second[0], second[1][0], second[1][-2:]) == (4, "12015550102", ["FALSE", "1e+20"])


def test_a_workbook_is_imported_like_any_file(start, marketer):
    content = as_bytes(workbook(["Mobile", "Name"], [2015550101.0, "Ann"], ["x", "Bo"]))
    contact_import = start(content)
    imports.confirm_import(contact_import, {0: "phone", 1: "full_name"}, by=marketer)
    import_rows.run_import(contact_import.pk, timezone.now())
    contact_import.refresh_from_db()
    assert (contact_import.new_count, contact_import.problem_count) == (1, 1)
    assert Contact.objects.get().phone == "12015550101"
    assert contact_import.problems.get().line == 3


def test_sheets_are_those_people_see(start):
    book = workbook(["Phone"], ["12015550101"], Autumn=[["12015550102"]], Hidden=[["x"]])
    book["Hidden"].sheet_state = "hidden"
    contact_import = start(as_bytes(book))
    assert sheets_of(contact_import.file.path) == ["People", "Autumn"]
    contact_import.sheet, contact_import.has_header = "Autumn", False
    assert rows(contact_import) == [(1, ["12015550102"])]


def test_a_text_file_has_no_sheets(start):
    contact_import = start(b"Phone\n12015550101\n", "people.csv")
    assert sheets_of(contact_import.file.path) == []


def test_rows_that_begin_further_down_keep_their_lines(start):
    book = Workbook()
    book.active["B5"], book.active["B6"] = "Phone", "12015550101"
    (found,) = rows(start(as_bytes(book)))
    assert found[0] == 6


FAR = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    "</sheetData></worksheet>"
)


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def lying_bomb():
    """It says that it unpacks to a thousand bytes, and unpacks to 3 GB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(FAR.split("<row")[0].encode() + b'<row r="1"><c r="A1"><v>')
    packed += packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(b"1" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    out = io.BytesIO()
    content = as_bytes(workbook(["Phone"]))
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, packed + 3_000 * megabyte if name == SHEET else old.read(name))
        part = new.getinfo(SHEET)
        part.compress_type, part.file_size = zipfile.ZIP_DEFLATED, 1_000
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 a workbook", workbooks.BROKEN),
        (as_bytes(workbook(["Phone"], ["12015550101"]))[:-60], workbooks.BROKEN),
        (zipped(**{"people.csv": "Phone\n12015550101\n"}), workbooks.ARCHIVE),
        (zipped(**{"xl/workbook.xml": "<workbook", "x": "y"}), workbooks.BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), workbooks.OLD),
        (as_bytes(workbook()), "There are no contacts in this file"),
        (as_bytes(workbook(["Phone", "Name"])), "There are no contacts in this file"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_kept(start, tmp_path, content, sentence):
    with pytest.raises(RuleBroken) as refusal:
        start(content)
    assert sentence in str(refusal.value)
    assert not ContactImport.objects.exists()
    assert not ContactList.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_workbook_of_two_far_cells_costs_only_the_reader(start):
    with pytest.raises(RuleBroken) as refusal:
        start(replace_part(as_bytes(workbook(["Phone"])), SHEET, FAR))
    assert str(refusal.value) == workbooks.TOO_LARGE


def test_a_bomb_that_lies_about_its_size_costs_only_the_reader(start):
    with pytest.raises(RuleBroken) as refusal:
        start(lying_bomb())
    assert str(refusal.value) in (workbooks.TOO_LARGE, workbooks.BROKEN)


def test_a_cell_longer_than_excel_lets_it_be_is_cut(start):
    content = as_bytes(workbook(["Phone", "Note"], ["12015550101", "MARK"]))
    content = replace_all(content, b"MARK", b"x" * 40_000)
    assert [len(cell) for cell in rows(start(content))[0][1]] == [11, 32_767]


def test_a_row_longer_than_any_of_contacts_never_reaches_us(start):
    content = as_bytes(workbook(["Phone"] + ["MARK"] * 99))
    content = replace_all(content, b"MARK", "é".encode() * 1_000_000)
    with pytest.raises(RuleBroken) as refusal:
        start(content)
    assert str(refusal.value) == workbooks.LONG_ROW


def test_a_bomb_is_refused_by_what_it_declares(start, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000)
    with pytest.raises(RuleBroken) as refusal:
        start(as_bytes(workbook(["Phone"], ["12015550101"])))
    assert str(refusal.value) == workbooks.TOO_LARGE


def test_a_workbook_that_breaks_later_ends_the_import_with_the_reason(start, marketer):
    contact_import = start(as_bytes(workbook(["Phone"], ["12015550101"])))
    imports.confirm_import(contact_import, {0: "phone"}, by=marketer)
    with open(contact_import.file.path, "wb") as file:
        file.write(workbooks.ZIP + b" nothing more")
    import_rows.run_import(contact_import.pk, timezone.now())
    contact_import.refresh_from_db()
    assert contact_import.status == ContactImport.Status.FAILED
    assert contact_import.reason == workbooks.BROKEN


def test_a_reader_that_is_left_early_does_not_stay(start):
    many = [["Phone"], *([f"1201555{number:04}"] for number in range(3_000))]
    found = read_file(start(as_bytes(workbook(*many))))
    assert next(found).cells == ["12015550000"]
    found.close()  # waits for the other process to be gone
