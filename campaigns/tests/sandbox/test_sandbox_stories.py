"""The last two digits of a number decide what becomes of a message (§5.5)."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox import api
from campaigns.sandbox.models import HandsetMessage, Postback, PostbackState
from campaigns.sandbox.stories import DEFAULT, STORIES, story_of

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def reports():
    """Code and way of every callback of a delivery, in the order in which they are due."""
    rows = Postback.objects.order_by("due_at", "pk")
    return [(row.code, row.body.get("sent-as")) for row in rows if row.code != "N401"]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("23", [("N101", "MMS"), ("N102", "MMS")]),
        ("60", [("N101", "MMS")]),
        ("61", [("N101", "SMS"), ("N202", "SMS")]),
        ("62", [("N101", "SMS"), ("N102", "SMS")]),
        ("63", [("N101", "SMS"), ("E202", "SMS")]),
        ("64", [("N101", "MMS"), ("N103", "MMS")]),
        ("65", [("E101", None)]),
        ("66", [("N101", "MMS"), ("E102", "MMS")]),
        ("67", [("N102", "MMS"), ("N101", "MMS")]),
        ("69", [("N101", "MMS")] * 2 + [("N102", "MMS")] * 2),
        ("70", [("N101", "MMS"), ("N777", "MMS"), ("N102", "MMS")]),
        ("71", [("E011", "MMS")]),
        ("72", [("N013", "MMS"), ("N101", "MMS"), ("N102", "MMS")]),
        ("76", [("N101", "MMS"), ("N103", "MMS"), ("N102", "MMS")]),
    ],
)
def test_an_ending_has_its_reports(call, send_body, ending, expected):
    assert call(send_body(to=f"120155501{ending}"))["status"] == "success"
    assert reports() == expected


def test_most_numbers_simply_deliver():
    assert all(story_of(f"120155501{n:02}") is DEFAULT for n in range(60))


def test_a_needed_fallback_that_is_off_fails_the_message(call, send_body):
    call(send_body(to="12015550161", disable_fallback_sms=True))
    assert reports() == [("E101", None)]


def test_a_report_carries_what_the_provider_sends(call, send_body):
    answer = call(send_body(from_mask="Magpie"))
    body = Postback.objects.get(code="N101").body
    assert datetime.fromisoformat(body.pop("timestamp")).tzinfo
    assert body == {
        "origin": "MMS_MT",
        "code": "N101",
        "sent-as": "MMS",
        "status": "Sent",
        "status-details": "Message Sent",
        "to": "12015550123",
        "from": "12015550100",
        "tracking-id": answer["tracking-id"],
        "client-reference": "order-1",
        "from-mask": "Magpie",
        "operator-id": "0001470",
        "operator-name": "AT&T",
    }


def test_reports_follow_within_seconds_at_speed_1(call, send_body):
    call(send_body())
    first, last = Postback.objects.order_by("due_at")
    now = datetime.now(UTC)
    assert now - timedelta(seconds=5) < first.due_at < now + timedelta(seconds=2)
    assert first.due_at < last.due_at < now + timedelta(seconds=6)


def test_an_account_without_postback_url_gets_none(account, call, send_body):
    account.postback_url = ""
    account.save()
    call(send_body())
    assert not Postback.objects.exists()


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("80", "E110"),
        ("81", "E114"),
        ("83", "E503"),
        ("84", "E628"),
        ("85", "E713"),
        ("86", "E977"),
    ],
)
def test_an_ending_is_refused_at_the_api(code_of, ending, code):
    assert code_of(to=f"120155501{ending}") == code
    assert not Postback.objects.exists()


def test_a_throttled_number_gets_through_on_its_second_try(code_of):
    assert [code_of(to="12015550182") for _ in range(4)] == ["E113", "", "E113", ""]


def test_the_first_report_can_come_before_the_answer(call, send_body, monkeypatch):
    posted = []
    monkeypatch.setattr(api.poster, "post", lambda row: posted.append(row.body) or "200")
    call(send_body(to="12015550168"))
    assert [body["code"] for body in posted] == ["N101"]
    assert Postback.objects.get(code="N101").state == PostbackState.DELIVERED


@pytest.mark.parametrize(
    ("ending", "status", "is_sent"),
    [("90", 500, False), ("91", 502, True), ("92", 502, False), ("93", 200, True)],
)
def test_an_answer_can_be_broken(client, account, send_body, ending, status, is_sent):
    response = client.post(
        "/ep/v2/",
        send_body(to=f"120155501{ending}"),
        content_type="application/json",
        headers={"x-api-key": account.key},
    )
    assert response.status_code == status
    assert b'"status"' not in response.content
    assert Postback.objects.exists() is is_sent


def test_a_delivered_message_is_on_the_phone_and_a_failed_one_is_not(call, send_body):
    call(send_body(message_subject="Sale"))
    call(send_body(to="12015550166"))
    message = HandsetMessage.objects.get()
    assert (message.phone, message.subject, message.is_sms) == ("12015550123", "Sale", False)
    assert message.slides == [{"text": "20 % off", "media": []}]


@pytest.mark.parametrize("is_off", [True, False])
def test_a_fallback_shows_its_text_and_its_link_unless_that_is_off(call, send_body, is_off):
    call(send_body(to="12015550161", disable_fallback_sms_link=is_off))
    message = HandsetMessage.objects.get()
    assert message.is_sms
    assert message.slides[0]["text"] == "See our offer:"
    assert bool(message.slides[0]["link"]) is not is_off


def test_every_ending_of_the_table_lies_beyond_those_that_deliver():
    assert all(ending.isdecimal() and 60 <= int(ending) <= 99 for ending in STORIES)
