"""The dry run beside the check of a draft."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.services.rehearsing import Rehearsed


@pytest.fixture
def campaign(make_campaign, make_channel):
    return make_campaign(channel=make_channel(kind="sinch_sms", secrets={"api_token": "t"}))


@pytest.fixture
def show(campaign, approver, sign_in, monkeypatch):
    def rehearsed(found):
        where = "campaigns.admin.campaign_rehearsal.rehearse_campaign"
        monkeypatch.setattr(where, lambda campaign, now: found)
        url = reverse("admin:campaigns_campaign_rehearsal", args=[campaign.pk])
        return " ".join(sign_in(approver).get(url).content.decode().split())

    return rehearsed


def draft_of(campaign, client):
    url = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return client.get(url).content.decode()


def test_a_draft_asks_for_it_where_its_provider_rehearses(campaign, marketer, sign_in):
    url = reverse("admin:campaigns_campaign_rehearsal", args=[campaign.pk])
    client = sign_in(marketer)
    assert url in draft_of(campaign, client)
    campaign.channel.kind = "sinch_mms"
    campaign.channel.save()
    assert url not in draft_of(campaign, client)


def test_messages_and_problems_are_told(show):
    html = show(Rehearsed(3, 2, 4, ("1 person: the words are too long.",)))
    assert "the first 3 people: 2 would be reached, with 4 messages or SMS parts" in html
    assert "Rehearsal: 1 person: the words are too long." in html
    assert "Nothing was sent." in html


def test_where_nobody_would_be_reached_nothing_is_said_to_be_well(show, campaign):
    html = show(Rehearsed(3, 0, 0, ("3 people: this number is none of yours.",)))
    assert "first 3 people: none would arrive. 3 people: this number is none of yours." in html
    for gone in ("check-verdict", "launch_form"):
        assert f'id="{gone}" hx-swap-oob="delete"' in html
        assert f'id="{gone}"' not in show(Rehearsed(3, 1, 1))
        assert f'id="{gone}"' not in show(Rehearsed(3, trouble="Sinch is away."))


def test_what_the_rehearsal_takes_away_stands_on_the_page(campaign, approver, sign_in):
    html = draft_of(campaign, sign_in(approver))
    for place in ("check-verdict", "launch_form", "rehearsed-nobody"):
        assert f'id="{place}"' in html


def test_trouble_stands_in_nobodys_way(show):
    html = show(Rehearsed(3, trouble="Sinch is away."))
    assert "did not take place: Sinch is away." in html
    assert "Try again" in html


def test_what_was_launched_is_not_rehearsed(campaign, show):
    Campaign.objects.update(status="sending")
    assert "Rehearsal" not in show(Rehearsed(3, 3, 3, ("Late.",)))


def test_who_may_not_see_campaigns_is_refused(campaign, agent, sign_in):
    url = reverse("admin:campaigns_campaign_rehearsal", args=[campaign.pk])
    assert sign_in(agent).get(url).status_code == 403
