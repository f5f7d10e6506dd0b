"""The pretend Conversation API takes messages, refuses bad ones, and reports their fate."""

import json

import pytest

from campaigns.sandbox import postbacks
from campaigns.sandbox.conversation import sending
from campaigns.sandbox.conversation.models import (
    ConversationMessage,
    ConversationProject,
    Generation,
)
from campaigns.sandbox.conversation.stories import STORIES
from campaigns.sandbox.conversation.ulids import is_ulid
from campaigns.sandbox.models import Call, HandsetMessage, Postback, PostbackState
from campaigns.sandbox.stories import STORIES as MMS_STORIES

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
SENT, GOOD, BAD, NEXT = "QUEUED_ON_CHANNEL", "DELIVERED", "FAILED", "SWITCHING_CHANNEL"


def reports(**filters):
    """The delivery reports in the order in which they are due."""
    rows = Postback.objects.filter(**filters).order_by("due_at", "pk")
    bodies = [row.body for row in rows]
    return [body for body in bodies if "message_delivery_report" in body]


def told():
    """Status, channel and reason of each report."""
    found = [body["message_delivery_report"] for body in reports()]
    return [
        (
            report["status"],
            report["channel_identity"]["channel"],
            report.get("reason", {}).get("code", ""),
        )
        for report in found
    ]


@pytest.fixture
def send(ask, make_order):
    return lambda message=None, **changes: ask(
        "POST", "messages:send", make_order(message, **changes)
    )


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("23", [(SENT, "MMS", ""), (GOOD, "MMS", "")]),
        ("60", [(SENT, "MMS", "")]),
        (
            "61",
            [
                (SENT, "MMS", ""),
                (NEXT, "MMS", "RECIPIENT_NOT_REACHABLE"),
                (SENT, "SMS", ""),
                (GOOD, "SMS", ""),
            ],
        ),
        (
            "63",
            [
                (SENT, "MMS", ""),
                (NEXT, "MMS", "RECIPIENT_NOT_REACHABLE"),
                (SENT, "SMS", ""),
                (BAD, "SMS", "CHANNEL_FAILURE"),
            ],
        ),
        ("64", [(SENT, "MMS", ""), (BAD, "MMS", "DELIVERY_TIMED_OUT")]),
        ("67", [(GOOD, "MMS", ""), (SENT, "MMS", "")]),
        ("69", [(SENT, "MMS", "")] * 2 + [(GOOD, "MMS", "")] * 2),
        ("70", [(SENT, "MMS", ""), ("HELD_ON_CHANNEL", "MMS", ""), (GOOD, "MMS", "")]),
        (
            "76",
            [(SENT, "MMS", ""), (BAD, "MMS", "DELIVERY_TIMED_OUT"), (GOOD, "MMS", "")],
        ),
    ],
)
def test_an_ending_has_its_reports(send, ending, expected):
    assert send(to=f"120155501{ending}").status_code == 200
    assert told() == expected


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("65", "CHANNEL_FAILURE"),
        ("66", "CHANNEL_REJECT"),
        ("71", "BAD_REQUEST"),
        ("73", "MEDIA_TYPE_UNSUPPORTED"),
        ("74", "INTERNAL_ERROR"),
        ("75", "MOON_IN_THE_WAY"),
        ("81", "RECIPIENT_NOT_OPTED_IN"),
        ("84", "RECIPIENT_NOT_REACHABLE"),
        ("87", "CHANNEL_REJECT"),
    ],
)
def test_an_ending_fails_with_its_reason(send, ending, reason):
    send(to=f"120155501{ending}", channels=["MMS"])
    assert told()[-1] == (BAD, "MMS", reason)
    assert not HandsetMessage.objects.exists()


