"""A lane's memory: how fast it goes and what troubles it, for whoever sends next."""

import time
from datetime import datetime, timedelta

from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from campaigns.models import Channel, Lane
from campaigns.rules.pacing import Pace
from campaigns.services import clock

#: No hold is longer. One that ends later was begun before the clock was set back.
LONGEST_HOLD = timedelta(seconds=60)


def holds(now: datetime) -> Q:
    """Which lanes are held."""
    return Q(hold_until__gt=now, hold_until__lte=now + LONGEST_HOLD)


def remembered_pace(lane: Lane, channel: Channel) -> Pace:
    """The slot in the table is by the clock of all machines, so that another can go on. Further
    ahead than a second, or one slot, it was written at another rate, or at a wrong time."""
    most = max(1.0, 1 / (channel.requests_per_second * lane.factor))
    ahead = min(lane.next_slot_at - clock.now().timestamp(), most)
    return Pace(
        rate=channel.requests_per_second,
        factor=lane.factor,
        next_slot_at=time.monotonic() + max(0.0, ahead),
        recovered_at=time.monotonic(),
    )


def remember(
    channel: Channel,
    pace: Pace,
    *,
    trouble: str,
    hold: float,
    sent_per_second: float,
    has_sent: bool,
    now: datetime,
) -> None:
    """Keep the pace, the trouble, and for how many seconds from now the lane is held."""
    Lane.objects.filter(channel=channel).update(
        next_slot_at=clock.now().timestamp() + pace.wait(time.monotonic()),
        factor=pace.factor,
        trouble=trouble,
        trouble_since=Coalesce("trouble_since", Value(now)) if trouble else None,
        hold_until=now + min(timedelta(seconds=hold), LONGEST_HOLD) if hold else None,
        sent_per_second=sent_per_second,
        **({"last_sent_at": now} if has_sent else {}),
    )
