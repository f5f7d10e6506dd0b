"""Messages that wait while something happens to their people: they go or move, or take back their
consent."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import (
    Campaign,
    Consent,
    Contact,
    ContactImport,
    ContactList,
    ImportChange,
    Membership,
    Message,
    Recipient,
)
from campaigns.rules.contactrows import ContactRow
from campaigns.rules.ladder import REASONS, Rung
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus
from campaigns.services.campaigns import launch_campaign, pause_campaign, resume_campaign
from campaigns.services.consent import record_consent, refresh_consented_at
from campaigns.services.contact_changes import THEY_WERE_DELETED, delete_contacts, save_contact
from campaigns.services.erasure import WAITING_SKIPPED, erase_person
from campaigns.services.filling import fill_outbox, freeze_audience
from campaigns.services.import_undo_parts import remove, restore, withdraw
from campaigns.services.import_writing import write_rows
from campaigns.services.merging import TO_OLD_NUMBER, merge_contacts
from campaigns.services.planning import LATE
from campaigns.services.starting import move_start
from campaigns.tests.conftest import agreeing

S, Start = MessageStatus, Campaign.Start
DAY = timedelta(days=1)
EASTERN = "US;NY;America/New_York"


@pytest.fixture
def campaign(make_campaign, marketer):
    """To two people, in two days."""
    campaign = make_campaign(contacts=2, start=Start.AT, starts_at=timezone.now() + 2 * DAY)
    Contact.objects.update(place=EASTERN)
    launch_campaign(campaign, by=marketer)
    return refill(campaign)


def refill(campaign):
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    return campaign


def waiting():
    return set(Message.objects.filter(status=S.QUEUED).values_list("phone", flat=True))


def move(campaign, by):
    start = {"start": Start.AT, "starts_at": timezone.now() + 3 * DAY}
    move_start(
        campaign, {**start, "local_date": None, "local_time": None, "late": "tomorrow"}, by=by
    )
    refill(campaign)


def two_messages(reason=""):
    """The message of one person, and of another who was left out for their time."""
    ann, bob = Message.objects.order_by("pk")
    if reason:
        Message.objects.filter(pk=bob.pk).update(status=S.SKIPPED, reason=reason)
    return ann, bob


# --- A start that is moved -----------------------------------------------------------------------


def test_a_move_does_not_bring_back_who_was_merged(campaign, marketer):
    ann, bob = two_messages(LATE)
    merge_contacts(ann.contact, bob.contact, by=marketer)
    move(campaign, marketer)
    assert waiting() == {ann.phone}
    assert Message.objects.get(pk=bob.pk).reason == TO_OLD_NUMBER


def test_a_move_does_not_bring_back_who_was_erased(campaign, administrator):
    ann, bob = two_messages(LATE)
    erase_person(bob.phone, by=administrator)
    move(campaign, administrator)
    assert waiting() == {ann.phone}
    assert Message.objects.get(pk=bob.pk).reason == WAITING_SKIPPED


@pytest.mark.parametrize("gone", [{"contact": None}, {"phone": f"{Message.ERASED}1"}])
def test_a_move_brings_back_nobody_who_is_not_there(campaign, marketer, gone):
    ann, bob = two_messages(LATE)
    Message.objects.filter(pk=bob.pk).update(**gone)
    move(campaign, marketer)
    assert waiting() == {ann.phone}


# --- People who go -------------------------------------------------------------------------------


def test_to_who_was_deleted_nothing_goes_out(campaign, marketer):
    ann, bob = two_messages()
    delete_contacts([bob.contact], by=marketer)
    assert waiting() == {ann.phone}
    assert Message.objects.get(pk=bob.pk).reason == THEY_WERE_DELETED


@pytest.fixture
def paused(make_campaign, marketer):
    """A campaign whose audience is frozen and not in the outbox."""
    campaign = make_campaign(contacts=2)
    launch_campaign(campaign, by=marketer)
    freeze_audience(Campaign.objects.get(pk=campaign.pk), timezone.now())
    pause_campaign(campaign, by=marketer)
    return Campaign.objects.get(pk=campaign.pk)


@pytest.mark.parametrize(("count", "words"), [(1, "for them at"), (2, "for 2 of them at")])
def test_nobody_is_deleted_while_a_campaign_is_prepared_for_them(paused, marketer, count, words):
    with pytest.raises(RuleBroken, match=f"is being prepared {words}"):
        delete_contacts(list(Contact.objects.all()[:count]), by=marketer)
    assert Contact.objects.count() == 2
    resume_campaign(paused, by=marketer)
    refill(paused)
    delete_contacts(Contact.objects.all(), by=marketer)
    assert waiting() == set()


def test_the_undo_of_an_import_keeps_who_is_in_a_frozen_audience(paused, done, marketer):
    Contact.objects.update(made_by_import=done.pk)
    Membership.objects.update(made_by_import=done.pk)
    assert remove(done, list(Contact.objects.all())) == {"chosen": 2}
    resume_campaign(paused, by=marketer)
    refill(paused)
    assert Message.objects.count() == paused.ladder["written_to"] == 2


def test_who_was_left_out_of_a_campaign_is_erased(campaign, administrator):
    person = agreeing("12015550188")
    person.save()
    Recipient.objects.create(campaign=campaign, contact=person, rung=Rung.EXCLUDED)
    erase_person(person.phone, by=administrator)
    assert Recipient.objects.get().contact_id is None


# --- People who did not agree after all ----------------------------------------------------------


@pytest.fixture
def done(marketer):
    """An import that has ended."""
    begun = timezone.now() - DAY / 2
    return ContactImport.objects.create(
        file_name="x.csv",
        contact_list=ContactList.objects.create(name="Imported"),
        status="done",
        by=marketer,
        started_at=begun,
        finished_at=timezone.now(),
    )


def test_without_the_consent_of_an_import_its_people_are_not_written_to(campaign, done):
    ann, bob = two_messages()
    noted = [
        Consent.objects.create(
            phone=each.phone, kind="given", at=each.created_at, contact_import=done
        )
        for each in (ann, bob)
    ]
    record_consent(ann.phone, method="web")
    withdraw(done, noted)
    assert waiting() == {ann.phone}
    assert Message.objects.get(pk=bob.pk).reason == REASONS[Rung.NO_CONSENT]


@pytest.mark.parametrize("purpose", set(Message.Purpose) - {Message.Purpose.CAMPAIGN})
def test_an_answer_goes_out_without_consent(campaign, purpose):
    Message.objects.update(purpose=purpose)
    refresh_consented_at(waiting())
    assert len(waiting()) == 2


# --- People who move -----------------------------------------------------------------------------

PACIFIC = {"state": "CA", "time_zone": "America/Los_Angeles"}


def by_form(contact, done, marketer):
    for name, value in PACIFIC.items():
        setattr(contact, name, value)
    save_contact(contact, by=marketer)


def by_import(contact, done, marketer):
    write_rows(done, [ContactRow(contact.phone, **PACIFIC)], timezone.now())


def by_merge(contact, done, marketer):
    other = Contact.objects.create(phone="12015550188", **PACIFIC)
    merge_contacts(contact, other, take=[(name, False) for name in PACIFIC], by=marketer)


def by_undo(contact, done, marketer):
    change = ImportChange.objects.create(contact_import=done, contact=contact, before=PACIFIC)
    Contact.objects.update(updated_at=done.started_at)
    restore(done, [change])


@pytest.mark.parametrize("move_to", [by_form, by_import, by_merge, by_undo])
def test_the_quiet_hours_of_the_new_place_hold(campaign, done, marketer, move_to):
    ann, bob = two_messages()
    move_to(ann.contact, done, marketer)
    contact = Contact.objects.get(pk=ann.contact_id)
    assert contact.place == Message.objects.get(pk=ann.pk).place
    assert contact.place.endswith(PACIFIC["time_zone"])
    assert Message.objects.get(pk=bob.pk).place == EASTERN


def test_what_went_out_keeps_its_place(campaign, done, marketer):
    Message.objects.update(status=S.DELIVERED)
    by_form(Contact.objects.first(), done, marketer)
    assert not Message.objects.exclude(place=EASTERN).exists()


def test_an_import_asks_for_waiting_messages_only_of_who_moved(campaign, done):
    with CaptureQueriesContext(connection) as asked:
        write_rows(done, [ContactRow(Contact.objects.first().phone, "Ann")], timezone.now())
    assert not [query for query in asked if "campaigns_message" in query["sql"]]
