"""What the provider of the kill test does with a request, drawn from a seed: the same for the same
message, whatever else happens."""

from dataclasses import dataclass
from random import Random

ANSWERED = "answered"
DROPPED_UNREAD = "dropped-unread"
DROPPED_TAKEN = "dropped-taken"
BUSY_UNTAKEN = "503-untaken"
BUSY_TAKEN = "503-taken"
THROTTLED = "throttled"
#: Nobody but the provider knows whether it took the message.
AMBIGUOUS = (DROPPED_UNREAD, DROPPED_TAKEN, BUSY_UNTAKEN, BUSY_TAKEN)
#: Fate → of so many requests.
SHARES = {DROPPED_UNREAD: 0.01, DROPPED_TAKEN: 0.01, BUSY_UNTAKEN: 0.005, BUSY_TAKEN: 0.005}
#: Each of these halves the rate, so they are few.
LEAST_THROTTLED, ONE_THROTTLED_OF = 1, 4000
EARLY, TWICE, LATE, ON_THE_WAY = 0.05, 0.05, 0.02, 0.5
#: Seconds until an answer, and from a message to its reports.
SHORTEST, LONGEST = 0.005, 0.06
LATE_SECONDS, REPORT_SECONDS = 5.0, 1.5


@dataclass(frozen=True, slots=True)
class Report:
    """A postback: its code, and after how many seconds it is posted; 0 is before the answer."""

    code: str
    after: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request."""

    name: str
    seconds: float
    reports: tuple[Report, ...] = ()

    @property
    def takes(self) -> bool:
        return self.name in (ANSWERED, DROPPED_TAKEN, BUSY_TAKEN)


def fate_of(seed: int, messages: int, reference: str, attempt: int) -> Fate:
    """`attempt` counts the requests with this reference."""
    random = Random(f"{seed}:{reference}:{attempt}")
    name = _draw_name(random, messages)
    seconds = random.uniform(SHORTEST, LONGEST)
    fate = Fate(name, seconds)
    return Fate(name, seconds, tuple(_draw_reports(random))) if fate.takes else fate


def _draw_name(random: Random, messages: int) -> str:
    throttled = (LEAST_THROTTLED + messages / ONE_THROTTLED_OF) / messages
    point = random.random()
    for name, share in {**SHARES, THROTTLED: throttled}.items():
        if point < share:
            return name
        point -= share
    return ANSWERED


def _draw_reports(random: Random) -> list[Report]:
    """In no order, some of them twice, some late, some before the answer."""
    last = random.choices(("N102", "E102", "N103"), (98, 1, 1))[0]
    codes = [last, "N101"] if random.random() < ON_THE_WAY else [last]
    reports = [Report(code, _draw_delay(random)) for code in codes]
    if random.random() < TWICE:
        reports.append(Report(last, _draw_delay(random)))
    if random.random() < EARLY:
        reports[-1] = Report(reports[-1].code, 0)
    return reports


def _draw_delay(random: Random) -> float:
    late = LATE_SECONDS if random.random() < LATE else 0
    return late + random.uniform(0.02, REPORT_SECONDS)
