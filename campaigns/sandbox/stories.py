"""Magic numbers: the last two digits of `to` decide how a message fares (§5.5)."""

from dataclasses import dataclass
from enum import Enum

#: Seconds after acceptance, at speed 1, between which a step happens.
Span = tuple[float, float]
SOON: Span = (0.5, 2)
LATER: Span = (2.5, 6)
LAST: Span = (6, 8)
#: How long the API keeps silent at speed 1 (a client waits 60 s), and never less than this.
SILENCE_SECONDS, SHORTEST_SILENCE = 65, 3


class Answer(Enum):
    JSON = "the answer of the reference"
    SILENCE = "none within 65 s, then the connection is closed"
    RESET = "the connection is closed without one"
    HTML = "an HTML page with status 500"
    EMPTY = "an empty body with status 200"


@dataclass(frozen=True)
class Step:
    """One report; a bare one lacks `sent-as` and `timestamp` (§5.4)."""

    code: str
    after: Span
    sent_as: str = "MMS"
    bare: bool = False
    twice: bool = False


@dataclass(frozen=True)
class Reply:
    text: str
    with_picture: bool = False


@dataclass(frozen=True)
class Story:
    tells: str
    steps: tuple[Step, ...] = ()
    refused: str = ""
    only_first_try_refused: bool = False
    answer: Answer = Answer.JSON
    first_before_answer: bool = False
    reply: Reply | None = None

    @property
    def needs_fallback(self) -> bool:
        return any(step.sent_as == "SMS" for step in self.steps)


SENT = Step("N101", SOON)
DELIVERED = (SENT, Step("N102", LATER))
SENT_AS_SMS = Step("N101", SOON, "SMS")
LONG_REPLY = (
    "Grüße aus Köln! Das Angebot ist prima – gilt es auch für 北京 und القاهرة? "
    "Ich frage nur, weil meine Schwester dort wohnt und sehr gern mitmachen würde. 🐦"
)

DEFAULT = Story("Delivered.", DELIVERED)
#: What happens when a fallback SMS is needed and the request switched it off (§5.5).
NO_FALLBACK = Story("Fallback needed but off: fails.", (Step("E101", SOON, bare=True),))

#: Endings 00 to 59 are not here: they deliver.
STORIES: dict[str, Story] = {
    "60": Story("Sent, and the carrier gives no receipt.", (SENT,)),
    "61": Story("Fallback SMS, delivered (N202).", (SENT_AS_SMS, Step("N202", LATER, "SMS"))),
    "62": Story("Fallback SMS, delivered (N102).", (SENT_AS_SMS, Step("N102", LATER, "SMS"))),
    "63": Story("Fallback SMS, fails.", (SENT_AS_SMS, Step("E202", LATER, "SMS"))),
    "64": Story("Expires.", (SENT, Step("N103", LATER))),
    "65": Story("Cannot be sent; the report is bare.", (Step("E101", SOON, bare=True),)),
    "66": Story("Rejected by the carrier.", (SENT, Step("E102", LATER))),
    "67": Story("Reports out of order.", (Step("N102", SOON), Step("N101", LATER))),
    "68": Story("First report before the answer.", DELIVERED, first_before_answer=True),
    "69": Story(
        "Every report twice.", (Step("N101", SOON, twice=True), Step("N102", LATER, twice=True))
    ),
    "70": Story("An unknown report (N777).", (SENT, Step("N777", LATER), Step("N102", LAST))),
    "71": Story("Content is refused late (E011).", (Step("E011", SOON),)),
    "72": Story("Transcoded first (N013).", (Step("N013", (0.2, 0.4)), *DELIVERED)),
    "73": Story("Transcoding of the video fails (E013).", (Step("E013", SOON),)),
    "74": Story("Queue processing error (E999).", (Step("E999", SOON),)),
    "75": Story("An unknown error report (E777).", (SENT, Step("E777", LATER))),
    "76": Story("Expires, then delivers.", (SENT, Step("N103", LATER), Step("N102", LAST))),
    "80": Story("Refused: invalid number.", refused="E110"),
    "81": Story("Refused: blacklisted.", refused="E114"),
    "82": Story(
        "Throttled on every first try, then delivered.",
        DELIVERED,
        refused="E113",
        only_first_try_refused=True,
    ),
    "83": Story("Refused: internal error.", refused="E503"),
    "84": Story("Refused: carrier not supported.", refused="E628"),
    "85": Story("Refused: billing problem.", refused="E713"),
    "86": Story("Refused with an unknown code (E977).", refused="E977"),
    "88": Story("No answer, but it is delivered.", DELIVERED, answer=Answer.SILENCE),
    "89": Story("No answer, and nothing goes out.", answer=Answer.SILENCE),
    "90": Story("A 500 HTML page; nothing goes out.", answer=Answer.HTML),
    "91": Story("Connection lost, but it is delivered.", DELIVERED, answer=Answer.RESET),
    "92": Story("Connection lost, and nothing goes out.", answer=Answer.RESET),
    "93": Story("An empty answer, but it is delivered.", DELIVERED, answer=Answer.EMPTY),
    "95": Story("Delivered, and replies STOP.", DELIVERED, reply=Reply("STOP")),
    "96": Story(
        "Delivered, and replies with a picture and text.",
        DELIVERED,
        reply=Reply("Here is mine!", with_picture=True),
    ),
    "97": Story("Delivered, and replies at length.", DELIVERED, reply=Reply(LONG_REPLY)),
}


def story_of(to: str) -> Story:
    return STORIES.get(to[-2:], DEFAULT)
