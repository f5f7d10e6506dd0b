"""What newer interfaces post: files one by one, chosen answers, places, signed callbacks,
the provider's own list, and notices that change nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.events import ConsentEvent, InboundEvent, NoticeEvent, Seal
from campaigns.models import (
    Consent,
    InboundMessage,
    Message,
    MmsRevision,
    OptOut,
    SeenNonce,
    Slide,
    Thread,
    WebhookPost,
)
from campaigns.rules.formats import Place
from campaigns.services.inbox import record_inbound
from campaigns.services.journal import keep_post
from campaigns.services.nonces import forget_nonces
from campaigns.services.optouts import has_opted_out, record_optout
from campaigns.services.posts import REPLAYED, UNDATED, Reader, read_again

NOW = timezone.now()
PHONE, NUMBER = "12015550123", "12015550100"
Kept = WebhookPost.Status


@pytest.fixture
def channel(make_channel):
    return make_channel()


@pytest.fixture
def post(channel):
    return WebhookPost.objects.create(channel=channel, body=b"{}", received_at=NOW)


def reply(**fields):
    known = {"key": "k", "provider_id": "I1", "sender": PHONE, "to": NUMBER, "at": NOW}
    return InboundEvent(**{**known, **fields})


def part(number, seconds=0, **fields):
    return reply(
        provider_id=f"I{number}",
        media_urls=(f"https://media.example.org/{number}.jpg",),
        comes_in_parts=True,
        at=NOW + timedelta(seconds=seconds),
        **fields,
    )


# --- Files one by one ----------------------------------------------------------------------------


def test_files_that_come_one_by_one_are_one_message(post):
    for number in (1, 2, 3):
        record_inbound(post, part(number, seconds=number, text="Look"), NOW)
    message = InboundMessage.objects.get()
    assert message.media.count() == 3
    assert Thread.objects.get().unread_count == 1


def test_their_repeats_in_any_order_change_nothing(post):
    for number in (2, 1, 2, 1, 3, 3, 2):
        record_inbound(post, part(number, text="Look"), NOW)
    assert InboundMessage.objects.get().media.count() == 3


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Something else"},
        {"seconds": 60},
        {"sender": "12015550124"},
        {"to": "12015550101"},
    ],
)
def test_what_differs_is_a_message_of_its_own(post, other):
    record_inbound(post, part(1, text="Look"), NOW)
    record_inbound(post, part(2, **{"text": "Look", **other}), NOW)
    assert [message.media.count() for message in InboundMessage.objects.all()] == [1, 1]


def test_messages_that_come_whole_stay_apart(post):
    for number in (1, 2):
        url = f"https://media.example.org/{number}.jpg"
        record_inbound(post, reply(provider_id=f"I{number}", media_urls=(url,)), NOW)
    assert InboundMessage.objects.count() == 2


# --- Choices and places --------------------------------------------------------------------------


@pytest.fixture
def offered(channel, make_mms):
    revision = MmsRevision.objects.get(mms=make_mms())
    MmsRevision.objects.filter(pk=revision.pk).update(
        choices=[{"kind": "text", "title": "Yes, please", "target": "", "postback": "yes-1"}]
    )
    Slide.objects.filter(revision=revision).update(
        choices=[{"kind": "text", "title": "Later", "target": "", "postback": ""}]
    )
    return Message.objects.create(
        channel=channel,
        revision=revision,
        sender=NUMBER,
        phone=PHONE,
        reference="r-1",
        provider_id="M1",
    )


@pytest.mark.parametrize(
    ("postback", "words"), [("yes-1", "Yes, please"), ("M1_Later", "Later"), ("M1_Gone", "Gone")]
)
def test_a_chosen_answer_is_shown_in_its_words_and_tied_to_its_message(
    post, offered, postback, words
):
    record_inbound(post, reply(postback=postback, answered_id="M1", via="SMS"), NOW)
    message = InboundMessage.objects.get()
    assert (message.text, message.answers, message.via) == (words, offered, "SMS")


def test_a_choice_of_a_message_to_somebody_else_is_tied_to_nothing(post, offered):
    record_inbound(post, reply(sender="12015550124", postback="yes-1", answered_id="M1"), NOW)
    assert InboundMessage.objects.get().answers is None


def test_a_chosen_stop_opts_out(post, offered):
    MmsRevision.objects.update(
        choices=[{"kind": "text", "title": "STOP", "target": "", "postback": "bye"}]
    )
    record_inbound(post, reply(postback="bye", answered_id="M1"), NOW)
    assert has_opted_out(PHONE)


def test_a_place_is_kept(post):
    record_inbound(post, reply(place=Place("Here", 52.5, 13.4)), NOW)
    assert InboundMessage.objects.get().place["latitude"] == 52.5


# --- Threads -------------------------------------------------------------------------------------


def test_replies_by_mms_and_sms_over_two_channels_are_one_thread(make_channel):
    for number, name in enumerate(("One", "Two")):
        post = WebhookPost.objects.create(channel=make_channel(name), body=b"", received_at=NOW)
        event = reply(provider_id=f"I{number}", via=("MMS", "SMS")[number], text="Hello")
        record_inbound(post, event, NOW + timedelta(minutes=number))
    thread = Thread.objects.get()
    assert (thread.unread_count, thread.last_at) == (2, NOW + timedelta(minutes=1))


# --- Signatures, lists and notices ---------------------------------------------------------------


class SignedGateway:
    """Its posts name their nonce and bring these events."""

    def __init__(self, *events, problem=""):
        self.events, self.problem = list(events), problem

    def verify_post(self, headers, body, now):
        return Seal(self.problem, nonce=body.decode())

    def parse_post(self, body):
        return self.events


def read(channel, *events, nonce="n1", problem="", is_polled=False):
    keep_post(channel.pk, None, {}, nonce.encode(), NOW, is_polled=is_polled)
    reader = Reader()
    reader.gateways[channel.pk] = SignedGateway(*events, problem=problem)
    reader.read_chunk(NOW)
    return WebhookPost.objects.first()


def test_a_replayed_nonce_is_not_read_again(channel):
    assert read(channel, reply(text="Hi")).status == Kept.DONE
    replayed = read(channel, reply(provider_id="I2", text="Hi"))
    assert (replayed.status, replayed.reason) == (Kept.REFUSED, REPLAYED)
    assert InboundMessage.objects.count() == 1


def test_two_with_one_nonce_in_one_chunk_are_one(channel):
    for _ in range(2):
        keep_post(channel.pk, None, {}, b"n1", NOW)
    reader = Reader()
    reader.gateways[channel.pk] = SignedGateway(reply(text="Hi"))
    reader.read_chunk(NOW)
    assert sorted(WebhookPost.objects.values_list("status", flat=True)) == ["done", "refused"]


def test_a_callback_that_is_read_once_more_is_no_replay_of_itself(channel):
    kept = read(channel, reply(text="Hi"))
    read_again([kept])
    reader = Reader()
    reader.gateways[channel.pk] = SignedGateway(reply(text="Hi"))
    reader.read_chunk(NOW)
    kept.refresh_from_db()
    assert kept.status == Kept.DONE


def test_another_channel_may_use_the_same_nonce(channel, make_channel):
    read(channel, reply())
    assert read(make_channel("Two"), reply(provider_id="I2")).status == Kept.DONE


def test_nonces_are_forgotten_when_their_time_window_is_over(channel):
    read(channel, reply())
    assert forget_nonces(NOW + timedelta(minutes=14)) == 0
    assert forget_nonces(NOW + timedelta(minutes=16)) == 1
    assert not SeenNonce.objects.exists()


def test_a_wrong_signature_changes_nothing_and_says_why(channel):
    kept = read(channel, reply(), problem="Its signature does not fit.")
    assert (kept.status, kept.reason) == (Kept.REFUSED, "Its signature does not fit.")
    assert not InboundMessage.objects.exists()


def test_what_was_fetched_is_signed_by_nobody(channel):
    assert read(channel, reply(), problem="It is not signed.", is_polled=True).status == Kept.DONE


def test_the_provider_s_own_list_is_heeded(channel):
    event = ConsentEvent("c1", PHONE, opted_out=True, text="Opted out at Sinch.", at=NOW)
    assert read(channel, event).kind == "opt-out or opt-in"
    assert OptOut.objects.get().source == OptOut.Source.PROVIDER
    earlier = NOW - timedelta(minutes=1)
    read(channel, ConsentEvent("c2", PHONE, opted_out=False, at=earlier), nonce="n2")
    assert has_opted_out(PHONE)
    read(channel, ConsentEvent("c3", PHONE, opted_out=False, at=NOW), nonce="n3")
    assert not has_opted_out(PHONE)


@pytest.mark.parametrize("at", [None, NOW + timedelta(hours=1)], ids=["no time", "not yet"])
@pytest.mark.parametrize("is_repeat", [False, True])
def test_an_optin_without_a_sound_time_lifts_nothing_and_says_so(channel, is_repeat, at):
    """Posted once more after a later opt-out, it could not be told from a newer one."""
    optin = ConsentEvent("c1", PHONE, opted_out=False, text="Opted in.", at=at)
    if is_repeat:
        read(channel, optin)
    read(channel, ConsentEvent("c2", PHONE, opted_out=True, at=NOW), nonce="n2")
    kept = read(channel, optin, nonce="n3")
    assert has_opted_out(PHONE)
    assert (kept.status, kept.reason) == (Kept.DONE, UNDATED)


def test_an_optin_from_before_their_last_optout_lifts_nothing(channel):
    """The first opt-out is known; then they opted in, and out again, and the middle one is late."""
    for minutes in (-3, -1):
        at = NOW + timedelta(minutes=minutes)
        read(channel, ConsentEvent(f"c{minutes}", PHONE, opted_out=True, at=at), nonce=str(minutes))
    between = NOW - timedelta(minutes=2)
    read(channel, ConsentEvent("c2", PHONE, opted_out=False, at=between), nonce="n2")
    assert has_opted_out(PHONE)
    assert Consent.objects.filter(kind=Consent.Kind.OPTED_OUT).count() == 2


def test_a_refusal_says_nothing_of_when_they_asked(channel):
    """The provider's block list may lag behind their opt-in."""
    record_optout(PHONE, source=OptOut.Source.PROVIDER, asked_at=NOW - timedelta(hours=1))
    record_optout(PHONE, source=OptOut.Source.PROVIDER)
    read(channel, ConsentEvent("c1", PHONE, opted_out=False, at=NOW - timedelta(minutes=1)))
    assert not has_opted_out(PHONE)


def test_what_they_told_us_is_not_lifted_by_the_provider(channel):
    record_optout(PHONE, source=OptOut.Source.REPLY, asked_at=NOW - timedelta(hours=1))
    read(channel, ConsentEvent("c1", PHONE, opted_out=False, text="Opted in.", at=NOW))
    assert has_opted_out(PHONE)


@pytest.mark.parametrize("known", [True, False])
def test_a_notice_is_kept_with_its_kind_in_words(channel, known):
    kept = read(channel, NoticeEvent("x", "contact_create_notification", "A contact.", known))
    assert (kept.status, kept.kind, kept.reason) == (
        Kept.DONE,
        "contact_create_notification",
        "A contact.",
    )
