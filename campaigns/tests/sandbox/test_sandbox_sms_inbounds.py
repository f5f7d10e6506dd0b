"""What a phone writes: text, pictures in both forms, a lost one, keywords of groups (§8, §9)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox import lines
from campaigns.sandbox.inbound import draw_picture
from campaigns.sandbox.models import Api, HandsetMessage, Postback, SmsInbound
from campaigns.sandbox.sms.answers import plan_answer, plan_of, save_answers
from campaigns.sandbox.sms.dispatch import send_due
from campaigns.sandbox.sms.models import MoForm, SmsGroup
from campaigns.sandbox.written import BINARY_CARD, Binary, Written

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
US, PHONE = "12015550100", "12015550123"


@pytest.fixture
def write(sms_plan):
    def save(text="", pictures=0, **changes):
        changes.setdefault("at", datetime.now(UTC))
        shown = [draw_picture()] * pictures
        answer = plan_answer(sms_plan, phone=PHONE, to=US, text=text, pictures=shown, **changes)
        save_answers([answer])
        return Postback.objects.order_by("-pk").first().body

    return save


def test_words_are_an_sms(write, sms_call, sms_plan):
    body = write("STOP")
    message = HandsetMessage.objects.get()
    assert (message.is_sms, message.is_reply, message.api) == (True, True, Api.SMS)
    assert sms_call("GET", "inbounds").json() == {
        "count": 1, "page": 0, "page_size": 1, "inbounds": [body],
    }  # fmt: skip
    assert sms_call("GET", f"inbounds/{body['id']}").json() == body
    assert datetime.fromisoformat(body["received_at"]).tzinfo == UTC
    assert {name: body[name] for name in ("type", "from", "to", "body")} == {
        "type": "mo_text", "from": PHONE, "to": US, "body": "STOP",
    }  # fmt: skip


def test_a_binary_message_has_its_bytes_and_its_header(write, sms_call):
    body = write(binary=Binary(b"\x00\x01\x02", "060504"))
    assert {name: body[name] for name in ("type", "from", "to", "body", "udh")} == {
        "type": "mo_binary", "from": PHONE, "to": US, "body": "AAEC", "udh": "060504",
    }  # fmt: skip
    assert Postback.objects.get().code == "mo_binary"
    assert sms_call("GET", "inbounds").json()["inbounds"] == [body]
    assert sms_call("GET", f"inbounds/{body['id']}").json() == body
    shown = HandsetMessage.objects.get()
    assert (shown.is_sms, shown.text) == (True, "(Binary message, 3 bytes)")


def test_the_card_of_the_handset_fits_into_one_sms():
    assert len(BINARY_CARD.content) + len(bytes.fromhex(BINARY_CARD.udh)) <= 140


def test_pictures_come_in_one_callback_and_are_hosted_here(write, client):
    body = write("Look", pictures=2)
    assert (body["type"], body["body"]["message"]) == ("mo_media", "Look")
    first, second = body["body"]["media"]
    assert (first["status"], first["code"], first["content_type"]) == ("Uploaded", 0, "image/jpeg")
    assert first["url"] != second["url"]
    path = first["url"].partition("/mo/")[2]
    content = b"".join(client.get(f"/mo/{path}").streaming_content)
    assert content == draw_picture().content


def test_a_lost_attachment_has_no_address(write, sms_plan):
    sms_plan.loses_an_item = True
    sms_plan.save()
    lost, kept = write(pictures=2)["body"]["media"]
    assert (lost["status"], lost["code"], "url" in lost) == ("Failed", 1, False)
    assert kept["status"] == "Uploaded"


def test_the_other_form_is_a_postback_of_the_mms_family(write, sms_plan):
    sms_plan.mo_form = MoForm.POSTBACK
    sms_plan.save()
    body = write("Look", pictures=1)
    assert (body["origin"], body["code"], "type" in body) == ("MMS_MO", "N401", False)
    assert len(body["content"]) == 2
    assert Postback.objects.get().api == Api.MMS
    assert not SmsInbound.objects.exists()


def test_callbacks_of_a_plan_are_signed_when_a_secret_is_agreed(write, sms_plan):
    sms_plan.callback_secret = "shared"
    sms_plan.save()
    write("Hello")
    row = Postback.objects.get()
    assert (row.api, row.url, row.secret) == (Api.SMS, sms_plan.callback_url, "shared")


def test_what_is_still_to_come_is_not_listed(write, sms_call):
    body = write("later", at=datetime.now(UTC) + timedelta(minutes=1))
    assert sms_call("GET", "inbounds").json()["count"] == 0
    assert sms_call("GET", f"inbounds/{body['id']}").status_code == 404


def test_inbounds_are_listed_by_number_and_date(write, sms_call):
    write("one")
    assert sms_call("GET", f"inbounds?to=%2B{US}").json()["count"] == 1
    assert sms_call("GET", "inbounds?to=999").json()["count"] == 0
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert sms_call("GET", f"inbounds?start_date={later}").json()["count"] == 0


@pytest.mark.parametrize(
    ("ending", "kind", "files"),
    [
        ("94", "mo_binary", 0),
        ("95", "mo_text", 0),
        ("96", "mo_media", 1),
        ("97", "mo_text", 0),
        ("98", "mo_media", 3),
    ],
)
def test_an_ending_answers(sms_call, text_batch, ending, kind, files):
    sms_call("POST", "batches", text_batch(to=[f"120155501{ending}"]))
    send_due(datetime.now(UTC))
    body = SmsInbound.objects.get().body
    assert body["type"] == kind
    assert files == (len(body["body"]["media"]) if files else 0)
    assert Postback.objects.get().code == kind


def test_an_ending_answers_in_the_other_form(sms_call, text_batch):
    sms_call("POST", "batches", text_batch(to=["12015550199"]))
    send_due(datetime.now(UTC))
    assert Postback.objects.get().body["origin"] == "MMS_MO"


@pytest.fixture
def answer_by_hand(sms_plan):
    """What the handset does; answers the callback."""

    def send(phone=PHONE, number=US):
        lines.send(
            lines.Line(Api.SMS, sms_plan.pk, number), phone, Written("Yes"), datetime.now(UTC)
        )
        return Postback.objects.order_by("-pk").first().body

    return send


@pytest.fixture
def receive(sms_call, text_batch, settings):
    """A batch with that reference arrives on the phone."""
    settings.SANDBOX_SPEED = 1e9

    def send(reference, to=PHONE):
        sms_call("POST", "batches", text_batch(to=[to], client_reference=reference))
        send_due(datetime.now(UTC))

    return send


@pytest.fixture
def repeating_plan(sms_plan):
    sms_plan.repeats_references = True
    sms_plan.save()


def test_a_reply_repeats_the_reference_of_the_last_batch(repeating_plan, receive, answer_by_hand):
    for reference in ("order-1", "order-2"):
        receive(reference)
    receive("of-another", to="12015550124")
    assert answer_by_hand()["client_reference"] == "order-2"
    assert SmsInbound.objects.get().client_reference == "order-2"


def test_inbounds_are_listed_by_the_reference_they_repeat(
    repeating_plan, receive, answer_by_hand, sms_call
):
    receive("order-1")
    answer_by_hand()
    assert sms_call("GET", "inbounds?client_reference=order-1").json()["count"] == 1
    assert sms_call("GET", "inbounds?client_reference=order-2").json()["count"] == 0


def test_a_reply_has_no_reference_without_the_set_up(receive, answer_by_hand):
    receive("order-1")
    assert "client_reference" not in answer_by_hand()


def test_a_reply_repeats_nothing_where_its_phone_got_nothing(
    repeating_plan, receive, answer_by_hand
):
    assert "client_reference" not in answer_by_hand()
    receive("order-1", to="12015550166")  # refused by the network: never on the phone
    assert "client_reference" not in answer_by_hand("12015550166")


def test_a_scripted_reply_repeats_the_reference_of_its_batch(repeating_plan, receive):
    receive("order-1", to="12015550195")
    assert Postback.objects.get(code="mo_text").body["client_reference"] == "order-1"


def test_the_plan_of_a_number(sms_plan):
    assert plan_of(US) == sms_plan
    assert plan_of("12015550101") is None


def test_a_keyword_joins_a_group_and_another_leaves_it(write, sms_call):
    rule = {
        "to": f"+{US}",
        "add": {"first_word": "Join", "second_word": "us"},
        "remove": {"first_word": "LEAVE"},
    }
    answer = sms_call("POST", "groups", {"name": "Club", "auto_update": rule})
    assert answer.json()["auto_update"] == rule | {"to": US}
    group = SmsGroup.objects.get()
    for words, members in (
        ("join them", []), ("join US now", [PHONE]), ("JOIN us", [PHONE]), ("leave", []),
    ):  # fmt: skip
        write(words)
        group.refresh_from_db()
        assert group.members == members


def press_binary(client, to):
    return client.post(f"/phone/{PHONE}/answer/", {"to": to, "binary": "on"}, follow=True)


def test_the_handset_sends_a_binary_message(client, sms_plan):
    page = press_binary(client, f"sms-{sms_plan.pk}-{US}").content.decode()
    assert f"(Binary message, {len(BINARY_CARD.content)} bytes)" in page
    body = SmsInbound.objects.get().body
    assert base64.b64decode(body["body"]) == BINARY_CARD.content
    assert (body["type"], body["udh"]) == ("mo_binary", BINARY_CARD.udh)


def test_only_the_sms_rest_api_takes_a_binary_message(client, account):
    page = press_binary(client, US).content.decode()
    assert "Choose a number of the SMS REST API for a binary SMS." in page
    assert not HandsetMessage.objects.exists()
