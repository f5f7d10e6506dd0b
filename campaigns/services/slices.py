"""One slice of sending on one channel: claim, send by threads under the pace, settle, again.

The calling thread alone touches the database; the threads only talk to the provider. A parcel is
claimed before it is sent and settled after it, so a kill in between leaves it in doubt, never
sent twice.
"""

import time
from datetime import datetime, timedelta
from queue import Empty

from django.db import close_old_connections, connection, transaction

from campaigns.gateways.base import Gateway
from campaigns.gateways.outcomes import Outcome
from campaigns.models import Channel, Lane
from campaigns.rules.statuses import MessageStatus
from campaigns.services import clock
from campaigns.services.channel_kinds import channel_limits
from campaigns.services.cores import on_one_core
from campaigns.services.crew import CANNOT_NOTE, Crew, Job
from campaigns.services.due import comes_back_soon, has_due
from campaigns.services.flights import FlightLog
from campaigns.services.intake import Intake
from campaigns.services.journal import keep_exchanges
from campaigns.services.lanes import holds, remember, remembered_pace
from campaigns.services.letters import Letters, jobs_of
from campaigns.services.lookout import LOOK_SECONDS, Lookout
from campaigns.services.outbox import (
    Claimed,
    Result,
    settle,
)
from campaigns.services.outcomes import Troubles, act_on, is_template_gone, result_of
from campaigns.services.queue import ring

SLICE_SECONDS = 20
#: Results are gathered this long, so that one transaction settles many.
GATHER_SECONDS = 0.05
LINGER_SECONDS = 5


