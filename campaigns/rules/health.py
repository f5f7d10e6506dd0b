"""What counts as well, as worth a look and as broken, for whoever watches the portal."""

from collections.abc import Iterable
from enum import StrEnum


class Health(StrEnum):
    """Good to bad, in this order."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


ORDER = tuple(Health)


def grade(value: float, warn: float, bad: float) -> Health:
    """`warn` and `bad` are the first values that are called so; more is worse."""
    if value >= bad:
        return Health.BAD
    return Health.WARN if value >= warn else Health.OK


def worst(states: Iterable[Health]) -> Health:
    return max(states, key=ORDER.index, default=Health.OK)


#: Seconds for which something due may wait without anybody sending it (RELIABILITY §3: stalls
#: alarm at two minutes).
UNATTENDED = (30, 120)
#: Seconds a callback may wait to be read (§3: in the admin within ten).
UNREAD = (30, 120)
#: Seconds without a report of what a provider accepted. After 25 minutes it gives a report up.
SILENT = (10 * 60, 25 * 60)
#: Share of a campaign whose outcome nobody knows (§3: half a per cent).
IN_DOUBT = (0.005, 0.05)
#: Fewer in doubt are no share of anything.
FEWEST_IN_DOUBT = 2
#: Free bytes of the disk that holds the data, below which it is called so.
DISK_FREE = (2 * 1024**3, 256 * 1024**2)


def grade_disk(free: int) -> Health:
    return grade(-free, -DISK_FREE[0], -DISK_FREE[1])
