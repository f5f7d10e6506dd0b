"""Who is erased is nowhere in the database any more, and stays opted out."""

import re

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Campaign,
    Consent,
    Contact,
    ContactImport,
    EarlierSend,
    GatewayCall,
    ImportChange,
    ImportProblem,
    InboundMedia,
    InboundMessage,
    Membership,
    Message,
    MessageEvent,
    OptOut,
    OptOutReview,
    Recipient,
    WebhookPost,
)
from campaigns.rules.ladder import Rung
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.audit import record
from campaigns.services.consent import record_consent
from campaigns.services.contact_changes import delete_contacts, save_contact
from campaigns.services.erasure import WAITING_SKIPPED, erase_person
from campaigns.services.merging import merge_contacts
from campaigns.services.optouts import has_opted_out, record_optout
from campaigns.services.person import find_person
from campaigns.services.suppression import hash_number, restore_optouts
from campaigns.tests.conftest import agreeing, make_reply

ANN, BOB, OLD = "12015550123", "12015550124", "12015550177"
SPOKEN = "(201) 555-0123"
WORDS = "Annabel|Lighthouse|annabel@example|my dog is called Rex|Call me at home|I agree to offers"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def find_in_database(pattern):
    """Every table.column in which a text or a body matches."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, memoryview | bytes):
                        value = bytes(value).decode(errors="replace")
                    if re.search(pattern, str(value)):
                        found.append(f"{table}.{name}")
    return sorted(set(found))


def find_person_in_database():
    return find_in_database(rf"2015550123|555.0123|2015550177|{WORDS}")


@pytest.fixture
def ann(make_campaign, marketer):
    """Somebody who has left something in every table, and Bob, who is in some of it too."""
    now = timezone.now()
    campaign = make_campaign(contacts=0)
    channel, revision = campaign.channel, campaign.mms.head
    ann = agreeing(ANN, first_name="Annabel", last_name="Lighthouse", email="annabel@example.com")
    ann.attributes = {"pet": "my dog is called Rex"}
    bob = agreeing(BOB)
    for contact in (ann, bob):
        contact.save()
        Membership.objects.create(contact=contact, contact_list=campaign.lists.get())

    def message(contact, phone, number, other, **fields):
        return Message.objects.create(
            campaign=campaign,
            channel=channel,
            revision=revision,
            sender="12015550100",
            contact=contact,
            phone=phone,
            reference=f"ref-{number}",
            shown_to=other,
            **{"status": MessageStatus.DELIVERED, "place": "US;NJ;America/New_York", **fields},
        )

    first = message(ann, ANN, 1, f"{BOB},{OLD}", merge_values='{"first_name": "Annabel"}')
    first.resend_count, first.reason = 1, f"The number {ANN} is too long."
    first.save()
    message(ann, OLD, 2, BOB)
    message(bob, BOB, 3, f"{ANN},{OLD}", merge_values="{}")
    post = WebhookPost.objects.create(
        channel=channel, received_at=now, status="done", body=f'[{{"to":"{ANN}"}},{BOB}]'.encode()
    )
    MessageEvent.objects.create(
        message=first, key="k", code="N102", received_at=now, post=post, text=f"Sent to +{ANN}"
    )
    # It came twice, or was never understood:
    for status in ("done", "unreadable", "refused", "unmatched"):
        WebhookPost.objects.create(
            channel=channel, received_at=now, status=status, body=f"to={ANN}&a=b".encode()
        )
    said = WebhookPost.objects.create(
        channel=channel, received_at=now, status="done", body=b'{"text":"my dog is called Rex"}'
    )
    reply = make_reply(
        channel=channel,
        contact=ann,
        phone=ANN,
        to="12015550100",
        text="STOP, my dog is called Rex",
        provider_id="1",
        received_at=now,
        post=said,
    )
    make_reply(
        channel=channel, phone=BOB, to="1", provider_id="2", received_at=now, copied_to=[ANN, "1"]
    )
    InboundMedia.objects.create(
        message=reply,
        url=f"https://media.example.net/{ANN}",
        status="copied",
        file=ContentFile(b"my dog is called Rex", "1.bin"),
    )
    OptOutReview.objects.create(
        reply=reply, phone=ANN, said="my dog is called Rex", words="stop", due_on=now.date()
    )
    for number, (reference, words) in enumerate(
        [("ref-1", "Dear Annabel"), ("ref-1.2", "Dear Annabel"), ("ref-3", ANN), ("", ANN)]
    ):
        GatewayCall.objects.create(
            channel=channel,
            action="sendmms",
            reference=reference,
            request=f'{{"to":"{BOB}","words":"{words}","n":{number}}}',
            answer=f"Sent to {ANN}",
            milliseconds=1,
            at=now,
        )
    contact_import = ContactImport.objects.create(
        file_name=f"fair {ANN}.csv", columns=["Name", SPOKEN], contact_list=campaign.lists.get()
    )
    ImportChange.objects.create(
        contact_import=contact_import, contact=ann, before={"first_name": "Annabel"}
    )
    refused = [
        ["Annabel", SPOKEN],
        ["Annabel", "201 555‑0123"],
        ["A. Lighthouse", "20155501", " Annabel@Example.com"],
        ["Bob", BOB, "not-ANNABEL@example.com"],
    ]
    for line, cells in enumerate(refused):
        ImportProblem.objects.create(
            contact_import=contact_import, line=line, reason="Bad e-mail", row=cells
        )
    record_consent(ANN, method="web", wording="I agree to offers", source=f"Form, {SPOKEN}")
    Consent.objects.create(phone=OLD, kind="given", at=now, contact_import=contact_import)
    record_optout(ANN, source="staff", evidence=f"Call me at home: {SPOKEN}", reply=reply)
    record("contact.changed", ann, by=marketer, before={"phone": ANN}, after={"phone": SPOKEN})
    record("contact.merged", bob, by=marketer, after={"of": f"+{OLD}"})
    kind = ContentType.objects.get_for_model(Contact)
    LogEntry.objects.create(
        user=marketer,
        content_type=kind,
        object_id=ann.pk,
        object_repr="Annabel",
        action_flag=CHANGE,
    )
    campaign.status_reason = f"Paused: {ANN} is not a number."
    campaign.save()
    return ann


def test_nothing_of_them_is_left_in_the_database(
    ann, administrator, django_capture_on_commit_callbacks
):
    file = InboundMedia.objects.get().file
    assert len(find_person_in_database()) > 20
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(ANN, by=administrator)
    assert find_person_in_database() == []
    assert not file.storage.exists(file.name)


def test_why_it_failed_is_not_left_in_the_counts(ann, administrator):
    """Without a code it is counted by its words."""
    Message.objects.filter(phone=ANN).update(
        status=MessageStatus.FAILED, code="", reason=f"{SPOKEN} is not in service."
    )
    assert "campaigns_tallydetail.detail" in find_person_in_database()
    erase_person(ANN, by=administrator)
    assert find_person_in_database() == []


def test_what_belongs_to_others_stays(ann, administrator):
    erase_person(ANN, by=administrator)
    assert Contact.objects.get().phone == BOB
    kept = Message.objects.get(phone=BOB)
    assert (kept.shown_to, kept.status, kept.merge_values) == ("", MessageStatus.DELIVERED, "{}")
    assert ImportProblem.objects.get().row[:2] == ["Bob", BOB]
    assert ContactImport.objects.get().file_name == "fair•••.csv"
    assert InboundMessage.objects.get().copied_to == ["1"]
    assert BOB.encode() in bytes(MessageEvent.objects.get().post.body)
    assert GatewayCall.objects.get(reference="ref-3").request.count(BOB) == 1


def test_that_somebody_was_written_to_and_opted_out_stays(ann, administrator):
    before = Message.objects.count(), Consent.objects.count(), OptOut.objects.count()
    erase_person(ANN, by=administrator)
    assert before == (Message.objects.count(), Consent.objects.count(), OptOut.objects.count())
    assert OptOut.objects.get().phone == hash_number(ANN)
    kinds = Consent.objects.filter(phone=hash_number(ANN)).order_by("kind")
    assert list(kinds.values_list("kind", "method")) == [("given", "web"), ("opted_out", "")]
    assert Consent.objects.get(phone=hash_number(OLD)).contact_import is not None


def test_the_place_they_had_on_a_ladder_stays_without_them(ann, administrator):
    place = Recipient.objects.create(
        campaign=Campaign.objects.get(), contact=ann, rung=Rung.EXCLUDED
    )
    erase_person(ANN, by=administrator)
    place.refresh_from_db()
    assert place.contact_id is None
    assert find_person_in_database() == []


def test_an_erased_person_who_is_added_again_is_opted_out(ann, administrator):
    erase_person(ANN, by=administrator)
    assert not has_opted_out(ANN)
    assert restore_optouts([ANN, BOB]) == {ANN}
    assert has_opted_out(ANN)


def test_an_erasure_is_in_the_audit_without_the_number(ann, administrator):
    erase_person(ANN, by=administrator)
    entry = AuditEntry.objects.get(verb="person.erased")
    assert (entry.actor, entry.target_id) == (administrator, str(ann.pk))
    assert entry.after["number"] == hash_number(ANN)
    assert (entry.after["messages"], entry.after["replies"], entry.after["requests"]) == (2, 1, 4)
    assert AuditEntry.objects.filter(verb="contact.changed", actor__isnull=False).exists()


def test_a_waiting_message_is_skipped(ann, administrator):
    Message.objects.filter(phone=ANN).update(status=MessageStatus.QUEUED)
    assert erase_person(ANN, by=administrator).waiting == 1
    row = Message.objects.get(reference="ref-1")
    assert (row.status, row.reason) == (MessageStatus.SKIPPED, WAITING_SKIPPED)


def in_flight(ann):
    Message.objects.filter(phone=ANN).update(status=MessageStatus.SENDING)


def in_the_frozen_audience(ann):
    campaign = Message.objects.first().campaign
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.FILLING, filled_at=None)
    Recipient.objects.create(campaign=campaign, contact=ann, rung=Rung.WRITTEN_TO)


def in_an_unread_callback(ann):
    WebhookPost.objects.create(
        channel=Message.objects.first().channel, received_at=timezone.now(), body=ANN.encode()
    )


def perhaps_in_a_running_import(ann):
    ContactImport.objects.update(status=ContactImport.Status.RUNNING)


def also_a_sender(ann):
    Message.objects.first().channel.senders.create(number=ANN)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (also_a_sender, "one of your senders"),
        (in_flight, "is being sent"),
        (in_the_frozen_audience, "is being prepared"),
        (in_an_unread_callback, "has not been read"),
        (perhaps_in_a_running_import, "import is running"),
    ],
)
def test_who_is_being_written_to_or_read_about_is_not_erased_now(ann, administrator, place, words):
    place(ann)
    Message.objects.filter(phone=OLD).update(status=MessageStatus.QUEUED)
    with pytest.raises(RuleBroken, match=words):
        erase_person(ANN, by=administrator)
    assert Contact.objects.filter(phone=ANN).exists()
    assert Message.objects.get(phone=OLD).status == MessageStatus.QUEUED
    assert not AuditEntry.objects.filter(verb="person.erased").exists()


def test_a_number_nobody_knows_is_not_erased(administrator):
    with pytest.raises(RuleBroken, match="nothing to erase"):
        erase_person(ANN, by=administrator)


def test_a_person_without_a_contact_is_erased_too(ann, administrator):
    ann.delete()
    erase_person(ANN, by=administrator)
    assert "campaigns_message.phone" not in find_in_database("2015550123")


def test_a_number_that_is_somebody_elses_by_now_is_left_to_them(ann, administrator):
    Contact.objects.create(phone=OLD, first_name="Cleo")
    erase_person(ANN, by=administrator)
    assert Contact.objects.filter(phone=OLD, first_name="Cleo").exists()
    assert Message.objects.filter(phone=OLD).exists()


def test_erased_twice_a_person_is_opted_out_once(ann, administrator):
    erase_person(ANN, by=administrator)
    record_optout(ANN, source="staff", evidence="Called again")
    erase_person(ANN, by=administrator)
    assert OptOut.objects.get().phone == hash_number(ANN)


def test_with_a_person_go_the_contacts_that_were_merged_into_theirs(ann, administrator, marketer):
    double = agreeing("12015550188", first_name="Annabel")
    double.save()
    record("contact.changed", double, by=marketer, before={"first_name": "Annabel"})
    record_optout("12015550188", source="staff", evidence="Call me at home")
    merge_contacts(ann, double, by=marketer)
    erase_person(ANN, by=administrator)
    assert find_person_in_database() == []
    assert find_in_database("2015550188") == []
    assert OptOut.objects.filter(phone=hash_number("12015550188")).exists()


def test_with_a_person_go_the_numbers_that_were_written_over(ann, administrator, marketer):
    double = agreeing("12015550188")
    for contact, number in ((ann, "12015550189"), (double, "12015550187"), (double, "12015550188")):
        contact.phone = number
        save_contact(contact, by=marketer)
    merge_contacts(ann, double, by=marketer)
    record_consent("12015550187", method="web", wording="Call me at home")
    assert find_person("12015550189").phones == {ANN, OLD, *(f"1201555018{n}" for n in "789")}
    erase_person("12015550189", by=administrator)
    assert find_person_in_database() == []
    assert find_in_database("201555018[789]") == []


def test_a_number_that_was_written_over_and_is_somebody_elses_now_is_left(db, marketer):
    ann = agreeing("12015550189")
    for number in ("12015550189", ANN):
        ann.phone = number
        save_contact(ann, by=marketer)
    agreeing("12015550189").save()
    assert find_person(ANN).phones == {ANN}


def test_who_was_deleted_has_no_name_left_to_erase(ann, administrator, marketer):
    double = agreeing("12015550188", first_name="Annabel")
    save_contact(double, by=marketer)
    merge_contacts(ann, double, by=marketer)
    delete_contacts([ann], by=marketer)
    names = "Annabel|Lighthouse|annabel@example"
    tables = {place.partition(".")[0] for place in find_in_database(names)}
    assert not tables & {"campaigns_auditentry", "django_admin_log"}
    erase_person(ANN, by=administrator)
    erase_person(OLD, by=administrator)
    assert find_in_database("2015550123|2015550177") == []
    assert AuditEntry.objects.filter(verb="contact.merged", actor=marketer).exists()


def test_the_number_in_the_ids_of_batches_goes_as_well(ann, marketer):
    message = Message.objects.filter(phone=ANN).first()
    other = Message.objects.filter(phone=BOB).first()
    Message.objects.filter(pk=message.pk).update(provider_id=f"batch2/{ANN}")
    Message.objects.filter(pk=other.pk).update(provider_id=f"batch2/{BOB}")
    EarlierSend.objects.create(message=message, provider_id=f"batch1/{ANN}")
    erase_person(ANN, by=marketer)
    assert find_person_in_database() == []
    message.refresh_from_db()
    other.refresh_from_db()
    assert message.provider_id == f"batch2/x{message.pk}"
    assert other.provider_id == f"batch2/{BOB}"
