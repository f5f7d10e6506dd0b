"""What the client of the MMS JSON API says and understands."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from campaigns.gateways.errors import (
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unreachable,
)
from campaigns.gateways.events import Seal
from campaigns.gateways.http import Answer
from campaigns.gateways.outgoing import Content, OutgoingMedium, OutgoingSlide, OwnWords
from campaigns.tests.gateways.contract import (
    CANARY,
    CONTENT,
    SENDER,
    GatewayContract,
    outgoing,
)

ACCEPTED = {
    "status": "success",
    "to": "12015550123",
    "tracking-id": "MMS_12345=",
    "status-details": "MMS request accepted and queued for processing and delivery.",
}
AT = datetime(2026, 4, 24, 20, 34, tzinfo=timezone(timedelta(hours=2)))


def failure(code, info=""):
    return {"status": "failure", "error-code": code, "error-info": info}


class TestSinchMms(GatewayContract):
    kind = "sinch_mms"
    accepted = ACCEPTED

    def said(self, content=CONTENT, *, values=None, **fields):
        """The one request that sending makes."""
        gateway, wire = self.open(ACCEPTED, **(values or {}))
        gateway.send([outgoing(content=content, **fields)])
        return wire.sent[0]

    # --- Requests ----------------------------------------------------------------------------

    def test_the_request_has_the_fields_of_the_reference(self):
        assert self.said(values={"service_id": "svc"}) == {
            "action": "sendmms",
            "service-id": "svc",
            "to": "12015550123",
            "from": SENDER,
            "message-subject": "Spring sale",
            "disable-fallback-sms": False,
            "fallback-sms-text": "See our offer:",
            "disable-fallback-sms-link": False,
            "client-reference": "camp-1-1",
            "slide": [
                {"image": {"url": "https://media.example.org/1.jpg"}, "message-text": "20 % off ✿"}
            ],
        }

    def test_the_key_goes_into_the_header_and_the_slash_is_kept(self):
        gateway, wire = self.open(ACCEPTED)
        gateway.send([outgoing()])
        url, headers, body = wire.requests[0]
        assert url == "https://api.ci.mblox.com/ep/v2/"
        assert headers["x-api-key"] == CANARY
        assert headers["Content-Type"] == "application/json; charset=utf-8"
        assert CANARY.encode() not in body

    def test_every_option_of_a_content_is_said(self):
        content = Content(
            slides=(OutgoingSlide("Hi"),),
            fallback_text="See:",
            fallback_link=False,
            fallback_link_expires_at=AT,
            sender=SENDER,
            sender_mask="ACME",
            expires_at=AT,
            cache_content=True,
        )
        assert self.said(content) == {
            "action": "sendmms",
            "to": "12015550123",
            "from": SENDER,
            "from-mask": "ACME",
            "disable-fallback-sms": False,
            "fallback-sms-text": "See:",
            "disable-fallback-sms-link": True,
            "fallback-sms-link-expiration": "2026-04-24T18:34:00Z",
            "mms-expiry-timestamp": "2026-04-24T18:34:00Z",
            "cache-content": True,
            "client-reference": "camp-1-1",
            "slide": [{"message-text": "Hi"}],
        }

    def test_without_fallback_nothing_of_it_is_said(self):
        said = self.said(Content(slides=CONTENT.slides, fallback=False, fallback_text="See:"))
        assert said["disable-fallback-sms"] is True
        assert not {"fallback-sms-text", "disable-fallback-sms-link"} & set(said)

    def test_the_channels_mask_is_used_where_the_content_has_none(self):
        assert self.said(values={"sender_mask": "ACME"})["from-mask"] == "ACME"

    @pytest.mark.parametrize("kind", ["audio", "video", "contact", "calendar", "pdf", "excel"])
    def test_each_kind_of_media_is_an_object_with_a_url(self, kind):
        slide = OutgoingSlide(media=(OutgoingMedium(kind, "https://media.example.org/f"),))
        said = self.said(Content(slides=(slide,)))
        assert said["slide"] == [{kind: {"url": "https://media.example.org/f"}}]

    def test_a_saved_template_is_sent_by_its_id_with_other_texts(self):
        content = Content(
            slides=CONTENT.slides,
            sender=SENDER,
            subject="Hello",
            fallback_text="See:",
            saved_id="35674",
            cache_content=True,
        )
        own = OwnWords("Hello Ann", "Ann, see:", ((2, "Dear Ann"),))
        said = self.said(content, own=own)
        assert said["action"] == "sendsavedmms"
        assert said["mms-id"] == "35674"
        assert said["message-subject"] == "Hello Ann"
        assert said["fallback-sms-text"] == "Ann, see:"
        assert said["custom-slides"] == [{"slide": 2, "message-text": "Dear Ann"}]
        assert not {"slide", "cache-content", "name"} & set(said)

    def test_own_words_take_the_place_of_the_shared_ones(self):
        content = Content(
            slides=(OutgoingSlide("One"), OutgoingSlide("Two", CONTENT.slides[0].media)),
            sender=SENDER,
            subject="Shared",
            fallback_text="See:",
        )
        said = self.said(content, own=OwnWords(texts=((2, "Zwei"),)))
        assert [slide["message-text"] for slide in said["slide"]] == ["One", "Zwei"]
        assert (said["message-subject"], said["fallback-sms-text"]) == ("Shared", "See:")

    def test_ones_own_words_do_not_reach_the_next(self):
        gateway, wire = self.open(ACCEPTED, ACCEPTED, ACCEPTED)
        own = [OwnWords(texts=((1, "Ann"),)), None, OwnWords(texts=((1, "Ben"),))]
        gateway.send([outgoing(own=words) for words in own])
        texts = [said["slide"][0]["message-text"] for said in wire.sent]
        assert texts == ["Ann", "20 % off ✿", "Ben"]

    def test_a_template_that_is_gone_says_so(self):
        gateway, _ = self.open(failure("E241"))
        [outcome] = gateway.send([outgoing(content=Content(saved_id="35674", sender=SENDER))])
        assert outcome.error.is_template_gone

    def test_the_group_is_shown_as_one_text(self):
        said = self.said(shown_to=("12015550124", "12015550125"))
        assert said["to-displayonly"] == "12015550124,12015550125"

    def test_a_number_of_the_group_that_is_none_is_refused(self):
        assert isinstance(self.send(shown_to=("12015550124,1",)).error, Refused)

    @pytest.mark.parametrize("reference", ['a"b', "a\\b", "é✿", "a\nb"])
    def test_references_are_encoded(self, reference):
        assert self.said(reference=reference)["client-reference"] == reference

    def test_two_contents_in_one_batch_do_not_mix(self):
        gateway, wire = self.open(ACCEPTED, ACCEPTED, ACCEPTED)
        other = Content(slides=(OutgoingSlide("Other"),), sender=SENDER)
        gateway.send([outgoing(), outgoing(content=other), outgoing()])
        texts = [said["slide"][0]["message-text"] for said in wire.sent]
        assert texts == ["20 % off ✿", "Other", "20 % off ✿"]

    def test_contents_that_are_gone_leave_nothing_behind(self):
        gateway, wire = self.open(*[ACCEPTED] * 200)
        for number in range(200):
            content = Content(slides=(OutgoingSlide(f"Text {number}"),))
            gateway.send([outgoing(content=content)])
        texts = [said["slide"][0]["message-text"] for said in wire.sent]
        assert texts == [f"Text {number}" for number in range(200)]

    def test_half_a_surrogate_does_not_break_the_request(self):
        assert self.said(Content(slides=(OutgoingSlide("a\ud800b"),)))["slide"]

    # --- Answers -----------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "answer",
        [
            {"STATUS": "Success", "TRACKINGID": "MMS_1"},
            {"status": "SUCCESS", "trackingid": "MMS_1"},
            (500, {"status": "success", "tracking-id": "MMS_1"}),
        ],
    )
    def test_a_success_is_one_however_it_is_spelled(self, answer):
        outcome = self.send(answer)
        assert (outcome.error, outcome.provider_id) == (None, "MMS_1")

    def test_a_number_as_tracking_id_is_kept_as_text(self):
        assert self.send({"status": "success", "tracking-id": 123}).provider_id == "123"

    def test_a_success_without_tracking_id_is_accepted_all_the_same(self):
        outcome = self.send({"status": "success"})
        assert (outcome.error, outcome.provider_id) == (None, "")

    def test_the_code_of_a_failure_counts_whatever_the_http_status(self):
        outcome = self.send((500, failure("E114")))
        assert isinstance(outcome.error, Refused)
        assert outcome.error.is_blocked

    @pytest.mark.parametrize("status", [200, 400, 422])
    def test_a_failure_without_code_is_refused_in_words(self, status):
        assert isinstance(self.send((status, {"status": "failure"})).error, Refused)

    def test_a_failure_without_code_stops_the_channel_where_its_status_says_so(self):
        assert isinstance(self.send((401, {"status": "failure"})).error, Misconfigured)

    def test_no_part_of_the_key_is_left_where_words_are_cut(self):
        error = self.send(failure("E104", "x" * 295 + CANARY)).error
        assert CANARY[:4] not in str(error)

    def test_a_failure_without_code_in_a_server_error_is_in_doubt(self):
        assert isinstance(self.send((500, {"status": "failure"})).error, OutcomeUnknown)

    @pytest.mark.parametrize("status", ["", "queued", None, 1, ["success"]])
    def test_an_answer_without_a_status_is_in_doubt(self, status):
        answer = {"status": status, "tracking-id": "MMS_1"}
        assert isinstance(self.send(answer).error, OutcomeUnknown)

    def test_a_429_slows_down_for_as_long_as_it_asks(self):
        outcome = self.send(Answer(429, b"slow", 0.1, retry_after=7.0))
        assert isinstance(outcome.error, Throttled)
        assert outcome.error.retry_after == 7

    def test_unstorable_answers_are_cleaned(self):
        outcome = self.send((200, rb'{"status":"success","tracking-id":"a\u0000\ud800b"}'))
        assert outcome.provider_id == "a\ufffd\ufffdb"

    # --- Templates ---------------------------------------------------------------------------

    def test_saving_gives_the_id_and_waits_for_the_report(self):
        gateway, wire = self.open({"status": "success", "mms-id": 35674, "tracking-id": "T"})
        content = Content(
            slides=CONTENT.slides, name="Spring", subject="S", fallback_text="F", sender=SENDER
        )
        saved = gateway.save(content, "save-1")
        assert (saved.saved_id, saved.provider_id, saved.ready) == ("35674", "T", False)
        assert saved.exchange.action == "savemms"
        assert wire.sent[0] == {
            "action": "savemms",
            "name": "Spring",
            "message-subject": "S",
            "disable-fallback-sms": False,
            "fallback-sms-text": "F",
            "disable-fallback-sms-link": False,
            "client-reference": "save-1",
            "slide": wire.sent[0]["slide"],
        }

    def test_a_template_that_was_saved_without_an_id_is_in_doubt(self):
        gateway, _ = self.open({"status": "success"})
        with pytest.raises(OutcomeUnknown) as caught:
            gateway.save(CONTENT, "save-1")
        assert caught.value.exchange.status == 200

    def test_a_template_that_cannot_be_fetched_says_so(self):
        gateway, _ = self.open(failure("E353", "Could not copy video of slide 2"))
        with pytest.raises(Unreachable, match="slide 2"):
            gateway.save(CONTENT, "save-1")

    # --- Credentials -------------------------------------------------------------------------

    @pytest.mark.parametrize("code", ["E241", "E620", "E110"])
    def test_the_account_is_good_when_only_the_template_is_missing(self, code):
        gateway, wire = self.open(failure(code), service_id="svc")
        gateway.check_credentials(SENDER)
        assert wire.sent[0]["action"] == "sendsavedmms"
        assert wire.sent[0]["to"] == wire.sent[0]["from"] == SENDER
        assert wire.sent[0]["service-id"] == "svc"

    @pytest.mark.parametrize(
        ("code", "word"),
        [("E104", "key"), ("E111", "sender"), ("E627", "service id"), ("E112", "IP address")],
    )
    def test_a_wrong_account_says_what_to_correct(self, code, word):
        gateway, _ = self.open(failure(code))
        with pytest.raises(Misconfigured, match=word):
            gateway.check_credentials(SENDER)

    def test_a_short_code_is_tried_with_a_number_nobody_has(self):
        gateway, wire = self.open(failure("E241"))
        gateway.check_credentials("28444")
        assert (wire.sent[0]["from"], wire.sent[0]["to"]) == ("28444", "12015550123")

    @pytest.mark.parametrize("answer", [(200, b"<html>"), (503, b""), OutcomeUnknown("late")])
    def test_an_unreadable_answer_is_no_proof_and_frightens_nobody(self, answer):
        gateway, _ = self.open(answer)
        with pytest.raises(Unreachable, match="check the base URL"):
            gateway.check_credentials(SENDER)

    # --- Callbacks ---------------------------------------------------------------------------

    def test_posts_are_unsigned_and_pass(self):
        gateway, _ = self.open()
        assert gateway.verify_post({}, b"", datetime.now(UTC)) == Seal()
