"""“Set up at Sinch”: shown first, changed only as chosen, by those who may."""

import pytest
from django.urls import reverse

from campaigns.gateways.outcomes import SetupStep
from campaigns.rules.problems import RuleBroken

STEPS = [SetupStep("webhook", "The webhook to this portal", "none", "tells MESSAGE_INBOUND")]


@pytest.fixture
def channel(make_channel):
    return make_channel(kind="sinch_conversation", secrets={"key_secret": "s", "hook_token": "t"})


@pytest.fixture
def url(channel):
    return reverse("admin:campaigns_channel_setup", args=[channel.pk])


@pytest.fixture
def provider(monkeypatch):
    """What was applied, and how the provider plans and applies."""
    applied = []

    def apply(channel, sender, keys, by):
        applied.append((sender.number, keys))
        return [step.what for step in STEPS]

    monkeypatch.setattr("campaigns.admin.channel_setup.plan_setup", lambda channel, sender: STEPS)
    monkeypatch.setattr("campaigns.admin.channel_setup.apply_setup", apply)
    return applied


def test_what_would_change_is_shown_and_nothing_is_changed(url, provider, administrator, sign_in):
    html = sign_in(administrator).get(url).content.decode()
    assert "The webhook to this portal" in html
    assert "<dt>Now</dt><dd>none</dd>" in html
    assert provider == []


def test_what_was_chosen_is_changed_and_told(url, provider, administrator, sign_in):
    answer = sign_in(administrator).post(url, {"steps": ["webhook"]}, follow=True)
    assert provider == [("12015550100", ["webhook"])]
    assert "Changed at the provider: The webhook to this portal." in answer.content.decode()


def test_a_second_channel_of_the_account_is_told_before_it_is_set_up(
    url, channel, provider, make_channel, administrator, sign_in
):
    ids = {"project_id": "p", "app_id": "01APP"}
    make_channel("Twin", kind="sinch_conversation", settings=ids)
    client = sign_in(administrator)
    page = reverse("admin:campaigns_channel_change", args=[channel.pk])
    assert "same account" not in client.get(url).content.decode()
    channel.settings = ids
    channel.save()
    for place in (url, page):
        assert "“Twin” uses the same account" in client.get(place).content.decode()


def test_trouble_is_told_in_words(url, provider, administrator, sign_in, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuleBroken("The app has five webhooks.")

    monkeypatch.setattr("campaigns.admin.channel_setup.plan_setup", refuse)
    monkeypatch.setattr("campaigns.admin.channel_setup.apply_setup", refuse)
    client = sign_in(administrator)
    assert "The app has five webhooks." in client.get(url).content.decode()
    assert "The app has five webhooks." in client.post(url, follow=True).content.decode()


def test_nothing_to_change_is_said(url, provider, administrator, sign_in, monkeypatch):
    monkeypatch.setattr("campaigns.admin.channel_setup.plan_setup", lambda channel, sender: [])
    assert "is set up at Sinch already" in sign_in(administrator).get(url).content.decode()


def test_who_may_only_look_is_refused(url, provider, marketer, sign_in):
    client = sign_in(marketer)
    assert client.get(url).status_code == client.post(url).status_code == 403
    assert provider == []


def test_an_interface_without_it_has_no_such_page(make_channel, administrator, sign_in):
    url = reverse("admin:campaigns_channel_setup", args=[make_channel().pk])
    assert sign_in(administrator).get(url).status_code == 404
