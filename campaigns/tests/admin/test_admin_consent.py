"""The ledger's pages: looked through, added to, handed out; a person erased and given out."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactImport,
    ContactList,
    Message,
    OptOut,
    Policy,
)
from campaigns.rules.statuses import MessageStatus
from campaigns.services.consent import record_consent
from campaigns.services.erasure import IN_FLIGHT, erase_person
from campaigns.services.optouts import record_optout
from campaigns.services.searching import number_begins

ANN, BOB = "12015550123", "12015550124"

pytestmark = pytest.mark.django_db


def url(name, phone=ANN):
    return reverse(f"admin:campaigns_{name}", query={"phone": f"+{phone}"})


@pytest.fixture
def client(marketer, sign_in):
    return sign_in(marketer)


def shown(client, **query):
    answer = client.get(reverse("admin:campaigns_consent_changelist"), query)
    assert answer.status_code == 200
    return [entry.phone for entry in answer.context["cl"].result_list]


@pytest.fixture
def three(db):
    imported = ContactImport.objects.create(
        file_name="fair.csv",
        contact_list=ContactList.objects.create(name="Fair"),
        consent_method="paper",
    )
    record_consent(ANN, method="web", wording="I agree", source="Form")
    Consent.objects.create(phone=BOB, kind="given", at=timezone.now(), contact_import=imported)
    record_optout(ANN, source="reply", evidence="Replied “STOP”")


# --- The list ----------------------------------------------------------------------------------


def test_the_newest_entry_is_first_and_numbers_are_masked(client, three):
    assert shown(client) == [ANN, BOB, ANN]
    page = client.get(reverse("admin:campaigns_consent_changelist")).content.decode()
    assert ANN not in page
    assert "Import fair.csv" in page


@pytest.mark.parametrize(
    "spelling",
    [
        "(201) 555-0123",
        "+1 201 555 0123",
        "201555012",
        ANN,
        "0012015550123",
        "２０１５５５０１２３",
    ],
)
def test_a_number_is_found_in_any_spelling(client, three, spelling):
    expected = [ANN, BOB, ANN] if spelling == "201555012" else [ANN, ANN]
    assert shown(client, q=spelling) == expected


def test_entries_are_filtered_by_kind_and_by_method(client, three):
    assert shown(client, kind__exact="opted_out") == [ANN]
    assert shown(client, method="web") == [ANN]
    assert shown(client, method="paper") == [BOB]  # as its import says


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite writes them")
def test_a_number_is_searched_by_the_index(client, three, django_assert_max_num_queries):
    plan = Consent.objects.filter(number_begins("phone", "(201) 555-0123")).order_by("-id")[:50]
    assert "consent_by_phone" in plan.explain()


# --- Recording ---------------------------------------------------------------------------------


def form(**fields):
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    told = {"phone": "(201) 555-0123", "method": "paper", "wording": "I agree", "source": "Box 3"}
    return {**told, "at": at, **fields}


def test_a_consent_is_recorded_by_who_got_it(client, marketer):
    contact = Contact.objects.create(phone=ANN)
    answer = client.post(reverse("admin:campaigns_consent_add"), form())
    assert answer.url == url("consent_evidence")
    entry = Consent.objects.get()
    assert (entry.phone, entry.method, entry.wording, entry.source, entry.by) == (
        ANN,
        "paper",
        "I agree",
        "Box 3",
        marketer,
    )
    contact.refresh_from_db()
    assert contact.consented_at == entry.at
    assert AuditEntry.objects.get().verb == "consent.recorded"


def test_a_consent_recorded_from_a_person_leads_back_to_them(client):
    contact = Contact.objects.create(phone=ANN)
    person = reverse("admin:campaigns_contact_change", args=[contact.pk])
    page = client.get(person).content.decode()
    address = reverse("admin:campaigns_consent_add", query={"phone": f"+{ANN}", "from": "person"})
    assert address.replace("&", "&amp;") in page
    assert client.post(address, form()).url == person


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("at", "2099-01-01T10:00", "Nobody has agreed in the future"),
        ("at", "yesterday", "valid date"),
        ("wording", "", "required"),
        ("source", " ", "required"),
        ("method", "telepathy", "valid choice"),
        ("phone", "201 555", "number"),
        ("phone", "(201) 555-0123 ext. 4", "extension"),
    ],
)
def test_what_is_no_evidence_is_refused(client, field, value, words):
    answer = client.post(reverse("admin:campaigns_consent_add"), form(**{field: value}))
    assert words in answer.content.decode()
    assert not Consent.objects.exists()


def test_an_entry_is_not_changed_or_deleted_through_a_page(client, administrator, sign_in, three):
    entry = Consent.objects.first()
    boss = sign_in(administrator)
    change = reverse("admin:campaigns_consent_change", args=[entry.pk])
    boss.post(change, form(wording="Something else"))
    assert boss.post(reverse("admin:campaigns_consent_delete", args=[entry.pk])).status_code == 403
    assert Consent.objects.filter(pk=entry.pk, wording=entry.wording).exists()


# --- Evidence ----------------------------------------------------------------------------------


def test_the_evidence_of_a_number_is_a_page(client, three):
    page = client.get(url("consent_evidence")).content.decode()
    assert "Agreed on" in page
    assert "opted out on" in page
    assert "I agree" in page
    assert "Replied “STOP”" in page
    assert "UTC" in page


@pytest.mark.parametrize("phone", ["12015550123", "(201) 555-0123", " 12015550123"])
def test_the_number_of_an_address_is_read_in_any_spelling(client, three, phone):
    answer = client.get(reverse("admin:campaigns_consent_evidence"), {"phone": phone})
    assert len(answer.context["evidence"].lines) == 2


def test_a_number_nobody_knows_is_said_to_be_unknown(client):
    assert "Nobody here knows this number" in client.get(url("consent_evidence")).content.decode()


def test_what_is_no_number_is_told_so(client):
    answer = client.get(reverse("admin:campaigns_consent_evidence"), {"phone": "<b>call me</b>"})
    assert answer.status_code == 200
    assert "letters in it" in answer.content.decode()
    assert "<b>call me" not in answer.content.decode()


def take_out(client, what, phone=f"+{ANN}"):
    return client.post(reverse(f"admin:campaigns_consent_{what}"), {"phone": phone})


def test_evidence_is_taken_out_by_a_button_only(client, marketer, three):
    for what in ("table", "document"):
        assert client.get(url(f"consent_{what}")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(marketer)
    assert take_out(strict, "table").status_code == 403
    assert not AuditEntry.objects.filter(verb="consent.evidence_downloaded").exists()


def test_the_evidence_of_who_was_erased_is_taken_out_too(client, marketer, three):
    erase_person(ANN, by=marketer)
    entry = Consent.objects.first()
    page = client.get(reverse("admin:campaigns_consent_change", args=[entry.pk])).content.decode()
    assert f'name="phone" value="{entry.phone}"' in page
    table = take_out(client, "table", entry.phone)
    assert table.status_code == 200
    assert table["Content-Disposition"] == f'attachment; filename="consent-{entry.phone[1:]}.csv"'
    document = take_out(client, "document", entry.phone).content.decode()
    assert "Consent evidence of an erased number" in document


def test_the_document_names_the_fingerprint_of_the_table(client, three):
    table, document = take_out(client, "table"), take_out(client, "document")
    assert table["Content-Disposition"] == 'attachment; filename="consent-12015550123.csv"'
    assert document["Content-Disposition"].endswith('.html"')
    assert hashlib.sha256(table.content).hexdigest() in document.content.decode()
    verbs = AuditEntry.objects.filter(verb="consent.evidence_downloaded")
    assert sorted(entry.after["file"] for entry in verbs) == ["document", "table"]


def test_the_wording_of_strangers_is_text_in_the_document(client):
    record_consent(ANN, method="web", wording="<script>alert(1)</script>", source="<img src=x>")
    document = take_out(client, "document").content.decode()
    assert "<script>" not in document
    assert "<img" not in document


# --- Everything of one person ------------------------------------------------------------------


def test_everything_of_a_person_is_given_out_as_a_zip(client, three):
    Contact.objects.create(phone=ANN, first_name="Ann")
    answer = client.post(reverse("admin:campaigns_person_export"), {"phone": f"+{ANN}"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert "contact.json" in archive.namelist()
    assert AuditEntry.objects.filter(verb="person.exported").exists()
    assert client.get(reverse("admin:campaigns_person_export")).status_code == 405


def test_the_page_of_an_erasure_says_what_goes_and_what_stays(client, three):
    Contact.objects.create(phone=ANN, first_name="Ann", attributes={"pet": "Rex"})
    page = client.get(url("person_erase")).content.decode()
    assert "A segment that asks for their number" in page
    assert "rows without their number" not in page
    assert "rows without their number" in client.get(url("person_erase", BOB)).content.decode()
    assert "1 further field," in page
    assert "2 entries of the ledger" in page
    assert "who adds it again cannot write to it" in page


def test_a_person_is_erased_by_who_knows_the_number(client, three):
    Contact.objects.create(phone=ANN, first_name="Ann")
    answer = client.post(
        reverse("admin:campaigns_person_erase"), {"phone": f"+{ANN}", "digits": "0124"}
    )
    assert "nobody was erased" in answer.content.decode()
    assert Contact.objects.exists()
    client.post(reverse("admin:campaigns_person_erase"), {"phone": f"+{ANN}", "digits": "0123"})
    assert not Contact.objects.exists()
    assert OptOut.objects.get().phone.startswith("#")


def test_who_is_being_written_to_is_not_erased_and_told_why(client, make_campaign):
    campaign = make_campaign(contacts=1)
    contact = Contact.objects.get()
    Message.objects.create(
        campaign=campaign,
        channel=campaign.channel,
        revision=campaign.mms.head,
        sender="1",
        contact=contact,
        phone=contact.phone,
        reference="r",
        status=MessageStatus.SENDING,
    )
    query = {"phone": f"+{contact.phone}", "digits": contact.phone[-4:]}
    page = client.post(reverse("admin:campaigns_person_erase"), query).content.decode()
    assert IN_FLIGHT in page
    assert Contact.objects.exists()


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("consent_evidence", {"marketer", "agent", "administrator"}),
        ("consent_document", {"marketer", "agent", "administrator"}),
        ("consent_table", {"marketer", "agent", "administrator"}),
        ("person_erase", {"marketer", "administrator"}),
        ("person_export", {"marketer", "agent", "administrator"}),
    ],
)
def test_who_may(page, allowed, people, sign_in, three):
    def status(user):
        client = sign_in(user)
        if page in ("person_export", "consent_document", "consent_table"):
            return client.post(reverse(f"admin:campaigns_{page}"), {"phone": ANN}).status_code
        return client.get(url(page)).status_code

    answers = {role: status(user) for role, user in people.items()}
    assert answers == {role: 200 if role in allowed else 403 for role in people}


# --- Limits ------------------------------------------------------------------------------------


def test_the_limits_are_set_by_an_administrator_on_one_page(administrator, sign_in):
    boss, page = sign_in(administrator), reverse("admin:campaigns_policy_changelist")
    assert "There is no limit" in boss.get(page).content.decode()
    told = {"cap_count": "3", "cap_days": "7", "brand": "Fern", "contact": "help@example.com"}
    told |= {"brake_failures": "30", "brake_optouts": "5", "brake_silence": "30"}
    answer = boss.post(page, told, follow=True)
    assert "more than 3 messages in 7 days" in answer.content.decode()
    policy = Policy.objects.get()
    assert (policy.cap_count, policy.brand) == (3, "Fern")
    assert AuditEntry.objects.get().after == {
        "cap_count": 3,
        "brand": "Fern",
        "contact": "help@example.com",
    }


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("cap_count", "0", "at least 1"),
        ("cap_days", "0", "at least one day"),
        ("cap_days", "999", "366"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(administrator, sign_in, field, value, words):
    told = {"cap_count": "3", "cap_days": "7", field: value}
    page = sign_in(administrator).post(reverse("admin:campaigns_policy_changelist"), told)
    assert words in page.content.decode()


def test_who_may_only_look_does_not_change_limits(client):
    page = reverse("admin:campaigns_policy_changelist")
    assert client.get(page).status_code == 200
    assert client.post(page, {"cap_count": "3", "cap_days": "7"}).status_code == 403


def test_a_consent_recorded_today_is_not_in_the_future(client):
    soon = timezone.localtime() + timedelta(minutes=5)
    answer = client.post(
        reverse("admin:campaigns_consent_add"), form(at=soon.strftime("%Y-%m-%dT%H:%M"))
    )
    assert "in the future" in answer.content.decode()


def test_a_channel_somebody_opted_out_of_is_not_deleted(administrator, make_channel, sign_in):
    channel = make_channel()
    record_optout(ANN, source="reply", channel=channel)
    page = reverse("admin:campaigns_channel_delete", args=[channel.pk])
    answer = sign_in(administrator).post(page, {"post": "yes"})
    assert answer.url == reverse("admin:campaigns_channel_change", args=[channel.pk])
    assert OptOut.objects.get().channel == channel
