"""The official SDK, unchanged, against the pretend Conversation API over real HTTP."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from sinch import SinchClient
from sinch.domains.authentication.exceptions import AuthenticationException
from sinch.domains.conversation.api.v1.exceptions import ConversationException

from campaigns.sandbox.conversation.models import ConversationProject
from campaigns.sandbox.conversation.replies import save_reply
from campaigns.sandbox.inbound import draw_picture
from campaigns.sandbox.models import HandsetMessage, Postback
from campaigns.sandbox.signing import sign
from campaigns.sandbox.written import Written

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
US, PHONE = "12015550100", "12015550123"
TO = [{"channel": "MMS", "identity": f"+{PHONE}"}, {"channel": "SMS", "identity": f"+{PHONE}"}]
SECRET = "sesame"
CHOICES = [
    {"text_message": {"text": "Yes"}, "postback_data": "yes-1"},
    {"url_message": {"title": "Shop", "url": "https://shop.example/"}},
    {"call_message": {"title": "Call", "phone_number": f"+{US}"}},
]
PLACE = {
    "title": "Our shop",
    "label": "Kungsgatan 1",
    "coordinates": {"latitude": 59.33, "longitude": 18.06},
}


@pytest.fixture
def connect(app, live_server, settings):
    """A client of the SDK; nothing of it is changed but the hosts it speaks to."""
    settings.SANDBOX_SPEED = 1e9  # every receipt is there at once

    def make(secret="pretend-key-secret", region="us"):
        client = SinchClient(
            project_id=app.project.project_id,
            key_id=app.project.key_id,
            key_secret=secret,
            conversation_region=region,
        )
        client.configuration.auth_origin = live_server.url
        client.configuration.conversation_domain = f"{live_server.url}/conversation/{{}}"
        return client.conversation

    return make


@pytest.fixture
def sdk(connect):
    return connect()


@pytest.fixture
def send(sdk, app):
    """Send with one of the SDK's methods; every option of a request goes along."""

    def call(kind, content, **changes):
        options = {
            "recipient_identities": TO,
            "channel_priority_order": ["MMS", "SMS"],
            "channel_properties": {"MMS_SENDER": US, "SMS_SENDER": US},
            "message_metadata": "ours-1",
            "conversation_metadata": {"campaign": 7},
            "correlation_id": "ours-1",
            "ttl": 3600,
            "queue": "NORMAL_PRIORITY",
            "processing_strategy": "DEFAULT",
            "message_content_type": "CONTENT_MARKETING",
        }
        method = getattr(sdk.messages, f"send_{kind}")
        argument = "text" if kind == "text_message" else kind
        return method(app.app_id, **{argument: content}, **(options | changes))

    return call


@pytest.fixture
def file_url(host, picture):
    return host("/a.jpg", "Content-Type: image/jpeg", content=picture)


def contents(url):
    return {
        "text_message": "20 % off",
        "media_message": {"url": url},
        "card_message": {
            "title": "Spring sale",
            "description": "Until Sunday",
            "media_message": {"url": url},
            "height": "TALL",
            "choices": CHOICES,
        },
        "choice_message": {"text_message": {"text": "Coming?"}, "choices": CHOICES},
        "carousel_message": {
            "cards": [{"title": "Tulips", "choices": CHOICES[:1]}, {"title": "Roses"}],
            "choices": CHOICES[:1],
        },
        "location_message": PLACE,
        "list_message": {
            "title": "Flowers",
            "sections": [{"title": "Red", "items": [{"choice": {"title": "Rose"}}]}],
        },
        "contact_info_message": {
            "name": {"full_name": "Ada Chen"},
            "phone_numbers": [{"phone_number": f"+{US}", "type": "WORK"}],
        },
    }


def final_reports():
    rows = Postback.objects.filter(code__in=["DELIVERED", "FAILED"])
    return [row.body["message_delivery_report"] for row in rows]


@pytest.mark.parametrize("kind", contents(""))
def test_every_type_of_message_is_sent_delivered_and_read_back(sdk, send, file_url, kind):
    sent = send(kind, contents(file_url)[kind])
    assert sent.accepted_time.tzinfo
    read = sdk.messages.get(sent.message_id, messages_source="DISPATCH_SOURCE")
    assert (read.id, read.direction, read.metadata) == (sent.message_id, "TO_CONTACT", "ours-1")
    assert (read.channel_identity.channel, read.channel_identity.identity) == ("MMS", PHONE)
    assert getattr(read.app_message, kind) is not None
    assert [report["status"] for report in final_reports()] == ["DELIVERED"]


