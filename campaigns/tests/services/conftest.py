"""Fixtures of the services' tests: a launched campaign, and a lane that does not dawdle."""

import pytest
from django.utils import timezone

from campaigns.services import dispatch
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox


@pytest.fixture
def quick(monkeypatch):
    """The same loop, with shorter breaths."""
    monkeypatch.setattr(dispatch, "GATHER_SECONDS", 0.001)
    monkeypatch.setattr(dispatch, "LINGER_SECONDS", 0.0)


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
