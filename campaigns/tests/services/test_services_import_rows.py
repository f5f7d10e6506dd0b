"""What an import writes: who wins, what is noted for the ledger and the undo, and every kill."""

import random
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from campaigns.models import (
    Consent,
    Contact,
    ContactImport,
    ContactList,
    CustomField,
    ImportChange,
    ImportProblem,
    Membership,
    OptOut,
)
from campaigns.rules import phones
from campaigns.services import import_rows, import_writing, imports
from campaigns.services.import_consent import NOBODY_AGREED, Agreed
from campaigns.services.suppression import hash_number

SPOKEN = datetime(2026, 3, 31, 12, tzinfo=UTC)
AGREED = Agreed("web", "Yes, text me.", "example.com/sale", SPOKEN)


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def confirm(marketer):
    def confirm(text, *, agreed=AGREED, list_name="Spring", winner="last"):
        contact_import = imports.start_import(
            SimpleUploadedFile("people.csv", text.encode()),
            contact_list=ContactList.objects.filter(name=list_name).first(),
            list_name=list_name,
            by=marketer,
        )
        mapping = {int(place): name for place, name in contact_import.mapping.items()}
        imports.change_layout(contact_import, mapping, winner=winner)
        imports.confirm_import(
            contact_import, mapping, agreed=agreed, by=marketer, in_background=False
        )
        return contact_import

    return confirm


@pytest.fixture
def run(confirm):
    def run(text, **options):
        contact_import = confirm(text, **options)
        import_rows.run_import(contact_import.pk, timezone.now())
        contact_import.refresh_from_db()
        assert contact_import.status == ContactImport.Status.DONE, contact_import.reason
        return contact_import

    return run


def counts(done):
    """New, updated, duplicates, not imported."""
    four = (done.new_count, done.updated_count, done.duplicate_count, done.problem_count)
    assert sum(four) == done.row_count == done.done_count
    assert sum(done.causes.values()) == done.problem_count == done.problems.count()
    return four


def phone(number):
    return f"1201555{number:04}"


# --- Who wins ------------------------------------------------------------------------------------

TWO = f"Phone,First name,City\n{phone(1)},Ann,\n{phone(1)},Bo,Oslo\n{phone(1)},,Rome\n"


@pytest.mark.parametrize("batch", [1, 2, 100])
@pytest.mark.parametrize("agreed", [AGREED, NOBODY_AGREED])
@pytest.mark.parametrize(
    ("winner", "known", "result"),
    [
        ("last", {}, ("Bo", "Rome")),
        ("first", {}, ("Ann", "Oslo")),
        ("last", {"first_name": "Old", "attributes": {"City": "Bonn"}}, ("Bo", "Rome")),
        ("first", {"first_name": "Old", "attributes": {"City": "Bonn"}}, ("Ann", "Bonn")),
    ],
)
def test_the_winner_is_the_same_wherever_a_batch_ends(
    run, monkeypatch, batch, agreed, winner, known, result
):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", batch)
    if known:
        Contact.objects.create(phone=phone(1), **known)
    done = run(TWO, winner=winner, agreed=agreed)
    contact = Contact.objects.get()
    assert (contact.first_name, contact.attributes["City"]) == result
    assert counts(done) == ((0, 1, 2, 0) if known else (1, 0, 2, 0))


@pytest.mark.parametrize("batch", [1, 100])
@pytest.mark.parametrize("agreed", [AGREED, NOBODY_AGREED])
def test_people_who_were_on_the_list_and_stay_the_same_are_counted_once(
    run, monkeypatch, batch, agreed
):
    run(f"Phone\n{phone(1)}\n{phone(2)}\n", agreed=agreed)
    monkeypatch.setattr(import_rows, "BATCH_ROWS", batch)
    done = run(f"Phone\n{phone(1)}\n{phone(1)}\n{phone(2)}\n{phone(1)}\n", agreed=agreed)
    assert counts(done) == (0, 2, 2, 0)


def test_a_whole_name_in_one_cell_replaces_both_parts(run):
    Contact.objects.create(phone=phone(1), first_name="Bo", last_name="Lee")
    run(f"Phone,Name\n{phone(1)},Cher\n")
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name, contact.last_folded) == ("Cher", "", "")


def test_a_blank_whole_name_replaces_nothing(run):
    Contact.objects.create(phone=phone(1), first_name="Bo", last_name="Lee")
    run(f"Phone,Name,City\n{phone(1)},,Rome\n")
    assert str(Contact.objects.get()) == "Bo Lee"


# --- What is written -----------------------------------------------------------------------------


def test_a_new_contact_is_what_saving_it_would_make(run):
    run(f"Phone,Name,State,Zip,Time zone\n{phone(1)},Zoë  Lee,florida,2134,Eastern\n")
    made = Contact.objects.get()
    assert (made.state, made.postal_code, made.time_zone) == ("FL", "02134", "America/New_York")
    derived = {name: getattr(made, name) for name in made.derive()}
    assert Contact.objects.filter(**derived).exists()
    assert made.first_folded == "zoe"


