"""How much a lane claims, and of whom: tests and replies first, then every campaign its fair part
of what is free, within the limits of its sender."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from secrets import token_hex

from campaigns.models import Channel
from campaigns.services.crew import Crew
from campaigns.services.lookout import Lookout
from campaigns.services.outbox import Claimed, claim
from campaigns.services.senders import SenderLimits

MOST_CLAIMED = 1000
#: Or so many full requests, where one carries a batch.
BATCHES_CLAIMED = 4


class Intake:
    """Claims for one slice. `batch` is how many messages one request of the provider carries."""

    def __init__(self, channel: Channel, lookout: Lookout, crew: Crew, batch: int) -> None:
        self.channel = channel
        self.lookout = lookout
        self.crew = crew
        self.batch = batch
        self.limits = SenderLimits(channel.pk)
        #: There was room, and nothing to claim.
        self.ran_dry = False
        #: Nothing but what the senders' limits forbid.
        self.is_limited = False

    def claim(self, in_hand: Mapping[int, Claimed], free: int, now: datetime) -> list[Claimed]:
        """Up to `free` more; called within a transaction."""
        claimed = self._claim_from(None, free, now) if free > 0 else []
        # Who has least in hand is served first; who takes less than its part leaves it to the next.
        held = Counter(parcel.campaign_id for parcel in in_hand.values())
        queue = sorted(self.lookout.campaigns.values(), key=lambda campaign: held[campaign.pk])
        is_limited = False
        for position, campaign in enumerate(queue):
            part = -(-(free - len(claimed)) // (len(queue) - position))
            senders = self.lookout.senders[campaign.pk]
            room = min(self.limits.room(number, now) for number in senders)
            is_limited |= room < part
            if (count := min(part, room)) > 0:
                claimed += self._claim_from(campaign.pk, count, now)
        self.limits.keep()
        self.ran_dry = free > 0 and not claimed
        self.is_limited = self.ran_dry and is_limited
        return claimed

    def is_soon(self, seconds: float, now: datetime) -> bool:
        """Whether a sender's limit lets the next message go so soon."""
        senders = chain.from_iterable(self.lookout.senders.values())
        return self.is_limited and self.limits.is_soon(senders, seconds, now)

    def room(self, in_hand: int, under_way: int) -> int:
        """How many more may wait here: half a second of the pace, enough for idle threads, at
        most two seconds of it."""
        pace = self.crew.pace.rate * self.crew.pace.factor
        idle = self.channel.connections * self.batch
        most_waiting = max(min(max(pace / 2, idle), pace * 2), 1)
        most = max(MOST_CLAIMED, self.batch * BATCHES_CLAIMED)
        return int(min(most_waiting, most)) - (in_hand - under_way)

    def most_in_one(self) -> int:
        """No more in one request than the provider takes, nor than may go in a second."""
        return max(1, min(self.batch, int(self.crew.pace.rate * self.crew.pace.factor)))

    def _claim_from(self, campaign_id: int | None, count: int, now: datetime) -> list[Claimed]:
        name = f"b{token_hex(10)}" if self.batch > 1 else ""
        owner = self.lookout.owner
        claimed = claim(
            self.channel.pk, campaign_id, count, owner=owner, now=now, batch_reference=name
        )
        self.limits.take((parcel.sender for parcel in claimed), now)
        return claimed
