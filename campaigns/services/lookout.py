"""What a lane looks at again and again while it sends: its lease, pauses, rates, opt-outs."""

import time
from datetime import datetime

from django.db.models import Exists, Max

from campaigns.models import Campaign, Channel, OptOut
from campaigns.services import clock, spool
from campaigns.services.answers import skip_late
from campaigns.services.brake import pull_brakes
from campaigns.services.crew import Crew
from campaigns.services.detours import senders_on, sending_on
from campaigns.services.outbox import lane_name
from campaigns.services.queue import is_stopping, take_lease
from campaigns.services.starting import is_start_due, start_due

LEASE_SECONDS = 30
#: This long before the lease ends nothing new goes out, should we be unable to renew it.
LEASE_MARGIN = 5
#: How often all of it is looked at.
LOOK_SECONDS = 0.5
#: How often it is asked whether a campaign must pause itself.
BRAKE_SECONDS = 5.0


class Lookout:
    """Tells the crew at once what must not go out any more."""

    def __init__(self, channel: Channel, owner: str, crew: Crew) -> None:
        self.channel = channel
        self.owner = owner
        self.crew = crew
        self.campaigns: dict[int, Campaign] = {}
        #: Campaign → the numbers it goes out from here.
        self.senders: dict[int, set[str]] = {}
        self.is_ours = True
        self.is_stopping = False
        self._looked_at = float("-inf")
        self._brakes_at = float("-inf")
        self._newest_optout = OptOut.objects.aggregate(pk=Max("pk"))["pk"] or 0

    @property
    def may_send(self) -> bool:
        """Not while there are callbacks that nobody has heard: one may be an opt-out."""
        is_held = self.is_stopping or self.channel.paused_at is not None
        return self.is_ours and not is_held and spool.is_empty()

    def look_at_once(self) -> None:
        """The next `look` looks, however recent the last one was."""
        self._looked_at = float("-inf")

    def look(self, in_hand: set[int | None]) -> bool:
        """Look, unless that was done a moment ago: then False. `in_hand` are the campaigns of
        what was claimed."""
        at = time.monotonic()
        if at - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = at
        now = clock.now()
        self.is_ours = take_lease(lane_name(self.channel.pk), self.owner, now, LEASE_SECONDS)
        if self.is_ours:
            self.crew.send_until = at + LEASE_SECONDS - LEASE_MARGIN
        self.is_stopping = is_stopping(now)
        self.channel.refresh_from_db(fields=["paused_at", "requests_per_second"])
        self.crew.pace.change_rate(self.channel.requests_per_second, at)
        self.crew.pace.recover(at)
        if is_start_due(now):  # every worker may be in a lane, and none free to hear the doorbell
            start_due(now)
        self._look_at_campaigns(in_hand, now)
        if at - self._brakes_at >= BRAKE_SECONDS:
            self._brakes_at = at
            if pull_brakes(self.campaigns.values(), now):
                self._look_at_campaigns(in_hand, now)
        self._look_at_optouts()
        skip_late(now, self.channel.pk)
        if not self.may_send:
            self.crew.revoked.add(None)
        return True

    def heed_pauses(self, in_hand: set[int | None]) -> None:
        """One short question between two looks: what was paused or stopped goes out no more."""
        open_lane = Exists(Channel.objects.filter(pk=self.channel.pk, paused_at=None))
        sending = sending_on(self.channel.pk, clock.now()).filter(open_lane)
        going = set(sending.order_by().values_list("pk", flat=True))
        self.crew.revoked |= in_hand - going - {None}

    def _look_at_campaigns(self, in_hand: set[int | None], now: datetime) -> None:
        sending = sending_on(self.channel.pk, now).select_related("sender", "channel")
        self.campaigns = {campaign.pk: campaign for campaign in sending}
        self.senders = senders_on(self.channel.pk, list(self.campaigns.values()))
        self.crew.revoked |= in_hand - self.campaigns.keys() - {None}
        self.crew.revoked -= self.campaigns.keys()

    def _look_at_optouts(self) -> None:
        """Who opted out since the last look gets nothing that still waits here."""
        channels = {campaign.channel_id for campaign in self.campaigns.values()}
        holding = OptOut.objects.on(self.channel.pk, *channels)
        newer = list(holding.filter(pk__gt=self._newest_optout).values_list("pk", "phone"))
        if self.crew.revoked_phones:  # some may have asked for messages again
            still = holding.filter(phone__in=self.crew.revoked_phones)
            self.crew.revoked_phones = set(still.values_list("phone", flat=True))
        self.crew.revoked_phones.update(phone for _, phone in newer)
        self._newest_optout = max([self._newest_optout, *(pk for pk, _ in newer)])
