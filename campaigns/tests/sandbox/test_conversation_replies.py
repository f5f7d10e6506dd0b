"""What phones answer through the pretend Conversation API, by themselves and by hand."""

import json
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.sandbox.conversation.models import (
    ConversationMessage,
    ConversationProject,
    Generation,
    OptedOut,
)
from campaigns.sandbox.models import HandsetMessage, Postback

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
PHONE, US = "12015550123", "12015550100"
PAGE = f"/phone/{PHONE}/"
QUESTION = {
    "choice_message": {
        "text_message": {"text": "Coming?"},
        "choices": [
            {"text_message": {"text": "Yes"}, "postback_data": "yes-1"},
            {"text_message": {"text": "No"}},
            {"url_message": {"title": "Shop", "url": "https://shop.example/"}},
        ],
    }
}


@pytest.fixture
def send(ask, make_order):
    def call(message=QUESTION, to=PHONE, **changes):
        answer = ask("POST", "messages:send", make_order(message, to=to, **changes))
        HandsetMessage.objects.filter(is_reply=False).update(at=timezone.now())
        return answer.json()["message_id"]

    return call


@pytest.fixture
def write(client, app):
    """Write on the phone to the number of the app."""

    def post(**fields):
        to = f"conversation-{app.pk}-{US}"
        return client.post(f"{PAGE}answer/", {"to": to} | fields, follow=True)

    return post


def inbounds():
    rows = Postback.objects.filter(code="MESSAGE_INBOUND").order_by("pk")
    return [row.body["message"] for row in rows]


def said():
    """Channel and content of every inbound callback."""
    return [
        (
            message["channel_identity"]["channel"],
            {key: value for key, value in message["contact_message"].items() if key != "reply_to"},
        )
        for message in inbounds()
    ]


def test_a_text_alone_is_an_sms(write, app):
    write(text="Grüße")
    (message,) = inbounds()
    assert said() == [("SMS", {"text_message": {"text": "Grüße"}})]
    assert message["channel_identity"]["identity"] == PHONE
    assert (message["sender_id"], message["direction"]) == (US, "TO_APP")
    assert json.loads(message["metadata"])["operator"]
    assert HandsetMessage.objects.get().is_sms


def test_stop_is_an_sms_too(write):
    write(stop="STOP", text="half written")
    assert said() == [("SMS", {"text_message": {"text": "STOP"}})]


def upload(picture, name):
    return SimpleUploadedFile(name, picture, "image/jpeg")


@pytest.mark.parametrize("text", ["", "From our garden"])
def test_every_picture_is_a_callback_of_its_own(write, client, picture, text):
    write(text=text, picture=[upload(picture, "a.jpg"), upload(picture, "b.jpg")])
    channels, contents = zip(*said(), strict=True)
    key = "media_card_message" if text else "media_message"
    assert channels == ("MMS", "MMS")
    assert [content[key].get("caption", "") for content in contents] == [text, text]
    first, second = (content[key]["url"] for content in contents)
    assert first != second
    assert len({message["id"] for message in inbounds()}) == 2
    path = first.partition("/mo/")[2]
    assert b"".join(client.get(f"/mo/{path}").streaming_content) == picture


def test_hosted_files_are_gone_after_their_time(write, client, picture):
    ConversationProject.objects.update(media_seconds=0)
    write(picture=[upload(picture, "a.jpg")])
    path = said()[0][1]["media_message"]["url"].partition("/mo/")[2]
    assert client.get(f"/mo/{path}").status_code == 404
    HandsetMessage.objects.update(gone_at=timezone.now() + timedelta(days=7))
    with closing(client.get(f"/mo/{path}")) as answer:
        assert answer.status_code == 200


def test_too_many_pictures_are_refused_in_words(write, picture):
    page = write(picture=[upload(picture, f"{n}.jpg") for n in range(6)])
    assert "at most 5 pictures" in page.content.decode()
    assert not inbounds()


def test_a_place_is_told_as_one(write):
    write(place="on", text="ignored")
    ((channel, content),) = said()
    assert channel == "MMS"
    assert content["location_message"]["coordinates"]["latitude"]


def test_a_tap_answers_with_what_was_agreed_for_the_choice(send, client):
    message_id = send()
    token = HandsetMessage.objects.get().token
    client.post(f"{PAGE}tap/{token}/", {"choice": "0"})
    client.post(f"{PAGE}tap/{token}/", {"choice": "1"})
    first, second = said()
    assert first == (
        "SMS",
        {"choice_response_message": {"message_id": message_id, "postback_data": "yes-1"}},
    )
    assert second[1]["choice_response_message"]["postback_data"] == f"{message_id}_No"
    assert inbounds()[0]["metadata"] == "ours-1"  # of the message that is answered


@pytest.mark.parametrize("choice", ["3", "-1", "x", ""])
def test_a_tap_on_nothing_is_not_found(send, client, choice):
    send()
    token = HandsetMessage.objects.get().token
    assert client.post(f"{PAGE}tap/{token}/", {"choice": choice}).status_code == 404


@pytest.mark.parametrize(("text", "kind"), [(" yes ", "choice_response"), ("maybe", "text")])
def test_words_that_equal_a_choice_are_that_choice(send, write, text, kind):
    send()
    write(text=text)
    assert [*said()[0][1]] == [f"{kind}_message"]


