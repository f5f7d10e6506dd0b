"""Audiences that change, or meet each other, between the launch and the sending."""

import pytest
from django.utils import timezone

from campaigns.models import (
    Campaign,
    Contact,
    ContactList,
    Membership,
    Message,
    Policy,
    Segment,
)
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import filling
from campaigns.services.audience import delete_list
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox, freeze_audience
from campaigns.services.ladder import count_ladder
from campaigns.tests.again import send_again

S = MessageStatus


@pytest.fixture
def one_a_week(db):
    Policy.objects.create(pk=1, cap_count=1, cap_days=7)


def now():
    return timezone.now()


def second_to(first, make_campaign, **fields):
    campaign = make_campaign(contacts=0, name="Second", **fields)
    campaign.lists.add(first.lists.get())
    return campaign


def fill(*campaigns):
    for campaign in campaigns:
        fill_outbox(campaign.pk, now())


def test_two_audiences_frozen_at_once_do_not_break_the_limit(make_campaign, marketer, one_a_week):
    first = make_campaign(contacts=2)
    second = second_to(first, make_campaign)
    launch_campaign(first, by=marketer)
    freeze_audience(Campaign.objects.get(pk=first.pk), now())
    launch_campaign_of_nobody(second, marketer)
    fill(second, first)
    assert Message.objects.filter(status=S.QUEUED).count() == 2
    assert count_ladder(second, now()).remaining == 0


def launch_campaign_of_nobody(campaign, marketer):
    """Everybody is capped: the check says so. As if it had been launched a moment earlier."""
    with pytest.raises(RuleBroken, match="often enough"):
        launch_campaign(campaign, by=marketer)
    Campaign.objects.filter(pk=campaign.pk).update(
        status=CampaignStatus.FILLING, launched_at=now(), revision=campaign.mms.head
    )


def test_a_limit_of_two_counts_what_waits_and_what_is_frozen(make_campaign, marketer):
    Policy.objects.create(pk=1, cap_count=2, cap_days=7)
    first = make_campaign(contacts=1)
    launch_campaign(first, by=marketer)
    fill(first)
    second = second_to(first, make_campaign)
    launch_campaign(second, by=marketer)
    freeze_audience(Campaign.objects.get(pk=second.pk), now())
    third = second_to(first, make_campaign)
    assert count_ladder(third, now()).remaining == 0


def test_sending_again_keeps_to_the_limit(make_campaign, marketer, one_a_week):
    first = make_campaign(contacts=2)
    launch_campaign(first, by=marketer)
    fill(first)
    Message.objects.update(status=S.FAILED)
    second = second_to(first, make_campaign)
    launch_campaign(second, by=marketer)
    fill(second)
    first.refresh_from_db()
    with pytest.raises(RuleBroken):
        send_again(first, S.FAILED, by=marketer)
    assert Message.objects.filter(status=S.QUEUED).count() == 2


def test_who_does_not_agree_any_more_is_not_sent_to_again(make_campaign, marketer):
    campaign = make_campaign(contacts=2)
    launch_campaign(campaign, by=marketer)
    fill(campaign)
    Message.objects.update(status=S.FAILED)
    Contact.objects.filter(pk=Contact.objects.first().pk).update(consented_at=None)
    campaign.refresh_from_db()
    assert send_again(campaign, S.FAILED, by=marketer) == 1


# --- What is left out ----------------------------------------------------------------------------


@pytest.fixture
def left_out(make_campaign):
    """A campaign to three people and a list with one of them, not yet left out."""
    campaign = make_campaign(contacts=3)
    left_out = ContactList.objects.create(name="Out")
    Membership.objects.create(contact_list=left_out, contact=Contact.objects.first())
    return campaign, left_out


def made_with(contact_list):
    definition = {"all": [{"about": "list", "how": "on", "value": contact_list.pk}]}
    return Segment.objects.create(name="Out", definition=definition)


@pytest.mark.parametrize("is_launched", [False, True])
def test_a_list_that_a_campaign_leaves_out_is_not_deleted(left_out, marketer, is_launched):
    campaign, contact_list = left_out
    campaign.excluded_lists.add(contact_list)
    if is_launched:
        launch_campaign(campaign, by=marketer)
    with pytest.raises(RuleBroken, match="needs it"):
        delete_list(contact_list, by=marketer)


def test_a_list_that_a_segment_is_made_with_is_not_deleted(left_out, marketer):
    _, contact_list = left_out
    made_with(contact_list)
    with pytest.raises(RuleBroken, match="segments are made with it"):
        delete_list(contact_list, by=marketer)


def test_a_damaged_segment_keeps_everybody_out_and_stops_the_filling(left_out, marketer):
    campaign, contact_list = left_out
    campaign.excluded_segments.add(made_with(contact_list))
    launch_campaign(campaign, by=marketer)
    contact_list.delete()
    assert count_ladder(campaign, now()).remaining == 0
    fill(campaign)
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.PAUSED
    assert "“Out”" in campaign.status_reason
    assert not Message.objects.exists()


# --- While the rows are made ---------------------------------------------------------------------


def test_who_moves_while_the_rows_are_made_gets_the_strictest_turn(
    make_campaign, marketer, monkeypatch
):
    campaign = make_campaign(contacts=2)
    launch_campaign(campaign, by=marketer)
    real = filling.freeze_audience

    def freeze_and_move(*args):
        turns = real(*args)
        Contact.objects.filter(pk=Contact.objects.first().pk).update(place="CA;ON;America/Toronto")
        return turns

    monkeypatch.setattr(filling, "freeze_audience", freeze_and_move)
    fill(campaign)
    assert Message.objects.filter(status=S.QUEUED).count() == 2
