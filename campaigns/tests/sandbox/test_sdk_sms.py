"""The official SDK, unchanged, against the pretend SMS REST API over real HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from sinch import SinchClient
from sinch.domains.sms.api.v1.exceptions import SmsException

from campaigns.sandbox.inbound import draw_picture
from campaigns.sandbox.models import Postback, SmsPlan
from campaigns.sandbox.signing import sign
from campaigns.sandbox.sms.answers import plan_answer, save_answers
from campaigns.sandbox.sms.dispatch import send_due

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
US, FAILS, PHONE = "12015550100", "12015550166", "12015550123"


@pytest.fixture
def plan():
    return SmsPlan.objects.create(
        service_plan_id="sdk-plan",
        token="sdk-token",
        senders=[US],
        callback_url="http://127.0.0.1:9/hooks/",
        callback_secret="shared",
    )


@pytest.fixture
def connect(plan, live_server, settings):
    """A client of the SDK; nothing of it is changed but the host it speaks to."""
    settings.SANDBOX_SPEED = 1e9  # every receipt is there at once

    def make(token="sdk-token"):
        client = SinchClient(
            service_plan_id=plan.service_plan_id, sms_api_token=token, sms_region="us"
        )
        client.configuration.sms_domain_with_service_plan_id = f"{live_server.url}/sms/{{}}"
        return client.sms

    return make


@pytest.fixture
def sms(connect):
    return connect()


def text(sms, **changes):
    values = {"to": [f"+{PHONE}"], "from_": f"+{US}", "body": "20 % off"}
    return sms.batches.send_sms(**(values | changes))


def test_batches_of_all_types_are_sent_and_found_again(sms, host, picture):
    url = host("/a.jpg", "Content-Type: image/jpeg", content=picture)
    sent = [
        text(sms, client_reference="order-1", parameters={"name": {"default": "you"}}),
        sms.batches.send_mms(
            to=[PHONE], from_=US, body={"url": url, "message": "Look", "subject": "Sale"},
            strict_validation=True,
        ),
        sms.batches.send_binary(to=[PHONE], from_=US, body="SGVsbG8=", udh="06050423F423F4"),
    ]  # fmt: skip
    assert [batch.type for batch in sent] == ["mt_text", "mt_media", "mt_binary"]
    assert (sent[0].to, sent[0].from_, sent[0].canceled) == ([PHONE], US, False)
    assert sent[1].body.subject == "Sale"
    assert sms.batches.get(sent[0].id).client_reference == "order-1"
    listed = list(sms.batches.list(page_size=2, from_=[US]).iterator())
    assert [batch.id for batch in listed] == [batch.id for batch in reversed(sent)]


def test_a_waiting_batch_is_updated_replaced_and_cancelled(sms):
    later = datetime.now(UTC) + timedelta(hours=1)
    batch = text(sms, send_at=later)
    changed = sms.batches.update_sms(batch.id, body="25 % off", to_add=["12015550124"])
    assert (changed.body, changed.to) == ("25 % off", [PHONE, "12015550124"])
    replaced = sms.batches.replace_sms(batch.id, to=[PHONE], from_=US, body="New", send_at=later)
    assert (replaced.id, replaced.body, replaced.to) == (batch.id, "New", [PHONE])
    assert sms.batches.cancel(batch.id).canceled


def test_a_dry_run_counts_parts(sms):
    answer = sms.batches.dry_run_sms(
        to=[PHONE, FAILS], from_=US, body="Привет, ${name}", per_recipient=True,
        number_of_recipients=1, parameters={"name": {f"+{PHONE}": "Ада", "default": "друг"}},
    )  # fmt: skip
    assert (answer.number_of_recipients, answer.number_of_messages) == (2, 2)
    assert answer.per_recipient[0].body == "Привет, Ада"
    assert answer.per_recipient[0].encoding == "unicode"


def test_reports_are_read_and_agree_with_the_callbacks(sms):
    batch = text(
        sms, to=[PHONE, FAILS], delivery_report="per_recipient_final", feedback_enabled=True,
        client_reference="order-1",
    )  # fmt: skip
    assert send_due(datetime.now(UTC))
    report = sms.delivery_reports.get(batch.id, report_type="full")
    assert report.total_message_count == 2
    assert {(line.code, line.status): line.recipients for line in report.statuses} == {
        (0, "Delivered"): [PHONE],
        (408, "Aborted"): [FAILS],
    }
    failed = sms.delivery_reports.get(batch.id, report_type="full", code=[408])
    assert [line.recipients for line in failed.statuses] == [[FAILS]]
    one = sms.delivery_reports.get_for_number(batch.id, PHONE)
    assert (one.code, one.recipient, one.client_reference) == (0, PHONE, "order-1")
    listed = list(sms.delivery_reports.list(page_size=1, client_reference="order-1").iterator())
    handler = sms.sinch_events("shared")
    told = [handler.parse_event(row.body) for row in Postback.objects.all()]
    assert {(row.recipient, row.code, row.at) for row in listed} == {
        (row.recipient, row.code, row.at) for row in told
    }
    sms.batches.send_delivery_feedback(batch.id, recipients=[PHONE])


def test_what_phones_wrote_is_listed(sms, plan):
    now = datetime.now(UTC)
    words = plan_answer(plan, phone=PHONE, to=US, text="STOP", at=now - timedelta(seconds=2))
    pictures = [draw_picture()] * 3
    mms = plan_answer(
        plan, phone=PHONE, to=US, text="Mine", pictures=pictures, loses_one=True, at=now
    )
    save_answers([words, mms])
    listed = list(sms.inbounds.list(page_size=1, to=[US]).iterator())
    assert [(one.type, one.from_) for one in listed] == [("mo_media", PHONE), ("mo_text", PHONE)]
    assert [item.status for item in listed[0].body.media] == ["Failed", "Uploaded", "Uploaded"]
    assert sms.inbounds.get(listed[1].id).body == "STOP"
    handler = sms.sinch_events("shared")
    told = [handler.parse_event(row.body) for row in Postback.objects.order_by("-pk")]
    assert [(one.type, one.received_at) for one in told] == [
        (one.type, one.received_at) for one in listed
    ]


def test_callbacks_are_signed_as_the_sdk_expects(sms):
    body = '{"type": "mo_text", "body": "Grüße"}'.encode()
    headers = sign(body, "shared")
    assert sms.sinch_events("shared").validate_authentication_header(headers, body)
    assert not sms.sinch_events("other").validate_authentication_header(headers, body)


def test_groups_are_kept_and_written_to(sms):
    child = sms.groups.create(name="Child", members=["12015550124"])
    group = sms.groups.create(
        name="Everybody", members=[f"+{PHONE}", PHONE], child_groups=[child.id],
        auto_update={"to": US, "add": {"first_word": "JOIN"}, "remove": {"first_word": "LEAVE"}},
    )  # fmt: skip
    assert (group.size, group.auto_update.add.first_word) == (1, "JOIN")
    batch = text(sms, to=[group.id, PHONE])
    assert send_due(datetime.now(UTC))
    assert sms.delivery_reports.get(batch.id).total_message_count == 2
    assert sms.groups.update(group.id, add=["12015550125"], remove=[PHONE]).size == 1
    assert sms.groups.list_members(group.id).content() == ["12015550125"]
    assert sms.groups.replace(group.id, members=[PHONE], name="Few").name == "Few"
    assert [one.id for one in sms.groups.list().iterator()] == [group.id, child.id]
    sms.groups.delete(child.id)
    with pytest.raises(SmsException):
        sms.groups.get(child.id)


def test_refusals_are_errors_with_their_words(connect):
    with pytest.raises(SmsException) as wrong_token:
        text(connect(token="other"))
    assert wrong_token.value.http_response.status_code == 401
    with pytest.raises(SmsException) as wrong_body:
        text(connect(), body="x" * 2001)
    assert wrong_body.value.http_response.body["code"] == "syntax_constraint_violation"
