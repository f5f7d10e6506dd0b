"""An outage on the pages: since when, what is tried, and what was heard last."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Lane, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.templatetags.portal import clock


@pytest.fixture
def held(make_campaign, marketer):
    """A campaign whose channel has been in trouble for so many minutes."""
    campaign = make_campaign(contacts=4)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())

    def begin(minutes):
        since = timezone.now() - timedelta(minutes=minutes)
        Lane.objects.create(channel=campaign.channel, trouble="No connection.", trouble_since=since)
        return campaign, since

    return begin


def read(client, campaign):
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return client.get(page).content.decode()


def test_a_campaign_says_since_when_nothing_goes_through(held, marketer, client):
    client.force_login(marketer)
    campaign, since = held(20)
    html = read(client, campaign)
    assert f"Nothing has gone through at Sinch since {clock(since)}." in html
    assert "4 messages are held. One tries every 30 seconds" in html
    assert "No connection." in html


def test_short_trouble_is_told_as_such(held, marketer, client):
    client.force_login(marketer)
    campaign, _ = held(2)
    html = read(client, campaign)
    assert "we wait a moment and try again" in html
    assert "Nothing has gone through" not in html


def test_where_nobody_waits_nothing_is_said_to_be_held(held, marketer, client):
    client.force_login(marketer)
    campaign, _ = held(20)
    Message.objects.update(status=MessageStatus.SENT)
    assert "Nothing has gone through" not in read(client, campaign)


def test_the_channel_says_it_too(held, administrator, client):
    client.force_login(administrator)
    campaign, since = held(20)
    page = reverse("admin:campaigns_channel_change", args=[campaign.channel_id])
    html = client.get(page).content.decode()
    assert ">Outage</span>" in html
    assert f"Since {clock(since)}: No connection." in html
