"""The signature of Sinch's newer callbacks (reference/sinch-conversation-api.md §10)."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime

from campaigns.gateways.base import Seal

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
        return Seal("It is not signed, and this channel takes only what is.")
    if found.get(ALGORITHM, "").lower() not in KNOWN_ALGORITHMS:
        return Seal("It is signed by a method that we do not know.")
    if not _is_signed(said, b".".join((body, _bytes(nonce), _bytes(at))), keys):
        return Seal("Its signature does not fit: compare the secret here with the one at Sinch.")
    if not (at.isascii() and at.isdigit() and abs(int(at[:15]) - now.timestamp()) < WINDOW_SECONDS):
        return Seal("It was signed more than five minutes ago, or our clock is wrong.")
    return Seal(nonce=nonce if len(nonce) <= _NONCE_LENGTH else _shorten(nonce))


def _is_signed(said: str, message: bytes, keys: list[bytes]) -> bool:
    """In constant time, whichever key it was."""
    fits = False
    for key in keys:
        expected = b64encode(hmac.digest(key, message, "sha256"))
        fits |= hmac.compare_digest(expected, _bytes(said))
    return fits


def _bytes(header: str) -> bytes:
    return header.encode("utf-8", "replace")


def _shorten(nonce: str) -> str:
    return hashlib.sha256(_bytes(nonce)).hexdigest()
