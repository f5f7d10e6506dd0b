"""What an answer means that took no message (reference/sinch-conversation-api.md §13), in words.

A send cannot be repeated safely: there is no key that makes a second one the same. So only what
Sinch clearly refused counts as not sent. Every 5xx is in doubt, a tidy 503 as well: its words may
come from a proxy that lost the answer of a server which had taken the message.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from campaigns.gateways.errors import (
    GatewayError,
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Throttled,
)
from campaigns.gateways.http import Answer
from campaigns.gateways.payload import text

Kind = tuple[Callable[..., GatewayError], str]

#: This message never.
PERSON = partial(Refused, about_content=False)
#: This message never, and every other copy of it would fail alike.
CONTENT = partial(Refused, about_content=True)
#: No message at all before somebody corrects the account.
CHANNEL = Misconfigured
#: It may have gone.
DOUBT = OutcomeUnknown
#: Nothing was sent: slower.
SLOWER = partial(Throttled, retry_after=1.0)

_NO_ACCESS = "Sinch denies access: check the roles of the access key, the project id and the app."
#: CANCELLED (408, 499) and ABORTED (409) may come from the middle of it.
_BROKEN_OFF = "Sinch broke off in the middle of it: it may have gone through."
_BAD_BASE_URL = "The base URL is wrong: it takes no requests. Correct it in the channel."

#: (HTTP status, Sinch's word; "*" for any word, "" for none) → what it means.
ANSWERS: dict[tuple[int, str], Kind] = {
    (400, "*"): (PERSON, "Sinch calls the request invalid."),
    (400, "INVALID_ARGUMENT"): (PERSON, "Sinch calls the request invalid."),
    (400, "INVALID_REQUEST"): (PERSON, "Sinch calls the request invalid."),
    (401, ""): (CHANNEL, "Sinch does not accept the access key: correct its id and secret."),
    (403, ""): (CHANNEL, _NO_ACCESS),
    (403, "BILLING_CREDIT_LIMIT_BREACHED"): (
        CHANNEL,
        "The credit limit of the Sinch account is reached: top it up, then resume the channel.",
    ),
    (404, ""): (
        CHANNEL,
        "Sinch knows no such app there: an app is known in its own region only. Check the region, "
        "the base URL, the project id and the app id.",
    ),
    (405, ""): (CHANNEL, _BAD_BASE_URL),
    (408, ""): (DOUBT, _BROKEN_OFF),
    (409, ""): (DOUBT, _BROKEN_OFF),
    (410, ""): (CHANNEL, _BAD_BASE_URL),
    (429, ""): (SLOWER, "Sinch asks to slow down: too many requests, or its queue is full."),
    (499, ""): (DOUBT, _BROKEN_OFF),
    (500, ""): (DOUBT, "Sinch had an internal error: it may have gone through."),
    (501, ""): (CHANNEL, _BAD_BASE_URL),
    (503, ""): (DOUBT, "Sinch was not available in the middle of it: it may have gone through."),
}
_REDIRECTED: Kind = (CHANNEL, "The base URL redirects elsewhere: enter the final address.")
_REFUSED: Kind = (PERSON, "Sinch refused the message.")
_UNREADABLE: Kind = (DOUBT, "The provider's answer cannot be read: it may have gone through.")

#: The first part of a field that was found wrong → whose fault that is (without underscores).
FIELDS: dict[str, Kind] = {
    "appid": (CHANNEL, "Sinch does not accept the app id: correct it in the channel."),
    "projectid": (CHANNEL, "Sinch does not accept the project id: correct it in the channel."),
    "recipient": (PERSON, "Sinch does not accept the recipient's number: correct the contact."),
    "message": (CONTENT, "Sinch does not accept the content of the message."),
    "channelproperties": (CONTENT, "Sinch does not accept a setting of the message."),
    "channelpriorityorder": (CONTENT, "Sinch does not accept the order of MMS and SMS."),
    "ttl": (CONTENT, "Sinch does not accept the time until which it may be sent."),
}


def error_of(answer: Answer, data: dict[str, Any], redact: Callable[[str], str]) -> GatewayError:
    """What this answer, which is no success, means."""
    said = data.get("error") if isinstance(data.get("error"), dict) else data
    word = text(said, "status", limit=60).upper()
    field, info = _violation(said)
    make, sentence = _kind(answer.status, word)
    if answer.status == 400 and word:
        make, sentence = FIELDS.get(_root(field), (make, sentence))
    info = redact(info or text(said, "message", limit=2000))[:300]
    shown = f" (Sinch: {info})" if info and word and answer.status < 500 else ""
    error = make(f"{sentence}{shown or f' (HTTP {answer.status})'}", code=word[:40])
    if isinstance(error, Throttled) and answer.retry_after is not None:
        error.retry_after = answer.retry_after
    return error


def _kind(status: int, word: str) -> Kind:
    for key in ((status, word), (status, "*") if word else (status, ""), (status, "")):
        if key in ANSWERS:
            return ANSWERS[key]
    if 300 <= status < 400:
        return _REDIRECTED
    return _REFUSED if word and 400 <= status < 500 else _UNREADABLE


def _violation(said: dict[str, Any]) -> tuple[str, str]:
    """The field found wrong first, and what Sinch says about it; both may be ""."""
    details = said.get("details")
    for detail in details[:20] if isinstance(details, list) else ():
        found = detail.get("field_violations") if isinstance(detail, dict) else None
        first = found[0] if isinstance(found, list) and found else None
        if isinstance(first, dict):
            field = text(first, "field", limit=200)
            words = text(first, "description", limit=2000)
            return field, f"{field}: {words}" if field and words else words or field
    return "", ""


def _root(field: str) -> str:
    """`recipient` of `recipient.identified_by[0].identity`."""
    return re.split(r"[.\[]", field, maxsplit=1)[0].replace("_", "").lower()
