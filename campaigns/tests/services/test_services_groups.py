"""Group messages: each member gets one and sees the others."""

import pytest
from django.utils import timezone

from campaigns.models import Membership, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import dispatch
from campaigns.services.campaigns import launch_campaign
from campaigns.services.consent import refresh_consented_at
from campaigns.services.contact_changes import delete_contacts
from campaigns.services.filling import fill_outbox
from campaigns.services.groups import MOST_MEMBERS
from campaigns.services.merging import merge_contacts
from campaigns.services.optouts import record_optout
from campaigns.tests.services.test_services_wording import Listener


@pytest.fixture
def grouped(make_campaign, make_contacts):
    def make(*sizes):
        campaign = make_campaign(contacts=sizes[0], as_group=True)
        for number, size in enumerate(sizes[1:]):
            campaign.lists.add(make_contacts(size, f"Family {number}"))
        return campaign

    return make


def launch(campaign, by):
    launch_campaign(campaign, by=by)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()


def test_each_member_is_sent_one_message_that_shows_the_others(grouped, marketer):
    campaign = grouped(3, 2)
    launch(campaign, marketer)
    gateway = Listener()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    groups = {frozenset({mms.to, *mms.shown_to}) for mms in gateway.heard}
    lists = {
        frozenset(each.contacts.values_list("phone", flat=True)) for each in campaign.lists.all()
    }
    assert groups == lists
    assert len(gateway.heard) == 5
    assert all(mms.to not in mms.shown_to for mms in gateway.heard)


def test_who_opted_out_is_neither_written_to_nor_shown(grouped, marketer):
    campaign = grouped(3)
    phone = campaign.lists.get().contacts.first().phone
    record_optout(phone, source=OptOut.Source.STAFF)
    launch(campaign, marketer)
    rows = {row.phone: row for row in campaign.messages.all()}
    assert rows[phone].status == MessageStatus.SKIPPED
    assert all(phone not in row.shown_to for row in rows.values())


def test_who_joined_after_the_launch_is_not_shown(grouped, make_contacts, marketer):
    campaign = grouped(2)
    launch_campaign(campaign, by=marketer)
    late = make_contacts(1, "Others").contacts.get()
    Membership.objects.create(contact_list=campaign.lists.get(), contact=late)
    fill_outbox(campaign.pk, timezone.now())
    assert all(late.phone not in row.shown_to for row in campaign.messages.all())


def test_without_grouping_nobody_sees_anybody(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    launch(campaign, marketer)
    assert set(campaign.messages.values_list("shown_to", flat=True)) == {""}


@pytest.mark.parametrize(
    ("sizes", "words"),
    [((MOST_MEMBERS + 1,), "reaches 10 at most"), ((2, 1), "nobody to make a group of")],
)
def test_a_list_that_is_no_group_stops_the_launch(grouped, marketer, sizes, words):
    with pytest.raises(RuleBroken, match=words):
        launch_campaign(grouped(*sizes), by=marketer)


def test_a_person_in_two_groups_stops_the_launch(grouped, marketer):
    campaign = grouped(2, 2)
    first, second = campaign.lists.order_by("pk")
    Membership.objects.create(contact_list=second, contact=first.contacts.first())
    with pytest.raises(RuleBroken, match="One person is in more than one of these groups"):
        launch_campaign(campaign, by=marketer)


def test_who_opts_out_after_the_groups_were_made_is_not_shown(grouped, marketer):
    campaign = grouped(3)
    launch(campaign, marketer)
    phone = campaign.messages.first().phone
    record_optout(phone, source=OptOut.Source.STAFF)
    gateway = Listener()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert len(gateway.heard) == 2
    assert all(phone not in mms.shown_to for mms in gateway.heard)
    rows = campaign.messages.exclude(phone=phone)
    assert all(phone not in row.shown_to for row in rows)


def merge(kept, gone, by):
    merge_contacts(kept, gone, by=by)


def delete(kept, gone, by):
    delete_contacts([gone], by=by)


def take_back(kept, gone, by):
    refresh_consented_at([gone.phone])  # the ledger knows nothing of them


@pytest.mark.parametrize("go", [merge, delete, take_back])
def test_who_went_after_the_groups_were_made_is_not_shown(grouped, marketer, go):
    campaign = grouped(3)
    launch(campaign, marketer)
    kept, gone, third = campaign.lists.get().contacts.order_by("pk")
    go(kept, gone, marketer)
    gateway = Listener()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    shown = {mms.to: set(mms.shown_to) for mms in gateway.heard}
    assert shown == {kept.phone: {third.phone}, third.phone: {kept.phone}}


def test_a_number_that_is_nobodys_any_more_is_not_shown(grouped, marketer):
    campaign = grouped(3)
    launch(campaign, marketer)
    kept, gone, _ = campaign.lists.get().contacts.order_by("pk")
    campaign.messages.filter(contact=gone).update(status=MessageStatus.DELIVERED)
    merge(kept, gone, marketer)
    gateway = Listener()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert all(gone.phone not in mms.shown_to for mms in gateway.heard)


def test_a_group_that_an_import_made_too_large_meanwhile_waits_for_a_person(
    grouped, make_contacts, marketer
):
    campaign = grouped(MOST_MEMBERS)
    launch_campaign(campaign, by=marketer)
    late = make_contacts(1, "Others").contacts.get()
    Membership.objects.create(contact_list=campaign.lists.get(), contact=late)
    Membership.objects.update(added_at=campaign.launched_at)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.PAUSED
    assert "reaches 10 at most" in campaign.status_reason
