"""What the codes of delivery reports mean (reference/sinch-sms-rest-api.md §6.3–6.4), in words that
say whether sending again may help."""

import logging

from campaigns.gateways.events import NO_USE_AGAIN
from campaigns.gateways.payload import clean
from campaigns.rules.statuses import MessageStatus

log = logging.getLogger(__name__)

_S = MessageStatus
Meaning = tuple[MessageStatus | None, str, bool]

_NEVER = NO_USE_AGAIN
_AGAIN = "Send it again."

#: Sinch's own codes.
PLATFORM: dict[str, tuple[MessageStatus, str]] = {
    "400": (_S.ACCEPTED, "It waits at Sinch."),
    "401": (_S.SENT, "Handed to the carrier."),
    "402": (_S.FAILED, f"Sinch has no way to this number. {_NEVER}"),
    "403": (_S.FAILED, "Sinch had an internal error. Send it again once, else ask Sinch."),
    "404": (_S.FAILED, f"Sinch failed for a moment. {_AGAIN}"),
    "405": (_S.FAILED, f"The words for this number were missing. {_NEVER}"),
    "406": (_S.EXPIRED, "It expired before Sinch could send it. Send it in a new batch."),
    "407": (_S.FAILED, "It was cancelled before Sinch sent it."),
    "408": (_S.FAILED, f"The carrier refused it. {_NEVER}"),
    "410": (_S.FAILED, f"No sender of the account fits this number. {_NEVER}"),
    "411": (_S.FAILED, f"It has more parts than are allowed: shorten it. {_NEVER}"),
    "412": (_S.FAILED, f"The account does not reach this region: ask Sinch. {_NEVER}"),
    "413": (_S.FAILED, "Sinch has blocked the account: ask Sinch, then send it again."),
    "414": (
        _S.FAILED,
        "Sinch could not fetch the file: check that its address is public, then send it again.",
    ),
    "415": (_S.FAILED, f"The gateway or the carrier refused the MMS. {_NEVER}"),
    "416": (_S.FAILED, f"The carrier or the phone takes no MMS. {_NEVER}"),
    "417": (_S.FAILED, "The carrier or the phone cannot be reached. Send it again later."),
    "418": (_S.FAILED, f"The phone does not know this kind of content. {_NEVER}"),
}

#: Word of the status, in lower case → what it makes of the message (§6.3).
STATUS: dict[str, tuple[MessageStatus, str]] = {
    "queued": (_S.ACCEPTED, "It waits at Sinch."),
    "dispatched": (_S.SENT, "Handed to the carrier."),
    "delivered": (_S.DELIVERED, "The carrier reports the delivery."),
    "aborted": (_S.FAILED, "Sinch gave it up before it reached the carrier."),
    "cancelled": PLATFORM["407"],
    "canceled": PLATFORM["407"],
    "rejected": (_S.FAILED, "The carrier refused it."),
    "deleted": (
        _S.FAILED,
        "The carrier deleted it: the number is wrong, or the person opted out there.",
    ),
    "failed": (_S.FAILED, "The carrier could not deliver it."),
    "expired": (_S.EXPIRED, "The carrier could not deliver it in time."),
    "unknown": (_S.NO_RECEIPT, "The carrier gave no receipt that says anything."),
}

#: First and last code → what carriers mean by it; SMPP's and those of MMS.
CARRIER: tuple[tuple[int, int, str], ...] = (
    (15, 15, f"A screening block. {_NEVER}"),
    (60, 62, f"The number is blocked. {_NEVER}"),
    (100, 100, "The carrier does not say why."),
    (150, 150, f"The carrier does not know the person. {_NEVER}"),
    (151, 151, f"The person is barred. {_NEVER}"),
    (153, 153, "The phone was away or off. Send it again later."),
    (201, 202, "The phone was away or off. Send it again later."),
    (205, 205, f"The carrier does not take this subscriber. {_NEVER}"),
    (300, 300, f"The number is not valid. {_NEVER}"),
    (310, 310, "The sender is not valid: choose another one."),
    (2004, 2004, f"The carrier refused the content. {_NEVER}"),
    (2000, 2007, f"The request, the number or the format is wrong. {_NEVER}"),
    (2561, 2563, "The sender is not good there: choose another one, or ask Sinch."),
    (2550, 2569, "The account or the sender is not good there: ask Sinch."),
    (3001, 3001, f"The number is on a block list. {_NEVER}"),
    (3003, 3003, "The file could not be fetched: check its address, then send it again."),
    (3500, 3500, "It took too long. Send it again later."),
    (3510, 3510, "Too much was sent at once. Send it again later."),
    (3520, 3520, "The account is not set up for this carrier: ask Sinch."),
    (3000, 3999, "The system of the carrier failed. Send it again later."),
    (4004, 4004, f"The carrier calls it invalid. {_NEVER}"),
    (4006, 4006, "The carrier has no room. Send it again later."),
    (4007, 4007, f"The carrier denies it. {_NEVER}"),
    (4000, 4007, "The carrier's service failed. Send it again later."),
)


def judge(code: str, word: str) -> Meaning:
    """What a report makes of the message (None: nothing), in words, and whether both are known.

    Sinch's own codes say more than the status; the carriers' are many, and there the status
    counts. 0 alone is also what a report says that has no code.
    """
    if code in PLATFORM:
        return *PLATFORM[code], True
    known = STATUS.get(word.lower()) or (STATUS["delivered"] if code == "0" and not word else None)
    if known is None:
        log.error("Sinch reports the unknown status %r (%r)", clean(word, 20), clean(code, 20))
        return None, f"Sinch reports “{word}” ({code or 'no code'}), which we do not know.", False
    status, words = known
    more = _carrier_words(code) if status in {_S.FAILED, _S.EXPIRED} else ""
    return status, f"{words} {more}".strip(), True


def _carrier_words(code: str) -> str:
    number = int(code) if code.isascii() and code.isdigit() else -1
    return next((words for first, last, words in CARRIER if first <= number <= last), "")