@pytest.mark.parametrize(
    ("ending", "code", "status"),
    [
        ("80", 400, "INVALID_ARGUMENT"),
        ("83", 500, "INTERNAL"),
        ("85", 403, "BILLING_CREDIT_LIMIT_BREACHED"),
        ("86", 400, "MOON_IN_THE_WAY"),
        ("94", 503, "UNAVAILABLE"),
    ],
)
def test_an_ending_is_refused_in_the_shape_of_the_api(send, ending, code, status):
    answer = send(to=f"120155501{ending}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (code, code, status)
    assert not Postback.objects.exists()


@pytest.mark.parametrize(("ending", "code"), [("77", 401), ("82", 429)])
def test_what_is_refused_on_the_first_try_goes_on_the_second(send, ending, code):
    tries = [send(to=f"120155501{ending}").status_code for _ in range(2)]
    assert tries == [code, 200]


@pytest.mark.parametrize(
    ("ending", "status", "is_sent"),
    [("90", 500, False), ("91", 502, True), ("92", 502, False), ("93", 200, True)],
)
def test_an_answer_can_be_broken(send, ending, status, is_sent):
    answer = send(to=f"120155501{ending}")
    assert answer.status_code == status
    assert b"message_id" not in answer.content
    assert ConversationMessage.objects.exists() is is_sent
    assert Postback.objects.exists() is is_sent


def test_the_first_report_can_come_before_the_answer(send, app, monkeypatch):
    app.webhooks.update(triggers=["MESSAGE_DELIVERY"])
    posted = []
    monkeypatch.setattr(sending.poster, "post", lambda row: posted.append(row.code) or "200")
    send(to="12015550168")
    assert posted == [SENT]
    assert Postback.objects.get(code=SENT).state == PostbackState.DELIVERED


def test_both_interfaces_tell_the_same_story_where_they_can():
    """What delivers, fails or is refused by a number does so on either."""
    assert MMS_STORIES.keys() <= STORIES.keys()
    assert all(60 <= int(ending) <= 99 for ending in STORIES)


def test_a_report_carries_what_the_provider_sends(send, app):
    app.webhooks.update(triggers=["MESSAGE_DELIVERY"])
    answer = send().json()
    body = Postback.objects.get(code=GOOD).body
    assert is_ulid(answer["message_id"])
    assert body.pop("accepted_time").endswith("Z")
    assert len(body.pop("event_time")) == len("2026-11-21T16:00:00.123Z")
    assert body == {
        "app_id": app.app_id,
        "project_id": "pretend-project",
        "message_delivery_report": {
            "message_id": answer["message_id"],
            "conversation_id": "",
            "contact_id": "",
            "status": GOOD,
            "channel_identity": {"channel": "MMS", "identity": "12015550123", "app_id": ""},
            "processing_mode": "DISPATCH",
            "metadata": "ours-1",
        },
        "message_metadata": "",
        "correlation_id": "ours-1",
    }


def test_the_sms_channel_tells_its_batch_its_parts_and_the_operator(send, app):
    ConversationProject.objects.update(names_operators=True)
    text = {"text_message": {"text": "x" * 161}}
    properties = {"SMS_SENDER": "12015550100", "SMS_MAX_NUMBER_OF_MESSAGE_PARTS": "2"}
    send(text, channels=["SMS"], channel_properties=properties)
    first, last = (json.loads(body["message_metadata"]) for body in reports())
    assert first == last
    assert is_ulid(first.pop("sms_batch_id"))
    assert first == {"number_of_message_parts": 2, "operator": "310410"}


def test_an_sms_of_too_many_parts_is_not_sent(send):
    properties = {"SMS_MAX_NUMBER_OF_MESSAGE_PARTS": "1"}
    text = {"text_message": {"text": "x" * 161}}
    send(text, channels=["SMS"], channel_properties=properties)
    assert told() == [(BAD, "SMS", "BAD_REQUEST")]


def test_the_older_form_names_a_contact_and_no_number(send, ask):
    ConversationProject.objects.update(generation=Generation.OLDER)
    send()
    body = reports()[-1]
    report = body["message_delivery_report"]
    assert not {"project_id", "event_time"} & body.keys()
    assert (report["channel"], report["reason"]) == ("MMS", "")
    assert not {"channel_identity", "processing_mode"} & report.keys()
    contact = ask("GET", f"contacts/{report['contact_id']}").json()
    assert contact["channel_identities"][0]["identity"] == "12015550123"


def test_a_callback_url_gets_the_reports_and_the_secret_of_the_app(send, app):
    app.override_secret = "open"
    app.save()
    send(callback_url="http://127.0.0.1:9/mine/")
    rows = Postback.objects.filter(code=GOOD)
    assert [(row.url, row.secret) for row in rows] == [("http://127.0.0.1:9/mine/", "open")]


@pytest.mark.parametrize("change", [{"target_type": "DISMISS"}, {"triggers": ["MESSAGE_INBOUND"]}])
def test_a_webhook_that_did_not_ask_gets_nothing(send, app, change):
    app.webhooks.update(**change)
    send()
    assert not Postback.objects.exists()


@pytest.mark.parametrize(("ttl", "last"), [("3s", (BAD, "MMS")), ("30s", (GOOD, "SMS"))])
def test_a_message_whose_time_is_up_goes_on_no_other_channel(send, monkeypatch, ttl, last):
    monkeypatch.setattr(postbacks.random, "uniform", lambda first, latest: latest)
    send(to="12015550161", ttl=ttl)
    assert told()[-1][:2] == last
    assert HandsetMessage.objects.exists() is (last[0] == GOOD)


def test_what_expires_does_so_when_its_time_is_up(send):
    send(to="12015550164", ttl="30s")
    rows = Postback.objects.filter(code__in=[SENT, BAD]).order_by("due_at")
    assert 25 < (rows[1].due_at - rows[0].due_at).total_seconds() < 31


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"app_id": "no ulid"}, "app_id"),
        ({"recipient": {"contact_id": "01HZX3VQJ4T8M2N6P9R5S7W1YZ"}}, "recipient.contact_id"),
        ({"recipient": {}}, "recipient"),
        ({"recipient": {"identified_by": {"channel_identities": []}}}, "recipient.identified_by."),
        ({"channels": ["PIGEON"]}, "recipient.identified_by.channel_identities[0].channel"),
        ({"message": {"text_message": {"text": ""}}}, "message.text_message.text"),
        ({"message": {"x": 1}}, "message.x"),
        ({"message": {"media_message": {"url": "ftp://x"}}}, "message.media_message.url"),
        ({"channel_properties": {"MMS_SENDR": "1"}}, "channel_properties[MMS_SENDR]"),
        ({"channel_properties": {"MMS_SENDER": 1}}, "channel_properties[MMS_SENDER]"),
        ({"channel_priority_order": ["FAX"]}, "channel_priority_order[0]"),
        ({"ttl": 30}, "ttl"),
        ({"ttl": "2s"}, "ttl"),
        ({"message_metadata": "x" * 1025}, "message_metadata"),
        ({"correlation_id": "x" * 129}, "correlation_id"),
        ({"conversation_metadata": "text"}, "conversation_metadata"),
        ({"queue": "FAST"}, "queue"),
        ({"callback_url": "mailto:x"}, "callback_url"),
    ],
)
def test_a_malformed_request_names_its_field(send, changes, field):
    answer = send(**changes)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][0]["field_violations"][0]["field"].startswith(field)
    assert not ConversationMessage.objects.exists()


