"""The timeline of a person: everything, once, newest first, a page at a time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactImport,
    ImportChange,
    Membership,
    Message,
    MessageEvent,
    OptOutReview,
)
from campaigns.rules.statuses import MessageStatus
from campaigns.services.audit import record
from campaigns.services.merging import merge_contacts
from campaigns.services.timeline import SOURCES, Cursor, read_timeline
from campaigns.tests.conftest import make_reply

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


def may_all(permission):
    return True


def kinds(page):
    return [entry.kind for entry in page.entries]


def walk(contact, size):
    """Every page to the end."""
    pages, before = [], None
    while True:
        page = read_timeline(contact, may_all, before, size)
        pages.append(page)
        if page.earlier is None:
            return pages
        before = Cursor.read(str(page.earlier))


@pytest.fixture
def campaign(make_campaign):
    return make_campaign(contacts=1)


@pytest.fixture
def person(campaign):
    contact = Contact.objects.get()
    Membership.objects.update(added_at=NOW)
    return contact


def send(campaign, contact, count=1):
    """Messages to them; only the first one is of the campaign."""
    first = Message.objects.count()
    return Message.objects.bulk_create(
        Message(
            campaign=None if n else campaign,
            channel=campaign.channel,
            revision=campaign.mms.head,
            sender="12015550100",
            contact=contact,
            phone=contact.phone,
            reference=f"r-{first + n}",
            status=MessageStatus.DELIVERED,
        )
        for n in range(count)
    )


@pytest.fixture
def everything_happened(person, campaign, marketer):
    """One row in every table that tells of a person, one minute after the other."""
    (message,) = send(campaign, person)
    MessageEvent.objects.create(
        message=message, key="k", code="N101", status=2, received_at=NOW + timedelta(minutes=3)
    )
    reply = make_reply(
        channel=campaign.channel,
        contact=person,
        phone=person.phone,
        to="12015550100",
        text="Love it",
        provider_id="in-1",
        received_at=NOW + timedelta(minutes=4),
    )
    review = OptOutReview.objects.create(
        reply=reply, phone=person.phone, said="Love it", words="it", due_on=date(2025, 6, 15)
    )
    Consent.objects.create(phone=person.phone, kind=Consent.Kind.GIVEN, at=NOW)
    imported = ContactImport.objects.create(
        file_name="a.csv", started_at=NOW - timedelta(minutes=1)
    )
    ImportChange.objects.create(contact_import=imported, contact=person, before={})
    entry = record("contact.changed", person, by=marketer, after={"email": "x"})
    Message.objects.update(created_at=NOW + timedelta(minutes=2))
    OptOutReview.objects.filter(pk=review.pk).update(created_at=NOW + timedelta(minutes=5))
    assert entry.at > NOW
    return person


def test_everything_is_told_newest_first(everything_happened):
    page = read_timeline(everything_happened, may_all)
    assert kinds(page) == [
        "edit",
        "doubt",
        "reply",
        "receipt",
        "message",
        "ledger",
        "list",
        "import",
    ]
    times = [entry.at for entry in page.entries]
    assert times == sorted(times, reverse=True)
    assert page.earlier is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_of_any_size_tell_everything_once(size, everything_happened):
    told = [kind for page in walk(everything_happened, size) for kind in kinds(page)]
    assert told == kinds(read_timeline(everything_happened, may_all))


def test_what_happened_at_one_moment_is_told_once(person, campaign):
    send(campaign, person, 10)
    Message.objects.update(created_at=NOW)
    Consent.objects.bulk_create(
        Consent(phone=person.phone, kind=Consent.Kind.GIVEN, at=NOW) for _ in range(5)
    )
    told = [(entry.kind, entry.pk) for page in walk(person, 4) for entry in page.entries]
    assert len(told) == len(set(told)) == 16  # and the list


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
def test_what_somebody_may_not_see_is_not_told(source, everything_happened):
    page = read_timeline(everything_happened, lambda permission: permission != source.permission)
    assert source.kind not in kinds(page)
    assert len(page.entries) == len(SOURCES) - 1


def test_other_people_are_not_told_of(everything_happened, make_contacts):
    make_contacts(1, "Others")
    other = Contact.objects.exclude(pk=everything_happened.pk).get()
    assert set(kinds(read_timeline(other, may_all))) == {"list"}


def test_a_merged_contact_brings_its_past(person, campaign, make_contacts, administrator):
    make_contacts(1, "Others")
    other = Contact.objects.exclude(pk=person.pk).get()
    send(campaign, other)
    record("contact.changed", other, by=administrator, after={"email": "x"})
    merge_contacts(person, other, by=administrator)
    page = read_timeline(Contact.objects.get(), may_all)
    assert kinds(page).count("message") == 1
    assert [entry.row.verb for entry in page.entries if entry.kind == "edit"] == [
        "contact.merged",
        "contact.changed",
    ]


def test_a_merge_forgets_no_import(person, campaign, make_contacts, administrator):
    make_contacts(1, "Others")
    other = Contact.objects.exclude(pk=person.pk).get()
    made, made_other, changed = (
        ContactImport.objects.create(file_name=f"{n}.csv", started_at=NOW) for n in range(3)
    )
    Contact.objects.filter(pk=person.pk).update(made_by_import=made.pk)
    Contact.objects.filter(pk=other.pk).update(made_by_import=made_other.pk)
    ImportChange.objects.create(contact_import=changed, contact=other, before={})
    merge_contacts(person, other, by=administrator)
    told = read_timeline(Contact.objects.get(), may_all).entries
    imports = {entry.row.pk: entry.row.has_made for entry in told if entry.kind == "import"}
    assert imports == {made.pk: True, made_other.pk: True, changed.pk: False}


@pytest.mark.parametrize("text", ["", "x", "2025-06-01,1,1", "2025-06-01T00:00:00+00:00,1,x", ",,"])
def test_what_is_no_cursor_is_none(text):
    assert Cursor.read(text) is None


def test_three_thousand_events_cost_one_page_of_each_table(
    person, campaign, django_assert_max_num_queries
):
    send(campaign, person, 3_000)
    with django_assert_max_num_queries(len(SOURCES) + 2):
        page = read_timeline(person, may_all)
    assert len(page.entries) == 50
    with django_assert_max_num_queries(len(SOURCES) + 2):
        later = read_timeline(person, may_all, page.earlier)
    assert not {e.pk for e in page.entries} & {e.pk for e in later.entries if e.kind == "message"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite writes them")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
def test_no_table_is_walked_through(source, person):
    plan = source.rows(person).explain()
    small = ("campaigns_contactimport",)  # a row per file
    scanned = [
        line
        for line in plan.splitlines()
        if "SCAN " in line and not any(f"SCAN {name}" in line for name in small)
    ]
    assert not scanned, plan


def test_edits_are_kept_apart_from_other_rows_with_the_same_number(person):
    AuditEntry.objects.create(
        verb="list.created", target_type="contactlist", target_id=str(person.pk)
    )
    assert "edit" not in kinds(read_timeline(person, may_all))
