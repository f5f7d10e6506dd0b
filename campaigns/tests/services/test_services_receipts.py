"""Callbacks are read: repeats and disorder are harmless, early ones wait, nothing is dropped."""

import itertools
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import (
    Campaign,
    InboundMessage,
    Lease,
    Message,
    MessageEvent,
    OptOut,
    WebhookPost,
)
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import posts
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.flights import journals
from campaigns.services.journal import keep_post
from campaigns.services.posts import MOST_ATTEMPTS, NO_MATCH, Reader
from campaigns.services.recovering import recover_flights

S = MessageStatus
Kept = WebhookPost.Status


@pytest.fixture
def message(make_campaign, marketer):
    campaign = make_campaign(contacts=1)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    Message.objects.update(status=S.ACCEPTED, provider_id="T-1")
    return Message.objects.get()


def report(code, message, **fields):
    body = {
        "origin": "MMS_MT",
        "code": code,
        "to": message.phone,
        "from": "12015550100",
        "timestamp": "2026-04-24T18:34:00Z",
        "tracking-id": "T-1",
        "client-reference": message.reference,
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


def post(channel, body, now=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    keep_post(channel.pk, None, headers, raw, now or timezone.now())


def read(now=None):
    reader = Reader()
    reader.read_chunk(now or timezone.now())
    reader.finish_campaigns()


def status_of(message):
    message.refresh_from_db()
    return MessageStatus(message.status)


def test_sent_then_delivered(message):
    post(message.channel, report("N101", message))
    read()
    assert status_of(message) == S.SENT
    post(message.channel, report("N102", message, status="Delivered"))
    read()
    assert status_of(message) == S.DELIVERED
    assert [event.code for event in message.events.all()] == ["N101", "N102"]


ORDERS = sorted(set(itertools.permutations(["N101", "N102", "N103", "N101"])))


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_ends_delivered(message, order):
    for code in order:
        post(message.channel, report(code, message))
        read()
    assert status_of(message) == S.DELIVERED


def test_repeats_change_nothing(message):
    for _ in range(3):
        post(message.channel, report("N102", message))
    read()
    assert MessageEvent.objects.count() == 1
    assert WebhookPost.objects.filter(status=Kept.DONE).count() == 3


def test_a_fallback_sms_is_called_delivered_as_sms(message):
    post(message.channel, report("N202", message))
    read()
    assert status_of(message) == S.DELIVERED_AS_SMS


def test_a_failure_says_why(message):
    post(message.channel, report("E102", message, status="Rejected"))
    read()
    assert status_of(message) == S.FAILED
    assert message.reason
    assert message.code == "E102"


def test_doubt_is_settled_by_the_reference_alone(message):
    Message.objects.update(status=S.UNKNOWN, provider_id="")
    post(message.channel, report("N101", message))
    read()
    assert status_of(message) == S.SENT
    assert message.provider_id == "T-1"


def test_an_unknown_code_is_kept_and_shown_and_changes_nothing(message):
    post(message.channel, report("N777", message))
    read()
    assert status_of(message) == S.ACCEPTED
    event = message.events.get()
    assert (event.code, event.known, event.status) == ("N777", False, None)


def test_a_report_without_reference_waits_for_the_answer_that_brings_its_id(message):
    Message.objects.update(provider_id="")
    early = timezone.now()
    post(message.channel, report("N101", message, **{"client-reference": None}), early)
    read(early)
    assert WebhookPost.objects.get().status == Kept.WAITING
    Message.objects.update(provider_id="T-1")
    read(early + timedelta(seconds=5))
    assert status_of(message) == S.SENT
    assert WebhookPost.objects.get().status == Kept.DONE


def test_what_never_matches_stays_visible(make_channel):
    channel = make_channel()
    now = timezone.now()
    post(channel, {"origin": "MMS_MT", "code": "N101", "tracking-id": "nobody"}, now)
    for _ in range(MOST_ATTEMPTS):
        now += timedelta(hours=2)
        read(now)
    kept = WebhookPost.objects.get()
    assert (kept.status, kept.reason) == (Kept.UNMATCHED, NO_MATCH)


def test_a_report_of_another_account_touches_nothing(message, make_channel):
    post(make_channel("Other", secrets={"x_api_key": "another"}), report("N102", message))
    read()
    assert status_of(message) == S.ACCEPTED


def test_reports_of_one_account_may_come_to_any_of_its_channels(message, make_channel):
    post(make_channel("Second", settings={"service_id": "other"}), report("N102", message))
    read()
    assert status_of(message) == S.DELIVERED


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"[]", b"null", b"<html>", b"[" * 100_000])
def test_garbage_is_kept_as_unreadable(make_channel, body):
    post(make_channel(), body)
    read()
    kept = WebhookPost.objects.get()
    assert kept.status == Kept.UNREADABLE
    assert kept.reason
    assert bytes(kept.body) == body


