"""Who answered has surely got it: the provider is told once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.errors import Unreachable
from campaigns.gateways.events import InboundEvent
from campaigns.models import InboundMessage, Message, MmsRevision, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services import feedback, inbox
from campaigns.services.inbox import record_inbound

PHONE, NUMBER = "12015550123", "12015550100"


class Provider:
    def __init__(self):
        self.told, self.error = [], None

    def tell_received(self, batch_id, phones):
        self.told.append((batch_id, list(phones)))
        if self.error:
            raise self.error

    def close(self):
        """Nothing is open."""


@pytest.fixture
def provider(monkeypatch):
    provider = Provider()
    monkeypatch.setattr(feedback, "open_gateway", lambda channel: provider)
    return provider


@pytest.fixture
def channel(make_channel):
    return make_channel(kind="sinch_sms", settings={"feedback": "yes"}, secrets={"api_token": "t"})


@pytest.fixture
def sent(channel, make_mms):
    return Message.objects.create(
        channel=channel,
        revision=MmsRevision.objects.get(mms=make_mms()),
        sender=NUMBER,
        phone=PHONE,
        reference="r-1",
        provider_id=f"B1/{PHONE}",
        status=MessageStatus.ACCEPTED,
        accepted_at=timezone.now() - timedelta(minutes=1),
    )


@pytest.fixture
def rung(monkeypatch):
    rung = []
    monkeypatch.setattr(inbox, "ring", lambda task, *ids: rung.append(task))
    return rung


def answer(channel, number=1, text="Lovely"):
    post = WebhookPost.objects.create(channel=channel, body=b"{}", received_at=timezone.now())
    event = InboundEvent(f"I{number}", f"I{number}", PHONE, NUMBER, text=text)
    return record_inbound(post, event, timezone.now())


def test_the_first_reply_is_told_and_no_other(channel, sent, provider):
    for number in (1, 2):
        feedback.tell_received(answer(channel, number).pk, timezone.now())
    assert provider.told == [("B1", [PHONE])]


def test_a_reply_rings_only_where_the_channel_asks_for_it(channel, sent, rung):
    answer(channel)
    assert "inbox.tell_received" in rung
    rung.clear()
    channel.settings = {}
    channel.save()
    answer(channel, 2)
    assert "inbox.tell_received" not in rung


@pytest.mark.parametrize("changes", [{"provider_id": "no-batch"}, {"sender": "12015550199"}])
def test_what_was_not_sent_in_a_batch_from_there_is_not_told(changes, channel, sent, provider):
    Message.objects.update(**changes)
    feedback.tell_received(answer(channel).pk, timezone.now())
    assert provider.told == []


def test_an_error_changes_nothing(channel, sent, provider):
    provider.error = Unreachable("Away.")
    feedback.tell_received(answer(channel).pk, timezone.now())
    assert InboundMessage.objects.count() == 1
