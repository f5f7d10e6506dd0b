"""What the status codes of an answer mean (reference/sinch-mms-json-api.md §4), in words.

These are not the codes of postbacks: there `E101` is a delivery outcome (`webhooks.py`).
"""

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
    Unreachable,
)

log = logging.getLogger(__name__)

#: This message never.
PERSON = partial(Refused, about_content=False)
#: Nothing to this person, ever.
BLOCKED = partial(Refused, is_blocked=True)
#: This message never, and every other copy of it would fail alike.
CONTENT = partial(Refused, about_content=True)
#: Not with this saved template; without it, it may go.
GONE = partial(Refused, is_template_gone=True)
#: No message at all before somebody corrects the account.
CHANNEL = Misconfigured
#: It may have gone.
DOUBT = OutcomeUnknown
#: Nothing was sent: slower, after the pause Sinch asks for, or the given one.
SLOWER = partial(Throttled, retry_after=1.0)
DAY_LIMIT = partial(Throttled, retry_after=60.0)
#: Nothing was sent: the same again, later.
LATER = partial(Unreachable, retry_after=60.0)
MEDIA_HOST = partial(Unreachable, retry_after=60.0, about_content=True)

_MEDIA_HOST = "Check that Sinch can fetch it, then try again."

CODES: dict[str, tuple[Callable[..., GatewayError], str]] = {
    "E100": (CONTENT, "Sinch calls the request invalid: something it needs is missing."),
    "E103": (CHANNEL, "Sinch has blocked API access for this account: ask your account manager."),
    "E104": (CHANNEL, "Sinch does not know this API key: correct the key of the channel."),
    "E105": (CHANNEL, "This account has no API access: ask your account manager at Sinch."),
    "E106": (SLOWER, "Calls came too close together: Sinch asks for a pause."),
    "E107": (CHANNEL, "This account may not use this action: ask your account manager at Sinch."),
    "E108": (CONTENT, "Sinch could not read the request."),
    "E110": (PERSON, "Sinch does not accept the recipient's number: correct the contact."),
    "E111": (CHANNEL, "Sinch does not know the sender: choose a number of this account."),
    "E112": (CHANNEL, "Sinch does not know this server's IP address: have it put on the list."),
    "E113": (SLOWER, "More requests per second than the account may send."),
    "E114": (BLOCKED, "The number is on Sinch's blacklist: nothing can be sent to it."),
    "E115": (CONTENT, "The sender mask is too long: shorten it."),
    "E120": (DAY_LIMIT, "The account has used up its API requests: Sinch asks to come later."),
    "E201": (CHANNEL, "Sinch refused the request with E201, which it does not explain: ask Sinch."),
    "E212": (CONTENT, "Sinch calls the page number invalid."),
    "E213": (CONTENT, "Sinch calls the number of items per page invalid."),
    "E214": (CONTENT, "Sinch calls the start date invalid."),
    "E223": (CONTENT, "A slide holds more than one contact, calendar, PDF or Excel file."),
    "E224": (CONTENT, "A slide mixes an image, audio or video with a file of another kind."),
    "E225": (CONTENT, "The MMS has too many slides: 8 are allowed."),
    "E226": (CONTENT, "A slide holds both audio and video: put them on two slides."),
    "E227": (CONTENT, "A slide holds both a video and an image: put them on two slides."),
    "E228": (CONTENT, "The text of a slide is too long: shorten it."),
    "E229": (CONTENT, "Sinch does not allow this content."),
    "E230": (CONTENT, "The duration of a slide is invalid."),
    "E241": (GONE, "Sinch does not have this saved template any more: save it again."),
    "E301": (CONTENT, "Sinch refused the template with E301, which it does not explain."),
    "E302": (CONTENT, "Sinch refused the template with E302, which it does not explain."),
    "E303": (CONTENT, "Sinch refused the template with E303, which it does not explain."),
    "E304": (CONTENT, "Sinch refused the template with E304, which it does not explain."),
    "E311": (CONTENT, "The name of the template is missing or invalid."),
    "E312": (CONTENT, "The MMS has no slides: add one."),
    "E313": (CONTENT, "A slide is empty: add text or media."),
    "E314": (CONTENT, "The subject is invalid or missing: correct it."),
    "E331": (CONTENT, "An image is too big: make it smaller."),
    "E332": (CONTENT, "An audio file is too big: make it smaller."),
    "E333": (CONTENT, "A video is too big: make it smaller."),
    "E334": (CONTENT, "The text of a slide is too long: shorten it."),
    "E335": (CONTENT, "A contact file is too big: make it smaller."),
    "E336": (CONTENT, "A calendar file is too big: make it smaller."),
    "E337": (CONTENT, "A PDF is too big: make it smaller."),
    "E338": (CONTENT, "A Passbook file is too big: make it smaller."),
    "E339": (CONTENT, "An Excel file is too big: make it smaller."),
    "E341": (CONTENT, "An image is damaged: upload it again."),
    "E343": (CONTENT, "A video lacks its codecs: convert it to MP4 and upload it again."),
    "E351": (MEDIA_HOST, f"Sinch could not fetch an image. {_MEDIA_HOST}"),
    "E352": (MEDIA_HOST, f"Sinch could not fetch an audio file. {_MEDIA_HOST}"),
    "E353": (MEDIA_HOST, f"Sinch could not fetch a video. {_MEDIA_HOST}"),
    "E355": (MEDIA_HOST, f"Sinch could not fetch a contact file. {_MEDIA_HOST}"),
    "E356": (MEDIA_HOST, f"Sinch could not fetch a calendar file. {_MEDIA_HOST}"),
    "E357": (MEDIA_HOST, f"Sinch could not fetch a PDF. {_MEDIA_HOST}"),
    "E358": (MEDIA_HOST, f"Sinch could not fetch a Passbook file. {_MEDIA_HOST}"),
    "E359": (MEDIA_HOST, f"Sinch could not fetch an Excel file. {_MEDIA_HOST}"),
    "E503": (DOUBT, "Sinch had an internal error: it may have gone through."),
    "E618": (LATER, "Sinch could not look up the recipient's carrier just now."),
    "E619": (PERSON, "The recipient's carrier is not set up for this account."),
    "E620": (CONTENT, "The saved template's id is missing: save the template again."),
    "E622": (CONTENT, "The text of the fallback SMS is missing: add it or switch the SMS off."),
    "E626": (LATER, "The saved template is still being converted at Sinch."),
    "E627": (CHANNEL, "The service id is missing or wrong: correct it in the channel."),
    "E628": (PERSON, "Sinch does not reach the recipient's carrier."),
    "E629": (CONTENT, "Sinch does not recognise the type of a file."),
    "E650": (CHANNEL, "Sinch calls the operator id invalid: ask your account manager."),
    "E651": (CHANNEL, "Sinch does not know the operator id: ask your account manager."),
    "E713": (CHANNEL, "Sinch reports a billing problem: ask your account manager."),
    "E714": (PERSON, "Sinch misses the campaign that this number must subscribe to."),
    "E715": (PERSON, "The number has not subscribed to the campaign at Sinch."),
}

