"""Whether the provider was ever asked faster than the channel allows, by its own clock."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

#: What the limiter may go above the rate in any second (`rules/pacing.py`).
MARGIN = 1.01
#: One at each end of a window: a request is late by a moment, and the next one is not.
ENDS = 2
#: A provider that was late itself says so a moment later.
MOMENT = 0.05


@dataclass(frozen=True, slots=True)
class Lateness:
    """For so many seconds, until then, the provider itself did not get its turn: what came
    meanwhile it saw at once afterwards."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fastest:
    """The second with the most requests, and how many seconds held more than they may."""

    requests: int = 0
    too_fast: int = 0


def find_fastest(arrivals: Sequence[float], late: Sequence[Lateness], rate: float) -> Fastest:
    """Looks at every window of one second that begins with a request."""
    times = sorted(arrivals)
    late = sorted(late, key=lambda each: each.at)
    ends = [each.at for each in late]
    most = too_fast = 0
    for number, start in enumerate(times):
        count = bisect_left(times, start + 1) - number
        first, last = bisect_left(ends, start - MOMENT), bisect_right(ends, start + 1 + MOMENT)
        stall = max((each.seconds for each in late[first:last]), default=0.0)
        most = max(most, count)
        too_fast += count > rate * MARGIN * (1 + stall) + ENDS
    return Fastest(most, too_fast)
