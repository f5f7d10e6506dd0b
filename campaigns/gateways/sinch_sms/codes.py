"""What the SMS REST API means by its errors (reference/sinch-sms-rest-api.md §10), in words."""

import logging
import re
from collections.abc import Callable
from functools import partial

from campaigns.gateways.errors import (
    GatewayError,
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Throttled,
)

log = logging.getLogger(__name__)

#: This request never; another one may go.
PERSON = partial(Refused, about_content=False)
#: This request never, and every other copy of the message would fail alike.
CONTENT = partial(Refused, about_content=True)
#: No message at all before somebody corrects the account.
CHANNEL = Misconfigured
#: Nothing was sent: slower.
SLOWER = partial(Throttled, retry_after=1.0)
#: It may have gone.
DOUBT = OutcomeUnknown

Meaning = tuple[Callable[..., GatewayError], str]

CODES: dict[str, Meaning] = {
    "syntax_invalid_json": (CONTENT, "Sinch could not read the request: tell your administrator."),
    "syntax_invalid_parameter_format": (
        CONTENT,
        "Sinch does not take a value of the message in the form it has: correct the message.",
    ),
    "syntax_constraint_violation": (
        CONTENT,
        "Sinch does not take a value of the message: correct the message.",
    ),
    "unknown_group": (
        PERSON,
        "Sinch takes a number of the batch for a group that it does not have: correct the "
        "contact, then send to the others again.",
    ),
    "missing_callback_url": (
        CHANNEL,
        "Sinch does not know where to report to: have the address of this channel set for the "
        "service plan.",
    ),
    "illegal_number_type": (
        CHANNEL,
        "Sinch does not take a number of this kind: choose another sender, or ask Sinch.",
    ),
    "blocked_account": (
        CHANNEL,
        "Sinch has blocked the account, perhaps because its credit is used up: ask Sinch.",
    ),
    "conflict_group_name": (PERSON, "Sinch has another group of this name: choose another one."),
    "batch_already_dispatched": (PERSON, "Sinch has sent the batch: it cannot be changed."),
}
#: So it is spelt on one of Sinch's pages.
CODES["llegal_number_type"] = CODES["illegal_number_type"]

#: One number of many; which one cannot be told from the others for sure.
ONE_NUMBER: Meaning = (
    PERSON,
    "Sinch does not take this number, or one of those that were left in a request with it: correct "
    "the contact, then send to the others again.",
)
#: Who sends: every other request would be refused for it, too.
SENDER: Meaning = (
    CHANNEL,
    "Sinch does not take the number it comes from: correct the sender, or ask Sinch to add it.",
)
_names_the_sender = re.compile(r"""['"`\[(]from\b""").search
_names_a_number = re.compile(r"""['"`\[(]to\b|\brecipients?\b|\bmsisdns?\b|\bidentifier""").search

HTTP_STATUS: dict[int, Meaning] = {
    401: (CHANNEL, "Sinch does not accept the API token: correct the token of the channel."),
    403: (CHANNEL, "Sinch denies access: check the service plan and its token."),
    404: (CHANNEL, "Nothing answers there: check the base URL, its region, and the service plan."),
    405: (CHANNEL, "The base URL is wrong: it takes no requests. Correct it in the channel."),
    408: (DOUBT, "Sinch says that the request came too slowly: it may have gone through."),
    410: (CHANNEL, "Nothing answers there any more: check the base URL and its region."),
    413: (CONTENT, "Sinch calls the request too long: shorten the message."),
    415: (CHANNEL, "Something between here and Sinch changes requests: check the base URL."),
    429: (SLOWER, "Sinch asks to slow down: too many requests are waiting."),
}
_REDIRECTED: Meaning = (CHANNEL, "The base URL redirects elsewhere: enter the final address.")
_REFUSED: Meaning = (CONTENT, "Sinch refused the request without saying why: ask Sinch.")
_UNREADABLE: Meaning = (DOUBT, "Sinch's answer cannot be read: it may have gone through.")
#: Any 5xx may come after the batch was taken, a tidy 503 as well: it is in doubt, and looked up by
#: our reference.
BUSY: Meaning = (DOUBT, "Sinch was not available in the middle of it: it may have gone through.")


def error_of(status: int, code: str, info: str, retry_after: float | None) -> GatewayError:
    """What an answer means that accepts nothing; `code` and `info` are Sinch's, "" without."""
    meaning, is_theirs = _meaning(status, code.lower(), info.lower())
    make, sentence = meaning
    said = f"Sinch: {info}" if is_theirs and info else f"HTTP {status}"
    error = make(f"{sentence} ({said})", code=code if is_theirs else "")
    if isinstance(error, Throttled) and retry_after is not None:
        error.retry_after = retry_after
    return error


def _meaning(status: int, code: str, info: str) -> tuple[Meaning, bool]:
    """What it means, and whether it is Sinch that says so."""
    if status in {400, 403} and code:
        return _meaning_of_code(status, code, info), True
    if status == 503 and code and info:
        return BUSY, True
    return HTTP_STATUS.get(status) or _usual(status), False


def _meaning_of_code(status: int, code: str, info: str) -> Meaning:
    if code.startswith("syntax_") and _names_the_sender(info):
        return SENDER
    if code.startswith("syntax_") and _names_a_number(info):
        return ONE_NUMBER
    if code in CODES:
        return CODES[code]
    log.error("Sinch answered with the unknown code %r", code)
    make = CHANNEL if status == 403 else CONTENT
    return make, f"Sinch refused the request with {code}, which we do not know: ask Sinch."


def is_about_a_number(error: GatewayError | None) -> bool:
    """Whether the whole request was refused for one number in it: nobody got anything."""
    return isinstance(error, Refused) and str(error).startswith(ONE_NUMBER[1])


def _usual(status: int) -> Meaning:
    if 300 <= status < 400:
        return _REDIRECTED
    return _REFUSED if 400 <= status < 500 else _UNREADABLE
