"""A rehearsal shows the provider the first people's messages and sends none."""

import threading

import pytest
from django.core.cache import cache
from django.utils import timezone

from campaigns.gateways.errors import Unreachable
from campaigns.gateways.outcomes import Rehearsal
from campaigns.models import Contact
from campaigns.rules.problems import RuleBroken
from campaigns.services import rehearsing
from campaigns.services.campaigns import launch_campaign
from campaigns.services.optouts import record_optout
from campaigns.services.rehearsing import TOO_SLOW, rehearse_campaign

NOW = timezone.now()


class Provider:
    def __init__(self):
        self.asked, self.error, self.gate, self.reaches = [], None, None, True

    def rehearse(self, batch):
        self.asked.append(list(batch))
        if self.gate:
            self.gate.wait(30)
        if self.error:
            raise self.error
        if not self.reaches:
            return Rehearsal(0, 0, ("3 people: this number is none of yours.",))
        return Rehearsal(len(batch), 2 * len(batch), ("1 person: the words are too long.",))

    def close(self):
        """Nothing is open."""


@pytest.fixture
def provider(monkeypatch):
    cache.clear()
    provider = Provider()
    monkeypatch.setattr(rehearsing, "open_gateway", lambda channel: provider)
    return provider


@pytest.fixture
def campaign(make_campaign, make_channel, make_mms):
    channel = make_channel(kind="sinch_sms", secrets={"api_token": "t"})
    return make_campaign(contacts=3, channel=channel, mms=make_mms(text="Hi {{ first_name }}"))


def test_people_are_shown_with_their_own_words(campaign, provider):
    found = rehearse_campaign(campaign, NOW)
    assert (found.asked, found.recipients, found.parts) == (3, 3, 6)
    assert found.problems == ("1 person: the words are too long.",)
    assert [mms.own.texts for mms in provider.asked[0]] == [
        ((1, f"Hi Ann {number}"),) for number in range(3)
    ]


def test_at_most_a_thousand_are_shown(campaign, provider, monkeypatch):
    monkeypatch.setattr(rehearsing, "MOST", 2)
    assert rehearse_campaign(campaign, NOW).asked == 2


def test_who_opted_out_or_would_read_a_gap_is_left_out(campaign, provider):
    first, second, third = Contact.objects.order_by("pk")
    record_optout(first.phone, source="staff")
    Contact.objects.filter(pk=second.pk).update(first_name="")
    rehearse_campaign(campaign, NOW)
    assert [mms.to for mms in provider.asked[0]] == [third.phone]


def test_the_same_is_not_asked_twice_but_anything_new_is(campaign, provider):
    rehearse_campaign(campaign, NOW)
    rehearse_campaign(campaign, NOW)
    assert len(provider.asked) == 1
    Contact.objects.update(first_name="Bo")
    rehearse_campaign(campaign, NOW)
    assert len(provider.asked) == 2


def test_a_provider_that_does_not_answer_holds_nobody_up(campaign, provider):
    provider.gate = threading.Event()
    found = rehearse_campaign(campaign, NOW, wait=0.05)
    provider.gate.set()
    assert found.trouble == TOO_SLOW


def test_trouble_is_told_and_asked_again(campaign, provider):
    provider.error = Unreachable("Sinch is away.")
    assert rehearse_campaign(campaign, NOW).trouble == "Sinch is away."
    provider.error = None
    assert rehearse_campaign(campaign, NOW).trouble == ""


def test_what_would_reach_nobody_is_not_launched(campaign, provider, approver):
    provider.reaches = False
    rehearse_campaign(campaign, NOW)
    with pytest.raises(RuleBroken, match=r"none would arrive\. 3 people: this number"):
        launch_campaign(campaign, by=approver)
    provider.reaches = True
    cache.clear()
    rehearse_campaign(campaign, NOW)
    launch_campaign(campaign, by=approver)


def test_what_could_not_be_rehearsed_may_be_launched(campaign, provider, approver):
    provider.error = Unreachable("Sinch is away.")
    assert rehearse_campaign(campaign, NOW).nobody == ""
    launch_campaign(campaign, by=approver)
    assert len(provider.asked) == 1


def test_other_interfaces_rehearse_nothing(make_campaign, provider):
    assert rehearse_campaign(make_campaign(), NOW) is None
    assert provider.asked == []
