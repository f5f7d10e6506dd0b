"""Everything that is held of one person, in one file."""

import csv
import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Contact,
    ContactList,
    InboundMedia,
    Membership,
    Message,
)
from campaigns.services.consent import record_consent
from campaigns.services.contact_changes import save_contact
from campaigns.services.merging import merge_contacts
from campaigns.services.optouts import record_optout
from campaigns.services.person import find_person
from campaigns.services.person_export import write_person
from campaigns.tests.conftest import make_reply

ANN, BOB = "12015550123", "12015550124"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def open_export(by):
    content = b"".join(write_person(find_person(ANN), by=by))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def rows_of(archive, name):
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


@pytest.fixture
def ann(make_campaign, make_mms):
    now = timezone.now()
    campaign = make_campaign(contacts=0, mms=make_mms(text="Hello {{first_name}}"))
    ann = Contact.objects.create(phone=ANN, first_name="Ann", attributes={"pet": "Rex"})
    Membership.objects.create(contact=ann, contact_list=ContactList.objects.first())
    for phone in (ANN, BOB):
        Message.objects.create(
            campaign=campaign,
            channel=campaign.channel,
            revision=campaign.mms.head,
            sender="12015550100",
            phone=phone,
            contact=ann if phone == ANN else None,
            reference=phone,
            merge_values='{"first_name": "Ann"}',
        )
        reply = make_reply(
            channel=campaign.channel,
            phone=phone,
            to="12015550100",
            text=f"=cmd|' /C calc'!A0 {phone}",
            provider_id=phone,
            received_at=now,
        )
        InboundMedia.objects.create(
            message=reply, url="x", mime="image/png", file=ContentFile(phone.encode(), "1.bin")
        )
    record_consent(ANN, method="web", wording="I agree")
    record_optout(ANN, source="staff", evidence="+Called")
    return ann


def test_everything_of_the_person_is_in_it_and_nothing_of_others(ann, marketer):
    archive = open_export(marketer)
    told = json.loads(archive.read("contact.json"))
    assert (told["first_name"], told["fields"]) == ("Ann", {"pet": "Rex"})
    assert len(told["lists"]) == 1
    (message,) = rows_of(archive, "messages.csv")
    assert (message["To"], message["Text"]) == (ANN, "Hello Ann")
    assert len(rows_of(archive, "ledger.csv")) == 2
    (media,) = [name for name in archive.namelist() if name.startswith("media/")]
    assert archive.read(media) == ANN.encode()
    assert not [name for name in archive.namelist() if BOB.encode() in archive.read(name)]


def test_what_they_said_with_their_other_numbers_is_in_it(ann, marketer):
    ann.phone, old = "12015550188", ANN
    save_contact(ann, by=marketer)
    double = Contact.objects.create(phone="12015550177")
    record_consent("12015550177", method="web", wording="I agree, too")
    merge_contacts(ann, double, by=marketer)
    ann.phone = old
    save_contact(ann, by=marketer)
    entries = rows_of(open_export(marketer), "ledger.csv")
    assert [entry["Number"] for entry in entries] == ["12015550177", ANN, ANN]
    assert entries[0]["Exact wording"] == "I agree, too"


def test_no_cell_is_a_formula(ann, marketer):
    archive = open_export(marketer)
    (reply,) = rows_of(archive, "replies.csv")
    (optout,) = rows_of(archive, "optouts.csv")
    assert reply["Text"].startswith("'=cmd")
    assert optout["Evidence"] == "'+Called"


def test_a_file_that_is_gone_does_not_stop_it(ann, marketer):
    for medium in InboundMedia.objects.all():
        medium.file.storage.delete(medium.file.name)
    assert "replies.csv" in open_export(marketer).namelist()


def test_it_is_written_piece_by_piece(ann, marketer):
    pieces = write_person(find_person(ANN), by=marketer)
    assert len(list(pieces)) > 5


def test_an_export_is_in_the_audit_without_the_number(ann, marketer):
    open_export(marketer)
    entry = AuditEntry.objects.get(verb="person.exported")
    assert entry.target_id == str(ann.pk)
    assert ANN not in f"{entry.target}{entry.after}"