def test_a_template_that_nobody_made_fails_by_callback(send):
    template = {"omni_template": {"template_id": "01HZX3VQJ4T8M2N6P9R5S7W1YZ", "version": "1"}}
    send("template_message", template)
    assert [report["reason"]["code"] for report in final_reports()] == ["TEMPLATE_NOT_FOUND"]


def test_messages_are_listed_page_by_page_the_newest_first(sdk, send):
    sent = [send("text_message", f"Number {number}").message_id for number in range(5)]
    listed = sdk.messages.list(messages_source="DISPATCH_SOURCE", page_size=2)
    assert len(listed.content()) == 2
    assert [message.id for message in listed.iterator()] == sent[::-1]


def test_a_listing_is_narrowed_to_a_time_a_direction_and_a_number(sdk, send, app):
    send("text_message", "20 % off")
    save_reply(app, PHONE, US, Written("Thanks"), timezone.now())
    soon = timezone.now() + timedelta(hours=1)
    source = {"messages_source": "DISPATCH_SOURCE"}
    answers = list(sdk.messages.list(direction="TO_APP", **source).iterator())
    assert [answer.contact_message.text_message.text for answer in answers] == ["Thanks"]
    assert not sdk.messages.list(start_time=soon, **source).content()
    assert not sdk.messages.list(channel_identity="12015550124", **source).content()
    assert (
        len(sdk.messages.list(channel_identity=PHONE, app_id=app.app_id, **source).content()) == 2
    )


def test_the_last_message_of_a_number_is_fetched(sdk, send, app):
    send("text_message", "First")
    last = send("text_message", "Second")
    found = sdk.messages.list_last_messages_by_channel_identity(
        channel_identities=[PHONE], messages_source="DISPATCH_SOURCE"
    )
    assert [message.id for message in found.content()] == [last.message_id]


def test_a_deleted_message_is_gone(sdk, send):
    sent = send("text_message", "20 % off")
    sdk.messages.delete(sent.message_id, messages_source="DISPATCH_SOURCE")
    with pytest.raises(ConversationException, match="NOT_FOUND"):
        sdk.messages.get(sent.message_id, messages_source="DISPATCH_SOURCE")


def test_metadata_changes_in_conversation_mode_only(sdk, send, app):
    sent = send("text_message", "20 % off")
    with pytest.raises(ConversationException, match="INVALID_ARGUMENT"):
        sdk.messages.update(sent.message_id, "new", messages_source="DISPATCH_SOURCE")
    sdk.apps.update(app.app_id, processing_mode="CONVERSATION")
    sent = send("text_message", "20 % off")
    assert sdk.messages.update(sent.message_id, "new").metadata == "new"
    assert sdk.messages.get(sent.message_id).contact_id


def test_a_fallback_with_words_of_its_own_goes_out_as_sms(sdk, app, file_url):
    identities = [{**identity, "identity": "12015550161"} for identity in TO]
    sdk.messages.send(
        app.app_id,
        {
            "media_message": {"url": file_url},
            "explicit_channel_omni_message": {"SMS": {"text_message": {"text": "See our offer"}}},
        },
        recipient_identities=identities,
        channel_priority_order=["MMS", "SMS"],
        channel_properties={"MMS_SENDER": US, "SMS_SENDER": US},
    )
    shown = HandsetMessage.objects.get()
    assert (shown.is_sms, shown.text) == (True, "See our offer")


@pytest.mark.parametrize(
    ("ending", "code"),
    [("80", "INVALID_ARGUMENT"), ("85", "BILLING_CREDIT"), ("94", "UNAVAILABLE")],
)
def test_a_refusal_reaches_the_sdk_with_its_status(send, ending, code):
    with pytest.raises(ConversationException, match=code):
        send("text_message", "Hi", recipient_identities=[_to(ending)])


def test_who_is_throttled_gets_through_on_the_second_try(send):
    assert send("text_message", "Hi", recipient_identities=[_to("82")]).message_id


def test_an_expired_token_is_renewed_and_the_call_repeated(sdk, send):
    ConversationProject.objects.update(token_seconds=-1)
    with pytest.raises(ConversationException, match="expired"):
        sdk.apps.list()
    ConversationProject.objects.update(token_seconds=3599)
    assert sdk.apps.list().content()
    assert send("text_message", "Hi", recipient_identities=[_to("77")]).message_id


