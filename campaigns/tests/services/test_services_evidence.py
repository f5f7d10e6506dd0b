"""The state of a number in one sentence, and the files one can hand to a lawyer."""

import csv
import hashlib
from datetime import UTC, datetime

import pytest

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactImport,
    ContactList,
    OptOut,
)
from campaigns.services.consent import note, record_consent
from campaigns.services.contact_changes import save_contact
from campaigns.services.erasure import erase_person
from campaigns.services.evidence import (
    COLUMNS,
    NOBODY,
    find_evidence,
    fingerprint,
    record_download,
    write_table,
)
from campaigns.services.optouts import record_optout
from campaigns.services.tables import MARK
from campaigns.tests.conftest import make_reply

ANN = "12015550123"
MAY, JUNE, JULY = (datetime(2026, month, 3, 14, 5, tzinfo=UTC) for month in (5, 6, 7))

pytestmark = pytest.mark.django_db


def sentence():
    return find_evidence(ANN).sentence


def test_nobody_knows_a_number_without_any_rows():
    evidence = find_evidence(ANN)
    assert (evidence.sentence, evidence.is_known, evidence.agrees) == (NOBODY, False, False)


def test_of_a_contact_without_an_entry_no_consent_is_known():
    Contact.objects.create(phone=ANN)
    assert sentence() == "Nothing is known of a consent of theirs; no opt-out."


def test_who_agreed_is_told_with_day_and_way():
    record_consent(ANN, method="web", at=MAY)
    assert sentence() == "Agreed on 3 May 2026, 14:05 UTC (form on a website); no opt-out."


def test_who_agreed_and_opted_out_is_told_with_both():
    record_consent(ANN, method="web", at=MAY)
    record_optout(ANN, source="reply", asked_at=JUNE)
    assert sentence() == (
        "Agreed on 3 May 2026, 14:05 UTC (form on a website); opted out on 3 June 2026, 14:05 UTC."
    )


def test_an_opt_out_of_one_channel_is_told_as_such(make_channel):
    record_consent(ANN, method="web", at=MAY)
    record_optout(ANN, source="reply", asked_at=JUNE, channel=make_channel("Main"))
    assert sentence().endswith("opted out of messages from Main on 3 June 2026, 14:05 UTC.")
    assert find_evidence(ANN).agrees


def test_who_asked_for_messages_again_is_told_as_such():
    record_consent(ANN, method="web", at=MAY)
    record_optout(ANN, source="reply", asked_at=JUNE)
    OptOut.objects.all().delete()
    note(ANN, Consent.Kind.LIFTED, at=JULY)
    assert sentence().endswith(
        "; opted out, and asked for messages again on 3 July 2026, 14:05 UTC."
    )


def test_a_consent_that_was_taken_back_is_none():
    note(ANN, Consent.Kind.GIVEN, at=MAY, method="web")
    note(ANN, Consent.Kind.WITHDRAWN, at=JUNE)
    assert sentence().startswith("Their consent was taken back by us on 3 June 2026")
    assert [line.stands for line in find_evidence(ANN).lines] == [False, False]


def test_what_an_import_says_of_all_its_people_is_told_of_each(marketer):
    contact_list = ContactList.objects.create(name="Everybody")
    contact_import = ContactImport.objects.create(
        file_name="a.csv",
        contact_list=contact_list,
        consent_method="paper",
        consent_wording="Tick to get offers",
        consent_source="Fair of May",
        by=marketer,
    )
    Consent.objects.create(phone=ANN, kind="given", at=MAY, contact_import=contact_import)
    (line,) = find_evidence(ANN).lines
    assert (line.method, line.wording, line.source, line.entered_by) == (
        "Form on paper",
        "Tick to get offers",
        "Fair of May",
        "marketer",
    )


def test_the_table_has_everything_and_no_formula(make_channel, marketer):
    reply = make_reply(
        channel=make_channel(), phone=ANN, to="1", text="YES", provider_id="1", received_at=MAY
    )
    record_consent(
        ANN, method="text", wording="=1+1", source="Ad", at=MAY, reply=reply, by=marketer
    )
    header, row = csv.reader(write_table(find_evidence(ANN)).removeprefix(MARK).splitlines())
    told = dict(zip(header, row, strict=True))
    assert tuple(header) == COLUMNS
    assert told["Number"] == ANN
    assert told["Exact wording"] == "'=1+1"
    assert told["Reply"] == "2026-05-03T14:05:00+00:00: YES"
    assert told["Entered by"] == "marketer"


def test_the_fingerprint_is_that_of_the_file_and_stays():
    record_consent(ANN, method="web", wording="J’accepte", at=MAY)
    table = write_table(find_evidence(ANN))
    assert fingerprint(table) == hashlib.sha256(table.encode()).hexdigest()
    assert write_table(find_evidence(ANN)) == table
    record_optout(ANN, source="reply")
    assert fingerprint(write_table(find_evidence(ANN))) != fingerprint(table)


def test_a_download_is_in_the_audit_without_the_number(marketer):
    record_consent(ANN, method="web", at=MAY)
    record_download(find_evidence(ANN), "document", by=marketer)
    entry = AuditEntry.objects.get(verb="consent.evidence_downloaded")
    assert entry.after == {"file": "document", "entries": 1}
    assert ANN not in f"{entry.target}{entry.before}{entry.after}"


def test_of_an_erased_number_it_is_known_that_it_agreed_and_opted_out(administrator):
    record_consent(ANN, method="web", wording="Secret", at=MAY)
    record_optout(ANN, source="reply", asked_at=JUNE)
    erase_person(ANN, by=administrator)
    evidence = find_evidence(ANN)
    assert evidence.was_erased
    assert evidence.sentence.endswith("; opted out on 3 June 2026, 14:05 UTC.")
    assert [(line.number, line.wording) for line in evidence.lines] == [("erased", "")] * 2


def test_a_consent_from_before_an_erasure_must_be_given_again(administrator):
    """The card, the evidence and the contact say the same of a number that came back."""
    record_consent(ANN, method="web", at=MAY)
    erase_person(ANN, by=administrator)
    save_contact(Contact(phone=ANN), by=administrator)
    evidence = find_evidence(ANN)
    assert not evidence.agrees
    assert evidence.sentence == (
        "Agreed on 3 May 2026, 14:05 UTC (form on a website), but was erased here since: to be "
        "written to, they must agree again; no opt-out."
    )
    assert [line.lost for line in evidence.lines] == ["Gone with the erasure"]
    assert Contact.objects.get().consented_at is None
    record_consent(ANN, method="paper", at=JULY)
    assert sentence() == "Agreed on 3 July 2026, 14:05 UTC (form on paper); no opt-out."
    assert Contact.objects.get().consented_at == JULY


def test_the_ledger_does_not_say_who_may_be_written_to():
    """An MMS does not arrive at this number, whatever was agreed."""
    contact = Contact.objects.create(phone="18005550123")
    record_consent(contact.phone, method="web", at=MAY)
    assert "may be written to" not in find_evidence(contact.phone).sentence


def test_a_day_is_told_without_a_time():
    record_consent(ANN, method="web", at=datetime(2026, 5, 3, tzinfo=UTC))
    assert sentence() == "Agreed on 3 May 2026 (form on a website); no opt-out."
