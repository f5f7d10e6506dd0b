"""The safety brake on the pages: its limits, the reason where it pulled, and the way on."""

import re

import pytest
from django.urls import reverse

from campaigns.models import AuditEntry, Policy
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.campaigns import pause_by_machine, pause_campaign

WHY = "40 of 100 messages failed"
LIMITS = {"cap_days": "7", "brake_failures": "20", "brake_optouts": "", "brake_silence": "15"}


@pytest.fixture
def paused(make_campaign, marketer):
    campaign = make_campaign(
        contacts=1, status=CampaignStatus.SENDING, launched_by=marketer, mms=None
    )
    campaign.revision = campaign.mms.head
    campaign.save()
    pause_by_machine(campaign, WHY)
    return campaign


def read(client, name, *args):
    html = client.get(reverse(f"admin:{name}", args=args)).content.decode()
    return re.sub(r"\s+", " ", html)


def test_its_page_says_why_and_offers_to_resume(paused, marketer, client):
    client.force_login(marketer)
    html = read(client, "campaigns_campaign_change", paused.pk)
    assert f"<strong>It paused itself.</strong> {WHY}" in html
    assert html.count(WHY) == 1
    assert reverse("admin:campaigns_campaign_resume", args=[paused.pk]) in html


def test_today_says_that_it_needs_you(paused, marketer, client):
    client.force_login(marketer)
    html = read(client, "index")
    assert f"Campaign “{paused}” paused itself</a>: it waits for you.<br>" in html
    assert html.count(WHY) == 1


def test_who_may_not_see_campaigns_does_not_hear_of_it(paused, agent, client):
    agent.groups.clear()
    client.force_login(agent)
    assert WHY not in read(client, "index")


def test_what_a_person_paused_does_not_say_it_paused_itself(paused, marketer, client):
    paused.status = CampaignStatus.SENDING
    paused.save()
    pause_campaign(paused, by=marketer)
    client.force_login(marketer)
    assert "paused itself" not in read(client, "campaigns_campaign_change", paused.pk).lower()
    assert "paused itself" not in read(client, "index").lower()


def test_its_limits_are_set_on_the_page_of_limits(administrator, client):
    client.force_login(administrator)
    page = reverse("admin:campaigns_policy_changelist")
    assert "When a campaign pauses itself" in client.get(page).content.decode()
    client.post(page, LIMITS)
    policy = Policy.objects.get()
    assert (policy.brake_failures, policy.brake_optouts, policy.brake_silence) == (20, None, 15)
    after = AuditEntry.objects.get(verb="policy.changed").after
    assert after == {"brake_failures": 20, "brake_optouts": None, "brake_silence": 15}


@pytest.mark.parametrize(
    ("field", "value"), [("brake_failures", "0"), ("brake_optouts", "101"), ("brake_silence", "4")]
)
def test_a_limit_that_makes_no_sense_is_refused(administrator, client, field, value):
    client.force_login(administrator)
    page = client.post(reverse("admin:campaigns_policy_changelist"), {**LIMITS, field: value})
    assert "Write at" in page.content.decode()
    assert Policy.objects.get().brake_failures == 30
