"""Callbacks that could break the reader stop nobody else's."""

import json

import pytest
from django.utils import timezone

from campaigns.models import InboundMessage, Message, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services import posts
from campaigns.services.journal import keep_post
from campaigns.services.posts import Reader

S = MessageStatus
Kept = WebhookPost.Status
PHONE = "12015550123"

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(make_channel):
    return make_channel(
        kind="sinch_conversation",
        settings={"project_id": "p", "app_id": "a"},
        secrets={"key_id": "k", "key_secret": "s"},
    )


@pytest.fixture
def sms(make_channel):
    return make_channel(
        kind="sinch_sms", settings={"service_plan_id": "p"}, secrets={"api_token": "t"}
    )


def inbound(said, **envelope):
    message = {
        "id": "I1",
        "channel_identity": {"channel": "MMS", "identity": PHONE},
        "contact_message": said,
    }
    return json.dumps({"app_id": "a", **envelope, "message": message}).encode()


def read(channel, *bodies):
    now = timezone.now()
    for body in bodies:
        keep_post(channel.pk, now, {}, body, now)
    Reader().read_chunk(timezone.now())
    return list(WebhookPost.objects.order_by("pk").values_list("status", flat=True))


def test_a_number_too_large_for_a_float_is_no_place(conversation):
    place = {"coordinates": {"latitude": 10**400, "longitude": 1}, "title": "Here"}
    assert read(conversation, inbound({"location_message": place})) == [Kept.DONE]
    assert InboundMessage.objects.get().text == "Here"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_time_at_the_end_of_the_calendar_is_none(conversation, at):
    file = {"media_message": {"url": "https://media.example.org/1.jpg"}}
    assert read(conversation, inbound(file, event_time=at)) == [Kept.DONE]
    assert InboundMessage.objects.get().sent_at is None


@pytest.mark.parametrize("error", [OverflowError("x"), RecursionError("x"), TypeError("x")])
@pytest.mark.parametrize("step", ["parse_post", "record_inbound"])
def test_what_nobody_thought_of_stops_one_post_only(conversation, monkeypatch, error, step):
    gateway = type(posts.open_gateway(conversation))
    place, name = (gateway, step) if step == "parse_post" else (posts, step)
    known = getattr(place, name)

    def breaks(*args):
        if any("boom" in str(part) for part in args):
            raise error
        return known(*args)

    monkeypatch.setattr(place, name, breaks)
    bad, good = (
        inbound({"text_message": {"text": "boom"}}),
        inbound({"text_message": {"text": "y"}}),
    )
    assert read(conversation, bad, good) == [Kept.UNREADABLE, Kept.DONE]
    assert InboundMessage.objects.get().text == "y"


def test_reports_on_many_thousands_are_read(sms):
    body = {"type": "delivery_report_sms", "client_reference": "r"}
    numbers = [str(number) for number in range(10_000, 28_000)]
    group = {"code": 0, "status": "Delivered", "recipients": numbers}
    bodies = [
        json.dumps({**body, "batch_id": f"b{n}", "statuses": [group]}).encode() for n in range(14)
    ]
    assert set(read(sms, *bodies)) == {Kept.WAITING}


def test_a_silly_count_of_parts_costs_no_report(sms, make_campaign):
    campaign = make_campaign(channel=sms)
    Message.objects.create(
        campaign=campaign,
        channel=sms,
        revision=campaign.mms.head,
        phone=PHONE,
        reference="r",
        provider_id=f"b/{PHONE}",
        status=S.ACCEPTED,
    )
    report = {
        "type": "recipient_delivery_report_sms",
        "batch_id": "b",
        "recipient": PHONE,
        "code": 0,
        "status": "Delivered",
        "number_of_message_parts": 99_999_999,
    }
    assert read(sms, json.dumps(report).encode()) == [Kept.DONE]
    message = Message.objects.get()
    assert (message.status, message.events.get().parts) == (S.DELIVERED, None)