def test_a_wrong_secret_and_a_revoked_key_get_no_token(connect):
    with pytest.raises(AuthenticationException, match="not valid"):
        connect("wrong").apps.list()
    ConversationProject.objects.update(keys_revoked=True)
    with pytest.raises(AuthenticationException, match="not valid"):
        connect().apps.list()


def test_an_app_of_another_region_is_not_found(connect, app):
    with pytest.raises(ConversationException, match="NOT_FOUND"):
        connect(region="eu").apps.get(app.app_id)
    assert not connect(region="eu").apps.list().content()


def test_an_app_is_read_and_its_mms_credentials_are_changed(sdk, app):
    shown = sdk.apps.get(app.app_id)
    assert (shown.id, shown.processing_mode) == (app.app_id, "DISPATCH")
    assert shown.channel_credentials.mms.state.status == "ACTIVE"
    assert [found.id for found in sdk.apps.list().content()] == [app.app_id]
    changed = sdk.apps.update(
        app.app_id,
        channel_credentials={
            "MMS": {"account_id": "new-account", "api_key": "new-key", "default_sender": US},
            "SMS": {"claimed_identity": "plan", "token": "token"},
        },
        event_destination_settings={"secret_for_overridden_callback_urls": "other"},
    )
    assert changed.channel_credentials.mms.account_id == "new-account"
    assert changed.channel_credentials.sms.claimed_identity == "plan"
    assert changed.display_name == shown.display_name
    app.refresh_from_db()
    assert app.override_secret == "other"


def test_an_app_is_made_and_deleted(sdk):
    made = sdk.apps.create(
        channel_credentials={"MMS": {"account_id": "a", "api_key": "k"}},
        display_name="Second",
        dispatch_retention_policy={"retention_type": "MESSAGE_EXPIRE_POLICY", "ttl_days": 3},
    )
    assert made.dispatch_retention_policy.ttl_days == 3
    sdk.apps.delete(made.id)
    with pytest.raises(ConversationException, match="NOT_FOUND"):
        sdk.apps.get(made.id)


def test_contacts_are_made_listed_changed_and_deleted(sdk):
    made = sdk.contacts.create(
        [{"channel": "SMS", "identity": PHONE}], "EN_US", display_name="Ada", external_id="7"
    )
    assert (made.display_name, made.channel_identities[0].identity) == ("Ada", PHONE)
    assert [found.id for found in sdk.contacts.list().content()] == [made.id]
    assert sdk.contacts.update(made.id, display_name="Ada Chen").display_name == "Ada Chen"
    assert sdk.contacts.get(made.id).external_id == "7"
    sdk.contacts.delete(made.id)
    assert not sdk.contacts.list().content()


def test_the_sdk_reads_and_verifies_our_signed_callbacks(sdk, send, app):
    """Reports and every kind of answer; a changed byte, another secret and none are told."""
    card = send("card_message", {"title": "Coming?", "choices": CHOICES})
    pictures = [draw_picture(), draw_picture("#f3b98a")]
    for written in (
        Written("Thanks"),
        Written("yes"),
        Written("Ours", pictures=pictures),
        Written(pictures=pictures[:1]),
        Written(place=PLACE),
    ):
        save_reply(app, PHONE, US, written, timezone.now())
    events = sdk.sinch_events(SECRET)
    kinds = []
    for row in Postback.objects.order_by("pk"):
        body = json.dumps(row.body).encode()
        headers = sign(body, row.secret) | {"Content-Type": "application/json"}
        assert events.validate_authentication_header(headers, body)
        assert not events.validate_authentication_header(headers, body + b" ")
        assert not sdk.sinch_events("other").validate_authentication_header(headers, body)
        kinds.append(_kind_of(events.parse_event(body, headers)))
    assert kinds == [
        "submit",
        "QUEUED_ON_CHANNEL",
        "DELIVERED",
        "text_message",
        "choice_response_message",
        "media_card_message",
        "media_card_message",
        "media_message",
        "location_message",
    ]
    tapped = Postback.objects.get(body__message__contact_message__has_key="choice_response_message")
    response = tapped.body["message"]["contact_message"]["choice_response_message"]
    assert response == {"message_id": card.message_id, "postback_data": "yes-1"}


def _kind_of(event):
    if hasattr(event, "message_submit_notification"):
        return "submit"
    if hasattr(event, "message_delivery_report"):
        return event.message_delivery_report.status
    said = event.message.contact_message.model_dump(exclude_none=True)
    return next(name for name in said if name.endswith("_message"))


def _to(ending):
    return {"channel": "MMS", "identity": f"120155501{ending}"}