def test_a_changed_contact_is_derived_anew(run):
    Contact.objects.create(phone=phone(1), first_name="Ann")
    run(f"Phone,First name,State\n{phone(1)},Émile,Texas\n")
    contact = Contact.objects.get()
    assert contact.first_folded == "emile"
    assert "TX" in contact.place


def test_what_it_made_bears_its_number(run):
    done = run(f"Phone\n{phone(1)}\n")
    assert Contact.objects.get().made_by_import == done.pk
    assert Membership.objects.get().made_by_import == done.pk


def test_it_takes_nothing_for_its_own_that_was_there(run):
    first = run(f"Phone\n{phone(1)}\n")
    run(f"Phone,Name\n{phone(1)},Ann\n")
    assert Contact.objects.get().made_by_import == first.pk
    assert Membership.objects.get().made_by_import == first.pk


# --- The ledger ----------------------------------------------------------------------------------


def test_everybody_imported_has_one_entry_in_the_ledger(run, marketer):
    done = run(f"Phone\n{phone(1)}\n{phone(1)}\n{phone(2)}\n12345\n")
    entries = list(Consent.objects.order_by("phone"))
    assert [(e.phone, e.kind, e.at) for e in entries] == [
        (phone(1), "given", SPOKEN),
        (phone(2), "given", SPOKEN),
    ]
    assert {(e.contact_import, e.by) for e in entries} == {(done, marketer)}
    assert set(Contact.objects.values_list("consented_at", flat=True)) == {SPOKEN}


def test_an_earlier_consent_stays_the_first(run):
    earlier = datetime(2020, 1, 1, tzinfo=UTC)
    Contact.objects.create(phone=phone(1), consented_at=earlier)
    run(f"Phone\n{phone(1)}\n")
    assert Contact.objects.get().consented_at == earlier
    assert Consent.objects.count() == 1


def test_a_number_that_was_erased_after_it_opted_out_is_opted_out_again(run):
    OptOut.objects.create(phone=hash_number(phone(1)), source="reply")
    run(f"Phone\n{phone(1)}\n{phone(2)}\n")
    assert OptOut.objects.get().phone == phone(1)


# --- What an undo needs --------------------------------------------------------------------------


def test_a_changed_contact_is_noted_as_it_was(run):
    old = Contact.objects.create(
        phone=phone(1), first_name="Ann", email="a@example.com", attributes={"City": "Rome"}
    )
    done = run(f"Phone,First name,E-mail,City\n{phone(1)},Anna,a@example.com,Oslo\n")
    change = ImportChange.objects.get()
    assert (change.contact, change.contact_import) == (old, done)
    assert change.before == {
        "first_name": "Ann",
        "attributes": {"City": "Rome"},
        "consented_at": None,
    }


def test_what_a_contact_was_is_noted_once_over_all_batches(run, monkeypatch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 1)
    Contact.objects.create(phone=phone(1), first_name="Ann", last_name="Lee", consented_at=SPOKEN)
    run(f"Phone,First name,Last name\n{phone(1)},Bo,\n{phone(1)},Cy,Oh\n")
    assert ImportChange.objects.get().before == {"first_name": "Ann", "last_name": "Lee"}


def test_an_unchanged_contact_is_left_alone(run):
    run(f"Phone,First name\n{phone(1)},Ann\n")
    before = Contact.objects.get().updated_at
    run(f"Phone,First name\n{phone(1)},Ann\n")
    assert Contact.objects.get().updated_at == before
    assert not ImportChange.objects.exists()


# --- Extra fields --------------------------------------------------------------------------------


def test_a_new_column_becomes_a_field_of_the_type_its_cells_have(run):
    run(f"Phone,City,Visits,Born,VIP\n{phone(1)},Rome,3,3/1/1990,yes\n{phone(2)},Oslo,12,,no\n")
    kinds = dict(CustomField.objects.values_list("name", "kind"))
    assert kinds == {"City": "text", "Visits": "number", "Born": "date", "VIP": "yes_no"}
    contact = Contact.objects.get(phone=phone(1))
    assert contact.attributes == {"City": "Rome", "Visits": 3, "Born": "1990-03-01", "VIP": True}


def test_a_cell_that_does_not_fit_its_field_says_so(run):
    CustomField.objects.create(name="Size", kind="choice", choices=["S", "Large"])
    done = run(f"Phone,SIZE\n{phone(1)},large\n{phone(2)},XL\n{phone(3)},\n")
    assert counts(done) == (2, 0, 0, 1)
    assert list(done.causes) == ["Size: This is none of the choices: S, Large."]
    assert Contact.objects.get(phone=phone(1)).attributes == {"Size": "Large"}


def test_places_that_are_none_say_so(run):
    text = (
        "Phone,State,Zip,Time zone\n{0},TX,1,Central\n{1},Texas,78701,Mars\n{2},Bayern,78702,ET\n"
    )
    done = run(text.format(*map(phone, range(3))))
    assert counts(done)[3] == 3
    assert len(done.causes) == 3


