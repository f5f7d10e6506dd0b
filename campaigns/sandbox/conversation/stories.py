"""Magic numbers: the last two digits of the recipient tell how a message fares, as they do for the
MMS JSON API; what that interface cannot do has endings of its own."""

from dataclasses import dataclass

from campaigns.sandbox.stories import LAST, LATER, LONG_REPLY, SOON, Answer, Span

QUEUED, DELIVERED, FAILED = "QUEUED_ON_CHANNEL", "DELIVERED", "FAILED"
SWITCHING = "SWITCHING_CHANNEL"
TIMED_OUT = "DELIVERY_TIMED_OUT"


@dataclass(frozen=True)
class Reason:
    """Why a message fails (§9.2)."""

    code: str
    description: str = "The underlying channel reported: message could not be delivered"
    sub_code: str = "UNSPECIFIED_SUB_CODE"


@dataclass(frozen=True)
class Step:
    """One report of an attempt on a channel."""

    status: str
    after: Span
    reason: Reason | None = None
    twice: bool = False


@dataclass(frozen=True)
class Refused:
    """The answer is an error; with `once` only the first try gets it."""

    code: int
    message: str
    status: str = ""
    once: bool = False


@dataclass(frozen=True)
class Reply:
    """What the phone answers; a text alone comes as SMS, pictures as MMS."""

    text: str = ""
    pictures: int = 0
    has_place: bool = False
    chooses: bool = False  # the first choice of the message


@dataclass(frozen=True)
class Story:
    tells: str
    steps: tuple[Step, ...] = ()
    mms_fails: Reason | None = None  # then the message goes on as SMS, if it may
    refused: Refused | None = None
    answer: Answer = Answer.JSON
    is_lost: bool = False  # whatever is answered, nothing goes out
    first_before_answer: bool = False
    reply: Reply | None = None


SENT = Step(QUEUED, SOON)
RECEIVED = (SENT, Step(DELIVERED, LATER))
NO_MMS = Reason("RECIPIENT_NOT_REACHABLE", "The underlying channel reported: no MMS on this phone")


def _fails(code: str, after: Span = LATER, **more: str) -> Step:
    return Step(FAILED, after, Reason(code, **more))


DEFAULT = Story("Delivered.", RECEIVED)

#: Endings 00 to 59 are not here: they deliver.
STORIES: dict[str, Story] = {
    "60": Story("Sent, and the carrier gives no receipt.", (SENT,)),
    "61": Story("Not reached by MMS; as SMS delivered.", RECEIVED, mms_fails=NO_MMS),
    "62": Story("Not reached by MMS; as SMS delivered.", RECEIVED, mms_fails=NO_MMS),
    "63": Story(
        "Not reached by MMS; as SMS it fails.",
        (SENT, _fails("CHANNEL_FAILURE")),
        mms_fails=NO_MMS,
    ),
    "64": Story("Expires.", (SENT, _fails(TIMED_OUT))),
    "65": Story("Cannot be sent.", (_fails("CHANNEL_FAILURE", SOON),)),
    "66": Story("Rejected by the carrier.", (SENT, _fails("CHANNEL_REJECT"))),
    "67": Story("Reports out of order.", (Step(DELIVERED, SOON), Step(QUEUED, LATER))),
    "68": Story("First report before the answer.", RECEIVED, first_before_answer=True),
    "69": Story(
        "Every report twice.", (Step(QUEUED, SOON, twice=True), Step(DELIVERED, LATER, twice=True))
    ),
    "70": Story(
        "An unknown report.", (SENT, Step("HELD_ON_CHANNEL", LATER), Step(DELIVERED, LAST))
    ),
    "71": Story("Content is refused late.", (_fails("BAD_REQUEST", SOON),)),
    "72": Story(
        "A reason comes with the good reports, too.",
        (SENT, Step(DELIVERED, LATER, Reason("UNKNOWN", ""))),
    ),
    "73": Story(
        "The file is of no kind that the carrier knows.",
        (_fails("MEDIA_TYPE_UNSUPPORTED", SOON, sub_code="MEDIA_TYPE_UNDETERMINED"),),
    ),
    "74": Story("An error inside the platform.", (_fails("INTERNAL_ERROR", SOON),)),
    "75": Story("Fails with an unknown reason.", (SENT, _fails("MOON_IN_THE_WAY"))),
    "76": Story("Expires, then delivers.", (SENT, _fails(TIMED_OUT), Step(DELIVERED, LAST))),
    "77": Story(
        "The token expires on every first try, then delivered.",
        RECEIVED,
        refused=Refused(401, "expired", once=True),
    ),
    "78": Story("Delivered, and replies with its place.", RECEIVED, reply=Reply(has_place=True)),
    "79": Story("Delivered, and replies with two pictures.", RECEIVED, reply=Reply(pictures=2)),
    "80": Story("Refused: invalid number.", refused=Refused(400, "is not a phone number")),
    "81": Story("Opted out.", (_fails("RECIPIENT_NOT_OPTED_IN", SOON),)),
    "82": Story(
        "Throttled on every first try, then delivered.",
        RECEIVED,
        refused=Refused(429, "Too many requests.", once=True),
    ),
    "83": Story("Refused: internal error.", refused=Refused(500, "Internal error.")),
    "84": Story("The carrier cannot be reached.", (_fails("RECIPIENT_NOT_REACHABLE", SOON),)),
    "85": Story(
        "Refused: the credit is used up.",
        refused=Refused(403, "The credit is used up.", "BILLING_CREDIT_LIMIT_BREACHED"),
    ),
    "86": Story(
        "Refused with an unknown status.",
        refused=Refused(400, "A word that no list knows.", "MOON_IN_THE_WAY"),
    ),
    "87": Story(
        "Rejected: the sender is inactive.",
        (_fails("CHANNEL_REJECT", SOON, sub_code="INACTIVE_SENDER"),),
    ),
    "88": Story("No answer, but it is delivered.", RECEIVED, answer=Answer.SILENCE),
    "89": Story("No answer, and nothing goes out.", answer=Answer.SILENCE, is_lost=True),
    "90": Story("A 500 HTML page; nothing goes out.", answer=Answer.HTML, is_lost=True),
    "91": Story("Connection lost, but it is delivered.", RECEIVED, answer=Answer.RESET),
    "92": Story("Connection lost, and nothing goes out.", answer=Answer.RESET, is_lost=True),
    "93": Story("An empty answer, but it is delivered.", RECEIVED, answer=Answer.EMPTY),
    "94": Story("Unavailable (503).", refused=Refused(503, "The service is unavailable.")),
    "95": Story("Delivered, and replies STOP as SMS.", RECEIVED, reply=Reply("STOP")),
    "96": Story(
        "Delivered, and replies with a picture and text.",
        RECEIVED,
        reply=Reply("Here is mine!", pictures=1),
    ),
    "97": Story("Delivered, and replies at length as SMS.", RECEIVED, reply=Reply(LONG_REPLY)),
    "98": Story(
        "Delivered, and replies with three pictures and text.",
        RECEIVED,
        reply=Reply("From our garden 🌷", pictures=3),
    ),
    "99": Story("Delivered, and taps the first choice.", RECEIVED, reply=Reply(chooses=True)),
}


def story_of(phone: str) -> Story:
    return STORIES.get(phone[-2:], DEFAULT)
