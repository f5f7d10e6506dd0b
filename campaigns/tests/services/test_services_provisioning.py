"""The provider's own configuration is looked at, then changed as far as somebody chose."""

import pytest

from campaigns.gateways.errors import Misconfigured
from campaigns.gateways.outcomes import Exchange, SetupStep
from campaigns.models import AuditEntry, GatewayCall
from campaigns.rules.problems import RuleBroken
from campaigns.services import provisioning
from campaigns.services.provisioning import apply_setup, is_offered, plan_setup

STEPS = [SetupStep("mms", "The MMS", "none", "account 7"), SetupStep("webhook", "Hook", "–", "on")]
EXCHANGE = Exchange("PATCH apps", "", "{}", 200, "{}", 0.1)


class Provider:
    def __init__(self):
        self.applied, self.error, self.seen = [], None, []

    def plan_setup(self, hook_url, sender):
        self.seen.append((hook_url, sender))
        if self.error:
            raise self.error
        return [step for step in STEPS if step.key not in self.applied]

    def apply_setup(self, hook_url, sender, keys):
        self.applied += keys
        return [EXCHANGE]

    def close(self):
        """Nothing is open."""


@pytest.fixture
def provider(monkeypatch):
    provider = Provider()
    monkeypatch.setattr(provisioning, "open_gateway", lambda channel: provider)
    return provider


@pytest.fixture
def channel(make_channel):
    return make_channel(
        kind="sinch_conversation", secrets={"key_secret": "s3cret", "hook_token": "t"}
    )


@pytest.fixture
def sender(channel):
    return channel.senders.get()


def test_only_some_interfaces_are_set_up_from_here(channel, make_channel):
    assert is_offered(channel)
    assert not is_offered(make_channel("Another"))


def test_what_differs_is_shown_for_our_address_and_number(channel, sender, provider):
    assert plan_setup(channel, sender) == STEPS
    assert provider.seen[0][0].endswith("/hooks/t/")
    assert provider.seen[0][1] == sender.number


def test_only_what_was_chosen_is_changed_and_written_down(channel, sender, provider, marketer):
    assert apply_setup(channel, sender, ["webhook", "unknown"], by=marketer) == ["Hook"]
    assert provider.applied == ["webhook"]
    entry = AuditEntry.objects.get(verb="channel.set_up")
    assert entry.after == {"changes": ["Hook"], "problem": ""}
    assert GatewayCall.objects.get().action == "PATCH apps"


def test_what_the_provider_refuses_is_told_in_its_words(channel, sender, provider, marketer):
    error = Misconfigured("The key may not change the app.")
    error.exchange = EXCHANGE

    def refuse(hook_url, sender, keys):
        raise error

    provider.apply_setup = refuse
    with pytest.raises(RuleBroken, match="may not change the app"):
        apply_setup(channel, sender, ["mms"], by=marketer)
    assert AuditEntry.objects.get(verb="channel.set_up").after["problem"] == str(error)
    assert GatewayCall.objects.count() == 1


@pytest.mark.parametrize(
    ("keys", "words"), [([], "Choose at least one"), (["gone"], "nothing of this left")]
)
def test_nothing_to_do_is_said(keys, words, channel, sender, provider, marketer):
    with pytest.raises(RuleBroken, match=words):
        apply_setup(channel, sender, keys, by=marketer)


def test_without_a_number_nothing_is_asked(channel, provider):
    with pytest.raises(RuleBroken, match="Add a sender first"):
        plan_setup(channel, None)
    assert provider.seen == []