def choices(count):
    return [{"text_message": {"text": str(number)}} for number in range(count)]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"text_message": {"text": "a"}, "media_message": {"url": "https://x.example/a.jpg"}},
        {"choice_message": {"choices": []}},
        {"choice_message": {"choices": choices(11)}},
        {"choice_message": {"choices": [{"url_message": {"title": "x"}}]}},
        {"choice_message": {"choices": [{**choices(1)[0], "call_message": {}}]}},
        {"card_message": {"height": "TALL"}},
        {"card_message": {"title": "x", "height": "HUGE"}},
        {"carousel_message": {"cards": [{"title": "x"}] * 11}},
        {"carousel_message": {"cards": [{"title": "x"}], "choices": choices(4)}},
        {"location_message": {"title": "x", "coordinates": {"latitude": 91, "longitude": 0}}},
        {"location_message": {"coordinates": {"latitude": 1, "longitude": 0}}},
    ],
)
def test_a_message_beyond_its_limits_is_refused(send, message):
    assert send(message or {"agent": {}}).status_code == 400


def test_the_order_of_questions_is_token_path_json_app_recipient_message(client, app, ask):
    bad = {"app_id": "01HZX3VQJ4T8M2N6P9R5S7W1YA", "recipient": {}, "message": {}}
    assert ask("POST", "messages:send", bad, region="xx", token="x").status_code == 401
    assert ask("POST", "messages:send", bad, region="xx").status_code == 404
    assert ask("POST", "messages:send", bad).status_code == 404
    field = "error.details.0.field_violations.0.field".split(".")
    for body, expected in (
        (bad | {"app_id": app.app_id}, "recipient"),
        (
            bad
            | {
                "app_id": app.app_id,
                "recipient": {
                    "identified_by": {"channel_identities": [{"channel": "MMS", "identity": "1"}]}
                },
            },
            "message",
        ),
    ):
        found = ask("POST", "messages:send", body).json()
        for step in field:
            found = found[int(step) if step.isdecimal() else step]
        assert found == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"to": "abc"}, "RECIPIENT_INVALID_CHANNEL_IDENTITY"),
        ({"channel_properties": {"MMS_SENDER": "19995550100"}}, "CHANNEL_REJECT"),
        ({"channels": ["RCS"]}, "CHANNEL_CONFIGURATION_MISSING"),
        ({"message": {"card_message": {"title": "x" * 81}}}, "BAD_REQUEST"),
    ],
)
def test_what_only_a_channel_can_know_is_told_by_a_report(send, changes, reason):
    assert send(**({"channels": ["MMS"]} | changes)).status_code == 200
    (last,) = [body["message_delivery_report"] for body in reports()]
    assert (last["status"], last["reason"]["code"]) == (BAD, reason)


