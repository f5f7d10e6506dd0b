"""The page of a person, the form of a contact, merging, and what is done with many."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactList,
    CustomField,
    OptOut,
    Recipient,
)
from campaigns.rules.customfields import NOT_A_NUMBER
from campaigns.rules.ladder import Rung
from campaigns.rules.statuses import CampaignStatus
from campaigns.services import contact_changes
from campaigns.services.merging import merge_contacts
from campaigns.services.optouts import record_optout
from campaigns.tests.conftest import agreeing

LIST = "admin:campaigns_contact_changelist"
ADD = "admin:campaigns_contact_add"


def page_of(contact):
    return reverse("admin:campaigns_contact_change", args=[contact.pk])


def form_of(contact, **fields):
    names = ("phone", "first_name", "last_name", "email", "state", "postal_code", "time_zone")
    kept = {name: getattr(contact, name) for name in names}
    return {**kept, "lists": [each.pk for each in contact.lists.all()], **fields}


@pytest.fixture
def person(db):
    contact = agreeing("12015550123", first_name="Ann", attributes={"old": "kept"})
    contact.save()
    return contact


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


def test_the_address_of_a_merged_contact_leads_to_the_kept_one(person, administrator, sign_in):
    second, third = (Contact.objects.create(phone=f"1201555012{n}") for n in (4, 5))
    old, third_id = page_of(third), third.pk
    merge_contacts(second, third, by=administrator)
    merge_contacts(person, second, by=administrator)
    answer = sign_in(administrator).get(old, follow=True)
    assert answer.redirect_chain[0][0] == page_of(person)
    assert "was merged into this one" in answer.content.decode()
    Contact.objects.all().delete()
    for address in (old, old.replace(str(third_id), "x%00")):
        answer = sign_in(administrator).get(address, follow=True)
        assert "exist" in answer.content.decode()


def test_the_page_shows_the_values_of_fields(person, marketer, sign_in):
    CustomField.objects.create(name="Points", kind="number", position=1)
    CustomField.objects.create(name="City", kind="text", position=2)
    Contact.objects.update(attributes={"Points": 0, "City": "Rome", "old": "kept"})
    context = sign_in(marketer).get(page_of(person)).context
    assert context["typed"] == [("Points", "0"), ("City", "Rome")]
    assert context["others"] == [("old", "kept")]


def test_the_list_names_every_reason_that_it_is_filtered_by(marketer, sign_in):
    Contact.objects.create(phone="18005550123")
    record_optout("18005550123", source=OptOut.Source.STAFF, by=marketer)
    for reason in ("opted_out", "no_consent", "line"):
        html = sign_in(marketer).get(reverse(LIST), {"reach": reason}).content.decode()
        for words in ("Opted out", "No consent", "Toll-free"):
            assert f">{words}</span>" in html


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


@pytest.fixture
def fields(db):
    kinds = {"Points": "number", "Birthday": "date", "Member": "yes_no", "Size": "choice"}
    kinds |= {'He said "3.5"日本': "text"}
    rows = [
        CustomField.objects.create(name=name, kind=kind, choices=["S", "M"] * (kind == "choice"))
        for name, kind in kinds.items()
    ]
    return {row.name: f"field_{row.pk}" for row in rows}


def test_fields_are_written_by_their_type(person, fields, marketer, sign_in):
    values = ("1,200", "2026-03-01", "no", "M", "x")
    form = form_of(person, **dict(zip(fields.values(), values, strict=True)))
    sign_in(marketer).post(page_of(person), form)
    person.refresh_from_db()
    assert person.attributes == {
        "old": "kept",
        "Points": 1200,
        "Birthday": "2026-03-01",
        "Member": False,
        "Size": "M",
        'He said "3.5"日本': "x",
    }


def test_an_emptied_field_is_gone_and_one_not_sent_stays(person, fields, marketer, sign_in):
    Contact.objects.update(attributes={"Points": 5, "Birthday": "2026-03-01"})
    sign_in(marketer).post(page_of(person), form_of(person, **{fields["Points"]: ""}))
    person.refresh_from_db()
    assert person.attributes == {"Birthday": "2026-03-01"}


def test_a_value_that_does_not_fit_is_refused_beside_its_field(person, fields, marketer, sign_in):
    form = form_of(person, **{fields["Points"]: "many"})
    html = sign_in(marketer).post(page_of(person), form).content.decode()
    assert NOT_A_NUMBER in html
    person.refresh_from_db()
    assert person.attributes == {"old": "kept"}


@pytest.mark.parametrize("name", ["Points", "Birthday", "Member", "Size"])
def test_a_value_of_an_older_type_is_shown_and_stays(name, person, fields, marketer, sign_in):
    Contact.objects.update(attributes={name: "odd <one>"})
    client = sign_in(marketer)
    html = client.get(page_of(person)).content.decode()
    assert "odd &lt;one&gt;" in html
    client.post(page_of(person), form_of(person, **{fields[name]: "odd <one>", "last_name": "Lee"}))
    person.refresh_from_db()
    assert (person.last_name, person.attributes) == ("Lee", {name: "odd <one>"})


def test_what_has_no_field_is_shown(person, marketer, sign_in):
    html = sign_in(marketer).get(page_of(person)).content.decode()
    assert "<dt>old</dt><dd><bdi>kept</bdi></dd>" in html


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


# --- The list ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["x", "-1", "9" * 30, "1 OR 1=1"])
def test_filters_that_are_nonsense_do_no_harm(text, person, marketer, sign_in):
    client = sign_in(marketer)
    assert client.get(reverse(LIST), {"list": text}).status_code == 200
    assert client.get(reverse(LIST), {"reach": text}).status_code == 200


def test_filters_and_search_work_together(make_contacts, marketer, sign_in):
    contact_list = make_contacts(3, "VIP")
    make_contacts(3, "Others")
    OptOut.objects.create(phone=contact_list.contacts.first().phone, source="staff")
    asked = {"list": contact_list.pk, "reach": "yes", "q": "ann"}
    answer = sign_in(marketer).get(reverse(LIST), asked)
    assert len(answer.context["cl"].result_list) == 2


def test_the_true_reason_stands_in_the_list(make_contacts, marketer, sign_in):
    make_contacts(4)
    first, second, third, _ = Contact.objects.order_by("pk")
    Contact.objects.filter(pk=first.pk).update(consented_at=None)
    Contact.objects.filter(pk=second.pk).update(line=3)
    OptOut.objects.create(phone=third.phone, source="staff")
    html = sign_in(marketer).get(reverse(LIST)).content.decode()
    for words in ("No consent</span>", "Toll-free</span>", "Opted out</span>", "Yes</span>"):
        assert html.count(words) == 1


# --- Many at once --------------------------------------------------------------------------------


def do(client, action, people, **fields):
    form = {"action": action, "_selected_action": [each.pk for each in people], **fields}
    return client.post(reverse(LIST), form, follow=True)


def test_each_action_tells_how_many_before_it_is_done(make_contacts, marketer, sign_in):
    make_contacts(3)
    client, people = sign_in(marketer), Contact.objects.all()[:2]
    for action in ("delete_selected", "add_to_list", "take_off_list", "make_list"):
        assert "2 contacts" in do(client, action, people).content.decode()
    assert Contact.objects.count() == 3


def test_people_are_put_on_a_list_and_taken_off(make_contacts, marketer, sign_in):
    make_contacts(3)
    vip = ContactList.objects.create(name="VIP")
    client, people = sign_in(marketer), list(Contact.objects.all()[:2])
    vip.contacts.add(people[0])
    answer = do(client, "add_to_list", people, post="yes", contact_list=vip.pk)
    assert "1 contact put on “VIP”" in answer.content.decode()
    assert set(vip.contacts.all()) == set(people)
    do(client, "take_off_list", people[:1], post="yes", contact_list=vip.pk)
    assert set(vip.contacts.all()) == set(people[1:])


def test_a_list_is_made_of_a_selection(make_contacts, marketer, sign_in):
    make_contacts(3)
    people = list(Contact.objects.all()[:2])
    do(sign_in(marketer), "make_list", people, post="yes", name=" Friends ")
    assert set(ContactList.objects.get(name="Friends").contacts.all()) == set(people)


def test_a_name_that_is_taken_makes_no_list(make_contacts, marketer, sign_in):
    make_contacts(1, "Friends")
    answer = do(sign_in(marketer), "make_list", Contact.objects.all(), post="yes", name="friends")
    assert "already a list called" in answer.content.decode()


def test_all_pages_of_a_filter_are_chosen_at_once(make_contacts, marketer, sign_in):
    make_contacts(60, "VIP")
    make_contacts(5, "Others")
    vip = ContactList.objects.get(name="VIP")
    form = {"action": "delete_selected", "_selected_action": [1], "select_across": "1"}
    url = f"{reverse(LIST)}?list={vip.pk}"
    client = sign_in(marketer)
    assert "Delete 60 contacts for good?" in client.post(url, form).content.decode()
    client.post(url, {**form, "post": "yes"})
    assert Contact.objects.count() == 5
    assert AuditEntry.objects.filter(verb="contact.deleted").count() == 60


def test_with_contacts_their_names_go_from_every_log(person, marketer, sign_in):
    client = sign_in(marketer)
    client.post(page_of(person), form_of(person, first_name="Annabel"))
    client.post(reverse(ADD), {"phone": "12015550124", "first_name": "Annabel"})
    double = Contact.objects.get(phone="12015550124")
    assert AuditEntry.objects.filter(target="Annabel").count() == 2
    client.post(reverse("admin:campaigns_contact_delete", args=[person.pk]), {"post": "yes"})
    do(client, "delete_selected", [double], post="yes")
    assert not Contact.objects.exists()
    told = AuditEntry.objects.filter(target_type="contact").values_list("target", "after")
    assert "Ann" not in str(list(told))
    assert not LogEntry.objects.exists()


def test_who_is_in_an_audience_on_its_way_is_not_deleted(person, make_campaign, marketer, sign_in):
    campaign = make_campaign(contacts=0, status=CampaignStatus.FILLING)
    Recipient.objects.create(campaign=campaign, contact=person, rung=Rung.WRITTEN_TO)
    url = reverse("admin:campaigns_contact_delete", args=[person.pk])
    alone = sign_in(marketer).post(url, {"post": "yes"}, follow=True)
    by_selection = do(sign_in(marketer), "delete_selected", [person], post="yes")
    for answer in (alone, by_selection):
        assert "A campaign is being prepared for them at this moment" in answer.content.decode()
    assert Contact.objects.filter(pk=person.pk).exists()


def test_more_than_the_limit_is_refused(make_contacts, marketer, sign_in, monkeypatch):
    monkeypatch.setattr(contact_changes, "MOST_AT_ONCE", 2)
    make_contacts(3)
    answer = do(sign_in(marketer), "delete_selected", Contact.objects.all(), post="yes")
    assert "More than 2 contacts are chosen" in answer.content.decode()
    assert Contact.objects.count() == 3


def test_actions_are_for_those_who_may(make_contacts, agent, sign_in):
    make_contacts(1)
    answer = do(sign_in(agent), "make_list", Contact.objects.all(), post="yes", name="x")
    assert not ContactList.objects.filter(name="x").exists()
    assert answer.status_code == 200


# --- Merging -------------------------------------------------------------------------------------


@pytest.fixture
def two(db):
    for number, name in ((1, "Ann"), (2, "Anne")):
        agreeing(f"1201555010{number}", first_name=name, email="a@example.com").save()
    return Contact.objects.order_by("pk")


def merge_url(kept, other):
    return reverse("admin:campaigns_contact_merge_with", args=[kept.pk, other.pk])


def test_likely_duplicates_lead_to_their_merge(two, marketer, sign_in):
    html = sign_in(marketer).get(reverse("admin:campaigns_contact_duplicates")).content.decode()
    assert merge_url(two[1], two[0]) in html


def test_the_other_contact_is_looked_for(two, marketer, sign_in):
    url = reverse("admin:campaigns_contact_merge", args=[two[0].pk])
    html = sign_in(marketer).get(url, {"q": "anne"}).content.decode()
    assert merge_url(two[0], two[1]) in html
    assert merge_url(two[0], two[0]) not in html


def test_two_are_merged_with_what_was_chosen(two, marketer, sign_in):
    kept, other = two
    record_optout(other.phone, source=OptOut.Source.STAFF, by=marketer)
    client = sign_in(marketer)
    html = client.get(merge_url(kept, other)).content.decode()
    assert "1201•••0102 opted out" in html
    client.post(merge_url(kept, other), {"choice_0": "other"})
    contact = Contact.objects.get()
    assert (contact.phone, contact.first_name) == (kept.phone, "Anne")
    assert OptOut.objects.filter(phone=kept.phone).exists()


def test_a_merge_without_a_choice_asks_again(two, marketer, sign_in):
    answer = sign_in(marketer).post(merge_url(*two), {"x": "y"})
    assert "This field is required" in answer.content.decode()
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("page", ["duplicates", "merge", "merge_with"])
def test_merging_is_for_those_who_may_delete(page, two, agent, sign_in):
    pks = {"duplicates": [], "merge": [two[0].pk], "merge_with": [each.pk for each in two]}[page]
    url = reverse(f"admin:campaigns_contact_{page}", args=pks)
    assert sign_in(agent).get(url).status_code == 403


# --- Fields --------------------------------------------------------------------------------------


def test_a_field_is_made_with_its_choices(marketer, sign_in):
    form = {"name": "Size", "kind": "choice", "lines": "S\n M \n\nL", "position": 1}
    sign_in(marketer).post(reverse("admin:campaigns_customfield_add"), form)
    assert CustomField.objects.get().choices == ["S", "M", "L"]


def test_what_is_wrong_with_a_field_is_told_and_what_was_typed_stays(person, marketer, sign_in):
    form = {"name": "old", "kind": "number", "lines": "", "position": 0}
    url = reverse("admin:campaigns_customfield_add")
    html = sign_in(marketer).post(url, form).content.decode()
    assert "1 contact has a value that does not fit, such as “kept”" in html
    assert 'value="old"' in html
    assert not CustomField.objects.exists()


def test_deleting_a_field_says_how_many_have_a_value(person, marketer, sign_in):
    field = CustomField.objects.create(name="old")
    url = reverse("admin:campaigns_customfield_delete", args=[field.pk])
    client = sign_in(marketer)
    assert "1 contact has a value. It stays with them" in client.get(url).content.decode()
    client.post(url, {"post": "yes"})
    person.refresh_from_db()
    assert person.attributes == {"old": "kept"}
    assert not CustomField.objects.exists()


def test_a_renamed_field_tells_which_mms_still_have_the_old_name(
    person, make_mms, marketer, sign_in
):
    make_mms("Spring", text="{{ old|x }}")
    field = CustomField.objects.create(name="old")
    url = reverse("admin:campaigns_customfield_change", args=[field.pk])
    form = {"name": "new", "kind": "text", "lines": "", "position": 0}
    html = sign_in(marketer).post(url, form, follow=True).content.decode()
    assert "These MMS still have the field old: “Spring”" in html
    person.refresh_from_db()
    assert person.attributes == {"new": "kept"}
