"""What the ledger says of people, and what follows for their contacts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns.models import Consent, Contact, ContactImport, ContactList
from campaigns.rules.problems import RuleBroken
from campaigns.services.consent import note, record_consent, refresh_consented_at

ANN, BOB = "12015550123", "12015550124"
MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return Contact.objects.create(phone=ANN)


def an_import():
    contact_list, _ = ContactList.objects.get_or_create(name="Everybody")
    return ContactImport.objects.create(file_name="a.csv", contact_list=contact_list)


def given_in(contact_import, at):
    Consent.objects.create(phone=ANN, kind="given", at=at, contact_import=contact_import)


def since(contact):
    refresh_consented_at([ANN, BOB])
    contact.refresh_from_db()
    return contact.consented_at


def test_a_consent_is_in_the_ledger_and_on_the_contact(ann, marketer):
    record_consent(ANN, method="web", wording="I agree", source="Form", at=MAY, by=marketer)
    entry = Consent.objects.get()
    assert (entry.phone, entry.kind, entry.at, entry.by) == (ANN, "given", MAY, marketer)
    ann.refresh_from_db()
    assert ann.consented_at == MAY


def test_nobody_agreed_in_the_future(ann):
    with pytest.raises(RuleBroken, match="in the future"):
        record_consent(ANN, method="web", at=timezone.now() + timedelta(hours=1))
    assert not Consent.objects.exists()


def test_the_first_consent_that_stands_counts(ann):
    assert since(ann) is None
    note(ANN, Consent.Kind.GIVEN, at=JUNE, method="web")
    note(ANN, Consent.Kind.GIVEN, at=MAY, method="paper")
    assert since(ann) == MAY


def test_an_undone_import_takes_back_its_own_consent_only(ann):
    first, second = an_import(), an_import()
    given_in(first, MAY)
    given_in(second, JUNE)
    Consent.objects.create(phone=ANN, kind="withdrawn", at=JULY, contact_import=first)
    assert since(ann) == JUNE
    Consent.objects.create(phone=ANN, kind="withdrawn", at=JULY, contact_import=second)
    assert since(ann) is None


def test_an_undone_import_leaves_what_was_agreed_otherwise(ann):
    note(ANN, Consent.Kind.GIVEN, at=JUNE, method="web")
    given_in(contact_import := an_import(), MAY)
    Consent.objects.create(phone=ANN, kind="withdrawn", at=JULY, contact_import=contact_import)
    assert since(ann) == JUNE


def test_what_is_agreed_after_all_was_taken_back_counts(ann):
    note(ANN, Consent.Kind.GIVEN, at=MAY, method="web")
    note(ANN, Consent.Kind.WITHDRAWN, at=JUNE)
    assert since(ann) is None
    note(ANN, Consent.Kind.GIVEN, at=JULY, method="web")
    assert since(ann) == JULY


def test_only_the_numbers_asked_for_are_refreshed(ann, django_assert_num_queries):
    Contact.objects.create(phone=BOB, consented_at=MAY)
    with django_assert_num_queries(2):
        refresh_consented_at([ANN])
    assert Contact.objects.get(phone=BOB).consented_at == MAY
