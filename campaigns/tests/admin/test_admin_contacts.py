"""The page of a person, with all that happened, and the form of a contact."""

import pytest
from django.urls import reverse

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactList,
    OptOut,
)
from campaigns.services import contact_changes
from campaigns.services.optouts import record_optout
from campaigns.tests.admin.contact_pages import form_of, page_of

# --- The page ------------------------------------------------------------------------------------


def test_the_page_says_why_nobody_can_write_to_them(everything, marketer, sign_in):
    contact = everything["contact"]
    client = sign_in(marketer)
    assert "You can write to them." in client.get(page_of(contact)).content.decode()
    record_optout(contact.phone, source=OptOut.Source.STAFF, evidence="Called", by=marketer)
    assert "as marketer entered: “Called”" in client.get(page_of(contact)).content.decode()


def test_the_page_tells_place_and_time(everything, marketer, sign_in):
    html = sign_in(marketer).get(page_of(everything["contact"])).content.decode()
    assert "New Jersey, Eastern time" in html


def test_the_timeline_leads_to_every_row(everything, administrator, sign_in):
    html = sign_in(administrator).get(page_of(everything["contact"])).content.decode()
    for name in ("message", "thread"):
        url = reverse(f"admin:campaigns_{name}_change", args=[everything[name].pk])
        assert f'href="{url}' in html
    assert "Love it &lt;b&gt;very&lt;/b&gt; much" in html


def test_earlier_parts_of_the_timeline_are_fetched(person, marketer, sign_in):
    Consent.objects.bulk_create(
        Consent(phone=person.phone, kind="given", at=f"2026-01-01T00:{n:02}:00Z") for n in range(60)
    )
    client = sign_in(marketer)
    page = client.get(page_of(person))
    cursor = page.context["timeline"].earlier
    url = reverse("admin:campaigns_contact_timeline", args=[person.pk])
    part = client.get(url, {"before": str(cursor)})
    assert len(part.context["timeline"].entries) == 10
    assert "Show earlier" not in part.content.decode()
    assert client.get(url, {"before": "nonsense"}).status_code == 404


def test_the_timeline_is_for_those_who_see_contacts(person, approver, sign_in):
    url = reverse("admin:campaigns_contact_timeline", args=[person.pk])
    assert (
        sign_in(approver).get(url, {"before": "2026-01-01T00:00:00+00:00,0,1"}).status_code == 403
    )


def test_a_page_costs_the_same_with_a_thousand_events(
    person, marketer, sign_in, django_assert_max_num_queries
):
    Consent.objects.bulk_create(
        Consent(phone=person.phone, kind="given", at="2026-01-01T00:00:00Z") for _ in range(1_000)
    )
    client = sign_in(marketer)
    with django_assert_max_num_queries(60):
        client.get(page_of(person))


# --- The form ------------------------------------------------------------------------------------


def test_a_contact_is_added_with_how_they_agreed(marketer, sign_in):
    form = {
        "phone": "(201) 555-0123",
        "first_name": "Ann",
        "state": "FL",
        "postal_code": "2134",
        "method": "paper",
        "wording": "I agree",
        "source": "Folder 7",
        "agreed_on": "2026-01-02",
    }
    sign_in(marketer).post(reverse("admin:campaigns_contact_add"), form)
    contact, entry = Contact.objects.get(), Consent.objects.get()
    assert (contact.phone, contact.postal_code, contact.state) == ("12015550123", "02134", "FL")
    assert (entry.method, entry.wording, entry.source) == ("paper", "I agree", "Folder 7")
    assert entry.by == marketer
    assert contact.consented_at.date().isoformat() == entry.at.date().isoformat() == "2026-01-02"
    assert AuditEntry.objects.filter(verb="contact.created", actor=marketer).exists()


def test_a_contact_may_be_added_without_consent(marketer, sign_in):
    sign_in(marketer).post(reverse("admin:campaigns_contact_add"), {"phone": "2015550123"})
    assert Contact.objects.get().consented_at is None
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"method": "web"}, "Say where the consent is kept"),
        ({"source": "Folder"}, "Say how they agreed"),
        ({"method": "web", "source": "x", "agreed_on": "2999-01-01"}, "agreed in the future"),
        ({"postal_code": "???"}, "not a postal code"),
        ({"phone": "201 555 0123 ext. 5"}, "extension"),
        ({"email": "nobody"}, "valid email"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(fields, problem, marketer, sign_in):
    form = {"phone": "2015550123", **fields}
    html = sign_in(marketer).post(reverse("admin:campaigns_contact_add"), form).content.decode()
    assert problem in html
    assert not Contact.objects.exists()


def test_a_number_that_is_known_already_is_refused(person, marketer, sign_in):
    form = {"phone": "+1 201 555 0123"}
    html = sign_in(marketer).post(reverse("admin:campaigns_contact_add"), form).content.decode()
    assert "already exists" in html


def test_a_change_is_audited_with_what_changed(person, marketer, sign_in):
    sign_in(marketer).post(page_of(person), form_of(person, last_name="Lee"))
    entry = AuditEntry.objects.get(verb="contact.changed")
    assert (entry.before, entry.after) == ({"last_name": ""}, {"last_name": "Lee"})


def test_saving_without_a_change_is_not_audited(person, marketer, sign_in):
    sign_in(marketer).post(page_of(person), form_of(person))
    assert not AuditEntry.objects.filter(verb="contact.changed").exists()


def test_another_number_has_its_own_consent_and_opt_outs(person, marketer, sign_in):
    sign_in(marketer).post(page_of(person), form_of(person, phone="12015550124"))
    person.refresh_from_db()
    assert (person.phone, person.consented_at) == ("12015550124", None)


def test_a_consent_that_comes_in_while_somebody_writes_stays(person, marketer):
    stale = Contact.objects.get(pk=person.pk)
    Contact.objects.update(consented_at=None)
    contact_changes.save_contact(stale, by=marketer)
    assert Contact.objects.get().consented_at is None


def test_who_may_not_change_lists_does_not_do_it_by_hand(person, agent, sign_in):
    contact_list = ContactList.objects.create(name="VIP")
    sign_in(agent).post(page_of(person), form_of(person, lists=[contact_list.pk]))
    assert not person.lists.exists()
