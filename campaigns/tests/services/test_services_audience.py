"""Lists and the people on them."""

import pytest

from campaigns.models import AuditEntry, Contact, ContactList
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audience import (
    create_list,
    delete_list,
)


def test_a_list_is_made_and_written_down(marketer):
    contact_list = create_list("  Spring   2027 ", by=marketer)
    assert contact_list.name == "Spring 2027"
    assert AuditEntry.objects.get(verb="list.created").actor == marketer


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "Give the list a name"),
        ("x" * 121, "at most 120"),
        ("SPRING", "already a list"),
        ("a\0b", "nobody can read"),
        ("a\u202eb", "nobody can read"),
    ],
)
def test_a_list_needs_a_name_of_its_own(db, name, sentence):
    ContactList.objects.create(name="Spring")
    with pytest.raises(RuleBroken, match=sentence):
        create_list(name)


@pytest.mark.parametrize("name", ["Köln 2026", "👨‍👩‍👧 families", "می\u200cخواهم"])
def test_a_list_may_be_called_in_any_language(db, name):
    assert create_list(name).name == name


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