def test_one_poisoned_post_does_not_stop_the_others(message):
    post(message.channel, report("N101", message, timestamp="9" * 5000))
    post(message.channel, report("N102", message, **{"status-details": "\u0000\ud800" * 999}))
    post(message.channel, b"{")
    read()
    assert status_of(message) == S.DELIVERED


def test_a_late_failure_of_an_earlier_send_says_nothing_about_the_newest(message):
    Message.objects.update(resend_count=1)
    post(message.channel, report("E101", message))
    read()
    assert status_of(message) == S.ACCEPTED
    post(message.channel, report("E102", message, **{"client-reference": message.reference + ".2"}))
    read()
    assert status_of(message) == S.FAILED


def test_that_an_earlier_send_arrived_counts(message):
    Message.objects.update(resend_count=1)
    post(message.channel, report("N102", message))
    read()
    assert status_of(message) == S.DELIVERED


def test_the_last_receipt_finishes_the_campaign(message):
    Campaign.objects.update(status=CampaignStatus.SENT)
    post(message.channel, report("N102", message))
    read()
    assert Campaign.objects.get().status == CampaignStatus.DONE


def inbound(**fields):
    return {
        "origin": "MMS_MO",
        "code": "N401",
        "from": "12015550155",
        "to": "12015550100",
        "tracking-id": "mo-1",
        "timestamp": "2026-04-24T18:34:00Z",
        "message-subject": "Question",
        "content": [{"file": "https://mo.example.net/x/1.jpg"}],
        **fields,
    }


def test_a_reply_is_kept_once(make_channel):
    channel = make_channel()
    for _ in range(2):
        post(channel, inbound())
    read()
    reply = InboundMessage.objects.get()
    assert (reply.phone, reply.subject, reply.media.count()) == ("12015550155", "Question", 1)


def test_stop_takes_effect_at_once(message):
    Message.objects.update(status=S.QUEUED)
    post(
        message.channel,
        inbound(**{"from": message.phone, "message-subject": " Stop! ", "content": []}),
    )
    read()
    assert OptOut.objects.get().phone == message.phone
    assert status_of(message) == S.SKIPPED


def test_a_reply_from_no_number_stops_nobody_else(message):
    for sender in ("1" * 18, "٠١٢٣٤٥٦", "Shop"):
        post(message.channel, inbound(**{"from": sender, "message-subject": "STOP"}))
    post(message.channel, report("N101", message))
    read()
    assert status_of(message) == S.SENT
    assert not WebhookPost.objects.filter(status=Kept.NEW).exists()


def test_a_channel_that_cannot_be_used_stops_no_other(message, make_channel):
    post(make_channel("Odd", kind="nobody_knows"), report("N101", message))
    post(message.channel, report("N101", message))
    read()
    assert status_of(message) == S.SENT
    assert WebhookPost.objects.get(channel__name="Odd").status == Kept.UNREADABLE


def test_where_somebody_stood_is_kept_by_their_message_and_by_no_report():
    names = {
        model: {field.name for field in model._meta.fields} for model in (Message, MessageEvent)
    }
    assert "rung" in names[Message] - names[MessageEvent]


def test_a_reader_that_is_killed_is_missed_at_once(db, monkeypatch):
    """Its lease would keep replies waiting for half a minute: STOP among them."""
    seen = []

    def read(owner):
        recover_flights(timezone.now())  # it is alive
        seen.append((Lease.objects.get(name=posts.LEASE).owner, [path.name for path in journals()]))

    monkeypatch.setattr(posts, "_read_until_quiet", read)
    posts.read_posts()
    [(owner, names)] = seen
    assert names == [f"{owner}.flights"]
    assert journals() == []
