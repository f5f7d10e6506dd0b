"""The undo of an import: exactly what it did, and nothing that happened since."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Campaign,
    Consent,
    Contact,
    ContactImport,
    ContactList,
    ImportChange,
    Membership,
    Message,
    OptOut,
    Recipient,
)
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services import import_rows, import_undo, imports
from campaigns.services.consent import record_consent, refresh_consented_at
from campaigns.services.import_consent import NOBODY_AGREED, Agreed
from campaigns.services.import_marks import mark
from campaigns.services.import_undo import Undone, plan_undo, run_undo, start_undo, tell_undone
from campaigns.services.optouts import record_optout
from campaigns.tests.conftest import make_reply

Status = ContactImport.Status
LONG_AGO = timezone.now() - timedelta(days=40)
#: Columns of a contact that an undo brings back.
KEPT = "phone first_name last_name email attributes consented_at first_folded place".split()


def phone(number):
    return f"1201555{number:04}"


@pytest.fixture
def contact_list(db):
    return ContactList.objects.create(name="Spring")


@pytest.fixture
def done(contact_list, marketer):
    """An import that made contacts 0–4 and changed 5–7 (7 was on the list before)."""
    begun = timezone.now() - timedelta(minutes=5)
    known = [Contact.objects.create(phone=phone(n), first_name="Old") for n in (5, 6, 7)]
    Contact.objects.update(updated_at=begun - timedelta(days=9))
    Membership.objects.create(contact_list=contact_list, contact=known[2])
    done = ContactImport.objects.create(
        file_name="people.csv",
        contact_list=contact_list,
        list_name="Spring",
        status=Status.DONE,
        by=marketer,
        started_at=begun,
        new_count=5,
        updated_count=3,
        done_count=8,
    )
    _write(done, known)
    done.finished_at = timezone.now()
    done.save()
    return done


def _write(done, known):
    made = [
        Contact.objects.create(phone=phone(n), first_name="New", made_by_import=done.pk)
        for n in range(5)
    ]
    for contact in known:
        before = {"first_name": contact.first_name, "attributes": contact.attributes}
        ImportChange.objects.create(contact_import=done, contact=contact, before=before)
        contact.first_name, contact.attributes = "Changed", {"City": "Rome"}
        contact.save()
    for contact in [*made, *known[:2]]:
        Membership.objects.create(
            contact_list=done.contact_list, contact=contact, made_by_import=done.pk
        )
    at = timezone.now()
    Consent.objects.bulk_create(
        Consent(phone=contact.phone, kind=Consent.Kind.GIVEN, at=at, contact_import=done)
        for contact in [*made, *known]
    )
    Contact.objects.update(consented_at=at)


def undo(done, by=None):
    start_undo(done, by=by)
    run_undo(done.pk)
    done.refresh_from_db()
    return tell_undone(done)


def person(number):
    return Contact.objects.get(phone=phone(number))


def everything():
    """All that an undo may touch, as it is now."""
    return (
        sorted(Contact.objects.values_list("phone", "first_name", "attributes__City")),
        sorted(Membership.objects.values_list("contact__phone", "contact_list__name")),
        sorted(Consent.objects.values_list("phone", "kind")),
        sorted(OptOut.objects.values_list("phone")),
    )


# --- What it did goes ---------------------------------------------------------------------------


def test_an_undo_leaves_everything_as_it_was_before(done):
    said = undo(done)
    assert said == Undone(removed=5, kept={}, off_list=2, restored=3, withdrawn=8)
    assert done.status == Status.UNDONE
    contacts = Contact.objects.order_by("phone").values_list("phone", "first_name", "first_folded")
    assert list(contacts) == [(phone(n), "Old", "old") for n in (5, 6, 7)]
    assert set(Contact.objects.values_list("consented_at", flat=True)) == {None}
    assert list(Membership.objects.values_list("contact__phone")) == [(phone(7),)]
    assert person(5).attributes == {}


def test_what_it_would_do_is_said_first_and_is_what_it_does(done):
    record_optout(phone(1), source="staff")
    Contact.objects.filter(phone=phone(6)).update(updated_at=timezone.now() + timedelta(hours=1))
    plan = plan_undo(done)
    assert plan == Undone(
        removed=4, kept={"opted_out": 1}, off_list=3, restored=2, left=1, withdrawn=8
    )
    assert undo(done) == plan


def test_the_ledger_keeps_what_was_said_and_says_that_it_does_not_hold(done, marketer):
    undo(done, by=marketer)
    assert Consent.objects.filter(kind=Consent.Kind.GIVEN).count() == 8
    withdrawn = Consent.objects.filter(kind=Consent.Kind.WITHDRAWN)
    assert {(row.contact_import_id, row.by_id) for row in withdrawn} == {(done.pk, marketer.pk)}
    assert withdrawn.count() == 8


def test_an_undo_is_told_in_the_audit(done, marketer):
    undo(done, by=marketer)
    entry = AuditEntry.objects.get(verb="import.undone")
    assert (entry.actor, entry.after["removed"]) == (marketer, 5)


def test_another_consent_of_theirs_still_holds(done):
    earlier = timezone.now() - timedelta(days=40)
    Consent.objects.create(phone=phone(5), kind=Consent.Kind.GIVEN, at=earlier, method="web")
    refresh_consented_at([phone(5)])
    undo(done)
    assert person(5).consented_at == earlier
    assert person(6).consented_at is None


def test_an_import_that_stopped_half_way_is_undone_too(done):
    ContactImport.objects.update(status=Status.FAILED)
    assert undo(done).removed == 5


def test_an_import_whose_list_was_deleted_is_undone_too(done, contact_list):
    contact_list.delete()
    done.refresh_from_db()
    assert undo(done) == Undone(removed=5, kept={}, restored=3, withdrawn=8)


@pytest.mark.parametrize("agreed", [NOBODY_AGREED, Agreed("web", "Yes", "here", LONG_AGO)])
@pytest.mark.parametrize("winner", ["first", "last"])
def test_a_real_import_and_its_undo_leave_no_trace(
    marketer, contact_list, settings, tmp_path, monkeypatch, agreed, winner
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(import_rows, "BATCH_ROWS", 3)
    monkeypatch.setattr(import_undo, "CHUNK", 2)
    for n in (1, 2, 3):
        Contact.objects.create(phone=phone(n), first_name="Ann", attributes={"City": "Rome"})
    Membership.objects.create(contact_list=contact_list, contact=person(1))
    record_consent(phone(2), method="paper", at=LONG_AGO)
    Contact.objects.update(updated_at=LONG_AGO)
    before = list(Contact.objects.order_by("phone").values(*KEPT)), memberships()

    lines = [f"{phone(n)},Zoë {n},Oslo,{n}" for n in (1, 2, 4, 5, 6, 7)]
    lines += [f"{phone(n)},Late,Bern," for n in (1, 4, 4, 8)] + [f"{phone(3)},Ann,Rome,", "12,,,"]
    text = "\n".join(["Phone,First name,City,Age", *lines])
    upload = SimpleUploadedFile("people.csv", text.encode())
    done = imports.start_import(upload, contact_list=contact_list, by=marketer)
    done.winner = winner
    mapping = {int(place): name for place, name in done.mapping.items()}
    imports.confirm_import(done, mapping, agreed=agreed, by=marketer)
    import_rows.run_import(done.pk, timezone.now())
    done.refresh_from_db()
    assert (done.new_count, done.updated_count, done.duplicate_count) == (5, 3, 3)
    plan = plan_undo(done)
    assert (plan.removed, plan.off_list, plan.restored) == (5, 2, 2)
    assert undo(done) == plan
    assert (list(Contact.objects.order_by("phone").values(*KEPT)), memberships()) == before


def memberships():
    return list(Membership.objects.values_list("contact__phone", "contact_list__name"))


# --- What happened since stays ------------------------------------------------------------------


@pytest.fixture
def campaign(make_campaign):
    return make_campaign(contacts=0)


def written_to(contact, campaign):
    revision = campaign.mms.revisions.first()
    Message.objects.create(
        campaign=campaign,
        channel=campaign.channel,
        revision=revision,
        contact=contact,
        phone=contact.phone,
        reference=f"ref-{contact.pk}",
    )


def chosen(contact, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.FILLING)
    Recipient.objects.create(campaign=campaign, contact=contact, rung=0)


def replied(contact, campaign):
    make_reply(
        channel=campaign.channel,
        phone=contact.phone,
        to="12015550100",
        provider_id="1",
        received_at=timezone.now(),
    )


def opted_out(contact, campaign):
    record_optout(contact.phone, source="staff")


def agreed(contact, campaign):
    record_consent(contact.phone, method="web")


def listed(contact, campaign):
    Membership.objects.create(
        contact=contact, contact_list=ContactList.objects.create(name="Another")
    )


def edited(contact, campaign):
    contact.first_name = "By hand"
    contact.save()


HAPPENED = {
    "written": written_to,
    "chosen": chosen,
    "replied": replied,
    "opted_out": opted_out,
    "agreed": agreed,
    "listed": listed,
    "edited": edited,
}


def test_a_contact_that_only_got_its_consent_is_no_change(done):
    ImportChange.objects.filter(contact=person(5)).update(before={"consented_at": None})
    record_consent(phone(5), method="web")
    plan = plan_undo(done)
    assert (plan.restored, plan.left) == (2, 0)
    assert undo(done) == plan
    assert person(5).consented_at  # by the website


def test_who_was_only_met_without_a_consent_is_no_change(done):
    Contact.objects.create(phone=phone(9), first_name="Ann")
    with connection.cursor() as cursor:
        mark(cursor, done, [phone(9)])
    assert ImportChange.objects.get(contact=person(9)).before == {}
    plan = plan_undo(done)
    assert (plan.restored, plan.left) == (3, 0)
    assert undo(done) == plan


@pytest.mark.parametrize("reason", HAPPENED)
def test_a_person_with_whom_something_happened_since_stays(done, campaign, reason):
    HAPPENED[reason](person(2), campaign)
    assert plan_undo(done).kept == {reason: 1}
    said = undo(done)
    assert (said.removed, said.kept) == (4, {reason: 1})
    on_lists = person(2).lists.values_list("name", flat=True)
    assert list(on_lists) == (["Another"] if reason == "listed" else [])
    assert (person(2).consented_at is None) is (reason != "agreed")


def test_what_happened_before_the_import_keeps_nobody(done, campaign):
    written_to(person(2), campaign)
    Message.objects.update(created_at=done.started_at - timedelta(days=1))
    assert undo(done).removed == 5
    assert Message.objects.get().contact is None


def test_opt_outs_stay_even_of_people_who_go(done):
    record_optout(phone(2), source="staff")
    OptOut.objects.update(created_at=done.started_at - timedelta(days=1))
    undo(done)
    assert OptOut.objects.get().phone == phone(2)


def test_a_contact_that_somebody_changed_since_keeps_its_values(done):
    edited(person(5), None)
    said = undo(done)
    assert (said.restored, said.left) == (2, 1)
    assert person(5).first_name == "By hand"
    assert person(5).attributes == {"City": "Rome"}


# --- Kills and crowds ---------------------------------------------------------------------------


@pytest.mark.parametrize("survived", range(0, 14, 2))
def test_an_undo_killed_after_any_chunk_ends_the_same(done, monkeypatch, survived):
    monkeypatch.setattr(import_undo, "CHUNK", 2)
    record_optout(phone(1), source="staff")
    edited(person(6), None)
    plan = plan_undo(done)
    start_undo(done, by=None)
    for _ in range(survived):
        import_undo.undo_chunk(done.pk)
    run_undo(done.pk)
    done.refresh_from_db()
    assert tell_undone(done) == plan
    assert everything() == (
        [
            (phone(1), "New", None),
            (phone(5), "Old", None),
            (phone(6), "By hand", "Rome"),
            (phone(7), "Old", None),
        ],
        [(phone(7), "Spring")],
        sorted(
            [
                (phone(1), "opted_out"),
                *[(phone(n), kind) for n in range(8) for kind in ("given", "withdrawn")],
            ]
        ),
        [(phone(1),)],
    )


def test_a_chunk_that_fails_half_way_leaves_nothing(done, monkeypatch):
    start_undo(done, by=None)
    before = everything()

    def fail(*args, **kwargs):
        raise RuntimeError("killed")

    monkeypatch.setattr("campaigns.services.import_undo_parts.refresh_consented_at", fail)
    with pytest.raises(RuntimeError):
        run_undo(done.pk)
    assert everything() == before


def test_ringing_for_an_undone_import_does_nothing(done):
    undo(done)
    before = everything()
    run_undo(done.pk)
    assert everything() == before


# --- When it may be -------------------------------------------------------------------------------


def test_an_undo_begins_once(done):
    start_undo(done, by=None)
    done.status = Status.DONE  # what the other tab still shows
    with pytest.raises(RuleBroken, match="already"):
        start_undo(done, by=None)


@pytest.mark.parametrize("status", [Status.PREVIEW, Status.RUNNING])
def test_only_what_ended_is_undone(done, status):
    ContactImport.objects.update(status=status)
    with pytest.raises(RuleBroken, match="not ended"):
        start_undo(done, by=None)


def test_after_a_day_nothing_is_undone(done):
    ContactImport.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(RuleBroken, match="more than a day ago"):
        start_undo(done, by=None)
    assert Contact.objects.count() == 8
