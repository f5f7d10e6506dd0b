"""Filling the outbox: one row for everybody, once, however often it is interrupted."""

from django.utils import timezone

from campaigns.models import Campaign, Message, OptOut
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox

S = MessageStatus


def test_who_opted_out_is_skipped_with_the_reason(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    phone = campaign.lists.get().contacts.first().phone
    OptOut.objects.create(phone=phone, source=OptOut.Source.STAFF)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    skipped = Message.objects.get(status=S.SKIPPED)
    assert (skipped.phone, skipped.reason) == (phone, "They opted out.")


def test_filling_twice_makes_one_row_each(launch):
    campaign = launch(contacts=5)
    Campaign.objects.update(status=CampaignStatus.FILLING)
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.filter(campaign=campaign).count() == 5


def test_filling_in_small_chunks_misses_nobody(make_campaign, marketer, monkeypatch):
    monkeypatch.setattr("campaigns.services.filling.CHUNK", 3)
    campaign = make_campaign(contacts=11)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    assert (campaign.recipient_count, campaign.status) == (11, CampaignStatus.SENDING)


def test_who_joins_a_list_after_the_launch_gets_nothing(make_campaign, make_contacts, marketer):
    campaign = make_campaign(contacts=2)
    launch_campaign(campaign, by=marketer)
    make_contacts(5, campaign.lists.get().name)
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.filter(campaign=campaign).count() == 2


def test_filling_goes_on_where_it_ended(make_campaign, marketer, monkeypatch):
    monkeypatch.setattr("campaigns.services.filling.FILL_SECONDS", 0)
    campaign = make_campaign(contacts=4)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.FILLING  # out of time: it rings and goes on
    monkeypatch.setattr("campaigns.services.filling.FILL_SECONDS", 20)
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.filter(campaign=campaign).count() == 4
