"""The signature of Sinch's newer callbacks (reference/sinch-conversation-api.md §10)."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime

from campaigns.gateways.events import Seal

SIGNATURE = "x-sinch-webhook-signature"
TIMESTAMP = f"{SIGNATURE}-timestamp"
NONCE = f"{SIGNATURE}-nonce"
ALGORITHM = f"{SIGNATURE}-algorithm"
#: Every name under which one of them comes.
HEADERS = (SIGNATURE, TIMESTAMP, NONCE, ALGORITHM)
#: Some of Sinch's own programs send no algorithm.
KNOWN_ALGORITHMS = frozenset({"", "hmacsha256"})
#: A callback is this old at most, or this far ahead of our clock.
WINDOW_SECONDS = 300
#: What a nonce is kept in.
_NONCE_LENGTH = 100
_UNSIGNED = (
    "It is not signed, and this channel has a callback secret: set the same secret at Sinch."
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


def read_secrets(value: object) -> tuple[str, ...]:
    """The secrets in a field: one, or while it is being changed both, parted by a space."""
    return tuple(str(value or "").split())


def verify(headers: Mapping[str, str], body: bytes, now: datetime, secrets: Iterable[str]) -> Seal:
    """Whether one of the secrets signed these very bytes a moment ago; all is genuine where
    nobody agreed on a secret."""
    keys = [secret.encode() for secret in secrets]
    if not keys:
        return Seal()
    found = {name.lower(): value.strip() for name, value in headers.items()}
    said, nonce, at = (found.get(name, "") for name in (SIGNATURE, NONCE, TIMESTAMP))
    if not (said and nonce and at):
        return Seal(_UNSIGNED)
    if found.get(ALGORITHM, "").lower() not in KNOWN_ALGORITHMS:
        return Seal(_OTHER_ALGORITHM)
    if not _is_signed(said, b".".join((body, _bytes(nonce), _bytes(at))), keys):
        return Seal(_FORGED)
    problem = _time_problem(at, now)
    return Seal(problem) if problem else Seal(nonce=_shortened(nonce))


def sign(message: bytes, key: bytes) -> bytes:
    """The signature as the header carries it."""
    return b64encode(hmac.digest(key, message, "sha256"))


def _is_signed(said: str, message: bytes, keys: list[bytes]) -> bool:
    """In constant time, whichever key it was."""
    fits = [hmac.compare_digest(sign(message, key), _bytes(said)) for key in keys]
    return any(fits)


def _time_problem(timestamp: str, now: datetime) -> str:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return _NO_TIME
    age = now.timestamp() - int(timestamp)
    if age > WINDOW_SECONDS:
        return _TOO_OLD
    return _TOO_EARLY if age < -WINDOW_SECONDS else ""


def _bytes(header: str) -> bytes:
    return header.encode("utf-8", "replace")


def _shortened(nonce: str) -> str:
    return nonce if len(nonce) <= _NONCE_LENGTH else hashlib.sha256(_bytes(nonce)).hexdigest()