def test_only_the_latest_question_counts(send, write):
    send()
    send({"choice_message": {"choices": [{"text_message": {"text": "Monday"}}]}})
    write(text="yes")
    assert [*said()[0][1]] == ["text_message"]


def test_the_last_known_metadata_comes_along_while_it_is_kept(send, write, app):
    send(conversation_metadata={"campaign": 7})
    write(text="Hi")
    app.dispatch_days = 0
    app.save()
    write(text="Hi again")
    first, second = (row.body for row in Postback.objects.filter(code="MESSAGE_INBOUND"))
    assert (json.loads(first["message_metadata"]), first["correlation_id"]) == (
        {"campaign": 7},
        "ours-1",
    )
    assert (second["message_metadata"], second["correlation_id"]) == ("", "")


def test_the_older_form_has_a_contact_instead_of_a_number(write, picture):
    ConversationProject.objects.update(generation=Generation.OLDER)
    write(picture=[upload(picture, "a.jpg")])
    write(text="as ever")
    mms, sms = inbounds()
    assert (mms["channel"], "channel_identity" in mms, bool(mms["contact_id"])) == (
        "MMS",
        False,
        True,
    )
    assert sms["channel_identity"]["identity"] == PHONE


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("78", [("MMS", "location_message")]),
        ("79", [("MMS", "media_message")] * 2),
        ("95", [("SMS", "text_message")]),
        ("96", [("MMS", "media_card_message")]),
        ("97", [("SMS", "text_message")]),
        ("98", [("MMS", "media_card_message")] * 3),
        ("99", [("SMS", "choice_response_message")]),
    ],
)
def test_an_ending_answers_by_itself(send, ending, expected):
    send(to=f"120155501{ending}")
    assert [(channel, *content) for channel, content in said()] == expected
    last_report = Postback.objects.filter(code="DELIVERED").latest("due_at")
    assert Postback.objects.filter(code="MESSAGE_INBOUND").earliest("due_at").due_at > (
        last_report.due_at
    )


def test_an_answer_is_listed_once_the_phone_has_written_it(send, ask):
    send(to="12015550195")
    query = "?messages_source=DISPATCH_SOURCE&direction=TO_APP"
    assert ask("GET", "messages", query=query).json()["messages"] == []
    ConversationMessage.objects.update(accepted_at=timezone.now())
    (found,) = ask("GET", "messages", query=query).json()["messages"]
    assert found["contact_message"]["text_message"] == {"text": "STOP"}


def test_dispatched_messages_are_listed_only_while_they_are_kept(send, ask, app):
    send()
    query = "?messages_source=DISPATCH_SOURCE"
    assert len(ask("GET", "messages", query=query).json()["messages"]) == 1
    assert ask("GET", "messages").json() == {"messages": [], "next_page_token": ""}
    app.dispatch_days = 0
    app.save()
    assert not ask("GET", "messages", query=query).json()["messages"]


def test_stop_blocks_and_is_told_where_consent_is_managed(send, write, app):
    ConversationProject.objects.update(manages_consent=True)
    write(stop="STOP")
    (row,) = Postback.objects.filter(code="OPT_OUT")
    told = row.body["opt_out_notification"]
    assert (told["status"], told["identity"]) == ("OPT_OUT_SUCCEEDED", PHONE)
    send(channels=["MMS"])
    report = Postback.objects.get(code="FAILED").body["message_delivery_report"]
    assert report["reason"]["code"] == "RECIPIENT_NOT_OPTED_IN"
    write(text="start")
    assert Postback.objects.filter(code="OPT_IN").exists()
    assert not OptedOut.objects.exists()


def test_without_managed_consent_stop_blocks_nothing(send, write):
    write(stop="STOP")
    send()
    assert not OptedOut.objects.exists()
    assert Postback.objects.filter(code="DELIVERED").exists()


def test_the_phone_says_the_channel_of_every_bubble_and_offers_its_choices(send, client):
    send()
    send({"text_message": {"text": "As SMS"}}, channels=["SMS"])
    page = client.get(PAGE).content.decode()
    assert page.index(">MMS</span>") < page.index(">SMS</span>")
    assert '<button class="sandbox-choice" name="choice" value="0">Yes</button>' in page
    assert '<a class="sandbox-choice" href="https://shop.example/"' in page
    assert "&gt; YES" in page


def test_a_link_in_a_message_can_be_opened_and_markup_cannot(send, client):
    send({"text_message": {"text": "<b>See</b> https://shop.example/?a=1&b=2"}})
    page = client.get(PAGE).content.decode()
    assert 'href="https://shop.example/?a=1&amp;b=2"' in page
    assert "&lt;b&gt;See&lt;/b&gt;" in page


def test_the_phone_writes_to_who_wrote_last_whatever_the_interface(send, client, account, app):
    send()
    page = client.get(PAGE).content.decode()
    options = page[page.index("<select") : page.index("</select>")]
    assert options.index(f"conversation-{app.pk}-{US}") < options.index(f'"{US}"')


@pytest.mark.parametrize("generation", Generation)
def test_beside_a_report_stand_its_channel_and_its_reason(send, client, generation):
    ConversationProject.objects.update(generation=generation)
    send(to="12015550166", channels=["MMS"])
    page = client.get("/phone/12015550166/").content.decode()
    assert "MMS CHANNEL_REJECT</small>" in page
