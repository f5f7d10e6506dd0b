"""What time it is for all machines alike, and how long it has been seen to pass.

Clocks are set, jump and differ. Who holds what, and until when, is judged by the database's clock,
where it has one of its own. What is given up after a while is given up only when sweeps saw that
while pass: not because a clock jumped, nor because nothing ran that could have heard better.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from campaigns.models import Lease

#: The database is asked again after so long; in between the time since is added.
KEPT_SECONDS = 10.0
#: Sweeps come once a minute. Further apart, the time between them was not seen.
MOST_BETWEEN = timedelta(minutes=5)
SWEPT, STEADY = "clock:swept", "clock:steady"
#: Goes on while the machine sleeps, and cannot be set.
_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass
class _Known:
    moment: datetime | None = None
    at: float = 0.0


_known = _Known()


def now() -> datetime:
    """By the database's clock; by this machine's, where the database is a file on it."""
    if connection.vendor != "postgresql" or not settings.USE_DATABASE_CLOCK:
        return timezone.now()
    at = time.clock_gettime(_STEADY_CLOCK)
    if _known.moment is None or at - _known.at > KEPT_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (moment,) = cursor.fetchone()
        _known.moment, _known.at = moment.astimezone(UTC), at
    return _known.moment + timedelta(seconds=at - _known.at)


def seconds() -> float:
    """The same since the epoch, for threads that must not ask the database: whoever has them work
    asks it again and again."""
    if _known.moment is None or not settings.USE_DATABASE_CLOCK:
        return time.time()
    return _known.moment.timestamp() + time.clock_gettime(_STEADY_CLOCK) - _known.at


def note_sweep(now: datetime) -> datetime:
    """Since when time has passed without a jump and without a pause."""
    swept, since = _remembered(SWEPT), _remembered(STEADY)
    if swept is None or since is None or abs(now - swept) > MOST_BETWEEN:
        since = now
        _remember(STEADY, since)
    _remember(SWEPT, now)
    return since


def steady_since() -> datetime | None:
    return _remembered(STEADY)


def _remembered(name: str) -> datetime | None:
    return Lease.objects.filter(name=name).values_list("until", flat=True).first()


def _remember(name: str, moment: datetime) -> None:
    """A moment, held by nobody."""
    Lease.objects.update_or_create(name=name, defaults={"owner": "", "until": moment})
