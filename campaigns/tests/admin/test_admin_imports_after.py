"""The consent of an import, the people behind its numbers, its undo, and who may do that."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Consent, Contact, ContactImport, CustomField
from campaigns.rules.ladder import Rung
from campaigns.services import import_retention, import_rows, import_undo
from campaigns.services import imports as services
from campaigns.services.import_consent import Agreed
from campaigns.services.ladder import count_ladder

PEOPLE = "Phone;First name\n12015550101;Zoë\n12015550102;José\n12345;Bo\n"
EVIDENCE = {"wording": "Text me offers.", "source": "The spring fair", "since": "2026-05-01"}


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def as_marketer(client, marketer):
    client.force_login(marketer)
    return client


@pytest.fixture
def waiting(marketer):
    upload = SimpleUploadedFile("people.csv", PEOPLE.encode())
    return services.start_import(upload, list_name="Spring", by=marketer)


@pytest.fixture
def done(waiting, marketer):
    Contact.objects.create(phone="12015550102")
    agreed = Agreed("web", "Text me", "https://example.com", timezone.now())
    mapping = {int(place): name for place, name in waiting.mapping.items()}
    services.confirm_import(waiting, mapping, agreed=agreed, by=marketer)
    return finish(waiting)


def finish(contact_import):
    import_rows.run_import(contact_import.pk, timezone.now())
    contact_import.refresh_from_db()
    return contact_import


def page(name, contact_import, *more):
    return reverse(f"admin:campaigns_contactimport_{name}", args=[contact_import.pk, *more])


def posted(contact_import, **fields):
    columns = {f"column_{place}": name for place, name in contact_import.mapping.items()}
    names = ("encoding", "delimiter", "country", "winner")
    layout = {name: getattr(contact_import, name) for name in names}
    return {**layout, **columns, "has_header": "on", **fields}


# --- Where the consent comes from ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Say how they agreed, or that they did not."),
        ({"method": "web"}, "Write down the words they agreed to."),
        ({"method": "web", **EVIDENCE, "wording": " "}, "Write down the words"),
        ({"method": "web", **EVIDENCE, "source": ""}, "Say where they agreed"),
        ({"method": "web", **EVIDENCE, "since": ""}, "Say since when"),
        ({"method": "web", **EVIDENCE, "since": "soon"}, "Enter a valid date"),
        ({"method": "web", **EVIDENCE, "since": "2199-01-01"}, "Nobody has agreed in the future"),
        ({"method": "telepathy", **EVIDENCE}, "Select a valid choice"),
    ],
)
def test_without_saying_where_the_consent_comes_from_nothing_begins(
    as_marketer, waiting, said, sentence
):
    answer = as_marketer.post(page("confirm", waiting), posted(waiting, **said))
    assert sentence in answer.text
    waiting.refresh_from_db()
    assert waiting.status == ContactImport.Status.PREVIEW


def test_what_was_typed_is_still_there_when_something_is_missing(as_marketer, waiting):
    said = posted(waiting, method="paper", wording="Yes, text me.", winner="first")
    answer = as_marketer.post(page("confirm", waiting), said)
    assert "Yes, text me." in answer.text
    assert '<option value="paper" selected>' in answer.text
    waiting.refresh_from_db()
    assert waiting.winner == "first"


def test_the_consent_is_kept_with_the_import_and_in_the_ledger(as_marketer, waiting):
    said = posted(waiting, method="paper", **EVIDENCE)
    as_marketer.post(page("confirm", waiting), said)
    done = finish(waiting)
    assert (done.consent_method, done.consent_wording) == ("paper", "Text me offers.")
    assert timezone.localdate(done.consented_at) == date(2026, 5, 1)
    assert Consent.objects.filter(contact_import=done).count() == 2
    answer = as_marketer.get(page("change", done))
    assert "Form on paper" in answer.text
    assert "The spring fair" in answer.text


def test_who_did_not_agree_is_a_contact_and_not_written_to(as_marketer, waiting, make_campaign):
    as_marketer.post(page("confirm", waiting), posted(waiting, method="nobody", **EVIDENCE))
    done = finish(waiting)
    assert done.imported_count == 2
    assert not Consent.objects.exists()
    assert set(Contact.objects.values_list("consented_at", flat=True)) == {None}
    campaign = make_campaign(contacts=0)
    campaign.lists.set([done.contact_list])
    ladder = count_ladder(campaign, timezone.now())
    assert (ladder.counts[Rung.NO_CONSENT], ladder.remaining) == (2, 0)
    assert "None is known" in as_marketer.get(page("change", done)).text


# --- The numbers are links ----------------------------------------------------------------


@pytest.mark.parametrize("method", ["web", "nobody"])
def test_the_people_behind_each_number(as_marketer, waiting, method):
    Contact.objects.create(phone="12015550102", first_name="Known", last_name="One")
    as_marketer.post(page("confirm", waiting), posted(waiting, method=method, **EVIDENCE))
    done = finish(waiting)
    result = as_marketer.get(page("change", done)).text
    for name, person, count in (("made", "Zoë", 1), ("updated", "José One", 1)):
        url = page("people", done, name)
        assert f'href="{url}"' in result
        answer = as_marketer.get(url)
        assert person in answer.text
        assert answer.context["page"].paginator.count == count
        assert "12015550101" not in answer.text


def test_other_people_than_those_do_not_exist(as_marketer, done):
    assert as_marketer.get(page("people", done, "rich")).status_code == 404


# --- Undo ----------------------------------------------------------------


def test_an_undo_says_first_what_it_would_do_and_then_does_it(as_marketer, done):
    assert page("undo", done) in as_marketer.get(page("change", done)).text
    asked = as_marketer.get(page("undo", done)).text
    assert "<b>1</b> contact that this import made is removed." in asked
    assert Contact.objects.count() == 2  # looking changes nothing
    answer = as_marketer.post(page("undo", done), follow=True)
    assert "Being undone" in answer.text
    assert as_marketer.get(page("progress", done)).status_code == 200
    import_undo.run_undo(done.pk)
    ended = as_marketer.get(page("progress", done))
    assert ended.status_code == 286  # htmx stops asking
    assert "Undone" in ended.text
    assert Contact.objects.get().phone == "12015550102"


@pytest.mark.parametrize("why", ["", "older", "not empty", "not undone"])
def test_after_an_undo_the_empty_list_that_the_import_made_may_be_deleted(as_marketer, done, why):
    made = done.contact_list
    if why != "not undone":
        import_undo.start_undo(done, by=None)
        import_undo.run_undo(done.pk)
    if why == "older":
        type(made).objects.update(created_at=done.created_at - timedelta(days=1))
    if why == "not empty":
        made.contacts.add(Contact.objects.create(phone="12015550177"))
    offered = reverse("admin:campaigns_contactlist_delete", args=[made.pk])
    assert (offered in as_marketer.get(page("change", done)).text) is (why == "")


@pytest.fixture
def undone(done):
    """It made the extra field City, which nobody uses."""
    ContactImport.objects.update(columns=[*done.columns, "City"])
    CustomField.objects.create(name="City", made_by_import=done.pk)
    import_undo.start_undo(done, by=None)
    import_undo.run_undo(done.pk)
    done.refresh_from_db()
    return done


def test_after_an_undo_the_fields_that_nobody_uses_are_deleted_by_a_button(as_marketer, undone):
    told = as_marketer.get(page("change", undone)).text
    assert "An extra field that this file brought is not used by anybody now" in told
    as_marketer.get(page("fields", undone))
    assert CustomField.objects.exists()  # looking changes nothing
    answer = as_marketer.post(page("fields", undone), follow=True)
    assert "Deleted the extra fields that nobody used: City." in answer.text
    assert not CustomField.objects.exists()
    assert page("fields", undone) not in answer.text


def test_a_field_that_somebody_uses_since_the_page_was_opened_stays(as_marketer, undone):
    Contact.objects.create(phone="12015550177", attributes={"City": "Rome"})
    answer = as_marketer.post(page("fields", undone), follow=True)
    assert "somebody uses these fields by now" in answer.text
    assert CustomField.objects.exists()


def test_before_an_undo_no_field_is_offered(as_marketer, done):
    CustomField.objects.create(name="City", made_by_import=done.pk)
    assert page("fields", done) not in as_marketer.get(page("change", done)).text
    as_marketer.post(page("fields", done))
    assert CustomField.objects.exists()


def test_who_may_not_delete_fields_is_offered_none(client, marketer, undone):
    may_only(marketer, "view_contactimport", "add_contactimport")
    client.force_login(marketer)
    assert page("fields", undone) not in client.get(page("change", undone)).text
    assert client.post(page("fields", undone)).status_code == 403
    assert CustomField.objects.exists()


def test_a_lost_doorbell_of_an_undo_is_rung_again(done, django_capture_on_commit_callbacks):
    import_undo.start_undo(done, by=None)
    with django_capture_on_commit_callbacks() as rung:
        services.ring_stalled(timezone.now() + timedelta(minutes=3))
    assert len(rung) == 1


def test_after_a_day_the_page_offers_no_undo_and_says_that_the_rows_are_gone(as_marketer, done):
    ContactImport.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    import_retention.delete_old_files(timezone.now())
    answer = as_marketer.get(page("change", done))
    assert "Undo this import" not in answer.text
    assert "were deleted a day after the import" in answer.text
    assert as_marketer.get(page("undo", done)).status_code == 302
    refused = as_marketer.post(page("undo", done), follow=True)
    assert "more than a day ago" in refused.text


def test_a_preview_is_not_undone(as_marketer, waiting):
    assert as_marketer.get(page("undo", waiting)).status_code == 302
    assert "not ended" in as_marketer.post(page("undo", waiting), follow=True).text


# --- Who may ----------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["agent", "approver"])
def test_other_roles_undo_nothing_and_see_nobody(client, request, done, role, method):
    client.force_login(request.getfixturevalue(role))
    assert getattr(client, method)(page("undo", done)).status_code == 403
    assert getattr(client, method)(page("people", done, "made")).status_code == 403
    assert getattr(client, method)(page("fields", done)).status_code == 403
    done.refresh_from_db()
    assert done.status == ContactImport.Status.DONE


def may_only(user, *names):
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__in=names))


@pytest.mark.parametrize("lacking", ["add_contactimport", "delete_contact"])
def test_an_undo_needs_both_to_import_and_to_delete_contacts(client, marketer, done, lacking):
    may = {"view_contactimport", "add_contactimport", "view_contact", "delete_contact"}
    may_only(marketer, *(may - {lacking}))
    client.force_login(marketer)
    assert "Undo this import" not in client.get(page("change", done)).text
    assert client.post(page("undo", done)).status_code == 403


def test_who_may_not_see_contacts_gets_numbers_without_links(client, marketer, done):
    may_only(marketer, "view_contactimport")
    client.force_login(marketer)
    answer = client.get(page("change", done))
    assert page("people", done, "made") not in answer.text
    assert client.get(page("people", done, "made")).status_code == 403


@pytest.mark.parametrize("name", ["undo", "people", "fields"])
def test_a_stranger_is_asked_to_sign_in(client, done, name):
    more = ["made"] if name == "people" else []
    assert "/login/" in client.get(page(name, done, *more))["Location"]