HTTP_STATUS: dict[int, tuple[Callable[..., GatewayError], str]] = {
    401: (CHANNEL, "The provider does not accept the key: correct the key of the channel."),
    403: (CHANNEL, "The provider denies access: check the key and the list of IP addresses."),
    404: (CHANNEL, "The base URL is wrong: nothing answers there. Correct it in the channel."),
    405: (CHANNEL, "The base URL is wrong: it takes no requests. Correct it in the channel."),
    410: (CHANNEL, "The base URL is wrong: nothing answers there. Correct it in the channel."),
    429: (SLOWER, "The provider asks to slow down."),
}
_REDIRECTED = (CHANNEL, "The base URL redirects elsewhere: enter the final address.")
_UNREADABLE = (DOUBT, "The provider's answer cannot be read: it may have gone through.")

_SECONDS = re.compile(r"(\d{1,4})\s*sec", re.IGNORECASE)


def error_of_code(code: str, info: str) -> GatewayError:
    """What a failure with this code means; `info` is Sinch's own explanation."""
    make, sentence = CODES.get(code) or _unknown(code)
    error = make(f"{sentence} (Sinch: {info})" if info else sentence, code=code)
    if isinstance(error, Throttled) and (asked := _SECONDS.search(info)):
        error.retry_after = float(asked[1])
    return error


def error_of_status(status: int, retry_after: float | None) -> GatewayError:
    """What an answer means that is neither a success nor a failure of Sinch's."""
    usual = _REDIRECTED if 300 <= status < 400 else _UNREADABLE
    make, sentence = HTTP_STATUS.get(status, usual)
    error = make(f"{sentence} (HTTP {status})")
    if isinstance(error, Throttled) and retry_after is not None:
        error.retry_after = retry_after
    return error


def _unknown(code: str) -> tuple[Callable[..., GatewayError], str]:
    log.error("Sinch answered with the unknown code %r", code)
    if code.startswith("E1"):
        return CHANNEL, f"Sinch refused the request with {code}, which we do not know: ask Sinch."
    return PERSON, f"Sinch refused the message with {code or 'no code'}, which we do not know."
