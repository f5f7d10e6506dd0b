"""What the pretend SMS REST API asks of a request, and how it says no (§1, §2, §4, §10)."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox.models import Call
from campaigns.sandbox.sms.allowance import Allowance
from campaigns.sandbox.sms.problems import Problem

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
NUMBER = "12015550123"
MEDIA = {"url": "http://127.0.0.1:9/a.jpg"}


@pytest.fixture
def refusal(sms_call, text_batch):
    """Status and code of a batch with these changes."""

    def ask(**changes):
        response = sms_call("POST", "batches", text_batch(**changes))
        return response.status_code, response.json().get("code", "")

    return ask


def test_a_wrong_token_or_plan_or_region_is_a_401_without_a_body(sms_call, client, sms_plan):
    responses = [
        sms_call("GET", "batches", token="other"),
        client.get("/sms/us/xms/v1/unknown/batches"),
        client.get(
            f"/sms/eu/xms/v1/{sms_plan.service_plan_id}/batches",
            headers={"Authorization": f"Bearer {sms_plan.token}"},
        ),
    ]
    assert [(one.status_code, one.content) for one in responses] == [(401, b"")] * 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("GET", "batches/01M7ZD6066EDT3Y7QBVY1P972G", 404),
        ("GET", "inbounds/01M7ZD6066EDT3Y7QBVY1P972G", 404),
        ("GET", "groups/01M7ZD6066EDT3Y7QBVY1P972G", 404),
        ("DELETE", "batches", 405),
        ("PUT", "batches/01M7ZD6066EDT3Y7QBVY1P972G/cancel", 404),
    ],
)
def test_unknown_paths_and_ids_and_methods(sms_call, method, path, status):
    assert sms_call(method, path).status_code == status


def test_an_unknown_region_is_an_unknown_path(client, sms_plan):
    assert client.get(f"/sms/xx/xms/v1/{sms_plan.service_plan_id}/batches").status_code == 404


def test_another_content_type_is_a_415_and_broken_json_a_400(sms_call, text_batch):
    assert sms_call("POST", "batches", text_batch(), kind="text/plain").status_code == 415
    response = sms_call("POST", "batches", b"{")
    assert (response.status_code, response.json()["code"]) == (400, "syntax_invalid_json")
    response = sms_call("POST", "batches", [1])
    assert response.json()["code"] == "syntax_invalid_parameter_format"


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "12015550123"},
        {"to": [1]},
        {"to": ["not a number"]},
        {"from_": 1},
        {"body": 1},
        {"type": "mt_media", "body": "text"},
        {"type": "mt_media", "body": {**MEDIA, "message": 1}},
        {"parameters": []},
        {"parameters": {"name": "Ada"}},
        {"parameters": {"name": {"default": 1}}},
        {"feedback_enabled": "yes"},
        {"send_at": "tomorrow"},
        {"client_reference": 1},
        {"type": "mt_binary", "body": "%", "udh": "00"},
    ],
)
def test_a_value_of_the_wrong_kind(refusal, changes):
    assert refusal(**changes) == (400, "syntax_invalid_parameter_format")


@pytest.mark.parametrize(
    "changes",
    [
        {"to": []},
        {"to": [NUMBER] * 1001},
        {"from_": None},
        {"from_": "12015550101"},
        {"type": "mt_fax"},
        {"body": ""},
        {"body": "x" * 2001},
        {"type": "mt_media", "body": {"message": "no media"}},
        {"type": "mt_media", "body": {"url": "ftp://127.0.0.1/a.jpg"}},
        {"type": "mt_media", "body": {"url": f"http://127.0.0.1/{'x' * 2048}"}},
        {"type": "mt_media", "body": {**MEDIA, "message": "x" * 2001}},
        {"type": "mt_media", "body": {**MEDIA, "subject": "x" * 81}},
        {"type": "mt_binary", "body": "AA==", "udh": "00" * 140},
        {"parameters": {"a key": {"default": "x"}}},
        {"parameters": {"k" * 17: {"default": "x"}}},
        {"parameters": {"name": {"default": "x" * 1601}}},
        {"delivery_report": "all"},
        {"callback_url": "nowhere"},
        {"client_reference": "x" * 2049},
        {"expire_at": "2020-01-01T00:00:00Z"},
        {"expire_at": (datetime.now(UTC) + timedelta(days=4)).isoformat()},
    ],
)
def test_a_broken_rule(refusal, changes):
    assert refusal(**changes) == (400, "syntax_constraint_violation")


@pytest.mark.parametrize(
    "changes",
    [
        {"to": [NUMBER] * 1000},
        {"body": "x" * 2000},
        {"type": "mt_binary", "body": "AA==", "udh": "00" * 139},
        {"parameters": {"k" * 16: {"default": "x" * 1600}}},
        {"client_reference": "x" * 2048},
        {"send_at": "2020-01-01T00:00:00"},
        {"an_unknown": "field"},
    ],
)
def test_what_is_just_within_the_rules(refusal, changes):
    assert refusal(**changes)[0] == 201


def test_unknown_fields_are_ignored_and_told_on_the_traffic_page(sms_call, text_batch):
    sms_call("POST", "batches", text_batch(udh_="00", colour="red"))
    call = Call.objects.get()
    assert (call.action, call.ignored, call.to) == ("POST batches", "colour", NUMBER)


def test_a_callback_needs_an_address(sms_plan, refusal):
    sms_plan.callback_url = ""
    sms_plan.save()
    assert refusal(delivery_report="summary") == (403, "missing_callback_url")
    url = "http://127.0.0.1:9/own/"
    assert refusal(delivery_report="summary", callback_url=url)[0] == 201
    assert refusal()[0] == 201


def test_a_missing_group_and_a_blocked_account(sms_plan, refusal):
    assert refusal(to=["01M7ZD6066EDT3Y7QBVY1P972G"]) == (403, "unknown_group")
    sms_plan.blocked = True
    sms_plan.save()
    assert refusal() == (403, "blocked_account")


def test_a_default_originator_stands_in_for_from(sms_plan, sms_call, text_batch):
    sms_plan.default_sender = "12015550100"
    sms_plan.save()
    answer = sms_call("POST", "batches", text_batch(from_=None)).json()
    assert "from" not in answer


def test_the_allowance_comes_back_with_time():
    now = [0.0]
    allowance = Allowance(lambda: now[0])
    allowance.take("plan", 1000, rate=500)
    with pytest.raises(Problem, match="429"):
        allowance.take("plan", 1, rate=500)
    allowance.take("other", 1, rate=500)
    now[0] = 1.1
    allowance.take("plan", 1, rate=500)
    for _ in range(100):
        allowance.take("free", 1000, rate=0)


JUNK = (
    None,
    True,
    -1,
    1.5,
    "",
    "x",
    "[",
    [],
    [[]],
    [None],
    {},
    {"a": []},
    "9999-12-31",
    "http://[",
)
FIELDS = (
    "type", "to", "from_", "body", "udh", "parameters", "delivery_report", "send_at", "expire_at",
    "callback_url", "client_reference", "feedback_enabled", "strict_validation",
    "max_number_of_message_parts",
)  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_junk_is_refused_or_taken_but_never_breaks_us(sms_call, text_batch, field):
    for junk in JUNK:
        for kind in ("mt_text", "mt_media", "mt_binary"):
            body = text_batch(type=kind) | {field.rstrip("_"): junk}
            status = sms_call("POST", "batches", body).status_code
            assert status in {201, 400, 403}, (kind, junk)


@pytest.mark.parametrize("field", ["name", "members", "child_groups", "auto_update"])
def test_junk_in_a_group_never_breaks_us(sms_call, field):
    keywords = [{"to": NUMBER, "add": value} for value in ([], {"first_word": []}, {"x": 1})]
    for junk in (*JUNK, *keywords):
        assert sms_call("POST", "groups", {field: junk}).status_code in {201, 400, 403}, junk


@pytest.mark.parametrize(
    "query",
    [
        "page=x",
        "page=-1",
        "page=99999999999999999999",
        "page_size=0",
        "start_date=x",
        "end_date=0001-01-01T00:00:00+14:00",
    ],
)
@pytest.mark.parametrize("name", ["batches", "delivery_reports", "inbounds"])
def test_junk_in_a_query_is_refused(sms_call, name, query):
    assert sms_call("GET", f"{name}?{query}").status_code == 400


def test_half_a_surrogate_pair_is_no_text(sms_call, text_batch):
    assert sms_call("POST", "batches", text_batch(body="\ud83d")).status_code == 400
    assert sms_call("POST", "batches", text_batch(body="\ud83d\udc26")).status_code == 201
