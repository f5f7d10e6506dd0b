"""When a callback that was not taken is posted again: each interface has its own habit."""

from dataclasses import dataclass
from datetime import timedelta

from campaigns.sandbox.models import Api

_UNITS = {"min": "minutes", "s": "seconds"}


@dataclass(frozen=True)
class Schedule:
    """The wait before the first retry, its growth, and how many retries there are."""

    first: timedelta
    growth: int
    most_retries: int
    takes_only_200: bool = False
    drops_refused: bool = False
    #: Sinch publishes no times of its own.
    is_assumed: bool = False

    def __str__(self) -> str:
        """The habit in words."""
        unit = "min" if self.first >= timedelta(minutes=1) else "s"
        first = f"{self.first / timedelta(**{_UNITS[unit]: 1}):g} {unit}"
        wait = f"{first} apart" if self.growth == 1 else f"after {first}, then ever later"
        said = f"up to {self.most_retries} times more, {wait}"
        if self.takes_only_200:
            said += "; only 200 counts as taken"
        if self.drops_refused:
            said += "; not after a 4xx other than 429"
        return said + (" (assumed: Sinch publishes no schedule)" if self.is_assumed else "")

    def wait(self, tries: int) -> timedelta:
        return self.first * self.growth ** (tries - 1)

    def is_delivered(self, answer: str) -> bool:
        return answer == "200" if self.takes_only_200 else answer.startswith("2")

    def is_dropped(self, answer: str) -> bool:
        """A 4xx says that another try would not help; 429 only asks for time."""
        is_refusal = answer.isdecimal() and answer.startswith("4") and answer != "429"
        return self.drops_refused and is_refusal


#: §5.1 of the MMS reference, §10 of the Conversation one, §7 of the SMS one.
SCHEDULES: dict[str, Schedule] = {
    Api.MMS: Schedule(timedelta(minutes=5), growth=1, most_retries=5, takes_only_200=True),
    Api.CONVERSATION: Schedule(timedelta(seconds=5), growth=2, most_retries=9, is_assumed=True),
    Api.SMS: Schedule(timedelta(seconds=5), growth=2, most_retries=15, drops_refused=True),
}
