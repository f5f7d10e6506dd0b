"""What the client of the Conversation API says and understands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateways.errors import (
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unreachable,
)
from campaigns.gateways.http import Answer
from campaigns.gateways.outgoing import Content, OutgoingMedium, OutgoingSlide, OwnWords
from campaigns.gateways.sinch_conversation.client import SinchConversation
from campaigns.rules.formats import Format
from campaigns.tests.gateways.canned import canned
from campaigns.tests.gateways.contract import (
    CANARY,
    CONTENT,
    NOW,
    SENDER,
    GatewayContract,
    outgoing,
)
from campaigns.tests.gateways.test_gateway_signature import BODY, signed
from campaigns.tests.gateways.test_gateway_signature import NOW as SIGNED_AT

ACCEPTED = {"message_id": "01HZ0000000000000000000001", "accepted_time": "2026-04-24T12:00:00Z"}
VALUES = {
    "project_id": "8c2f0000-0000-4000-8000-000000000001",
    "app_id": "01HZAPP0000000000000000001",
    "key_id": "key-id-1",
}
TEXT = Content(slides=(OutgoingSlide("Hello"),), format=Format.TEXT, sender=SENDER)
#: An app as GET /apps/{id} shows it (reference §7).
APP = {
    "id": VALUES["app_id"],
    "channel_credentials": [
        {
            "channel": "MMS",
            "mms_credentials": {"account_id": "acc", "api_key": "canary-of-app"},
            "state": {"status": "ACTIVE", "description": ""},
        },
        {
            "channel": "SMS",
            "static_bearer": {"claimed_identity": "plan", "token": "canary-of-sms"},
            "state": {"status": "ACTIVE", "description": ""},
        },
    ],
}


class KeptTokens:
    """A token store that begins with a token and counts what is fetched."""

    def __init__(self, token="first-token"):
        self.token, self.fetched = token, []

    def read(self):
        return self.token

    def renew(self, refused, fetch):
        if not self.token or self.token == refused:
            self.token, seconds = fetch()
            self.fetched.append((self.token, seconds))
        return self.token


def app_with(**states):
    """The app, with other states of its channels."""
    items = [
        {**item, "state": states.get(item["channel"], item["state"])}
        for item in APP["channel_credentials"]
        if states.get(item["channel"], "") is not None
    ]
    return {**APP, "channel_credentials": items}


def refusal(code, status, message="", **violation):
    details = [{"@type": "x", "field_violations": [violation]}] if violation else []
    said = {"code": code, "message": message, "status": status, "details": details}
    return code, {"error": said}


class TestSinchConversation(GatewayContract):
    kind = "sinch_conversation"
    accepted = ACCEPTED

    def config(self, *, tokens=None, **values):
        config = super().config(**{**VALUES, **values})
        return replace(config, tokens=tokens or KeptTokens())

    def said(self, content=CONTENT, *, values=None, **fields):
        """The one request that sending makes."""
        gateway, wire = self.open(ACCEPTED, **(values or {}))
        (outcome,) = gateway.send([outgoing(content=content, **fields)])
        assert outcome.error is None
        return wire.sent[0]

    # --- Requests ----------------------------------------------------------------------------

    def test_the_request_has_the_fields_of_the_reference(self):
        assert self.said() == {
            "app_id": VALUES["app_id"],
            "message": {
                "card_message": {
                    "title": "Spring sale",
                    "description": "20 % off ✿",
                    "media_message": {"url": "https://media.example.org/1.jpg"},
                },
                "explicit_channel_omni_message": {
                    "SMS": {"text_message": {"text": "See our offer:"}}
                },
            },
            "channel_priority_order": ["MMS", "SMS"],
            "channel_properties": {"MMS_SENDER": "+12015550100", "SMS_SENDER": "+12015550100"},
            "recipient": {
                "identified_by": {
                    "channel_identities": [
                        {"channel": "MMS", "identity": "+12015550123"},
                        {"channel": "SMS", "identity": "+12015550123"},
                    ]
                }
            },
            "message_metadata": "camp-1-1",
            "correlation_id": "camp-1-1",
        }

    def test_it_goes_to_the_project_with_the_token(self):
        gateway, wire = self.open(ACCEPTED)
        gateway.send([outgoing()])
        url, headers, body = wire.requests[0]
        assert url == (
            "https://us.conversation.api.sinch.com/v1/projects/"
            f"{VALUES['project_id']}/messages:send"
        )
        assert headers["Authorization"] == "Bearer first-token"
        assert headers["Content-Type"] == "application/json; charset=utf-8"
        assert CANARY.encode() not in body

    def test_the_region_chooses_the_host(self):
        gateway, wire = self.open(ACCEPTED, region="EU")
        gateway.send([outgoing()])
        assert wire.requests[0][0].startswith("https://eu.conversation.api.sinch.com/v1/")

    @pytest.mark.parametrize("name", ["project_id", "app_id"])
    def test_without_ids_nothing_is_asked(self, name):
        gateway, wire = self.open(**{name: " "})
        (outcome,) = gateway.send([outgoing()])
        assert isinstance(outcome.error, Misconfigured)
        assert wire.requests == []

    def test_a_region_that_is_none_stops_the_channel(self):
        gateway, _ = self.open(region="asia")
        (outcome,) = gateway.send([outgoing()])
        assert isinstance(outcome.error, Misconfigured)

    def test_every_setting_of_the_channel_is_said(self):
        values = {"strict": "yes", "sms_sender": "ACME", "max_sms_parts": "3"}
        assert self.said(values=values)["channel_properties"] == {
            "MMS_SENDER": "+12015550100",
            "MMS_STRICT_VALIDATION": "true",
            "SMS_SENDER": "ACME",
            "SMS_MAX_NUMBER_OF_MESSAGE_PARTS": "3",
        }

    def test_a_number_of_parts_that_is_none_stops_the_channel(self):
        gateway, wire = self.open(max_sms_parts="many")
        (outcome,) = gateway.send([outgoing()])
        assert isinstance(outcome.error, Misconfigured)
        assert wire.requests == []

    def test_a_short_code_goes_without_plus(self):
        said = self.said(replace(CONTENT, sender="28444"))
        assert said["channel_properties"]["MMS_SENDER"] == "28444"

    @pytest.mark.parametrize("changes", [{"fallback": False}, {"fallback_text": ""}])
    def test_without_fallback_only_mms_is_tried(self, changes):
        said = self.said(replace(CONTENT, **changes))
        assert said["channel_priority_order"] == ["MMS"]
        assert "explicit_channel_omni_message" not in said["message"]
        assert said["channel_properties"] == {"MMS_SENDER": "+12015550100"}

    def test_a_text_goes_as_sms_only_and_says_so(self):
        said = self.said(TEXT)
        assert said["channel_priority_order"] == ["SMS"]
        assert said["message"] == {"text_message": {"text": "Hello"}}
        assert said["channel_properties"] == {"SMS_SENDER": "+12015550100"}
        assert (said["message_metadata"], said["correlation_id"]) == ("camp-1-1 SMS", "camp-1-1")

    def test_the_time_left_is_said_in_seconds(self):
        assert self.sent_at(NOW, expires_at=NOW + timedelta(hours=1)).sent[0]["ttl"] == "3600s"

    @pytest.mark.parametrize("left", [-10, 0, 2.9])
    def test_what_is_too_late_is_refused_before_any_request(self, left):
        wire = self.sent_at(NOW, expires_at=NOW + timedelta(seconds=left))
        assert (wire.requests, type(wire.outcome.error)) == ([], Refused)

    def test_the_time_left_is_not_kept_with_the_content(self):
        times = iter([NOW.timestamp(), NOW.timestamp() + 10])
        wire = canned(ACCEPTED, ACCEPTED)
        gateway = SinchConversation(self.config(), wire, clock=lambda: next(times))
        content = replace(CONTENT, expires_at=NOW + timedelta(seconds=60))
        gateway.send([outgoing(content=content), outgoing(content=content)])
        assert [said["ttl"] for said in wire.sent] == ["60s", "50s"]

    def sent_at(self, now, **changes):
        wire = canned(ACCEPTED)
        gateway = SinchConversation(self.config(), wire, clock=now.timestamp)
        (wire.outcome,) = gateway.send([outgoing(content=replace(CONTENT, **changes))])
        return wire

    def test_own_words_take_the_place_of_the_shared_ones(self):
        own = OwnWords("Dear Ann", "Ann, see:", ((1, "For Ann"),))
        message = self.said(own=own)["message"]
        assert message["card_message"]["title"] == "Dear Ann"
        assert message["card_message"]["description"] == "For Ann"
        sms = message["explicit_channel_omni_message"]["SMS"]
        assert sms == {"text_message": {"text": "Ann, see:"}}

    def test_ones_own_words_do_not_reach_the_next(self):
        gateway, wire = self.open(ACCEPTED, ACCEPTED, ACCEPTED)
        own = [OwnWords(texts=((1, "Ann"),)), None, OwnWords(texts=((1, "Ben"),))]
        gateway.send([outgoing(own=words) for words in own])
        texts = [said["message"]["card_message"]["description"] for said in wire.sent]
        assert texts == ["Ann", "20 % off ✿", "Ben"]

    @pytest.mark.parametrize("reference", ['a"b', "a\\b", "é✿", "a\nb"])
    def test_references_are_encoded(self, reference):
        assert self.said(reference=reference)["correlation_id"] == reference

    def test_each_person_gets_their_own_though_the_text_holds_a_number(self):
        gateway, wire = self.open(ACCEPTED, ACCEPTED)
        content = replace(CONTENT, subject="Call 1000000 or 12015550123")
        gateway.send([outgoing(content=content, to=to) for to in ["12015550123", "12015550124"]])
        for said, to in zip(wire.sent, ["+12015550123", "+12015550124"], strict=True):
            people = said["recipient"]["identified_by"]["channel_identities"]
            assert [person["identity"] for person in people] == [to, to]
            assert said["message"]["card_message"]["title"] == content.subject

    def test_contents_that_are_gone_leave_nothing_behind(self):
        gateway, wire = self.open(*[ACCEPTED] * 200)
        for number in range(200):
            content = Content(slides=(OutgoingSlide(f"Text {number}"),))
            gateway.send([outgoing(content=content)])
        texts = [said["message"]["text_message"]["text"] for said in wire.sent]
        assert texts == [f"Text {number}" for number in range(200)]

    def test_half_a_surrogate_does_not_break_the_request(self):
        assert self.said(Content(slides=(OutgoingSlide("a\ud800b"),)))["message"]

    def test_two_slides_are_refused_before_any_request(self):
        gateway, wire = self.open()
        (outcome,) = gateway.send([outgoing(content=Content(slides=CONTENT.slides * 2))])
        assert isinstance(outcome.error, Refused)
        assert outcome.error.about_content
        assert wire.requests == []

    # --- Answers -----------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("answer", "kind", "code", "words"),
        [
            (refusal(400, "INVALID_ARGUMENT"), Refused, "INVALID_ARGUMENT", "invalid"),
            (refusal(400, "OUT_OF_RANGE"), Refused, "OUT_OF_RANGE", "invalid"),
            (refusal(401, "UNAUTHENTICATED"), Misconfigured, "UNAUTHENTICATED", "access key"),
            (refusal(403, "PERMISSION_DENIED"), Misconfigured, "PERMISSION_DENIED", "roles"),
            (
                refusal(403, "BILLING_CREDIT_LIMIT_BREACHED"),
                Misconfigured,
                "BILLING_CREDIT_LIMIT_BREACHED",
                "credit limit",
            ),
            (refusal(404, "NOT_FOUND"), Misconfigured, "NOT_FOUND", "region"),
            (refusal(408, "CANCELLED"), OutcomeUnknown, "CANCELLED", "may have gone"),
            (refusal(409, "ABORTED"), OutcomeUnknown, "ABORTED", "may have gone"),
            (refusal(429, "RESOURCE_EXHAUSTED"), Throttled, "RESOURCE_EXHAUSTED", "slow down"),
            (refusal(499, "CANCELLED"), OutcomeUnknown, "CANCELLED", "may have gone"),
            (refusal(500, "INTERNAL"), OutcomeUnknown, "INTERNAL", "may have gone"),
            (refusal(501, "UNIMPLEMENTED"), Misconfigured, "UNIMPLEMENTED", "base URL"),
            (refusal(503, "UNAVAILABLE"), OutcomeUnknown, "UNAVAILABLE", "may have gone"),
            (refusal(504, "DEADLINE_EXCEEDED"), OutcomeUnknown, "DEADLINE_EXCEEDED", "gone"),
        ],
    )
    def test_each_refusal_of_the_reference_says_what_to_do(self, answer, kind, code, words):
        error = self.send(answer).error
        assert (type(error), error.code) == (kind, code)
        assert words in str(error)

    @pytest.mark.parametrize(
        ("field", "kind", "about_content"),
        [
            ("message.card_message.title", Refused, True),
            ("message", Refused, True),
            ("channel_properties", Refused, True),
            ("message_metadata", Refused, False),
            ("recipient.identified_by.channel_identities[0].identity", Refused, False),
            ("app_id", Misconfigured, None),
        ],
    )
    def test_the_field_that_is_wrong_says_whose_fault_it_is(self, field, kind, about_content):
        violation = {"field": field, "description": "must be good"}
        error = self.send(refusal(400, "INVALID_ARGUMENT", **violation)).error
        assert isinstance(error, kind)
        assert getattr(error, "about_content", None) is about_content
        assert "must be good" in str(error)

    def test_an_error_without_its_wrapping_is_read_as_well(self):
        answer = {"code": 400, "status": "INVALID_REQUEST", "message": "Bad ttl"}
        error = self.send((400, answer)).error
        assert isinstance(error, Refused)
        assert "Bad ttl" in str(error)

    def test_a_400_that_cannot_be_read_is_in_doubt(self):
        assert isinstance(self.send((400, b"<html>")).error, OutcomeUnknown)

    def test_a_success_without_an_id_is_in_doubt(self):
        assert isinstance(self.send({"accepted_time": "now"}).error, OutcomeUnknown)

    def test_a_429_slows_down_for_as_long_as_it_asks(self):
        outcome = self.send(Answer(429, b"slow", 0.1, retry_after=7.0))
        assert (type(outcome.error), outcome.error.retry_after) == (Throttled, 7)

    def test_an_error_that_repeats_a_secret_does_not_tell_it(self):
        error = self.send(refusal(400, "INVALID_ARGUMENT", "x" * 295 + CANARY)).error
        assert CANARY[:4] not in str(error)

    def test_an_answer_that_repeats_the_token_does_not_tell_it(self):
        outcome = self.send((401, b'{"error":{"message":"first-token"}}'))
        assert "first-token" not in f"{outcome!r} {outcome.error}"

    # --- Credentials -------------------------------------------------------------------------

    TOKEN = {"access_token": "second-token", "expires_in": 3599, "token_type": "bearer"}

    def check(self, *answers):
        gateway, wire = self.open(self.TOKEN, *answers)
        return gateway.check_credentials(SENDER), wire

    def test_an_active_app_is_fine_and_the_key_itself_was_tried(self):
        exchange, wire = self.check(APP)
        assert wire.methods == ["POST", "GET"]
        assert wire.requests[1][0].endswith(f"/apps/{VALUES['app_id']}")
        assert wire.requests[1][1]["Authorization"] == "Bearer second-token"
        assert exchange.status == 200

    def test_keys_of_the_app_are_not_told(self):
        exchange, _ = self.check(APP)
        assert "canary" not in repr(exchange)

    @pytest.mark.parametrize("channel", ["MMS", "SMS"])
    def test_a_channel_that_is_missing_is_named(self, channel):
        with pytest.raises(Misconfigured, match=f"has no {channel}"):
            self.check(app_with(**{channel: None}))

    @pytest.mark.parametrize(
        ("missing", "ready", "is_partial"), [("SMS", "MMS", True), ("MMS", "SMS", False)]
    )
    def test_what_is_there_is_named_beside_what_is_not(self, missing, ready, is_partial):
        with pytest.raises(Misconfigured, match=f"{ready} is ready") as caught:
            self.check(app_with(**{missing: None}))
        assert caught.value.is_partial is is_partial

    def test_an_app_without_anything_works_in_no_part(self):
        with pytest.raises(Misconfigured) as caught:
            self.check(app_with(MMS=None, SMS=None))
        assert (caught.value.is_partial, "ready" in str(caught.value)) == (False, False)

    @pytest.mark.parametrize(
        ("state", "words"),
        [("FAILING", r"MMS of the app fails at Sinch \(bad key\)"), ("PENDING", "setting up MMS")],
    )
    def test_a_channel_that_is_not_active_is_named(self, state, words):
        with pytest.raises(Misconfigured, match=words):
            self.check(app_with(MMS={"status": state, "description": "bad key"}))

    def test_an_app_of_another_region_says_so(self):
        with pytest.raises(Misconfigured, match="region"):
            self.check(refusal(404, "NOT_FOUND"))

    @pytest.mark.parametrize("answer", [(200, b"<html>"), (503, b""), OutcomeUnknown("late")])
    def test_an_unreadable_answer_is_no_proof_and_frightens_nobody(self, answer):
        with pytest.raises(Unreachable, match="check the base URL"):
            self.check(answer)

    # --- Callbacks ---------------------------------------------------------------------------

    def test_with_a_secret_an_unsigned_post_is_not_genuine(self):
        gateway, _ = self.open()
        assert gateway.verify_post({}, b"{}", datetime.now(UTC)).problem

    @pytest.mark.parametrize("secret", ["new", "old"])
    def test_while_a_secret_is_replaced_both_count(self, secret):
        gateway, _ = self.open(callback_secret="new old")
        assert gateway.verify_post(signed(secret=secret), BODY, SIGNED_AT).problem == ""
        assert gateway.verify_post(signed(secret="new old"), BODY, SIGNED_AT).problem

    def test_without_a_secret_nothing_is_asked(self):
        gateway, _ = self.open(callback_secret="")
        assert gateway.verify_post({}, b"{}", datetime.now(UTC)).problem == ""


def test_formats_and_media_are_those_of_the_reference():
    limits = SinchConversation.limits
    assert limits.formats == set(Format.values)
    assert (limits.slides, limits.media, limits.batch, limits.has_sms) == (1, 1, 1, True)


def test_several_files_are_refused():
    media = (OutgoingMedium("image", "https://media.example.org/1.jpg"),) * 2
    wire = canned()
    config = TestSinchConversation().config()
    content = Content(slides=(OutgoingSlide(media=media),))
    (outcome,) = SinchConversation(config, wire).send([outgoing(content=content)])
    assert (type(outcome.error), wire.requests) == (Refused, [])
