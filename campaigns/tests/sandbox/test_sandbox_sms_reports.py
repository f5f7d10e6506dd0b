"""Delivery reports: the story of an ending, told by callback and by asking alike (§6)."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox.models import Api, HandsetMessage, Postback, PostbackState
from campaigns.sandbox.sms import batches
from campaigns.sandbox.sms.dispatch import send_due
from campaigns.sandbox.sms.models import SmsBatch, SmsMessage
from campaigns.sandbox.sms.stories import SMS_STORIES
from campaigns.sandbox.stories import STORIES

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
GOOD, BAD = "12015550123", "12015550166"
WAY = [(401, "Dispatched"), (0, "Delivered")]


@pytest.fixture
def sent(sms_call, text_batch, settings):
    """A text batch with these changes that has left, and all of whose receipts are there."""
    settings.SANDBOX_SPEED = 1e9

    def send(**changes):
        answer = sms_call("POST", "batches", text_batch(**changes)).json()
        send_due(datetime.now(UTC))
        return f"batches/{answer['id']}"

    return send


@pytest.fixture
def media_url(host, picture):
    return host("/a.jpg", "Content-Type: image/jpeg", content=picture)


def told():
    """Code and status of every callback, as they fall due."""
    rows = Postback.objects.order_by("due_at", "pk").values_list("body__code", "body__status")
    return [tuple(row) for row in rows if row[1]]


@pytest.mark.parametrize(
    ("ending", "mms", "text"),
    [
        ("23", WAY, WAY),
        ("60", WAY[:1], WAY[:1]),
        ("63", [WAY[0], (416, "Failed")], [WAY[0], (150, "Failed")]),
        ("64", [WAY[0], (3500, "Expired")], [WAY[0], (153, "Expired")]),
        ("65", [(402, "Aborted")], [(402, "Aborted")]),
        ("66", [WAY[0], (415, "Rejected")], [WAY[0], (408, "Aborted")]),
        ("67", WAY[::-1], WAY[::-1]),
        ("69", [WAY[0]] * 2 + [WAY[1]] * 2, [WAY[0]] * 2 + [WAY[1]] * 2),
        ("70", [WAY[0], (477, "Buffered"), WAY[1]], [WAY[0], (477, "Buffered"), WAY[1]]),
        ("76", [WAY[0], (3500, "Expired"), WAY[1]], [WAY[0], (3500, "Expired"), WAY[1]]),
        ("77", [(405, "Aborted")], [(405, "Aborted")]),
        ("78", [WAY[0], (2004, "Rejected")], [WAY[0], (15, "Rejected")]),
        ("87", [WAY[0], (100, "Unknown")], [WAY[0], (100, "Unknown")]),
    ],
)
@pytest.mark.parametrize("is_mms", [True, False])
def test_an_ending_has_its_reports(sms_call, text_batch, host, picture, is_mms, ending, mms, text):
    body = text_batch(to=[f"120155501{ending}"], delivery_report="per_recipient")
    if is_mms:
        url = host("/a.jpg", "Content-Type: image/jpeg", content=picture)
        body |= {"type": "mt_media", "body": {"url": url}}
    sms_call("POST", "batches", body)
    send_due(datetime.now(UTC))
    assert told() == (mms if is_mms else text)


def test_a_recipient_report_by_callback_is_the_one_that_is_asked_for(sent, sms_call):
    path = sent(delivery_report="per_recipient", client_reference="order-1", to=[GOOD, BAD])
    last = Postback.objects.get(phone=GOOD, body__code=0)
    asked = sms_call("GET", f"{path}/delivery_report/+{GOOD}").json()
    assert (last.api, last.body) == (Api.SMS, asked)
    assert datetime.fromisoformat(asked.pop("at"))
    assert datetime.fromisoformat(asked.pop("operator_status_at"))
    assert asked == {
        "type": "recipient_delivery_report_sms",
        "batch_id": path.removeprefix("batches/"),
        "recipient": GOOD,
        "code": 0,
        "status": "Delivered",
        "client_reference": "order-1",
        "operator": "310410",
    }


def test_a_batch_report_by_callback_is_the_one_that_is_asked_for(sent, sms_call):
    path = sent(delivery_report="full", to=[GOOD, BAD, "12015550165"])
    asked = sms_call("GET", f"{path}/delivery_report?type=full").json()
    assert Postback.objects.get().body == asked
    assert asked["total_message_count"] == 3
    assert asked["statuses"] == [
        {"code": 0, "status": "Delivered", "count": 1, "recipients": [GOOD]},
        {"code": 402, "status": "Aborted", "count": 1, "recipients": ["12015550165"]},
        {"code": 408, "status": "Aborted", "count": 1, "recipients": [BAD]},
    ]


@pytest.mark.parametrize(
    ("kind", "count"),
    [("none", 0), ("summary", 1), ("full", 1), ("per_recipient", 4), ("per_recipient_final", 2)],
)
def test_each_kind_has_its_callbacks(sent, kind, count):
    sent(delivery_report=kind, to=[GOOD, BAD])
    assert Postback.objects.count() == count


def test_a_batch_with_one_that_never_ends_has_no_batch_callback(sent):
    sent(delivery_report="summary", to=[GOOD, "12015550160"])
    assert not Postback.objects.exists()


def test_a_batch_may_have_an_address_of_its_own(sent, sms_plan):
    sms_plan.callback_secret = "shared"
    sms_plan.save()
    sent(delivery_report="summary", callback_url="http://127.0.0.1:9/own/")
    row = Postback.objects.get()
    assert (row.url, row.secret) == ("http://127.0.0.1:9/own/", "shared")


def test_reports_are_filtered_and_unknown_ones_are_not_found(sent, sms_call):
    path = sent(to=[GOOD, BAD])
    for query in ("code=408", "status=aborted", "status=Aborted,Failed&code=408,1"):
        report = sms_call("GET", f"{path}/delivery_report?{query}").json()
        assert [line["code"] for line in report["statuses"]] == [408]
    for wrong in ("delivery_report?type=per_recipient", "delivery_report/12015550199"):
        assert sms_call("GET", f"{path}/{wrong}").status_code == 404


def test_what_waits_is_queued(sms_call, text_batch):
    answer = sms_call("POST", "batches", text_batch()).json()
    path = f"batches/{answer['id']}/delivery_report"
    assert sms_call("GET", path).json()["statuses"] == [
        {"code": 400, "status": "Queued", "count": 1}
    ]
    assert sms_call("GET", f"{path}/{GOOD}").json()["status"] == "Queued"


def test_the_list_has_what_is_final_newest_first(sent, sms_call):
    sent(to=[GOOD, "12015550160"], client_reference="a")
    sent(to=[BAD], client_reference="b")
    page = sms_call("GET", "delivery_reports").json()
    assert [row["recipient"] for row in page["delivery_reports"]] == [BAD, GOOD]
    assert (page["count"], page["page_size"]) == (2, 2)
    for query in ("code=408", "status=ABORTED", "client_reference=b"):
        found = sms_call("GET", f"delivery_reports?{query}").json()["delivery_reports"]
        assert [row["recipient"] for row in found] == [BAD]


def test_what_is_not_final_yet_is_not_listed(sms_call, text_batch):
    sms_call("POST", "batches", text_batch(to=[GOOD, BAD]))
    send_due(datetime.now(UTC))
    assert sms_call("GET", "delivery_reports").json()["count"] == 0


def test_what_never_reached_the_carrier_has_no_time_of_it(sent, sms_call):
    path = sent(to=["12015550165"])
    report = sms_call("GET", f"{path}/delivery_report/12015550165").json()
    assert report["status"] == "Aborted"
    assert report.keys().isdisjoint({"operator_status_at", "operator"})


def test_what_would_leave_too_late_expires(sms_call, text_batch, sms_plan):
    sms_plan.rate = 0.01
    sms_plan.save()
    soon = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
    sms_call("POST", "batches", text_batch(to=[GOOD, "12015550124"], expire_at=soon))
    send_due(datetime.now(UTC))
    assert dict(SmsMessage.objects.values_list("recipient", "code")) == {
        GOOD: 0,
        "12015550124": 406,
    }


def test_more_parts_than_allowed_are_not_sent(sent, sms_call):
    path = sent(body="x" * 161, max_number_of_message_parts=1)
    report = sms_call("GET", f"{path}/delivery_report/{GOOD}").json()
    assert (report["code"], report["number_of_message_parts"], report["encoding"]) == (
        411, 2, "GSM",
    )  # fmt: skip


def test_a_text_may_be_cut_to_one_part(sent):
    sent(body="x" * 161, truncate_concat=True)
    assert HandsetMessage.objects.get().slides[0]["text"] == "x" * 160


def test_a_picture_arrives_with_its_words_and_its_subject(sent, media_url):
    body = {"url": media_url, "message": "Hi ${name}", "subject": "Sale ${name}"}
    sent(type="mt_media", body=body, parameters={"name": {"default": "you"}})
    message = HandsetMessage.objects.get()
    assert (message.api, message.is_sms, message.subject) == (Api.SMS, False, "Sale ${name}")
    assert message.slides[0]["text"] == "Hi you"
    assert message.slides[0]["media"][0]["type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        (["Content-Type: image/jpeg"], "200 OK", 0),
        (["Content-Type: image/jpeg"], "404 Not Found", 414),
        (["Content-Type: text/html"], "200 OK", 414),
        ([], "200 OK", 414),
    ],
)
def test_media_is_fetched_and_what_cannot_be_had_aborts(sent, host, picture, lines, status, code):
    url = host("/a.jpg", *lines, content=picture, status=status, length=False)
    sent(type="mt_media", body={"url": url}, to=[GOOD, "12015550124"])
    assert host.asked == ["/a.jpg"]
    assert list(SmsMessage.objects.values_list("code", flat=True)) == [code] * 2
    assert HandsetMessage.objects.exists() is (code == 0)


def test_strict_validation_refuses_at_once(sms_call, text_batch, host, picture):
    large = host("/large.gif", "Content-Type: image/gif", content=b"GIF89a" + bytes(750 * 1024))
    fine = host("/fine.jpg", "Content-Type: image/jpeg", content=picture)
    for url, status in ((large, 400), ("http://127.0.0.1:9/gone.jpg", 400), (fine, 201)):
        body = text_batch(type="mt_media", body={"url": url}, strict_validation=True)
        assert sms_call("POST", "batches", body).status_code == status


@pytest.mark.parametrize(
    ("ending", "status", "is_sent"),
    [("90", 500, False), ("91", 502, True), ("92", 502, False), ("93", 200, True)],
)
def test_the_first_recipient_tells_how_the_call_is_answered(
    sms_call, text_batch, ending, status, is_sent
):
    numbers = [f"120155501{ending}", GOOD]
    response = sms_call("POST", "batches", text_batch(to=numbers))
    assert response.status_code == status
    assert b'"id"' not in response.content
    assert SmsBatch.objects.exists() is is_sent
    assert sms_call("POST", "batches", text_batch(to=numbers[::-1])).status_code == 201


def test_the_first_try_can_be_throttled(sms_call, text_batch):
    body = text_batch(to=["12015550182"])
    assert [sms_call("POST", "batches", body).status_code for _ in range(2)] == [429, 201]


def test_the_first_report_can_come_before_the_answer(sms_call, text_batch, monkeypatch):
    posted = []
    monkeypatch.setattr(batches.poster, "post", lambda row: posted.append(row.body) or "200")
    sms_call("POST", "batches", text_batch(to=["12015550168"], delivery_report="per_recipient"))
    assert [body["code"] for body in posted] == [401]
    assert Postback.objects.get(body__code=401).state == PostbackState.DELIVERED


def test_the_endings_tell_what_they_tell_on_the_other_api():
    assert all(60 <= int(ending) <= 99 for ending in SMS_STORIES)
    only_here = set(SMS_STORIES) - set(STORIES)
    assert only_here == {"77", "78", "79", "87", "94", "98", "99"}


def test_of_a_thousand_three_fail_and_callbacks_agree_with_what_is_polled(
    sent, sms_call, media_url
):
    numbers = [f"1201556{n // 50:02}{n % 50:02}" for n in range(997)]
    failing = ["12015550165", "12015550166", "12015550178"]
    body = {"url": media_url, "message": "Hi ${text}"}
    values = {number: f"you at {number}" for number in [*numbers, *failing]}
    sent(
        type="mt_media",
        to=[*numbers, *failing],
        body=body,
        parameters={"text": values},
        delivery_report="per_recipient_final",
    )
    pages = [
        sms_call("GET", f"delivery_reports?page={page}&page_size=100").json()["delivery_reports"]
        for page in range(10)
    ]
    polled = {report["recipient"]: report for page in pages for report in page}
    posted = {row.phone: row.body for row in Postback.objects.all()}
    assert polled == posted
    assert len(polled) == 1000
    assert {number for number, report in polled.items() if report["code"]} == set(failing)
    assert HandsetMessage.objects.count() == 997