# --- Kills and crowds ----------------------------------------------------------------------------

CROWD = (
    "Phone,First name,City,Age\n"
    + "".join(f"{phone(number)},Ann {number},Rome,{number}\n" for number in range(7))
    + f"{phone(0)},Anna,,\nbad,Bo,,\n{phone(3)},,Oslo,\n{phone(8)},Cy,,x\n"
)


def end_state():
    contacts = Contact.objects.order_by("phone").values_list(
        "phone", "first_name", "attributes", "place", "first_folded", "consented_at"
    )
    changes = ImportChange.objects.order_by("contact__phone")
    return (
        list(contacts),
        sorted(Consent.objects.values_list("phone", "kind")),
        Membership.objects.count(),
        list(changes.values_list("contact__phone", "before")),
        sorted(ImportProblem.objects.values_list("line", "reason")),
        list(CustomField.objects.values_list("name", "kind")),
        counts(ContactImport.objects.get()),
    )


class Killed(BaseException):
    """As hard as it gets in one process."""


def statements(contact_import, *, kill_at=None):
    """Run it; how many statements it took, or as many as it was given."""
    seen = 0

    def count(execute, *args):
        nonlocal seen
        seen += 1
        if seen == kill_at:
            raise Killed
        return execute(*args)

    with connection.execute_wrapper(count):
        import_rows.run_import(contact_import.pk, timezone.now())
    return seen


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_at_any_statement_ends_the_same(confirm, monkeypatch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 4)

    def begin():
        for model in (ImportChange, ImportProblem, Membership, Contact, CustomField):
            model.objects.all().delete()
        Consent.objects.all()._raw_delete("default")
        ContactImport.objects.all().delete()
        ContactList.objects.all().delete()
        Contact.objects.create(phone=phone(0), first_name="Old", attributes={"City": "Bonn"})
        return confirm(CROWD)

    with connection.cursor() as cursor:  # the ledger of a test may be emptied
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE campaigns_consent DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS campaigns_consent_guard_delete")
    total = statements(begin())
    expected = end_state()
    assert total > 30
    for kill_at in range(1, total + 1):
        contact_import = begin()
        with pytest.raises(Killed):
            statements(contact_import, kill_at=kill_at)
        import_rows.run_import(contact_import.pk, timezone.now())
        assert end_state() == expected, f"killed at statement {kill_at}"


def test_somebody_who_turns_up_at_the_very_moment_is_merged(run, monkeypatch):
    """On PostgreSQL another session may commit between our look and our insert."""
    look = import_writing._lock_known
    looks = []

    def look_and_meet(cursor, contact_import, numbers):
        found = look(cursor, contact_import, numbers)
        looks.append(numbers)
        if len(looks) == 1:
            Contact.objects.create(phone=phone(1), last_name="Lee", attributes={"Size": "L"})
        return found

    monkeypatch.setattr(import_writing, "_lock_known", look_and_meet)
    done = run(f"Phone,First name,City\n{phone(0)},Bo,\n{phone(1)},Ann,Rome\n")
    assert counts(done) == (1, 1, 0, 0)
    contact = Contact.objects.get(phone=phone(1))
    assert str(contact) == "Ann Lee"
    assert contact.attributes == {"City": "Rome", "Size": "L"}
    assert ImportChange.objects.get().contact == contact


def test_two_imports_of_the_same_people_do_not_double_anything(confirm, monkeypatch):
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 2)
    text = "Phone,First name\n" + "".join(f"{phone(n)},Ann\n" for n in range(6))
    both = [confirm(text), confirm(text, list_name="Autumn")]
    ContactImport.objects.update(started_at=timezone.now())
    turns = [import_rows.write_batches(ContactImport.objects.get(pk=one.pk)) for one in both]
    for _ in range(3):
        for batches in turns:
            next(batches)
    for batches, one in zip(turns, both, strict=True):
        list(batches)
        one.refresh_from_db()
    assert counts(both[0]) == (6, 0, 0, 0)
    assert counts(both[1]) == (0, 6, 0, 0)
    assert Contact.objects.count() == 6
    assert Membership.objects.count() == Consent.objects.count() == 12


def test_a_third_of_the_rows_is_wrong_and_every_one_is_accounted_for(run):
    chance = random.Random(5)
    wrong = {"12345": phones.SHORT_CODE, "n/a": phones.LETTERS, "": phones.EMPTY}
    wrong |= {"1.20156E+10": phones.MANGLED, "201 555 0101 x5": phones.EXTENSION}
    lines, expected = [], dict.fromkeys(wrong.values(), 0)
    for number in range(3_000):
        if number % 10 < 3:
            cell = chance.choice(list(wrong))
            expected[wrong[cell]] += 1
        else:
            cell = f"1201555{number:04}"
        lines.append(f"{cell},Ann {number}")
    done = run("Phone,Name\n" + "\n".join(lines))
    assert counts(done) == (2_100, 0, 0, 900)
    assert done.causes == expected