def test_without_a_sender_the_default_of_the_app_is_taken(send, app):
    send(channel_properties=None)
    assert HandsetMessage.objects.get().other == "12015550100"
    app.channel_credentials = [{"channel": "MMS", "mms_credentials": {"account_id": "a"}}]
    app.save()
    Postback.objects.all().delete()
    send(channel_properties=None, channels=["MMS"])
    assert told() == [(BAD, "MMS", "CHANNEL_BAD_CONFIGURATION")]


def media(url):
    return {"media_message": {"url": url}}


def test_the_file_of_an_mms_is_fetched_and_is_on_the_phone(send, host, picture):
    url = host("/a.jpg", "Content-Type: image/jpeg", content=picture)
    send(media(url))
    assert host.asked == ["/a.jpg"]
    assert HandsetMessage.objects.get().slides[0]["media"][0]["size"] == len(picture)


@pytest.mark.parametrize(
    ("line", "content", "reason", "sub_code"),
    [
        ("Content-Type: application/octet-stream", b"x", "MEDIA_TYPE_UNSUPPORTED", "UNDETERMINED"),
        ("Content-Type: audio/mpeg", b"x", "MEDIA_TYPE_UNSUPPORTED", "UNSPECIFIED"),
        ("Content-Type: image/png", b"x" * 3_100_000, "MEDIA_TOO_LARGE", "UNSPECIFIED"),
    ],
)
def test_a_file_that_does_not_fit_fails_the_mms(send, host, line, content, reason, sub_code):
    send(media(host("/a", line, content=content)), channels=["MMS"])
    found = reports()[-1]["message_delivery_report"]["reason"]
    assert found["code"] == reason
    assert sub_code in found["sub_code"]


def test_a_file_that_cannot_be_reached_fails_the_mms_and_not_the_sms(send, host):
    send(media(host("/gone", status="404 Not Found")))
    assert [line[:2] for line in told()] == [(NEXT, "MMS"), (SENT, "SMS"), (GOOD, "SMS")]
    assert HandsetMessage.objects.get().text.endswith("/gone")


@pytest.mark.parametrize(("is_strict", "status"), [("true", BAD), ("false", GOOD)])
def test_strict_validation_keeps_to_the_best_practices(send, host, is_strict, status):
    url = host("/a.gif", "Content-Type: image/gif", content=b"GIF89a" + b"x" * 700_000)
    properties = {"MMS_SENDER": "12015550100", "MMS_STRICT_VALIDATION": is_strict}
    send(media(url), channels=["MMS"], channel_properties=properties)
    assert told()[-1][0] == status


def test_a_call_is_noted_with_its_number_and_its_fate(send):
    send()
    send(to="12015550182")
    first, second = Call.objects.order_by("pk")
    assert (first.action, first.to, first.code) == ("messages:send", "12015550123", "")
    assert second.code == "429 RESOURCE_EXHAUSTED"
