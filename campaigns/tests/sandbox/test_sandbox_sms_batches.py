"""A batch is taken at once, leaves by the queue, and can be changed and cancelled until then."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox.models import HandsetMessage, Postback
from campaigns.sandbox.sms.dispatch import send_due
from campaigns.sandbox.sms.models import SmsBatch, SmsMessage

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def test_a_batch_is_echoed_with_what_was_filled_in(sms_call, text_batch):
    response = sms_call(
        "POST", "batches", text_batch(to=["+1 (201) 555-0123"], from_="+12015550100")
    )
    answer = response.json()
    assert response.status_code == 201
    assert answer["created_at"] == answer["modified_at"]
    assert datetime.fromisoformat(answer.pop("created_at")).tzinfo == UTC
    del answer["modified_at"], answer["expire_at"]
    assert len(answer.pop("id")) == 26
    assert answer == {
        "type": "mt_text",
        "to": ["12015550123"],
        "from": "12015550100",
        "body": "20 % off",
        "delivery_report": "none",
        "feedback_enabled": False,
        "canceled": False,
    }


def test_a_thousand_are_accepted_as_one_row_and_leave_by_the_queue(
    sms_call, text_batch, django_assert_max_num_queries
):
    numbers = [f"1201556{n:04}" for n in range(1000)]
    with django_assert_max_num_queries(12, using="sandbox"):
        assert sms_call("POST", "batches", text_batch(to=numbers)).status_code == 201
    assert not SmsMessage.objects.exists()
    assert send_due(datetime.now(UTC)) == 1
    leaving = list(SmsMessage.objects.order_by("pk").values_list("leaves_at", flat=True))
    assert len(leaving) == 1000
    assert leaving[-1] - leaving[0] == pytest.approx(
        timedelta(seconds=999 / 500), abs=timedelta(seconds=0.01)
    )


def test_the_next_batch_waits_behind_the_first(sms_call, text_batch, sms_plan):
    sms_plan.rate = 1
    sms_plan.save()
    for number in ("12015550101", "12015550102"):
        sms_call("POST", "batches", text_batch(to=[number, f"{number[:-1]}9"]))
    send_due(datetime.now(UTC))
    places = list(SmsMessage.objects.order_by("leaves_at").values_list("recipient", flat=True))
    assert places == ["12015550101", "12015550109", "12015550102", "12015550109"]


def test_a_number_reached_twice_gets_one_message(sms_call, text_batch):
    sms_call("POST", "batches", text_batch(to=["+12015550101", "0012015550101", "12015550102"]))
    send_due(datetime.now(UTC))
    assert SmsMessage.objects.count() == 2


def test_a_phone_gets_its_own_words_and_one_without_a_value_gets_none(sms_call, text_batch):
    body = text_batch(
        to=["12015550101", "12015550102", "12015550103"],
        body="Hi ${name}! ${code} $x {y}",
        parameters={
            "name": {"+12015550101": "Ada", "default": "you"},
            "code": {"12015550101": "${name}", "12015550102": "B"},
        },
    )
    answer = sms_call("POST", "batches", body).json()
    assert answer["parameters"]["name"] == {"+12015550101": "Ada", "default": "you"}
    send_due(datetime.now(UTC))
    shown = HandsetMessage.objects.order_by("phone").values_list("phone", "slides")
    assert [(phone, slides[0]["text"]) for phone, slides in shown] == [
        ("12015550101", "Hi Ada! ${name} $x {y}"),
        ("12015550102", "Hi you! B $x {y}"),
    ]
    third = SmsMessage.objects.get(recipient="12015550103")
    assert (third.code, third.status) == (405, "Aborted")


def test_a_scheduled_batch_waits_and_can_be_changed(sms_call, text_batch):
    later = datetime.now(UTC) + timedelta(hours=1)
    batch = sms_call("POST", "batches", text_batch(send_at=later.isoformat())).json()
    assert send_due(datetime.now(UTC)) == 0
    path = f"batches/{batch['id']}"
    changes = {"to_add": ["12015550105"], "to_remove": ["+12015550123"], "body": "25 % off"}
    changed = sms_call("POST", path, changes).json()
    assert (changed["to"], changed["body"]) == (["12015550105"], "25 % off")
    assert changed["created_at"] == batch["created_at"]
    assert changed["modified_at"] > batch["modified_at"]
    at_once = sms_call("POST", path, {"send_at": None}).json()
    assert "send_at" not in at_once
    assert send_due(datetime.now(UTC)) == 1
    late = sms_call("POST", path, {"body": "too late"})
    assert (late.status_code, late.json()["code"]) == (403, "batch_already_dispatched")


def test_replacing_returns_options_to_their_defaults(sms_call, text_batch):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    batch = sms_call(
        "POST", "batches", text_batch(send_at=later, client_reference="a", feedback_enabled=True)
    ).json()
    replaced = sms_call(
        "PUT", f"batches/{batch['id']}", text_batch(body="New", send_at=later)
    ).json()
    assert (replaced["id"], replaced["body"]) == (batch["id"], "New")
    assert replaced["feedback_enabled"] is False
    assert "client_reference" not in replaced


def test_a_cancelled_batch_never_leaves_and_its_report_is_empty(sms_call, text_batch):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    batch = sms_call("POST", "batches", text_batch(send_at=later)).json()
    path = f"batches/{batch['id']}"
    assert sms_call("DELETE", path).json()["canceled"] is True
    assert send_due(datetime.now(UTC) + timedelta(hours=2)) == 0
    report = sms_call("GET", f"{path}/delivery_report").json()
    assert (report["total_message_count"], report["statuses"]) == (0, [])
    assert sms_call("DELETE", path).status_code == 200


def test_cancelling_stops_what_has_not_left(sms_call, text_batch, sms_plan):
    sms_plan.rate = 1
    sms_plan.save()
    numbers = ["12015550101", "12015550195", "12015550103"]
    body = text_batch(to=numbers, delivery_report="per_recipient_final")
    batch = sms_call("POST", "batches", body).json()
    send_due(datetime.now(UTC))
    SmsMessage.objects.filter(recipient=numbers[0]).update(leaves_at=datetime.now(UTC))
    sms_call("DELETE", f"batches/{batch['id']}")
    codes = dict(SmsMessage.objects.values_list("recipient", "code"))
    assert codes == {numbers[0]: 0, numbers[1]: 407, numbers[2]: 407}
    told = Postback.objects.order_by("phone").values_list("phone", "body__code")
    assert sorted(told) == [(numbers[0], 0), (numbers[2], 407), (numbers[1], 407)]
    assert list(HandsetMessage.objects.values_list("phone", flat=True)) == [numbers[0]]


def test_lists_are_paged_newest_first_and_count_all(sms_call, text_batch):
    ids = [
        sms_call("POST", "batches", text_batch(client_reference=name)).json()["id"]
        for name in ("a", "b", "a")
    ]
    page = sms_call("GET", "batches?page=1&page_size=2").json()
    assert {k: page[k] for k in ("count", "page", "page_size")} == {
        "count": 3, "page": 1, "page_size": 1,
    }  # fmt: skip
    assert [batch["id"] for batch in page["batches"]] == [ids[0]]
    found = sms_call("GET", "batches?client_reference=a&from=%2B12015550100,999").json()
    assert [batch["id"] for batch in found["batches"]] == [ids[2], ids[0]]
    assert sms_call("GET", "batches?end_date=2020-01-01T00:00:00Z").json()["count"] == 0
    assert sms_call("GET", "batches?page_size=101").status_code == 400


def test_feedback_is_taken_where_it_is_enabled(sms_call, text_batch):
    batch = sms_call("POST", "batches", text_batch(feedback_enabled=True)).json()
    send_due(datetime.now(UTC))
    path = f"batches/{batch['id']}/delivery_feedback"
    response = sms_call("POST", path, {"recipients": ["+12015550123"]})
    assert (response.status_code, response.content) == (202, b"")
    assert SmsMessage.objects.get().has_feedback
    other = sms_call("POST", "batches", text_batch()).json()
    refused = sms_call("POST", f"batches/{other['id']}/delivery_feedback", {"recipients": []})
    assert refused.status_code == 400


def test_a_dry_run_counts_parts_and_sends_nothing(sms_call, text_batch):
    body = text_batch(
        to=["12015550101", "12015550102"],
        body="${text}",
        parameters={"text": {"12015550101": "€" * 81, "default": "Привет"}},
    )
    answer = sms_call("POST", "batches/dry_run?per_recipient=true&number_of_recipients=1", body)
    assert answer.json() == {
        "number_of_recipients": 2,
        "number_of_messages": 3,
        "per_recipient": [
            {"recipient": "12015550101", "number_of_parts": 2, "body": "€" * 81, "encoding": "text"}
        ],
    }
    assert not SmsBatch.objects.exists()


def test_a_batch_of_n_counts_n_against_the_allowance(sms_call, text_batch, sms_plan):
    sms_plan.most_accepted = 10
    sms_plan.save()
    numbers = [f"120155501{n:02}" for n in range(30)]
    assert sms_call("POST", "batches", text_batch(to=numbers)).status_code == 201
    assert sms_call("POST", "batches", text_batch()).status_code == 429
