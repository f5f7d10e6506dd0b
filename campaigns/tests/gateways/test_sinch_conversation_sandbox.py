"""Our gateway and our pretend Sinch understand each other, in both directions."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import Misconfigured, Refused
from campaigns.gateways.http import Answer
from campaigns.gateways.outgoing import Content, OutgoingMedium, OutgoingSlide
from campaigns.gateways.sinch_conversation.client import SinchConversation
from campaigns.gateways.sinch_conversation.hooks import TRIGGERS
from campaigns.rules.formats import Choice, ChoiceKind, Format, Place
from campaigns.rules.statuses import MessageStatus
from campaigns.sandbox.conversation.setup import ensure_project
from campaigns.sandbox.models import Postback
from campaigns.tests.gateways.contract import CONTENT, SENDER, outgoing

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
APP_ID = "01HZAPP0000000000000000001"
HOOK = "https://portal.example.org/hooks/token/"
SLIDE = OutgoingSlide("Coming?", title="Party", choices=(Choice(title="Yes"),))
EVERY_FORMAT = [
    Content(slides=(OutgoingSlide("Hello"),), format=Format.TEXT),
    Content(slides=(OutgoingSlide("Hello"),)),
    CONTENT,
    Content(
        slides=(
            OutgoingSlide(media=(OutgoingMedium("image", "https://media.example.org/1.jpg"),)),
        ),
        format=Format.MEDIA,
    ),
    Content(slides=(SLIDE,), format=Format.CARD),
    Content(
        slides=(OutgoingSlide("Coming?"),),
        format=Format.CHOICE,
        choices=(
            Choice(title="Yes", postback="yes"),
            Choice(ChoiceKind.URL, "Shop", "https://shop.example.org/"),
            Choice(ChoiceKind.CALL, "Call us", "12015550100"),
            Choice(ChoiceKind.LOCATION, "Find us", "40.5,-74.25"),
        ),
    ),
    Content(slides=(SLIDE, SLIDE), format=Format.CAROUSEL, choices=(Choice(title="None"),)),
    Content(format=Format.LOCATION, place=Place("Shop", 40.5, -74.25, "Main St")),
]


class Doorstep:
    """A wire that ends at the pretend Sinch in this process."""

    def __init__(self, client):
        self._client = client

    def post(self, url, headers, body, *, limit=0):
        return self.request("POST", url, headers, body)

    def request(self, method, url, headers, body=None, *, limit=0):
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}"
        headers = dict(headers)
        kind = headers.pop("Content-Type", "")
        answer = self._client.generic(method, path, body or b"", kind, headers=headers)
        challenge = answer.headers.get("WWW-Authenticate", "")
        return Answer(answer.status_code, answer.content, 0.1, challenge=challenge)

    def close(self):
        """Nothing is open."""


@pytest.fixture
def sinch(client, settings, tmp_path):
    """A function that opens a gateway to the app of the pretend Sinch, with other values."""
    settings.ROOT_URLCONF = "campaigns.sandbox.urls"
    settings.DATA_DIR = tmp_path
    ensure_project(
        "project-1", app_id=APP_ID, key_id="key-1", key_secret="secret-1", senders=[SENDER]
    )

    def open_gateway(region="us", **changes):
        values = {
            "project_id": "project-1",
            "app_id": APP_ID,
            "key_id": "key-1",
            "key_secret": "secret-1",
            "auth_url": "http://sandbox.example.org/oauth2/token",
            "callback_secret": "callback-1",
            **changes,
        }
        base_url = f"http://sandbox.example.org/conversation/{region}/"
        return SinchConversation(ChannelConfig(base_url, values), Doorstep(client))

    return open_gateway


def posted():
    """What the pretend Sinch will post, in its order."""
    rows = Postback.objects.using("sandbox").order_by("due_at", "pk")
    return [json.dumps(row.body).encode() for row in rows]


@pytest.mark.parametrize("content", EVERY_FORMAT, ids=lambda content: content.format)
def test_every_format_is_taken(sinch, content):
    now = datetime.now(UTC)
    content = replace(content, sender=SENDER, expires_at=now + timedelta(hours=1))
    (outcome,) = sinch(strict="yes", max_sms_parts="9").send([outgoing(content=content)])
    assert outcome.error is None, outcome.exchange
    assert outcome.provider_id


@pytest.mark.parametrize("auth", ["oauth2", "basic"])
def test_the_app_passes_its_check_either_way(sinch, auth):
    assert sinch(auth=auth).check_credentials(SENDER).status == 200


@pytest.mark.parametrize(
    "changes",
    [{"key_secret": "wrong"}, {"region": "eu"}, {"app_id": "01HZAPP0000000000000000009"}],
)
def test_a_wrong_account_is_told(sinch, changes):
    with pytest.raises(Misconfigured):
        sinch(**changes).check_credentials(SENDER)


def test_content_that_is_wrong_is_told(sinch):
    content = Content(
        slides=(OutgoingSlide("Coming?"),),
        format=Format.CHOICE,
        choices=(Choice(title="Yes"),) * 11,
        sender=SENDER,
    )
    (outcome,) = sinch().send([outgoing(content=content)])
    assert isinstance(outcome.error, Refused)
    assert outcome.error.about_content


def test_the_webhook_is_set_up_and_reports_are_understood(sinch):
    gateway = sinch()
    (step,) = gateway.plan_setup(HOOK, SENDER)
    gateway.apply_setup(HOOK, SENDER, [step.key])
    assert gateway.plan_setup(HOOK, SENDER) == []
    text = Content(slides=(OutgoingSlide("Hello"),), format=Format.TEXT, sender=SENDER)
    for content, reference in [(CONTENT, "camp-1-1"), (text, "camp-1-2")]:
        (outcome,) = gateway.send([outgoing(content=content, reference=reference)])
        assert outcome.error is None
    events = [event for body in posted() for event in gateway.parse_post(body)]
    reported = [event for event in events if event.provider_id == outcome.provider_id]
    assert {event.reference for event in events} == {"camp-1-1", "camp-1-2"}
    assert {event.to for event in events} == {"12015550123"}
    assert MessageStatus.DELIVERED in {event.status for event in reported}
    assert all(event.known for event in events)


def test_mms_credentials_are_set_up_beside_the_sms_there(sinch):
    gateway = sinch(mms_account_id="acc-1", mms_api_key="api-1")
    keys = [step.key for step in gateway.plan_setup(HOOK, SENDER)]
    assert keys == ["mms", "webhook"]
    gateway.apply_setup(HOOK, SENDER, keys)
    assert gateway.plan_setup(HOOK, SENDER) == []
    assert gateway.check_credentials(SENDER).status == 200


def test_a_webhook_lacking_triggers_gets_them(sinch):
    gateway = sinch(callback_secret="")
    gateway.apply_setup(HOOK, SENDER, ["webhook"])
    (step,) = sinch().plan_setup(HOOK, SENDER)
    assert ("not signed" in step.now, "; signed" in step.then) == (True, True)
    assert all(trigger in step.now for trigger in TRIGGERS)
    sinch().apply_setup(HOOK, SENDER, ["webhook"])
    assert sinch().plan_setup(HOOK, SENDER) == []
