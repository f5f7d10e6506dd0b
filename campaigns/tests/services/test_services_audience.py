"""Whom a campaign reaches: everybody once, and the ladder adds up."""

import pytest

from campaigns.models import AuditEntry, Contact, ContactList, Membership
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audience import (
    Ladder,
    count_ladder,
    create_list,
    delete_list,
    recipients_of,
    remember_contact,
)
from campaigns.services.optouts import record_optout


def test_somebody_on_two_lists_is_reached_once(make_campaign):
    campaign = make_campaign(contacts=3)
    second = create_list("Second")
    for contact in Contact.objects.all()[:2]:
        Membership.objects.create(contact_list=second, contact=contact)
    campaign.lists.add(second)
    assert recipients_of(campaign).count() == 3
    assert count_ladder(campaign) == Ladder(total=3, opted_out=0)


def test_the_ladder_subtracts_who_opted_out(make_campaign):
    campaign = make_campaign(contacts=3)
    record_optout(recipients_of(campaign)[0].phone, source="reply")
    record_optout("12015559999", source="reply")  # on no list
    ladder = count_ladder(campaign)
    assert (ladder.total, ladder.opted_out, ladder.remaining) == (3, 1, 2)


def test_a_campaign_without_lists_reaches_nobody(make_campaign, make_contacts):
    campaign = make_campaign(contacts=0)
    campaign.lists.clear()
    make_contacts(2, "Others")
    assert count_ladder(campaign).total == 0


def test_a_list_is_made_and_written_down(marketer):
    contact_list = create_list("  Spring   2027 ", by=marketer)
    assert contact_list.name == "Spring 2027"
    assert AuditEntry.objects.get(verb="list.created").actor == marketer


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("  ", "Give the list a name"), ("x" * 121, "at most 120"), ("SPRING", "already a list")],
)
def test_a_list_needs_a_name_of_its_own(db, name, sentence):
    ContactList.objects.create(name="Spring")
    with pytest.raises(RuleBroken, match=sentence):
        create_list(name)


def test_a_known_person_keeps_what_is_known(db):
    contact_list = create_list("Spring")
    first = remember_contact("12015550101", contact_list=contact_list, first_name="Ann")
    again = remember_contact("12015550101", contact_list=contact_list, first_name="Other")
    assert first == again
    assert again.first_name == "Ann"
    assert contact_list.contacts.count() == 1


@pytest.mark.parametrize("status", ["draft", "filling", "sending", "paused"])
def test_a_list_that_a_campaign_still_needs_is_not_deleted(status, make_campaign, marketer):
    campaign = make_campaign(name="Spring", status=CampaignStatus(status))
    other = make_campaign(name="Summer", status=CampaignStatus(status))
    contact_list = campaign.lists.get()
    other.lists.add(contact_list)
    with pytest.raises(RuleBroken, match="campaigns “Summer” and “Spring” need it"):
        delete_list(contact_list, by=marketer)


def test_a_deleted_list_leaves_its_people_and_what_was_sent(make_campaign, marketer):
    campaign = make_campaign(contacts=3, status=CampaignStatus.DONE)
    delete_list(campaign.lists.get(), by=marketer)
    assert Contact.objects.count() == 3
    assert not ContactList.objects.exists()
    entry = AuditEntry.objects.get(verb="list.deleted")
    assert (entry.actor, entry.before) == (marketer, {"contacts": 3})
