"""The questions asked of every request, in their order (§4.1)."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox.models import Call

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def in_days(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def test_a_sound_request_is_accepted_and_echoes_the_number(call, send_body):
    answer = call(send_body())
    assert answer["status"] == "success"
    assert answer["to"] == "12015550123"
    assert answer["tracking-id"]
    assert "queued" in answer["status-details"]


def test_a_refusal_is_a_failure_with_code_words_and_number(call, send_body):
    assert call(send_body(**{"from": "12015550199"})) == {
        "status": "failure",
        "error-code": "E111",
        "error-info": "Invalid from / shortcode.",
        "to": "12015550123",
    }


def test_a_get_is_no_request(client, account):
    assert client.get("/ep/v2/").json()["error-code"] == "E100"


def test_the_address_answers_without_its_slash_too(client, account, send_body):
    headers = {"x-api-key": account.key}
    response = client.post("/ep/v2", send_body(), content_type="application/json", headers=headers)
    assert response.json()["status"] == "success"


@pytest.mark.parametrize("key", ["", "wrong"])
def test_a_missing_or_wrong_key_is_refused(call, send_body, key):
    assert call(send_body(), key=key)["error-code"] == "E104"


@pytest.mark.parametrize(
    ("switch", "value", "code"),
    [
        ("blocked", True, "E103"),
        ("has_api_access", False, "E105"),
        ("allowed_ips", ["192.0.2.1"], "E112"),
        ("blacklist", ["12015550123"], "E114"),
        ("rate", 0, "E113"),
    ],
)
def test_a_switch_of_the_account_refuses(account, code_of, switch, value, code):
    setattr(account, switch, value)
    account.save()
    assert code_of() == code


@pytest.mark.parametrize("content", ["{", "[]", '"text"', "\udcff"])
def test_what_is_no_json_object_is_refused(client, account, content):
    response = client.post(
        "/ep/v2/",
        content.encode(errors="surrogateescape"),
        content_type="application/json",
        headers={"x-api-key": account.key},
    )
    assert response.json()["error-code"] == "E108"


def test_the_action_is_read_without_regard_to_case(code_of):
    assert code_of(action="sendMMS") == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"action": None}, "E100"),
        ({"action": "deletemms"}, "E107"),
        ({"action": ["sendmms"]}, "E107"),
        ({"service_id": None}, "E627"),
        ({"service_id": "other"}, "E627"),
        ({"to": None}, "E110"),
        ({"to": 12015550123}, "E110"),
        ({"to": "+12015550123"}, "E110"),
        ({"to": "02015550123"}, "E110"),
        ({"to_displayonly": "12015550124,+1"}, "E110"),
        ({"to_displayonly": ["12015550124"]}, "E110"),
        ({"from": None}, "E111"),
        ({"from_mask": "M" * 51}, "E115"),
        ({"message_subject": "s" * 81}, "E314"),
        ({"client_reference": "r" * 65}, "E100"),
        ({"disable_fallback_sms": "true"}, "E100"),
        ({"mms_expiry_timestamp": "tomorrow"}, "E100"),
        ({"mms_expiry_timestamp": in_days(-1)}, "E100"),
        ({"mms_expiry_timestamp": in_days(4)}, "E100"),
        ({"fallback_sms_link_expiration": in_days(366)}, "E100"),
        ({"fallback_sms_text": None}, "E622"),
        ({"fallback_sms_text": " "}, "E622"),
        ({"slide": None}, "E312"),
    ],
)
def test_a_breach_yields_its_code(code_of, changes, code):
    assert code_of(**changes) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"to_displayonly": "12015550124, 12015550125"},
        {"message_subject": "s" * 80, "client_reference": "r" * 64, "from_mask": "Magpie"},
        {"mms_expiry_timestamp": in_days(2.9)},
        {"fallback_sms_link_expiration": in_days(300)},
        {"fallback_sms_text": None, "disable_fallback_sms": True},
    ],
)
def test_what_keeps_within_the_limits_is_accepted(code_of, changes):
    assert code_of(**changes) == ""


BROKEN_FROM_THE_END = [
    ({"slide": []}, "E312"),
    ({"fallback_sms_text": ""}, "E622"),
    ({"mms_expiry_timestamp": "x"}, "E100"),
    ({"message_subject": "s" * 81}, "E314"),
    ({"from_mask": "M" * 51}, "E115"),
    ({"from": "1"}, "E111"),
    ({"to": "1"}, "E110"),
    ({"service_id": "x"}, "E627"),
    ({"action": "x"}, "E107"),
]


def test_of_many_breaches_the_first_in_the_order_is_told(code_of):
    changes = {}
    for change, code in BROKEN_FROM_THE_END:
        changes |= change
        assert code_of(**changes) == code


def test_an_account_without_service_id_demands_none(account, code_of):
    account.service_id = ""
    account.save()
    assert code_of(service_id=None) == ""


def test_unknown_fields_are_ignored_and_noted(call, send_body):
    assert call(send_body(operator_id="31002"))["status"] == "success"
    assert Call.objects.get().ignored == "operator-id"


def test_a_savemms_without_name_is_refused(code_of):
    assert code_of(action="savemms") == "E311"
