"""What a phone writes: text, pictures in both forms, a lost one, keywords of groups (§8, §9)."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox.inbound import draw_picture
from campaigns.sandbox.models import Api, HandsetMessage, Postback, SmsInbound
from campaigns.sandbox.sms.answers import plan_answer, plan_of, save_answers
from campaigns.sandbox.sms.dispatch import send_due
from campaigns.sandbox.sms.models import MoForm, SmsGroup

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
    [("95", "mo_text", 0), ("96", "mo_media", 1), ("97", "mo_text", 0), ("98", "mo_media", 3)],
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
