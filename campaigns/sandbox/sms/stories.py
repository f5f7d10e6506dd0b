"""What becomes of a recipient, told by the last two digits as on the MMS JSON API (§6.3, §6.4).

How the call itself is answered is told by the first recipient of a batch, with the endings of
`campaigns.sandbox.stories`.
"""

from dataclasses import dataclass

from campaigns.sandbox.sms.models import MoForm
from campaigns.sandbox.stories import LAST, LATER, LONG_REPLY, STORIES, Span
from campaigns.sandbox.written import BINARY_CARD, Binary

AT_ONCE: Span = (0, 0)


@dataclass(frozen=True)
class Turn:
    """A state and the seconds after the dispatch at which it is reached, and told if not later."""

    code: int
    status: str
    after: Span = LATER
    told: Span | None = None
    twice: bool = False

    @property
    def is_final(self) -> bool:
        return self.status not in {"Queued", "Dispatched", "Buffered"}


@dataclass(frozen=True)
class Answer:
    """What the phone writes back; the first of several attachments may be lost."""

    text: str = ""
    pictures: int = 0
    loses_one: bool = False
    form: str = ""  # as the plan has it
    binary: Binary | None = None


@dataclass(frozen=True)
class SmsStory:
    tells: str
    mms: tuple[Turn, ...]
    text: tuple[Turn, ...] = ()  # where it differs from `mms`
    answer: Answer | None = None

    def turns(self, is_mms: bool) -> tuple[Turn, ...]:
        return self.mms if is_mms or not self.text else self.text


def aborted(code: int) -> tuple[Turn, ...]:
    """It never reaches the carrier."""
    return (Turn(code, "Aborted", AT_ONCE),)


SENT = Turn(401, "Dispatched", AT_ONCE)
GOOD = Turn(0, "Delivered")
DELIVERED = (SENT, GOOD)


def ended(code: int, status: str) -> tuple[Turn, ...]:
    return (SENT, Turn(code, status))


DEFAULT = SmsStory("Delivered.", DELIVERED)
#: Endings that are not here deliver.
OF_A_RECIPIENT: dict[str, SmsStory] = {
    "60": SmsStory("Dispatched, and the carrier gives no receipt.", (SENT,)),
    "63": SmsStory("Not supported (416), or an unknown subscriber by SMS (150).",
                   ended(416, "Failed"), ended(150, "Failed")),
    "64": SmsStory("Expires at the carrier.", ended(3500, "Expired"), ended(153, "Expired")),
    "65": SmsStory("Unroutable (402).", aborted(402)),
    "66": SmsStory("Refused by the network (415; 408 by SMS).",
                   ended(415, "Rejected"), (SENT, Turn(408, "Aborted"))),
    "67": SmsStory("Reports out of order.", (Turn(401, "Dispatched", AT_ONCE, told=LAST), GOOD)),
    "69": SmsStory("Every report twice.", (Turn(401, "Dispatched", AT_ONCE, twice=True),
                                           Turn(0, "Delivered", twice=True))),
    "70": SmsStory("An unknown state on the way (477).",
                   (SENT, Turn(477, "Buffered"), Turn(0, "Delivered", LAST))),
    "71": SmsStory("Bad media (414); 411 by SMS.", aborted(414), aborted(411)),
    "73": SmsStory("The handset does not recognise the content (418); blocked (61) by SMS.",
                   ended(418, "Failed"), ended(61, "Rejected")),
    "74": SmsStory("Internal error (403).", aborted(403)),
    "75": SmsStory("A code that no list knows (9777).", ended(9777, "Failed")),
    "76": SmsStory("Expires, then delivers.",
                   (SENT, Turn(3500, "Expired"), Turn(0, "Delivered", LAST))),
    "77": SmsStory("A parameter without a value (405).", aborted(405)),
    "78": SmsStory("Content refused by the carrier (2004; 15 by SMS).",
                   ended(2004, "Rejected"), ended(15, "Rejected")),
    "79": SmsStory("Network or subscriber unreachable (417; 201 by SMS).",
                   ended(417, "Failed"), ended(201, "Failed")),
    "80": SmsStory("Invalid destination (300).", ended(300, "Deleted")),
    "81": SmsStory("On a blacklist (3001; 60 by SMS).",
                   ended(3001, "Rejected"), ended(60, "Rejected")),
    "83": SmsStory("Temporary failure (404).", aborted(404)),
    "84": SmsStory("Region not provisioned (412).", aborted(412)),
    "85": SmsStory("Account blocked, no credit (413).", aborted(413)),
    "86": SmsStory("Refused with an unknown code (477).", aborted(477)),
    "87": SmsStory("No usable receipt.", ended(100, "Unknown")),
    "94": SmsStory("Delivered, and replies with a binary SMS.", DELIVERED,
                   answer=Answer(binary=BINARY_CARD)),
    "95": SmsStory("Delivered, and replies STOP.", DELIVERED, answer=Answer("STOP")),
    "96": SmsStory("Delivered, and replies with a picture and text.", DELIVERED,
                   answer=Answer("Here is mine!", pictures=1)),
    "97": SmsStory("Delivered, and replies at length.", DELIVERED, answer=Answer(LONG_REPLY)),
    "98": SmsStory("Delivered, and replies with three pictures, of which one is lost.", DELIVERED,
                   answer=Answer("Three of them!", pictures=3, loses_one=True)),
    "99": SmsStory("Delivered, and replies with a picture as an MMS_MO postback.", DELIVERED,
                   answer=Answer("The other way", pictures=1, form=MoForm.POSTBACK)),
}  # fmt: skip
#: What they tell of an answer holds for the first recipient of a batch; all of them deliver.
OF_THE_ANSWER = ("68", "82", "88", "89", "90", "91", "92", "93")
SMS_STORIES = OF_A_RECIPIENT | {
    ending: SmsStory(f"As the first of a batch: {STORIES[ending].tells}", DELIVERED)
    for ending in OF_THE_ANSWER
}
SMS_STORIES = dict(sorted(SMS_STORIES.items()))


def sms_story_of(number: str) -> SmsStory:
    return SMS_STORIES.get(number[-2:], DEFAULT)
