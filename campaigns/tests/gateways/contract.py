"""What every gateway keeps to. A provider's test subclasses `GatewayContract`."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateways import GATEWAYS
from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import (
    GatewayError,
    Misconfigured,
    OutcomeUnknown,
    Unreachable,
)
from campaigns.gateways.outgoing import Content, OutgoingMedium, OutgoingMms, OutgoingSlide
from campaigns.rules.media import MediaKind
from campaigns.tests.gateways.canned import canned

NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)
SENDER = "12015550100"
CANARY = "canary-5f1e7a"
CONTENT = Content(
    slides=(
        OutgoingSlide("20 % off ✿", (OutgoingMedium("image", "https://media.example.org/1.jpg"),)),
    ),
    subject="Spring sale",
    fallback_text="See our offer:",
    sender=SENDER,
)
HOSTILE = {
    "empty": b"",
    "blank": b"   ",
    "word": b"hello",
    "html": b"<html><body>502 Bad Gateway</body></html>",
    "null": b"null",
    "list": b"[]",
    "list of objects": b'[{"code":"N101"}]',
    "text": b'"text"',
    "number": b"1",
    "true": b"true",
    "no members": b"{}",
    "half": b'{"origin":"MMS_MT","co',
    "raw NUL": b'{"code":"N1\x0001"}',
    "only NUL": b"\x00" * 40,
    "NaN": b'{"code":"N101","x":NaN}',
    "minus infinity": b'{"code":"N101","x":-Infinity}',
    "1e999": b'{"code":"N101","x":1e999}',
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "deep and closed": b'{"code":"N101","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "long number": b'{"code":"N101","x":' + b"9" * 5000 + b"}",
    "key twice": b'{"code":"N101","code":"E101"}',
    "key twice in two cases": b'{"code":"N101","CODE":"E101"}',
    "utf-16 with BOM": '{"code":"N101"}'.encode("utf-16"),
    "utf-32": '{"code":"N101"}'.encode("utf-32"),
    "latin-1": '{"code":"N101","status":"é"}'.encode("latin-1"),
    "two objects": b'{"code":"N101"}{"code":"N102"}',
    "form": b"origin=MMS_MT&code=N101",
    "xml": b"<postback><code>N101</code></postback>",
    "code is null": b'{"code":null}',
    "code is a list": b'{"code":["N101"]}',
    "code is an object": b'{"code":{"a":"N101"}}',
    "code is blank": b'{"code":""}',
    "trailing comma": b'{"code":"N101",}',
    "single quotes": b"{'code':'N101'}",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV\xcaO",
}


def outgoing(to="12015550123", reference="camp-1-1", content=CONTENT, **fields):
    return OutgoingMms(to=to, reference=reference, content=content, **fields)


class GatewayContract:
    """Set `kind` and `accepted` (an answer that takes the message) and add the provider's own.

    `settings`: fields without which nothing is sent. `polled`: answers to asking for reports and
    replies when there are none.
    """

    kind: str
    accepted: dict | tuple[int, dict]
    settings: dict = {}
    polled: tuple = ()

    def config(self, **values):
        gateway = GATEWAYS[self.kind]
        secrets = {field.name: CANARY for field in gateway.fields if field.secret}
        return ChannelConfig(gateway.default_base_url, {**secrets, **self.settings, **values})

    def open(self, *answers, **values):
        """A gateway and the wire it speaks to."""
        wire = canned(*answers)
        return GATEWAYS[self.kind](self.config(**values), wire), wire

    def send(self, *answers, **fields):
        gateway, _ = self.open(*answers)
        (outcome,) = gateway.send([outgoing(**fields)])
        return outcome

    # --- What it says about itself -----------------------------------------------------------

    def test_it_has_a_label_an_address_and_fields(self):
        gateway = GATEWAYS[self.kind]
        assert gateway.label
        assert gateway.default_base_url.startswith("https://")
        assert any(field.secret for field in gateway.fields)
        assert all(field.name.isidentifier() and field.label for field in gateway.fields)

    def test_it_knows_the_sizes_of_all_kinds_of_media(self):
        limits = GATEWAYS[self.kind].limits
        assert set(limits.sizes) == set(limits.sizes_transcoded) == {*MediaKind.values, "gif"}

    # --- Sending -----------------------------------------------------------------------------

    def test_an_accepted_message_has_an_id_and_no_error(self):
        outcome = self.send(self.accepted)
        assert (outcome.error, bool(outcome.provider_id)) == (None, True)

    def test_outcomes_come_in_the_order_of_the_batch(self):
        gateway, _ = self.open(self.accepted, self.accepted)
        outcomes = gateway.send([outgoing(reference="a"), outgoing(reference="b")])
        assert [outcome.reference for outcome in outcomes] == ["a", "b"]

    def test_the_exchange_tells_what_was_said(self):
        outcome = self.send(self.accepted)
        exchange = outcome.exchange
        # By our reference, or by the id of the batch, its rows find it.
        assert exchange.reference in {"camp-1-1", outcome.provider_id.partition("/")[0]}
        assert exchange.status in {200, 201}
        assert "12015550123" in exchange.request
        assert exchange.answer

    def test_a_long_answer_is_kept_short(self):
        assert len(self.send((500, b"x" * 60_000)).exchange.answer) <= 2000

    def test_an_answer_is_kept_as_a_database_takes_it(self):
        assert "\x00" not in self.send((500, b"a\x00b")).exchange.answer

    @pytest.mark.parametrize("to", ["", "+12015550123", "0012015550123", "120155", "x", "1 201"])
    def test_a_number_that_is_none_is_refused_before_any_request(self, to):
        gateway, wire = self.open()
        (outcome,) = gateway.send([outgoing(to=to)])
        assert type(outcome.error).__name__ == "Refused"
        assert wire.requests == []

    @pytest.mark.parametrize("error", [Unreachable("away"), OutcomeUnknown("late")])
    def test_what_the_wire_raises_becomes_an_outcome(self, error):
        outcome = self.send(error)
        assert outcome.error is error
        assert outcome.exchange.status is None

    @pytest.mark.parametrize("status", [200, 500, 502, 503])
    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
    def test_an_answer_that_cannot_be_read_is_in_doubt(self, body, status):
        assert type(self.send((status, body)).error) is OutcomeUnknown

    @pytest.mark.parametrize("status", [301, 401, 403, 404])
    def test_statuses_of_a_wrong_account_or_address_stop_the_channel(self, status):
        assert type(self.send((status, b"<html>no</html>")).error) is Misconfigured

    def test_no_request_is_repeated(self):
        gateway, wire = self.open(OutcomeUnknown("late"))
        gateway.send([outgoing()])
        assert len(wire.requests) == 1

    # --- Secrets -----------------------------------------------------------------------------

    @pytest.mark.parametrize("status", [200, 401, 500])
    def test_no_secret_is_told(self, status):
        gateway, _ = self.open((status, f'{{"status":"failure","error-info":"{CANARY}"}}'.encode()))
        (outcome,) = gateway.send([outgoing()])
        told = f"{outcome!r} {outcome.error} {gateway!r} {self.config()!r} {vars(outcome.error)}"
        assert CANARY not in told

    def test_a_secret_that_no_header_can_carry_is_not_told(self):
        fields = [field.name for field in GATEWAYS[self.kind].fields if field.secret]
        gateway, _ = self.open(**dict.fromkeys(fields, f"{CANARY}\r\nx: ✿"))
        (outcome,) = gateway.send([outgoing()])
        assert type(outcome.error) is Misconfigured
        assert CANARY not in repr(outcome)

    # --- Callbacks ---------------------------------------------------------------------------

    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
    def test_hostile_posts_raise_value_error_and_nothing_else(self, body):
        gateway, _ = self.open()
        with pytest.raises(ValueError):  # noqa: PT011 (any of its words will do)
            gateway.parse_post(body)

    def test_polling_is_answered(self):
        gateway, _ = self.open(*self.polled)
        assert list(gateway.poll(NOW - timedelta(hours=1), NOW)) == []

    def test_credentials_that_cannot_be_checked_raise_a_gateway_error(self):
        gateway, _ = self.open(Unreachable("away"))
        with pytest.raises(GatewayError):
            gateway.check_credentials(SENDER)
