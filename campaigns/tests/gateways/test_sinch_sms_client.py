"""What the client of the SMS REST API says and understands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateways import GATEWAYS
from campaigns.gateways.base import Content, OutgoingMedium, OutgoingSlide, OwnWords, Seal
from campaigns.gateways.errors import (
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unreachable,
)
from campaigns.gateways.http import Answer
from campaigns.rules.formats import Choice, Format
from campaigns.tests.gateways.canned import Canned, canned
from campaigns.tests.gateways.contract import (
    CANARY,
    CONTENT,
    HOSTILE,
    NOW,
    SENDER,
    GatewayContract,
    outgoing,
)
from campaigns.tests.gateways.test_gateway_signature import signed

BATCH_ID = "01HW9X7Q6ZJ5T0K3V8M2N4P6R8"
ACCEPTED = (
    201,
    {
        "id": BATCH_ID,
        "type": "mt_media",
        "to": ["12015550123"],
        "from": SENDER,
        "canceled": False,
        "body": {"url": "https://media.example.org/1.jpg", "message": "20 % off ✿"},
        "client_reference": "camp-1-1",
        "delivery_report": "per_recipient",
        "created_at": "2026-04-24T12:00:00.000Z",
        "modified_at": "2026-04-24T12:00:00.000Z",
    },
)
NO_PAGES = {"count": 0, "page": 0, "page_size": 0}
PHONES = [str(12015550100 + number) for number in range(100)]
TEXT = Content(slides=(OutgoingSlide("Hello"),), sender=SENDER, format=Format.TEXT)
URL = "https://us.sms.api.sinch.com/xms/v1/plan1/"


def to_each(phones, content=CONTENT, **fields):
    """A message to each of these numbers, in one batch of ours."""
    return [
        outgoing(to, f"camp-1-{n}", content, batch_reference="b0123", **fields)
        for n, to in enumerate(phones)
    ]


def saying(*texts, content=CONTENT, subject=None):
    """A message with words of their own for one person after the other."""
    return [
        outgoing(
            to,
            f"camp-1-{to}",
            content,
            own=OwnWords(subject=subject, texts=((1, text),)),
            batch_reference="b0123",
        )
        for to, text in zip(PHONES, texts, strict=False)
    ]


def error(code, text="", status=400):
    return status, {"code": code, "text": text}


class Opened:
    kind = "sinch_sms"
    settings = {"service_plan_id": "plan1", "callback_url": ""}
    config, open = GatewayContract.config, GatewayContract.open

    def said(self, messages, *answers, **values):
        """The bodies that sending makes."""
        gateway, wire = self.open(*(answers or [ACCEPTED] * 9), **values)
        gateway.send(messages)
        return wire.sent

    def outcome(self, answer):
        gateway, _ = self.open(answer)
        (found,) = gateway.send([outgoing()])
        return found


class TestSinchSms(GatewayContract):
    kind = "sinch_sms"
    accepted = ACCEPTED
    settings = {"service_plan_id": "plan1"}
    polled = ({**NO_PAGES, "delivery_reports": []}, {**NO_PAGES, "inbounds": []})


class TestBodies(Opened):
    def test_a_batch_has_the_fields_of_the_reference(self):
        assert self.said(to_each(PHONES[:2])) == [
            {
                "type": "mt_media",
                "to": PHONES[:2],
                "from": SENDER,
                "body": {
                    "url": "https://media.example.org/1.jpg",
                    "message": "20 % off ✿",
                    "subject": "Spring sale",
                },
                "client_reference": "b0123",
                "delivery_report": "per_recipient",
            }
        ]

    def test_the_token_goes_into_the_header_and_nowhere_else(self):
        gateway, wire = self.open(ACCEPTED)
        gateway.send([outgoing()])
        url, headers, body = wire.requests[0]
        assert url == f"{URL}batches"
        assert headers["Authorization"] == f"Bearer {CANARY}"
        assert headers["Content-Type"] == "application/json"
        assert CANARY.encode() not in body

    def test_what_the_channel_asks_for_is_said(self):
        values = {"strict": "Yes", "feedback": "yes", "callback_url": "https://here/hooks/x"}
        (said,) = self.said([outgoing()], **values)
        assert said["strict_validation"] is True
        assert said["feedback_enabled"] is True
        assert said["callback_url"] == "https://here/hooks/x"

    def test_a_text_is_an_sms_and_knows_no_media(self):
        (said,) = self.said([outgoing(content=TEXT)], strict="yes")
        assert (said["type"], said["body"]) == ("mt_text", "Hello")
        assert not {"strict_validation", "flash_message"} & set(said)

    def test_a_text_without_a_file_takes_its_subject_as_first_line(self):
        content = replace(TEXT, format=Format.SLIDES, subject="Spring sale")
        assert self.said([outgoing(content=content)])[0]["body"] == "Spring sale\nHello"

    def test_a_cards_title_is_its_subject(self):
        slide = replace(CONTENT.slides[0], title="Roses")
        content = replace(CONTENT, slides=(slide,), format=Format.CARD, subject="")
        assert self.said([outgoing(content=content)])[0]["body"]["subject"] == "Roses"
        own = OwnWords(titles=((1, "Tulips"),))
        assert self.said([outgoing(content=content, own=own)])[0]["body"]["subject"] == "Tulips"

    def test_a_file_alone_has_no_words(self):
        slide = OutgoingSlide(media=(OutgoingMedium("pdf", "https://media.example.org/1.pdf"),))
        content = Content(slides=(slide,), format=Format.MEDIA, sender=SENDER)
        body = self.said([outgoing(content=content)])[0]["body"]
        assert body == {"url": "https://media.example.org/1.pdf"}

    def test_the_moment_of_expiry_is_said_in_utc(self):
        at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
        (said,) = self.said([outgoing(content=replace(CONTENT, expires_at=at))])
        assert datetime.fromisoformat(said["expire_at"]) == at
        assert said["expire_at"].endswith(".000Z")

    def test_a_moment_after_three_days_is_left_to_the_default(self):
        at = datetime.now(UTC) + timedelta(days=4)
        (said,) = self.said([outgoing(content=replace(CONTENT, expires_at=at))])
        assert "expire_at" not in said

    def test_a_lone_surrogate_does_no_harm(self):
        slide = OutgoingSlide("\ud800!")
        (said,) = self.said([outgoing(content=replace(TEXT, slides=(slide,)))])
        assert said["body"] == "?!"


class TestWordsOfTheirOwn(Opened):
    def test_they_are_values_of_a_parameter(self):
        (said,) = self.said(saying("Hi Ann", "Hi Bob"))
        assert said["body"]["message"] == "${text}"
        assert said["parameters"] == {"text": {PHONES[0]: "Hi Ann", PHONES[1]: "Hi Bob"}}

    def test_who_has_none_gets_the_shared_ones(self):
        (said,) = self.said([*saying("Hi Ann"), *to_each(PHONES[1:2])])
        assert said["parameters"]["text"] == {PHONES[0]: "Hi Ann", PHONES[1]: "20 % off ✿"}

    def test_words_that_are_all_the_same_need_no_parameter(self):
        (said,) = self.said(saying("Hi", "Hi"))
        assert said["body"]["message"] == "Hi"
        assert "parameters" not in said

    def test_words_too_long_for_a_parameter_go_alone(self):
        said = self.said(saying("a" * 1601, "Hi Bob", "b" * 1600))
        assert [each["to"] for each in said] == [PHONES[1:3], PHONES[:1]]
        assert said[1]["body"]["message"] == "a" * 1601
        assert "parameters" not in said[1]

    def test_signs_outside_the_basic_plane_count_twice(self):
        said = self.said(saying("🌹" * 801, "Hi Bob"))
        assert [each["body"]["message"] for each in said] == ["Hi Bob", "🌹" * 801]

    def test_who_has_no_words_beside_the_file_goes_alone(self):
        said = self.said(saying("", "Hi Bob", "Hi Cleo"))
        assert [each["to"] for each in said] == [PHONES[1:3], PHONES[:1]]
        assert "message" not in said[1]["body"]

    def test_another_subject_is_another_batch(self):
        messages = [*saying("Hi", subject="One"), *to_each(PHONES[1:3])]
        said = self.said(messages)
        assert [each["body"]["subject"] for each in said] == ["One", "Spring sale"]
        assert [each["to"] for each in said] == [PHONES[:1], PHONES[1:3]]

    def test_all_requests_of_one_call_carry_its_reference(self):
        said = self.said(saying("a" * 1601, "Hi Bob", "Hi Cleo"))
        assert [each["client_reference"] for each in said] == ["b0123", "b0123"]

    def test_a_placeholder_of_the_authors_own_arrives_as_it_is(self):
        (said,) = self.said([outgoing(content=replace(TEXT, slides=(OutgoingSlide("${x}!"),)))])
        assert said["body"] == "${text}"
        assert said["parameters"] == {"text": {"default": "${x}!"}}

    def test_so_it_does_in_a_text_too_long_for_a_parameter(self):
        slide = OutgoingSlide("${x}" + "a" * 1600)
        (said,) = self.said([outgoing(content=replace(TEXT, slides=(slide,)))])
        assert said["body"] == "${dollar}{x}" + "a" * 1600
        assert said["parameters"] == {"dollar": {"default": "$"}}

    def test_other_dollars_are_what_they_are(self):
        (said,) = self.said([outgoing(content=replace(TEXT, slides=(OutgoingSlide("$5 {x}"),)))])
        assert (said["body"], "parameters" in said) == ("$5 {x}", False)


class TestOutcomes(Opened):
    def send(self, messages, *answers):
        gateway, self.wire = self.open(*answers)
        return gateway.send(messages)

    def test_each_message_has_the_id_of_the_batch_and_its_number(self):
        outcomes = self.send(to_each(PHONES), ACCEPTED)
        assert [each.provider_id for each in outcomes] == [f"{BATCH_ID}/{p}" for p in PHONES]
        assert [each.reference for each in outcomes] == [f"camp-1-{n}" for n in range(100)]

    def test_a_thousand_go_in_one_request_and_one_more_in_another(self):
        phones = [str(12015550000 + number) for number in range(1001)]
        outcomes = self.send(to_each(phones), ACCEPTED, (201, {"id": "other"}))
        assert [len(each["to"]) for each in self.wire.sent] == [1000, 1]
        assert outcomes[999].provider_id == f"{BATCH_ID}/{phones[999]}"
        assert outcomes[1000].provider_id == f"other/{phones[1000]}"

    def test_the_journal_gets_one_short_copy(self):
        outcomes = self.send(to_each(PHONES), ACCEPTED)
        first, *others = [each.exchange for each in outcomes]
        assert others == [None] * 99
        assert first.reference == "b0123"
        assert PHONES[4] in first.request
        assert PHONES[5] not in first.request
        assert "and 95 more" in first.request

    def test_so_it_does_where_each_has_words_of_their_own(self):
        outcomes = self.send(saying(*(f"{n}" * 500 for n in range(100, 200))), ACCEPTED)
        assert len(outcomes[0].exchange.request) < 12_000
        assert "and 95 more" in outcomes[0].exchange.request

    def test_numbers_that_are_none_are_refused_and_the_others_go(self):
        outcomes = self.send(to_each(["12015550101", "+1", "12015550103"]), ACCEPTED)
        assert [type(each.error) for each in outcomes] == [type(None), Refused, type(None)]
        assert self.wire.sent[0]["to"] == ["12015550101", "12015550103"]

    def test_the_exchange_is_told_when_the_first_number_is_none(self):
        outcomes = self.send(to_each(["x", "12015550103"]), ACCEPTED)
        assert [bool(each.exchange) for each in outcomes] == [False, True]

    def test_a_number_that_comes_twice_is_sent_to_once(self):
        outcomes = self.send(to_each(["12015550101", "12015550101"]), ACCEPTED)
        assert [type(each.error) for each in outcomes] == [type(None), Refused]
        assert self.wire.sent[0]["to"] == ["12015550101"]

    def test_two_messages_to_one_number_are_both_sent(self):
        both = [*to_each(PHONES[:1]), *to_each(PHONES[:1], TEXT)]
        outcomes = self.send(both, ACCEPTED, (201, {"id": "other"}))
        assert [each.provider_id for each in outcomes] == [
            f"{BATCH_ID}/{PHONES[0]}",
            f"other/{PHONES[0]}",
        ]

    def test_when_the_answer_is_lost_everybody_is_in_doubt(self):
        outcomes = self.send(to_each(PHONES), OutcomeUnknown("late"))
        assert {type(each.error) for each in outcomes} == {OutcomeUnknown}
        assert [bool(each.exchange) for each in outcomes] == [True] + [False] * 99

    def test_what_becomes_of_one_request_says_nothing_about_another(self):
        outcomes = self.send(saying("a" * 1601, "Hi Bob", "Hi Cleo"), ACCEPTED, error("x"))
        assert [type(each.error) for each in outcomes] == [Refused, type(None), type(None)]

    def test_a_refusal_is_of_everybody(self):
        outcomes = self.send(to_each(PHONES), error("syntax_constraint_violation", "body.url"))
        assert all(type(each.error) is Refused for each in outcomes)

    def test_a_success_without_an_id_is_in_doubt(self):
        outcome = self.outcome((201, {"type": "mt_media"}))
        assert type(outcome.error) is OutcomeUnknown
        assert outcome.exchange.status == 201

    @pytest.mark.parametrize(
        "content",
        [
            replace(CONTENT, slides=CONTENT.slides * 2),
            replace(CONTENT, slides=()),
            replace(CONTENT, slides=(OutgoingSlide(media=CONTENT.slides[0].media * 2),)),
            replace(CONTENT, format=Format.CAROUSEL),
            replace(CONTENT, format=Format.LOCATION, slides=()),
            replace(CONTENT, format=Format.CARD, slides=(OutgoingSlide("x", choices=(Choice(),)),)),
        ],
    )
    def test_what_it_cannot_carry_is_refused_before_any_request(self, content):
        (outcome,) = self.send([outgoing(content=content)])
        assert outcome.error.about_content
        assert self.wire.requests == []

    def test_a_group_is_refused_before_any_request(self):
        (outcome,) = self.send([outgoing(shown_to=("12015550124",))])
        assert outcome.error.about_content

    def test_a_message_that_says_nothing_is_refused_for_this_person(self):
        outcomes = self.send(saying("", "Hi", content=TEXT), ACCEPTED)
        assert [type(each.error) for each in outcomes] == [Refused, type(None)]
        assert outcomes[0].error.about_content is False


class TestLongAnswers(Opened):
    def test_an_answer_may_repeat_all_that_was_asked(self):
        """With every sign escaped, that is three times as long."""

        class Measured(Canned):
            def post(self, url, headers, body, *, limit=0):
                assert limit > 3 * len(body)
                return super().post(url, headers, body)

        gateway = GATEWAYS["sinch_sms"](self.config(), Measured(Answer(201, b'{"id":"x"}', 0.1)))
        outcomes = gateway.send(saying(*(f"{n} ✿🌹" * 200 for n in range(100, 200))))
        assert {each.error for each in outcomes} == {None}


class TestRefusals(Opened):
    def test_429_asks_to_slow_down_for_as_long_as_it_says(self):
        assert self.outcome(Answer(429, b"", 0.1, 7.0)).error.retry_after == 7.0
        assert type(self.outcome((429, b"")).error) is Throttled

    def test_503_in_the_words_of_the_api_took_nothing(self):
        outcome = self.outcome(error("service_unavailable", "Try later", 503))
        assert type(outcome.error) is Unreachable
        assert outcome.error.code == ""  # of everybody: it is no retry of this message's own

    @pytest.mark.parametrize("status", [408, 500, 502, 504])
    def test_other_troubles_of_the_server_are_in_doubt(self, status):
        assert type(self.outcome(error("internal", "x", status)).error) is OutcomeUnknown

    @pytest.mark.parametrize(
        ("code", "status", "kind"),
        [
            ("syntax_invalid_json", 400, Refused),
            ("syntax_invalid_parameter_format", 400, Refused),
            ("unknown_group", 403, Refused),
            ("missing_callback_url", 403, Misconfigured),
            ("illegal_number_type", 403, Misconfigured),
            ("llegal_number_type", 403, Misconfigured),
            ("BLOCKED_ACCOUNT", 403, Misconfigured),
            ("something_new", 403, Misconfigured),
            ("something_new", 400, Refused),
        ],
    )
    def test_codes_say_what_to_do(self, code, status, kind):
        found = self.outcome(error(code, "because", status)).error
        assert type(found) is kind
        assert "(Sinch: because)" in str(found)
        assert found.code == code

    @pytest.mark.parametrize(
        ("text", "about_content"),
        [
            ("body.message is longer than 2000", True),
            ("[to] is not a valid identifier", False),
            ("The value 'abc' is no valid MSISDN", False),
            ("'to' has an element that is not valid", False),
            ("failed to parse the url", True),
        ],
    )
    def test_a_value_that_is_refused_is_the_messages_or_a_numbers(self, text, about_content):
        found = self.outcome(error("syntax_constraint_violation", text)).error
        assert found.about_content is about_content

    def test_a_wrong_token_is_said_as_such_also_without_a_body(self):
        assert "API token" in str(self.outcome((401, b"")).error)

    def test_a_plan_without_an_id_is_not_asked_for(self):
        gateway, wire = self.open(service_plan_id=" ")
        (outcome,) = gateway.send([outgoing()])
        assert type(outcome.error) is Misconfigured
        assert wire.requests == []


class TestOtherSteps(Opened):
    def test_credentials_are_checked_by_a_look_at_one_batch(self):
        gateway, wire = self.open({**NO_PAGES, "batches": []})
        assert gateway.check_credentials(SENDER).status == 200
        assert wire.methods == ["GET"]
        assert wire.requests[0][0] == f"{URL}batches?page=0&page_size=1"

    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
    def test_a_check_that_cannot_be_read_frightens_nobody(self, body):
        gateway, _ = self.open((500, body))
        with pytest.raises(Unreachable) as caught:
            gateway.check_credentials(SENDER)
        assert caught.value.exchange.status == 500

    def test_a_batch_is_cancelled(self):
        gateway, wire = self.open({"id": BATCH_ID, "canceled": True})
        assert gateway.cancel(BATCH_ID) is True
        assert wire.methods == ["DELETE"]
        assert wire.requests[0][0] == f"{URL}batches/{BATCH_ID}"

    @pytest.mark.parametrize(
        ("answer", "is_cancelled"),
        [
            ({"canceled": "true"}, True),
            ({"canceled": False}, False),
            ({}, False),
            ((404, b""), False),
            (error("batch_already_dispatched", "late", 403), False),
        ],
    )
    def test_whether_it_is_cancelled_is_what_the_answer_says(self, answer, is_cancelled):
        gateway, _ = self.open(answer)
        assert gateway.cancel("x") is is_cancelled

    def test_an_id_stays_one_part_of_the_address(self):
        gateway, wire = self.open({})
        gateway.cancel("../../other?x")
        assert wire.requests[0][0] == f"{URL}batches/..%2F..%2Fother%3Fx"

    def test_feedback_names_who_got_it(self):
        gateway, wire = self.open((202, b""), feedback="yes")
        gateway.tell_received(BATCH_ID, PHONES[:2])
        assert wire.requests[0][0] == f"{URL}batches/{BATCH_ID}/delivery_feedback"
        assert wire.sent == [{"recipients": PHONES[:2]}]

    @pytest.mark.parametrize(("phones", "feedback"), [([], "yes"), (PHONES, "no")])
    def test_feedback_about_nobody_would_be_about_all_so_none_is_given(self, phones, feedback):
        gateway, wire = self.open(feedback=feedback)
        gateway.tell_received(BATCH_ID, phones)
        assert wire.requests == []

    def test_feedback_about_what_is_gone_is_refused(self):
        gateway, _ = self.open((404, b""), feedback="yes")
        with pytest.raises(Refused, match="does not have it"):
            gateway.tell_received(BATCH_ID, PHONES)

    def test_signed_callbacks_are_verified_where_a_secret_is_agreed(self):
        gateway, _ = self.open(callback_secret="old new")
        assert gateway.verify_post(signed(b"{}", secret="new"), b"{}", NOW).problem == ""
        assert gateway.verify_post(signed(b"{}", secret="bad"), b"{}", NOW).problem
        assert gateway.verify_post({}, b"{}", NOW).problem
        gateway, _ = self.open(callback_secret="")
        assert gateway.verify_post({}, b"{}", NOW) == Seal()

    def test_no_step_tells_a_secret(self):
        """Also the callback address is one: it holds the token of the channel's hook."""
        values = {"callback_url": "https://here/hooks/hidden-token", "feedback": "yes"}
        answer = {"code": "x", "text": f"{CANARY} https://here/hooks/hidden-token"}
        gateway, _ = self.open(*[(400, answer)] * 3, **values)
        (outcome,) = gateway.send([outgoing()])
        told = [repr(outcome), str(outcome.error), repr(vars(outcome.error))]
        for ask in (gateway.check_credentials, gateway.look_up):
            with pytest.raises(Refused) as caught:
                ask("x")
            told += [str(caught.value), repr(vars(caught.value))]
        assert not [words for words in told if CANARY in words or "hidden-token" in words]

    def test_closing_lets_the_connections_go(self):
        wire = canned()
        GATEWAYS["sinch_sms"](self.config(), wire).close()
        assert wire.is_closed
