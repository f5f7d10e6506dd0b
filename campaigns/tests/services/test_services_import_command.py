"""The command that imports a file: the same as the page, and nothing without saying who agreed."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from campaigns.models import AuditEntry, Consent, Contact, ContactImport, ContactList
from campaigns.rules import phones
from campaigns.rules.contactrows import BAD_EMAIL

AGREED = ("--consent-method", "web", "--consent-wording", "Yes!", "--consent-source", "a.example")
PEOPLE = "Phone,First name\n12015550101,Ann\n12015550102,Bo\n12015550101,Anna\n12345,Cy\n"


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def command(path, *options):
    out = io.StringIO()
    call_command("import_contacts", path, "--list", "Spring", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


def test_it_does_what_the_page_does_and_says_what_it_did(people, marketer):
    said = command(people, *AGREED, "--by", "marketer")
    assert "4 rows: 2 new, 0 updated, 1 duplicates, 1 not imported." in said
    assert phones.SHORT_CODE in said
    assert ContactList.objects.get().contacts.count() == 2
    assert AuditEntry.objects.get(verb="import.done").actor == marketer


def test_it_reads_numbers_of_the_country_it_is_told(people, db):
    people.write_text("Phone\n020 7946 0958\n")
    command(people, *AGREED, "--country", "gb")
    assert Contact.objects.get().phone == "442079460958"


def test_it_notes_since_when_they_agreed(people, db, settings):
    settings.TIME_ZONE = "UTC"
    command(people, *AGREED, "--consented-on", "2026-03-31")
    at = datetime(2026, 3, 31, tzinfo=UTC)
    assert set(Consent.objects.values_list("at", "kind")) == {(at, "given")}
    assert set(Contact.objects.values_list("consented_at", flat=True)) == {at}


def test_without_consent_there_are_contacts_and_no_consent(people, db):
    command(people, "--consent-method", "none")
    assert Contact.objects.filter(consented_at=None).count() == 2
    assert not Consent.objects.exists()


@pytest.mark.parametrize(("winner", "name"), [("last", "Anna"), ("first", "Ann")])
def test_it_lets_the_first_or_the_last_line_win(people, db, winner, name):
    command(people, *AGREED, "--winner", winner)
    assert Contact.objects.get(phone="12015550101").first_name == name


def test_it_reads_the_sheet_it_is_told(tmp_path, db):
    workbook = Workbook()
    workbook.active.append(["Phone"])
    workbook.active.append(["12015550101"])
    workbook.create_sheet("Autumn").append(["12015550102"])
    workbook.save(tmp_path / "people.xlsx")
    command(tmp_path / "people.xlsx", *AGREED, "--sheet", "Autumn")
    assert Contact.objects.get().phone == "12015550102"
    with pytest.raises(CommandError, match="no such sheet"):
        command(tmp_path / "people.xlsx", *AGREED, "--sheet", "Winter")


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("", AGREED, "The file is empty"),
        ("Phone\n1\n", (*AGREED, "--country", "XX"), "XX is not a country"),
        ("Phone\n1\n", (*AGREED, "--by", "nobody"), "no user called nobody"),
        ("Colour\nred\n", AGREED, "which column holds the phone"),
        ("Phone\n1\n", (), "--consent-method"),
        ("Phone\n1\n", AGREED[:4], "Say where they agreed"),
        ("Phone\n1\n", ("--consent-method", "web"), "Write down the words"),
    ],
)
def test_it_refuses_in_the_same_sentences(people, db, content, options, sentence):
    people.write_text(content)
    with pytest.raises(CommandError, match=sentence):
        command(people, *options)
    assert not ContactImport.objects.exclude(status="preview").exists()


def test_it_says_when_there_is_no_file(tmp_path, db):
    with pytest.raises(CommandError, match="No such file"):
        command(tmp_path / "nowhere.csv", *AGREED)


@pytest.mark.parametrize(
    ("options", "said", "others"),
    [
        ((), "0 new, 0 updated, 0 duplicates, 1 not imported.", 0),
        (("--unusable", "leave_out"), "1 new, 0 updated, 0 duplicates, 0 not imported.", 1),
    ],
)
def test_it_leaves_an_unusable_cell_out_when_told_so(people, db, options, said, others):
    people.write_text("Phone,E-mail\n12015550101,nobody\n")
    told = command(people, *AGREED, *options)
    assert said in told
    assert told.count("1 cells left out of rows that were imported:") == others
    assert told.count(f"1  {BAD_EMAIL}") == 1
