"""What becomes of what is asked of the SMS REST API."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from campaigns.gateways import GATEWAYS
from campaigns.gateways.errors import (
    OutcomeUnknown,
    Refused,
    Unreachable,
)
from campaigns.gateways.events import Seal
from campaigns.gateways.http import Answer
from campaigns.gateways.outgoing import OutgoingSlide, OwnWords
from campaigns.gateways.sinch_sms.client import MOST_SPLITS
from campaigns.rules.formats import Choice, Format
from campaigns.tests.gateways.canned import canned
from campaigns.tests.gateways.contract import (
    CANARY,
    CONTENT,
    HOSTILE,
    NOW,
    SENDER,
    GatewayContract,
    outgoing,
)
from campaigns.tests.gateways.sinch_sms_samples import (
    ACCEPTED,
    BATCH_ID,
    NO_PAGES,
    PHONES,
    URL,
    WORDS,
    Opened,
    error,
    saying,
    to_each,
)
from campaigns.tests.gateways.test_gateway_signature import signed


class TestSinchSms(GatewayContract):
    kind = "sinch_sms"
    accepted = ACCEPTED
    settings = {"service_plan_id": "plan1"}
    polled = ({**NO_PAGES, "delivery_reports": []}, {**NO_PAGES, "inbounds": []})


class TestOutcomes(Opened):
    def send(self, messages, *answers):
        gateway, self.wire = self.open(*answers)
        return gateway.send(messages)

    def test_each_message_has_the_id_of_the_batch_and_its_number(self):
        outcomes = self.send(to_each(PHONES), ACCEPTED)
        assert [each.provider_id for each in outcomes] == [f"{BATCH_ID}/{p}" for p in PHONES]
        assert [each.reference for each in outcomes] == [f"camp-1-{n}" for n in range(100)]

    def test_whom_the_answer_does_not_name_is_in_doubt(self):
        named = {"id": BATCH_ID, "to": [f"+{PHONES[0]}", PHONES[2]]}
        first, left_out, third = self.send(to_each(PHONES[:3]), (201, named))
        assert (first.error, third.error) == (None, None)
        assert type(left_out.error) is OutcomeUnknown
        assert left_out.provider_id == ""

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
        assert first.reference == BATCH_ID
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
        both = [*to_each(PHONES[:1]), *to_each(PHONES[:1], WORDS)]
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
        outcomes = self.send(saying("", "Hi", content=WORDS), ACCEPTED)
        assert [type(each.error) for each in outcomes] == [Refused, type(None)]
        assert outcomes[0].error.about_content is False


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
        escaped = (200, b'{"callback_url":"https:\\/\\/here\\/hooks\\/hidden-token"}')
        gateway, _ = self.open(*[(400, answer)] * 3, escaped, **values)
        (outcome,) = gateway.send([outgoing()])
        told = [repr(outcome), str(outcome.error), repr(vars(outcome.error))]
        for ask in (gateway.check_credentials, gateway.look_up):
            with pytest.raises(Refused) as caught:
                ask("x")
            told += [str(caught.value), repr(vars(caught.value))]
        told.append(repr(gateway.check_credentials(SENDER)))
        assert not [words for words in told if CANARY in words or "hidden-token" in words]

    def test_closing_lets_the_connections_go(self):
        wire = canned()
        GATEWAYS["sinch_sms"](self.config(), wire).close()
        assert wire.is_closed


def test_the_journal_knows_a_batch_by_its_id_and_keeps_nobody_s_own_words():
    said = {"id": "B1", "to": ["12015550123"], "parameters": {"text": {"12015550123": "Hi Ann"}}}
    wire = canned((201, said))
    gateway = GATEWAYS["sinch_sms"](TestSinchSms().config(), wire)
    own = [OwnWords(texts=((1, f"Hi {name}"),)) for name in ("Ann", "Bo")]
    messages = [outgoing(f"1201555012{n}", f"r{n}", own=each) for n, each in enumerate(own)]
    exchange = gateway.send(messages)[0].exchange
    assert exchange.reference == "B1"
    assert '"B1"' in exchange.answer
    assert "Ann" not in exchange.request + exchange.answer
    assert "Hi Ann" in wire.requests[0][2].decode()


class Choosy:
    """Takes a batch unless one of these numbers is in it, as Sinch refuses it whole."""

    def __init__(self, *bad):
        self.bad, self.batches = set(bad), []

    def post(self, url, headers, body, *, limit=0):
        people = json.loads(body)["to"]
        self.batches.append(people)
        if self.bad & set(people):
            text = "Value at 'to' is no valid phone number"
            said = {"code": "syntax_constraint_violation", "text": text}
            return Answer(400, json.dumps(said).encode(), 0.0)
        return Answer(201, json.dumps({"id": f"B{len(self.batches)}"}).encode(), 0.0)


def send_to(wire, count=100):
    gateway = GATEWAYS["sinch_sms"](TestSinchSms().config(), wire)
    phones = [str(12015550100 + number) for number in range(count)]
    return dict(zip(phones, gateway.send(to_each(phones)), strict=True))


def test_one_bad_number_does_not_stop_the_others():
    wire = Choosy("12015550117", "12015550163")
    outcomes = send_to(wire)
    failed = {phone for phone, outcome in outcomes.items() if outcome.error}
    assert failed == wire.bad
    assert all(outcome.provider_id for phone, outcome in outcomes.items() if phone not in failed)
    taken = Counter(p for people in wire.batches if not wire.bad & set(people) for p in people)
    assert set(taken.values()) == {1}
    assert len(wire.batches) < 30


def test_a_list_of_bad_numbers_is_given_up_in_the_end():
    phones = [str(12015550100 + number) for number in range(1000)]
    wire = Choosy(*phones)
    outcomes = send_to(wire, 1000)
    assert all(outcome.error for outcome in outcomes.values())
    assert len(wire.batches) <= 2 * MOST_SPLITS + 1


def test_a_wrong_token_is_shown_to_sinch_once():
    wire = canned((401, b""))
    gateway = GATEWAYS["sinch_sms"](TestSinchSms().config(), wire)
    outcomes = gateway.send(saying(*("x" * 1700 + str(n) for n in range(20))))
    assert {type(outcome.error).__name__ for outcome in outcomes} == {"Misconfigured"}
    assert len(wire.requests) == 1
