"""A reply that repeats our reference of a batch is tied to the message that was in it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.events import InboundEvent
from campaigns.models import (
    EarlierSend,
    GatewayCall,
    InboundMessage,
    Message,
    MmsRevision,
    WebhookPost,
)
from campaigns.rules.statuses import MessageStatus
from campaigns.services.inbox import find_answered, record_inbound
from campaigns.services.journal import keep_post
from campaigns.services.posts import Reader

PHONE, NUMBER = "12015550123", "12015550100"
NOW = timezone.now()

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(make_channel):
    return make_channel(kind="sinch_sms", secrets={"api_token": "t"})


@pytest.fixture
def send(channel, make_mms):
    """A message that went in this batch, under that reference of ours, the journal says."""
    revision = MmsRevision.objects.get(mms=make_mms())

    def make(batch, reference, phone=PHONE, **fields):
        known = {"channel": channel, "status": MessageStatus.ACCEPTED, "accepted_at": NOW}
        message = Message.objects.create(
            revision=revision,
            sender=NUMBER,
            phone=phone,
            reference=f"r-{Message.objects.count()}",
            provider_id=f"{batch}/{phone}",
            **known | fields,
        )
        GatewayCall.objects.create(
            channel=channel,
            action="mt_text",
            reference=batch,
            request=json.dumps({"to": [phone], "client_reference": reference}),
            milliseconds=1,
            at=NOW,
        )
        return message

    return make


@pytest.fixture
def answer(channel):
    def record(reference, **fields):
        known = {"key": "I1", "provider_id": "I1", "sender": PHONE, "to": NUMBER, "text": "Yes"}
        event = InboundEvent(**known | {"batch_reference": reference, **fields})
        post = WebhookPost.objects.create(channel=channel, body=b"{}", received_at=NOW)
        return record_inbound(post, event, NOW)

    return record


def test_a_reply_is_tied_to_the_message_of_its_batch_and_not_to_the_last_one(send, answer):
    first = send("B1", "b01")
    last = send("B2", "b02")
    reply = answer("b01")
    assert (reply.answers, find_answered(reply)) == (first, first)
    assert find_answered(answer("b02", provider_id="I2")) == last


@pytest.mark.parametrize("reference", ["", "b0", "b03"])
def test_a_reply_that_names_no_batch_of_theirs_is_taken_for_one_to_the_last(
    send, answer, reference
):
    last = send("B1", "b01")
    send("B3", "b03", phone="12015550124")
    reply = answer(reference)
    assert reply.answers is None
    assert find_answered(reply) == last


def test_a_message_in_doubt_has_the_reference_itself(send, answer):
    message = send("b01", "-", status=MessageStatus.UNKNOWN, accepted_at=None)
    reply = answer("b01")
    assert reply.answers == message
    assert find_answered(reply) is None  # it is not known to have gone


def test_a_batch_that_was_sent_again_since_still_counts(send, answer):
    message = send("B2", "b02")
    send("B1", "b01", phone="12015550124")
    EarlierSend.objects.create(message=message, provider_id=f"B1/{PHONE}")
    assert answer("b01").answers == message


def test_messages_of_another_account_are_not_meant(send, answer, make_channel):
    other = make_channel("Other", kind="sinch_sms", secrets={"api_token": "u"})
    send("B1", "b01", channel=other)
    assert answer("b01").answers is None


def test_without_the_journal_nothing_is_made_up(send, answer):
    send("B1", "b01")
    GatewayCall.objects.all().delete()
    assert answer("b01").answers is None


def test_the_last_message_is_meant_until_the_reply_came(send, answer):
    first = send("B1", "b01", accepted_at=NOW - timedelta(hours=1))
    send("B2", "b02", accepted_at=NOW + timedelta(hours=1))
    assert find_answered(answer("")) == first


def test_a_binary_message_is_kept_shown_and_tied(channel, send):
    message = send("B1", "b01")
    body = {"type": "mo_binary", "id": "I1", "from": PHONE, "to": NUMBER, "body": "AAEC"}
    body |= {"udh": "060504", "client_reference": "b01", "received_at": NOW.isoformat()}
    keep_post(channel.pk, NOW, {}, json.dumps(body).encode(), NOW)
    Reader().read_chunk(timezone.now())
    reply = InboundMessage.objects.get()
    assert reply.text == "(A binary message of 3 bytes, which cannot be shown.)"
    assert (reply.via, reply.answers, reply.heard) == ("SMS", message, reply.Heard.NOTHING)
    assert WebhookPost.objects.get().status == WebhookPost.Status.DONE
    assert json.loads(bytes(reply.post.body)) == body
