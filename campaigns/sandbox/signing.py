"""Signs a callback as Sinch does: HMAC over body, nonce and time (Conversation reference §10)."""

import base64
import hashlib
import hmac
import secrets
import time


def sign(body: bytes, secret: str) -> dict[str, str]:
    """The headers of one try; every try has a nonce and a time of its own."""
    nonce, timestamp = secrets.token_urlsafe(18), str(int(time.time()))
    signed = b".".join([body, nonce.encode(), timestamp.encode()])
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return {
        "x-sinch-webhook-signature": base64.b64encode(digest).decode(),
        "x-sinch-webhook-signature-nonce": nonce,
        "x-sinch-webhook-signature-timestamp": timestamp,
        "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    }
