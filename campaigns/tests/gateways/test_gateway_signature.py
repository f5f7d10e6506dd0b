"""Which callbacks count as signed (reference/sinch-conversation-api.md §10)."""

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateways.events import Seal
from campaigns.gateways.signature import HEADERS, read_secrets, verify

NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)
BODY = b'{\n  "app_id": "x",\n  "message": {}\n}\n'
SECRET = "foo_secret_1234"
NONCE = "01FJA8B4A7BM43YGWSG9GBV067"


def signed(body=BODY, secret=SECRET, at=NOW, nonce=NONCE, **changes):
    """The headers Sinch would send, written by the reference and not by our own code."""
    timestamp = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    for part in (body, b".", nonce.encode(), b".", timestamp.encode()):
        mac.update(part)
    headers = {
        "x-sinch-webhook-signature": b64encode(mac.digest()).decode(),
        "x-sinch-webhook-signature-timestamp": timestamp,
        "x-sinch-webhook-signature-nonce": nonce,
        "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    }
    return {**headers, **changes}


def problem(headers, body=BODY, now=NOW, secrets=(SECRET,)):
    seal = verify(headers, body, now, secrets)
    assert (seal.nonce == "") == bool(seal.problem)
    return seal.problem


def test_what_sinch_signed_is_genuine_and_gives_its_nonce():
    assert verify(signed(), BODY, NOW, [SECRET]) == Seal(nonce=NONCE)


def test_the_example_that_sinch_publishes_is_genuine():
    """The one of the callbacks page, which the official SDKs test with too."""
    body = (
        b'{"app_id":"","accepted_time":"2021-10-18T17:49:13.813615Z","project_id":'
        b'"e2df3a34-a71b-4448-9db5-a8d2baad28e4","contact_create_notification":{"contact":'
        b'{"id":"01FJA8B466Y0R2GNXD78MD9SM1","channel_identities":[{"channel":"SMS","identity":'
        b'"48123456789","app_id":""}],"display_name":"New Test Contact","email":'
        b'"new.contact@email.com","external_id":"","metadata":"","language":"EN_US"}},'
        b'"message_metadata":""}'
    )
    published = {
        "x-sinch-webhook-signature": "6bpJoRmFoXVjfJIVglMoJzYXxnoxRujzR4k2GOXewOE=",
        "x-sinch-webhook-signature-timestamp": "1634579353",
        "x-sinch-webhook-signature-nonce": NONCE,
        "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    }
    at = datetime.fromtimestamp(1634579353, UTC)
    assert verify(published, body, at, ["foo_secret1234"]) == Seal(nonce=NONCE)


def test_names_of_headers_are_compared_without_case():
    headers = {name.title(): value for name, value in signed().items()}
    assert problem(headers) == ""


@pytest.mark.parametrize(
    "body",
    [BODY + b"\n", BODY.strip(), b'{"app_id":"x","message":{}}', BODY.replace(b"x", b"y"), b""],
)
def test_another_body_is_not_genuine(body):
    assert "does not fit" in problem(signed(), body)


def test_another_secret_is_not_genuine():
    assert "does not fit" in problem(signed(secret="another"))


@pytest.mark.parametrize("secrets", [(SECRET, "new"), ("new", SECRET)])
def test_during_a_rotation_two_secrets_count(secrets):
    assert problem(signed(), secrets=secrets) == ""


def test_without_a_secret_nothing_is_asked():
    assert verify({}, BODY, NOW, []) == Seal()
    assert verify(signed(secret="any"), BODY, NOW, []) == Seal()


@pytest.mark.parametrize("name", HEADERS[:3])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_with_a_secret_a_header_is_needed(name, value):
    headers = signed()
    if value is None:
        del headers[name]
    else:
        headers[name] = value
    assert "not signed" in problem(headers)


def test_the_algorithm_may_be_missing_but_not_another_one():
    """Some of Sinch's own programs send none."""
    name = "x-sinch-webhook-signature-algorithm"
    assert "another algorithm" in problem(signed(**{name: "HmacSHA1"}))
    assert problem(signed(**{name: ""})) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-sinch-webhook-signature", "AAAA"),
        ("x-sinch-webhook-signature", "✿"),
        ("x-sinch-webhook-signature", "\ud800"),
        ("x-sinch-webhook-signature-nonce", "another"),
        ("x-sinch-webhook-signature-timestamp", str(int(NOW.timestamp()) + 1)),
    ],
)
def test_a_header_that_was_changed_is_not_genuine(name, value):
    assert "does not fit" in problem(signed(**{name: value}))


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_fine(seconds):
    assert problem(signed(at=NOW - timedelta(seconds=seconds))) == ""


@pytest.mark.parametrize(("seconds", "words"), [(301, "older"), (-301, "future"), (10**9, "older")])
def test_what_was_signed_at_another_time_is_not_taken(seconds, words):
    assert words in problem(signed(at=NOW - timedelta(seconds=seconds)))


@pytest.mark.parametrize("timestamp", ["soon", "-5", "1e9", "٣", "9" * 200])
def test_a_time_that_is_none_is_not_taken(timestamp):
    name = "x-sinch-webhook-signature-timestamp"
    message = BODY + b"." + NONCE.encode() + b"." + timestamp.encode()
    digest = hmac.new(SECRET.encode(), message, hashlib.sha256).digest()
    changes = {name: timestamp, "x-sinch-webhook-signature": b64encode(digest).decode()}
    assert "cannot be read" in problem(signed(**changes))


@pytest.mark.parametrize("name", HEADERS[:3])
@pytest.mark.parametrize("value", ["x", "é", "\udc80", "9" * 5000, "٣", "-1", "NaN"])
def test_hostile_headers_are_a_problem_and_no_error(name, value):
    assert problem(signed(**{name: value}))


def test_a_long_nonce_is_told_short_and_stays_its_own():
    nonces = {verify(signed(nonce="n" * 150 + end), BODY, NOW, [SECRET]).nonce for end in "12"}
    assert len(nonces) == 2
    assert all(len(nonce) <= 100 for nonce in nonces)


def test_a_field_holds_one_secret_or_two():
    assert read_secrets(None) == read_secrets("") == ()
    assert read_secrets(" new ") == ("new",)
    assert read_secrets("new old") == ("new", "old")
