"""The three kinds of content: a text, a medium, raw bytes (§4)."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from campaigns.sandbox.sms.problems import bad_format, broken_rule
from campaigns.sandbox.sms.values import check_url, read_text

LONGEST_TEXT = 2000
LONGEST_SUBJECT = 80
LONGEST_URL = 2048
MOST_BYTES = 140


def _text(body: dict) -> dict:
    text = read_text(body.get("body"), "body", LONGEST_TEXT)
    if not text:
        raise broken_rule("body is empty")
    return {"body": text}


def _media(body: dict) -> dict:
    said = body.get("body")
    if not isinstance(said, dict):
        raise bad_format("body is not an object")
    if not said.get("url"):
        raise broken_rule("body.url is missing: a message without media is an mt_text")
    media = {"url": check_url(read_text(said["url"], "body.url", LONGEST_URL), "body.url")}
    for name, longest in (("message", LONGEST_TEXT), ("subject", LONGEST_SUBJECT)):
        if said.get(name) is not None:
            media[name] = read_text(said[name], f"body.{name}", longest)
    return {"body": media}


def _binary(body: dict) -> dict:
    content, header = body.get("body"), body.get("udh")
    try:
        size = len(base64.b64decode(content, validate=True)) + len(bytes.fromhex(header))
    except (TypeError, ValueError, binascii.Error):
        raise bad_format("body is not base64 or udh is not hex") from None
    if size > MOST_BYTES:
        raise broken_rule(f"body and udh are longer than {MOST_BYTES} bytes together")
    return {"body": content, "udh": header}


#: Type → reads `body` (and `udh`) of a request.
BODIES: dict[str, Callable[[dict], dict[str, Any]]] = {
    "mt_text": _text,
    "mt_media": _media,
    "mt_binary": _binary,
}
