"""Our gateway against the pretend SMS REST API over real HTTP."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import Misconfigured
from campaigns.gateways.events import InboundEvent
from campaigns.gateways.http import Wire
from campaigns.gateways.outcomes import Rehearsal
from campaigns.gateways.outgoing import (
    Content,
    OutgoingMedium,
    OutgoingMms,
    OutgoingSlide,
    OwnWords,
)
from campaigns.gateways.sinch_sms.client import SinchSms
from campaigns.rules.statuses import MessageStatus
from campaigns.sandbox.inbound import draw_picture
from campaigns.sandbox.models import Postback
from campaigns.sandbox.sms.answers import plan_answer, save_answers
from campaigns.sandbox.sms.dispatch import send_due
from campaigns.sandbox.sms.models import SmsPlan

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
US, PHONES = "12015550100", [str(12015550110 + number) for number in range(3)]
FAILS = "12015550166"


@pytest.fixture
def plan():
    return SmsPlan.objects.create(
        service_plan_id="our-plan",
        token="our-token",
        senders=[US],
        callback_url="http://127.0.0.1:9/hooks/",
    )


@pytest.fixture
def connect(plan, live_server, settings):
    settings.SANDBOX_SPEED = 1e9  # every receipt is there at once

    def make(region="us"):
        values = {"service_plan_id": "our-plan", "api_token": "our-token", "feedback": "yes"}
        return SinchSms(ChannelConfig(f"{live_server.url}/sms/{region}/", values), Wire())

    return make


@pytest.fixture
def gateway(connect):
    return connect()


def messages(url, *phones, texts=()):
    """The same for all, or for each words of their own."""
    slide = OutgoingSlide("20 % off: ${code}", (OutgoingMedium("image", url),))
    content = Content(slides=(slide,), subject="Sale", sender=US)
    owns = [OwnWords(texts=((1, text),)) for text in texts] or [None] * len(phones)
    return [
        OutgoingMms(to, f"row-{to}", content, own, batch_reference="b1")
        for to, own in zip(phones, owns, strict=True)
    ]


@pytest.fixture
def url(host, picture):
    return host("/a.jpg", "Content-Type: image/jpeg", content=picture)


def test_what_is_fetched_agrees_with_what_is_posted(gateway, plan, url):
    outcomes = gateway.send(messages(url, *PHONES, FAILS))
    assert [each.error for each in outcomes] == [None] * 4
    send_due(datetime.now(UTC))
    at = datetime.now(UTC)
    answers = [
        plan_answer(plan, phone=PHONES[0], to=US, text="STOP", at=at),
        plan_answer(plan, phone=PHONES[1], to=US, text="Look", pictures=[draw_picture()], at=at),
    ]
    save_answers(answers)
    fetched = events(gateway, gateway.poll(at - timedelta(hours=1), at + timedelta(minutes=1)))
    posted = events(gateway, (json.dumps(row.body).encode() for row in Postback.objects.all()))
    assert {key: posted.get(key) for key in fetched} == fetched
    assert {e.text: e.via for e in fetched.values() if isinstance(e, InboundEvent)} == {
        "STOP": "SMS",
        "Look": "MMS",
    }
    ends = {e.provider_id: e.status for e in fetched.values() if not isinstance(e, InboundEvent)}
    assert ends[outcomes[0].provider_id] == MessageStatus.DELIVERED
    assert ends[outcomes[3].provider_id] == MessageStatus.FAILED


def events(gateway, bodies):
    """Key → event."""
    return {event.key: event for body in bodies for event in gateway.parse_post(body)}


def test_a_rehearsal_finds_nobody_without_words(gateway, url):
    shared = messages(url, *PHONES)
    assert gateway.rehearse(shared) == Rehearsal(3, 3)
    assert gateway.rehearse(messages(url, *PHONES, texts="abc")) == Rehearsal(3, 3)


def test_people_of_a_lost_batch_are_found(gateway, url):
    outcomes = gateway.send(messages(url, *PHONES, texts=("a", "b" * 1700, "c")))
    ids = {phone: outcome.provider_id for phone, outcome in zip(PHONES, outcomes, strict=True)}
    assert len({name.partition("/")[0] for name in ids.values()}) == 2
    assert gateway.look_up("b1") == {to: name.partition("/")[0] for to, name in ids.items()}
    assert gateway.look_up("b2") == {}


def test_a_batch_is_told_about_and_cancelled(gateway, url):
    (outcome,) = gateway.send(messages(url, PHONES[0]))
    batch_id = outcome.provider_id.partition("/")[0]
    gateway.tell_received(batch_id, PHONES[:1])
    assert gateway.cancel(batch_id) is True
    assert gateway.cancel("01HW0000000000000000000000") is False


def test_a_wrong_region_or_token_stops_the_channel(connect, plan):
    gateway = connect()
    assert gateway.check_credentials(US).status == 200
    with pytest.raises(Misconfigured):
        connect("eu").check_credentials(US)
    SmsPlan.objects.update(token="another")
    with pytest.raises(Misconfigured, match="API token"):
        gateway.check_credentials(US)
