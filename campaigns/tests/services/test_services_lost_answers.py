"""The answer was lost and a report tells what it would have: from then on the row is complete."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.journal import keep_post
from campaigns.services.posts import Reader
from campaigns.tests.gateways.sinch_conversation_samples import DELIVERY, ENVELOPE
from campaigns.tests.gateways.sinch_sms_samples import RECIPIENT
from campaigns.tests.gateways.test_sinch_mms_webhooks import DELIVERED

S = MessageStatus
NOW = timezone.now()
BATCH = "b0123"


def by_mms(row, code, reference):
    """A postback of the MMS JSON API."""
    codes = {S.SENT: "N101", S.DELIVERED: "N102"}
    return {
        **DELIVERED,
        "code": codes[code],
        "tracking-id": "T-1",
        "client-reference": reference,
        "to": row.phone,
    }


def by_conversation(row, code, reference):
    words = {S.ACCEPTED: "QUEUED_ON_CHANNEL", S.DELIVERED: "DELIVERED"}
    report = {
        **DELIVERY["message_delivery_report"],
        "message_id": "T-1",
        "metadata": reference,
        "status": words[code],
    }
    envelope = {**ENVELOPE, "correlation_id": reference}
    return {**envelope, "message_delivery_report": report}


def by_sms(row, code, reference):
    """The SMS REST API knows rows by their batch only."""
    words = {S.SENT: ("401", "Dispatched"), S.DELIVERED: ("0", "Delivered")}
    number, word = words[code]
    return {
        **RECIPIENT,
        "batch_id": "T-1",
        "recipient": row.phone,
        "code": int(number),
        "status": word,
        "client_reference": BATCH if reference else "",
    }


@pytest.fixture
def lost(make_campaign, make_channel, marketer):
    """A row whose answer was lost."""

    def make(kind):
        campaign = make_campaign(contacts=1, channel=make_channel(kind=kind))
        launch_campaign(campaign, by=marketer)
        fill_outbox(campaign.pk, NOW)
        row = Message.objects.get()
        named = f"{BATCH}/{row.phone}" if kind == "sinch_sms" else ""
        Message.objects.update(status=S.UNKNOWN, provider_id=named, reason="It may have gone.")
        row.refresh_from_db()
        return row

    return make


def read(row, body, at):
    raw = json.dumps(body).encode()
    keep_post(row.channel_id, None, {"Content-Type": "application/json"}, raw, at)
    Reader().read_chunk(at)
    row.refresh_from_db()


@pytest.mark.parametrize(
    ("kind", "write", "first"),
    [
        ("sinch_mms", by_mms, S.SENT),
        ("sinch_conversation", by_conversation, S.ACCEPTED),
        ("sinch_sms", by_sms, S.SENT),
    ],
    ids=["mms", "conversation", "sms"],
)
@pytest.mark.parametrize("status", [S.SENDING, S.UNKNOWN, S.UNRESOLVED])
def test_a_report_tells_what_the_lost_answer_would_have(lost, kind, write, first, status):
    row = lost(kind)
    Message.objects.update(status=status)
    read(row, write(row, first, row.reference), NOW)
    named = f"T-1/{row.phone}" if kind == "sinch_sms" else "T-1"
    assert (row.status, row.provider_id, row.accepted_at) == (first, named, NOW)
    assert "may have gone" not in row.reason
    # A later report may name the provider's id alone.
    read(row, write(row, S.DELIVERED, ""), NOW + timedelta(minutes=1))
    assert (row.status, row.provider_id, row.accepted_at) == (S.DELIVERED, named, NOW)
