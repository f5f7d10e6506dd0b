"""What errors and delivery reports of the SMS REST API mean."""

import pytest

from campaigns.gateways.errors import (
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Throttled,
)
from campaigns.gateways.http import Answer
from campaigns.gateways.sinch_sms.codes import error_of
from campaigns.gateways.sinch_sms.deliveries import CARRIER, PLATFORM, STATUS, judge
from campaigns.rules.statuses import MessageStatus
from campaigns.tests.gateways.contract import (
    outgoing,
)
from campaigns.tests.gateways.sinch_sms_samples import (
    Opened,
    error,
)

S = MessageStatus


class TestRefusals(Opened):
    def test_429_asks_to_slow_down_for_as_long_as_it_says(self):
        assert self.outcome(Answer(429, b"", 0.1, 7.0)).error.retry_after == 7.0
        assert type(self.outcome((429, b"")).error) is Throttled

    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
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


# --- What codes and statuses mean ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "word", "status"),
    [
        ("400", "Queued", S.ACCEPTED),
        ("401", "Dispatched", S.SENT),
        ("402", "Aborted", S.FAILED),
        ("405", "Aborted", S.FAILED),
        ("406", "Aborted", S.EXPIRED),
        ("407", "Aborted", S.FAILED),
        ("407", "Cancelled", S.FAILED),
        ("414", "Aborted", S.FAILED),
        ("415", "Rejected", S.FAILED),
        ("418", "Failed", S.FAILED),
        ("0", "Delivered", S.DELIVERED),
        ("0", "", S.DELIVERED),
        ("0", "Failed", S.FAILED),
        ("150", "Failed", S.FAILED),
        ("153", "Expired", S.EXPIRED),
        ("1000", "Delivered", S.DELIVERED),
        ("9999", "Deleted", S.FAILED),
        ("9999", "Rejected", S.FAILED),
        ("100", "Unknown", S.NO_RECEIPT),
        ("", "delivered", S.DELIVERED),
    ],
)
def test_codes_and_statuses_have_a_meaning(code, word, status):
    found, words, known = judge(code, word)
    assert (found, known) == (status, True)
    assert words


@pytest.mark.parametrize(("code", "word"), [("0", "Vanished"), ("77", ""), ("", "")])
def test_what_nobody_knows_changes_nothing_and_is_told(code, word):
    status, words, known = judge(code, word)
    assert (status, known) == (None, False)
    assert "do not know" in words


def test_every_code_of_the_reference_is_known():
    assert set(PLATFORM) == {*map(str, range(400, 419))} - {"409"}
    words = "queued dispatched delivered aborted cancelled rejected deleted failed expired unknown"
    assert set(words.split()) <= set(STATUS)


def test_a_carriers_code_says_more_than_the_status():
    assert "does not know the person" in judge("150", "Failed")[1]
    assert "later" in judge("3999", "Failed")[1]
    assert judge("150", "Delivered")[1] == STATUS["delivered"][1]


def test_of_two_ranges_the_narrower_comes_first():
    """Else it would never be found."""
    for place, (first, last, _) in enumerate(CARRIER):
        assert not any(a <= first and last <= b for a, b, _ in CARRIER[:place])


def test_a_sender_that_sinch_does_not_take_stops_the_channel():
    said = "Value at 'from' is no valid identifier"
    assert isinstance(error_of(400, "syntax_constraint_violation", said, None), Misconfigured)
