"""Channels of one account: recognised by what names it, and a reply is there once."""

import pytest
from django.utils import timezone

from campaigns.gateways.events import InboundEvent
from campaigns.models import InboundMessage, OptOut, WebhookPost
from campaigns.services.accounts import find_same_account, tell_others
from campaigns.services.inbox import record_inbound

NOW = timezone.now()
APP = {"project_id": "p", "app_id": "01APP"}
KINDS = {
    "sinch_conversation": (APP, {**APP, "app_id": "01OTHER"}),
    "sinch_sms": ({"service_plan_id": "plan"}, {"service_plan_id": "another"}),
}


@pytest.fixture
def make(make_channel):
    def make(name, settings, kind="sinch_conversation"):
        return make_channel(name, kind=kind, settings=settings, secrets={"api_token": name})

    return make


def post_to(channel):
    return WebhookPost.objects.create(channel=channel, body=b"{}", received_at=NOW)


def reply(provider_id="I1", **fields):
    known = {"key": provider_id, "provider_id": provider_id, "sender": "12015550123"}
    return InboundEvent(**known, to="12015550100", at=NOW, **fields)


def part(number):
    urls = (f"https://media.example.org/{number}.jpg",)
    return reply(f"I{number}", media_urls=urls, comes_in_parts=True)


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_is_known_by_its_ids_whatever_lets_us_in(make, kind):
    same, other = KINDS[kind]
    first, second = make("First", same, kind), make("Second", {**same, "region": "us"}, kind)
    make("Third", other, kind)
    assert find_same_account(first.pk) == (first.pk, second.pk)
    assert tell_others(first).startswith("“Second” uses the same account")
    assert next(iter(reversed(same.values()))) in tell_others(first)


def test_where_no_id_names_it_the_key_does(make_channel):
    first, second = make_channel("First"), make_channel("Second")
    make_channel("Third", secrets={"x_api_key": "another"})
    assert find_same_account(first.pk) == (first.pk, second.pk)
    assert tell_others(first) == ""  # it has one callback address: nothing comes twice


def test_ids_that_are_missing_are_not_equal(make):
    first = make("First", {})
    make("Second", {})
    assert find_same_account(first.pk) == (first.pk,)


def test_a_reply_that_both_channels_bring_is_there_once(make):
    first, second = make("First", APP), make("Second", APP)
    for channel in (first, second, second, first):
        record_inbound(post_to(channel), reply(text="STOP"), NOW)
    message = InboundMessage.objects.get()
    assert message.channel == first
    assert message.thread.unread_count == 1
    assert OptOut.objects.count() == 1


def test_files_that_both_bring_one_by_one_are_there_once(make):
    first, second = make("First", APP), make("Second", APP)
    for number in (1, 2):
        for channel in (first, second):
            record_inbound(post_to(channel), part(number), NOW)
    assert InboundMessage.objects.get().media.count() == 2


def test_another_account_may_use_the_same_id(make):
    for name, app in (("First", "01APP"), ("Second", "01OTHER")):
        record_inbound(post_to(make(name, {**APP, "app_id": app})), reply(), NOW)
    assert InboundMessage.objects.count() == 2
