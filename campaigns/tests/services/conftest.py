"""Fixtures of the services' tests: a launched campaign, and a lane that does not dawdle."""

import pytest
from django.utils import timezone

from campaigns.services import slices
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.tests.outages import go_out


@pytest.fixture
def quick(monkeypatch):
    """The same loop, with shorter breaths."""
    monkeypatch.setattr(slices, "GATHER_SECONDS", 0.001)
    monkeypatch.setattr(slices, "LINGER_SECONDS", 0.0)


@pytest.fixture
def launch(make_campaign, marketer):
    def make(contacts=3, rate=5000, **fields):
        campaign = make_campaign(contacts=contacts, **fields)
        campaign.channel.requests_per_second = rate
        campaign.channel.save()
        launch_campaign(campaign, by=marketer)
        fill_outbox(campaign.pk, timezone.now())
        campaign.refresh_from_db()
        return campaign

    return make


@pytest.fixture
def texts(make_channel):
    """The channel that stands in; fast, and with a number of its own."""
    channel = make_channel(
        "Text line", kind="sinch_conversation", settings={}, requests_per_second=1000
    )
    channel.senders.update(number="12015550177")
    return channel


@pytest.fixture
def out(launch, texts):
    """A campaign whose channel has been out for ten minutes, and was just tried."""

    def make(contacts=30, **fields):
        campaign = launch(contacts=contacts, **fields)
        go_out(campaign.channel, texts)
        return campaign

    return make
