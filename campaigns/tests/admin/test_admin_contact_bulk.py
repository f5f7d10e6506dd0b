"""What is done with many contacts at once, and what stays of those who are deleted."""

from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns.models import AuditEntry, Contact, ContactList, Recipient
from campaigns.rules.ladder import Rung
from campaigns.rules.statuses import CampaignStatus
from campaigns.services import contact_changes
from campaigns.tests.admin.contact_pages import ADD, LIST, form_of, page_of


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
