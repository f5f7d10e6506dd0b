"""Which callbacks count as signed."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateways.base import Seal
from campaigns.gateways.signature import HEADERS, read_secrets, verify

NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)
NONCE = "01HW9X7Q6ZJ5T0K3V8M2N4P6R8"
BODY = b'{\n  "type": "mo_text",\n  "body": "caf\xc3\xa9"\n}\n'


def signed(body=BODY, *, secret="new", at=NOW, nonce=NONCE, **changed):
    """The headers of a callback as Sinch signs it."""
    stamp = str(int(at.timestamp()))
    message = body + b"." + nonce.encode() + b"." + stamp.encode()
    signature = base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest())
    headers = {
        "X-Sinch-Webhook-Signature": signature.decode(),
        "X-Sinch-Webhook-Signature-Timestamp": stamp,
        "X-Sinch-Webhook-Signature-Nonce": nonce,
        "X-Sinch-Webhook-Signature-Algorithm": "HmacSHA256",
    }
    return headers | {f"X-Sinch-Webhook-{name}": value for name, value in changed.items()}


def seal(headers, body=BODY, *, secrets=("new", "old"), now=NOW):
    return verify(headers, body, now, secrets)


def test_a_genuine_callback_has_no_problem_and_tells_its_nonce():
    assert seal(signed()) == Seal(nonce=NONCE)


def test_the_bytes_of_a_sample_are_signed_as_the_reference_says():
    """body . nonce . timestamp, base64 with its padding; made with `openssl dgst`."""
    headers = {
        "x-sinch-webhook-signature": "b8xeAf5IVv1koIU8n7ON0MV+m6bKW1hO2X8u1kEuRMY=",
        "x-sinch-webhook-signature-timestamp": "1777032000",
        "x-sinch-webhook-signature-nonce": "n1",
    }
    assert seal(headers, b"{}", secrets=["foo"]) == Seal(nonce="n1")


def test_while_a_secret_is_being_changed_the_old_one_counts_too():
    assert seal(signed(secret="old")) == Seal(nonce=NONCE)
    assert "does not fit" in seal(signed(secret="old"), secrets=["new"]).problem


def test_without_a_secret_all_is_genuine():
    assert seal({}, secrets=()) == Seal()


def test_a_body_written_anew_is_not_genuine():
    anew = json.dumps(json.loads(BODY)).encode()
    assert "does not fit" in seal(signed(), anew).problem
    assert "does not fit" in seal(signed(), BODY.rstrip()).problem


@pytest.mark.parametrize("name", HEADERS[:3])
def test_a_callback_that_lacks_a_header_is_not_signed(name):
    headers = {key: value for key, value in signed().items() if key.lower() != name}
    assert "not signed" in seal(headers).problem


def test_the_algorithm_may_be_missing_but_not_another_one():
    headers = signed()
    assert "do not know" in seal(headers | {HEADERS[3].title(): "none"}).problem
    del headers["X-Sinch-Webhook-Signature-Algorithm"]
    assert seal(headers) == Seal(nonce=NONCE)


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24])
def test_an_old_callback_is_not_genuine_and_one_from_the_future_neither(minutes):
    assert "five minutes" in seal(signed(at=NOW + timedelta(minutes=minutes))).problem


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_a_little(minutes):
    assert seal(signed(at=NOW + timedelta(minutes=minutes))).problem == ""


@pytest.mark.parametrize("part", ["Signature", "Signature-Nonce", "Signature-Timestamp"])
@pytest.mark.parametrize("value", ["x", "é", "\udc80", "9" * 5000, "٣", "-1", "NaN"])
def test_hostile_headers_are_a_problem_and_no_error(part, value):
    assert seal(signed(**{part: value})).problem


def test_a_time_that_is_none_is_a_problem_even_when_it_is_signed():
    message = BODY + b".n.soon"
    signature = base64.b64encode(hmac.digest(b"new", message, "sha256")).decode()
    names = dict(zip(HEADERS, (signature, "soon", "n"), strict=False))
    assert "five minutes" in seal(names).problem


def test_a_long_nonce_is_told_short_and_stays_its_own():
    one, other = ("n" * 150 + end for end in "12")
    nonces = {seal(signed(nonce=nonce)).nonce for nonce in (one, other)}
    assert len(nonces) == 2
    assert all(len(nonce) <= 100 for nonce in nonces)


def test_a_field_holds_one_secret_or_two():
    assert read_secrets(None) == read_secrets("") == ()
    assert read_secrets(" new ") == ("new",)
    assert read_secrets("new old") == ("new", "old")
