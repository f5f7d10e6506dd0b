"""The signature of a callback (reference/sinch-conversation-api.md §10)."""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime

from campaigns.gateways.base import Seal

SIGNATURE = "x-sinch-webhook-signature"
TIMESTAMP = f"{SIGNATURE}-timestamp"
NONCE = f"{SIGNATURE}-nonce"
ALGORITHM = f"{SIGNATURE}-algorithm"
HEADERS = (SIGNATURE, TIMESTAMP, NONCE, ALGORITHM)
#: A callback may be so old, or our clock so wrong, in seconds.
WINDOW = 300

_UNSIGNED = (
    "It is not signed, and this channel has a callback secret: set the same secret in the "
    "webhook at Sinch."
)
_OTHER_ALGORITHM = "It is signed by another algorithm than HmacSHA256."
_FORGED = (
    "Its signature does not fit: it was changed on the way, or signed with another secret than "
    "the channel's."
)
_NO_TIME = "The time of its signature cannot be read."
_TOO_OLD = (
    "Its signature is older than five minutes: somebody repeats it, or the clock of this server "
    "is wrong."
)
_TOO_EARLY = "Its signature is from the future: check the clock of this server."


def check(headers: Mapping[str, str], body: bytes, now: datetime, secrets: Sequence[str]) -> Seal:
    """Whether one of these secrets signed the body, just now; without any, nothing is asked."""
    if not secrets:
        return Seal()
    known = {name.lower(): value for name, value in headers.items()}
    given, timestamp, nonce, algorithm = (known.get(name, "").strip() for name in HEADERS)
    if not (given and timestamp and nonce and algorithm):
        return Seal(_UNSIGNED)
    if algorithm.lower() != "hmacsha256":
        return Seal(_OTHER_ALGORITHM)
    signed = b"%b.%b.%b" % (body, _bytes(nonce), _bytes(timestamp))
    fits = [hmac.compare_digest(_bytes(given), sign(signed, secret)) for secret in secrets]
    if not any(fits):
        return Seal(_FORGED)
    problem = _time_problem(timestamp, now)
    return Seal(problem) if problem else Seal(nonce=nonce)


def sign(signed: bytes, secret: str) -> bytes:
    """The signature as the header carries it."""
    return b64encode(hmac.digest(secret.encode(), signed, "sha256"))


def _bytes(header: str) -> bytes:
    return header.encode("utf-8", "replace")


def _time_problem(timestamp: str, now: datetime) -> str:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return _NO_TIME
    age = now.timestamp() - int(timestamp)
    if age > WINDOW:
        return _TOO_OLD
    return _TOO_EARLY if age < -WINDOW else ""