class LaneRun:
    """One slice of sending on one channel by one owner."""

    def __init__(self, channel_id: int, owner: str, gateway: Gateway) -> None:
        self.channel = Channel.objects.get(pk=channel_id)
        self.lane, _ = Lane.objects.get_or_create(channel=self.channel)
        self.batch = channel_limits(self.channel).batch
        self.pace = remembered_pace(self.lane, self.channel)
        self.crew = Crew(gateway, self.pace, FlightLog(owner))
        self.lookout = Lookout(self.channel, owner, self.crew)
        self.letters = Letters(self.channel)
        self.intake = Intake(self.channel, self.lookout, self.crew, self.batch)
        self.troubles = Troubles(probing=bool(self.lane.trouble), text=self.lane.trouble)
        self.in_hand: dict[int, Claimed] = {}
        #: Answers that are not written yet: they must survive an error, or people get it twice.
        self.unsettled: list[tuple[Claimed, Outcome | None]] = []
        self.ends_at = time.monotonic() + SLICE_SECONDS
        self.accepted_count = 0
        self.answered_count = 0
        self.started_at = time.monotonic()

    # --- The loop ------------------------------------------------------------------------------

    def run(self) -> bool:
        """True when more is due: somebody should go on."""
        if self._is_held(clock.now()):
            return False
        try:
            self.crew.flights.open()
        except OSError as error:
            self.troubles.stop(CANNOT_NOTE.format(why=error.strerror))
            self._remember()
            return False
        try:
            self._send_all()
        finally:
            self.crew.flights.close(is_settled=not self.in_hand)
        self._remember()
        if (
            self.intake.is_limited
        ):  # somebody looks again in a moment: a bell now would find the same
            return False
        return self._may_send() and has_due(self.channel.pk, clock.now())

    def _send_all(self) -> None:
        try:
            with on_one_core(), self.crew.at_work(self.channel.connections):
                self._send_and_bring_home()
        finally:
            self._settle_left()

    def _send_and_bring_home(self) -> None:
        while self._goes_on():
            self._look_around()
            self._gather()
            self._turn_over()
        self.crew.revoked.add(None)
        while self.in_hand and self.crew.is_alive():
            self._look_around()
            self._gather()
            self._turn_over(claims=False)

    def _settle_left(self) -> None:
        """After an error: the threads are done, so all that is in hand is known. What has no
        result was never given to them."""
        if not self.in_hand:
            return
        if not connection.in_atomic_block:
            close_old_connections()  # the error may have been that this one broke
        self._drain()
        answered = {parcel.id for parcel, _ in self.unsettled}
        self.unsettled += [(p, None) for p in self.in_hand.values() if p.id not in answered]
        self._turn_over(claims=False)

    def _goes_on(self) -> bool:
        if not self.crew.is_alive():
            return False
        if self.intake.ran_dry and not self.in_hand and not self._wait_for_put_back():
            return False
        return time.monotonic() < self.ends_at and self._may_send()

    def _wait_for_put_back(self) -> bool:
        """Rows that were throttled come back in a moment, and a sender's next turn: linger."""
        now = clock.now()
        soon = now + timedelta(seconds=LINGER_SECONDS)
        is_soon = self.intake.is_soon(LINGER_SECONDS, now)
        if not (is_soon or comes_back_soon(self.channel.pk, now, soon)):
            return False
        time.sleep(LOOK_SECONDS / 2)
        return True

    def _may_send(self) -> bool:
        return self.lookout.may_send and not self.troubles.hold

    def _remember(self) -> None:
        remember(
            self.channel,
            self.pace,
            trouble=self.troubles.text,
            hold=self.troubles.hold,
            sent_per_second=self.accepted_count / max(time.monotonic() - self.started_at, 1),
            has_sent=self.accepted_count > 0,
            now=clock.now(),
        )

    def _is_held(self, now: datetime) -> bool:
        held = Lane.objects.filter(holds(now), pk=self.lane.pk).exists()
        return held or not self.lookout.may_send

    def _gather(self) -> None:
        """Take in the results at hand; wait a little for the first, not at all for nobody."""
        if not self.in_hand:
            return
        try:
            self.unsettled += self.crew.results.get(timeout=LOOK_SECONDS / 2)
        except Empty:
            return
        ends_at = time.monotonic() + GATHER_SECONDS
        if self.batch == 1 and len(self.unsettled) < len(self.in_hand):
            time.sleep(GATHER_SECONDS)
        # Of batches few answers come, and the last one is worth waking up for.
        while len(self.unsettled) < len(self.in_hand) and (left := ends_at - time.monotonic()) > 0:
            try:
                self.unsettled += self.crew.results.get(timeout=left)
            except Empty:
                break
        self._drain()

    def _drain(self) -> None:
        while not self.crew.results.empty():
            self.unsettled += self.crew.results.get()

    def _look_around(self) -> None:
        in_hand = {parcel.campaign_id for parcel in self.in_hand.values()}
        if not self.lookout.look(in_hand):
            self.lookout.heed_pauses(in_hand)
            return
        self.letters.campaigns = self.lookout.campaigns
        self.letters.hours.read()
        self.intake.limits.read()
        if self.crew.trouble:
            self.troubles.stop(self.crew.trouble)
        if self.troubles.hold:
            self.crew.revoked.add(None)
        self._remember()

    # --- One transaction: write the results, claim the next --------------------------------------

    def _turn_over(self, *, claims: bool = True) -> None:
        now = clock.now()
        gathered = self.unsettled
        results = [self._judge(parcel, outcome, now) for parcel, outcome in gathered]
        outcomes = [outcome for _, outcome in gathered if outcome is not None]
        with transaction.atomic():
            settle(results, owner=self.lookout.owner, now=now)
            keep_exchanges(self.channel.pk, [o.exchange for o in outcomes], now)
            claimed = self._claim_and_write(now) if claims and self._may_send() else []
            self.crew.flights.claim_again(parcel.id for parcel, _ in claimed)
        self.unsettled = []
        for parcel, _ in gathered:
            del self.in_hand[parcel.id]
        self.in_hand |= {parcel.id: parcel for parcel, _ in claimed}
        self.answered_count += len(outcomes)
        self.accepted_count += sum(1 for outcome in outcomes if outcome.error is None)
        for job in jobs_of(claimed, self.intake.most_in_one()):
            self.crew.jobs.put(job)
        self._ring_for_stopped(gathered, results)
        self._act_on(gathered)

    def _ring_for_stopped(
        self, gathered: list[tuple[Claimed, Outcome | None]], results: list[Result]
    ) -> None:
        """Rows in hand when their campaign was stopped wait again: nobody else looks for them."""
        waiting = {
            parcel.campaign_id
            for (parcel, _), result in zip(gathered, results, strict=True)
            if result.status == MessageStatus.QUEUED
        }
        for campaign_id in waiting - self.lookout.campaigns.keys() - {None}:
            ring("outbox.cancel_stopped", campaign_id)

    def _act_on(self, gathered: list[tuple[Claimed, Outcome | None]]) -> None:
        """What an outcome means beyond its row: block lists, content, the account."""
        for parcel, outcome in gathered:
            if outcome is None:
                continue
            if outcome.error is None:
                self.troubles.content_refusals.pop(parcel.campaign_id, None)
                continue
            act_on(self.channel, parcel, outcome, self.troubles)
            if is_template_gone(outcome):
                self.lookout.look_at_once()  # the campaign has another way to go now

    def _judge(self, parcel: Claimed, outcome: Outcome | None, now: datetime) -> Result:
        if outcome is None:
            return Result(parcel.id, MessageStatus.QUEUED)
        self.troubles.note(outcome)
        if self.troubles.was_throttled(outcome):
            self.pace.slow(time.monotonic())
        return result_of(parcel, outcome, now)

    def _room(self) -> int:
        """How many more may be claimed; one in all while we only probe."""
        if self.troubles.probing:
            return 1 - len(self.in_hand)
        return self.intake.room(len(self.in_hand), self.crew.started_count - self.answered_count)

    def _claim_and_write(self, now: datetime) -> Job:
        """What is ours to send, as each person reads it."""
        written, others = self.letters.write(
            self.intake.claim(self.in_hand, self._room(), now), now
        )
        settle(others, owner=self.lookout.owner, now=now)
        return written
