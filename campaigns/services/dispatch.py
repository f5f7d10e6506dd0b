"""Sends what is due on one channel: claim, send by threads under the pace, settle, again.

The calling thread alone touches the database; the threads only talk to the provider. A parcel is
claimed before it is sent and settled after it, so a kill in between leaves it in doubt, never
sent twice.
"""

import os
import socket
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from queue import Empty
from secrets import token_hex

from django.db import close_old_connections, connection, transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.gateways.base import Gateway, Outcome, OutgoingMms
from campaigns.models import Campaign, Channel, Lane, MmsRevision, OptOut
from campaigns.rules.mergefields import MissingValue, say_name
from campaigns.rules.pacing import Pace
from campaigns.rules.statuses import MessageStatus
from campaigns.services.answers import skip_late
from campaigns.services.channels import channel_limits, open_gateway
from campaigns.services.collecting import collect_seldom
from campaigns.services.crew import Crew, Job
from campaigns.services.groups import show_nobody_gone
from campaigns.services.hours import OpenHours, expiry_of
from campaigns.services.journal import keep_exchanges
from campaigns.services.outbox import (
    Claimed,
    Result,
    claim,
    comes_back_soon,
    has_due,
    lane_name,
    settle,
)
from campaigns.services.outcomes import Troubles, act_on, is_template_gone, judge
from campaigns.services.queue import is_stopping, release_lease, ring, take_lease
from campaigns.services.starting import is_start_due, start_due
from campaigns.services.sweep import finish_campaign
from campaigns.services.templates import find_ready_id
from campaigns.services.wording import Letter, letter_of

SLICE_SECONDS = 20
LEASE_SECONDS = 30
#: This long before the lease ends nothing new goes out, should we be unable to renew it.
LEASE_MARGIN = 5
#: How often the lease is renewed and pauses, rates and campaigns are looked at.
LOOK_SECONDS = 0.5
#: Results are gathered this long, so that one transaction settles many.
GATHER_SECONDS = 0.05
MOST_CLAIMED = 1000
#: Or so many full requests, where one carries a batch.
BATCHES_CLAIMED = 4
LINGER_SECONDS = 5
WITHOUT_VALUE = "The message calls for {name}, and nothing is known there for this person."


def send_due(channel_id: int, *, gateway: Gateway | None = None) -> None:
    """Send for up to `SLICE_SECONDS` what is due on the channel, unless somebody else does."""
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{token_hex(4)}"
    if not take_lease(lane_name(channel_id), owner, timezone.now(), LEASE_SECONDS):
        return
    try:
        has_more = _run(channel_id, owner, gateway)
    finally:
        release_lease(lane_name(channel_id), owner)
    if has_more:
        ring("outbox.send_due", channel_id)


def _run(channel_id: int, owner: str, gateway: Gateway | None) -> bool:
    if gateway is None:
        with closing(open_gateway(Channel.objects.get(pk=channel_id))) as own:
            return _run(channel_id, owner, own)
    collect_seldom()
    run = LaneRun(channel_id, owner, gateway)
    has_more = run.run()
    for campaign in run.campaigns.values():
        finish_campaign(campaign, timezone.now())
    return has_more


class LaneRun:
    """One slice of sending on one channel by one owner."""

    def __init__(self, channel_id: int, owner: str, gateway: Gateway) -> None:
        self.channel = Channel.objects.get(pk=channel_id)
        self.owner = owner
        self.lane, _ = Lane.objects.get_or_create(channel=self.channel)
        self.batch = channel_limits(self.channel).batch
        self.pace = self._remembered_pace()
        self.crew = Crew(gateway, self.pace)
        self.letters: dict[tuple[int | None, int, str, str, float], Letter] = {}
        self.hours = OpenHours()
        self.troubles = Troubles(probing=bool(self.lane.trouble))
        self.campaigns: dict[int, Campaign] = {}
        self.in_hand: dict[int, Claimed] = {}
        #: Answers that are not written yet: they must survive an error, or people get it twice.
        self.unsettled: list[tuple[Claimed, Outcome | None]] = []
        self.ends_at = time.monotonic() + SLICE_SECONDS
        self.looked_at = float("-inf")
        self.accepted_count = 0
        self.answered_count = 0
        self.newest_optout = OptOut.objects.aggregate(pk=Max("pk"))["pk"] or 0
        self.started_at = time.monotonic()
        self.is_ours = True
        self.is_stopping = False
        self.ran_dry = False

    # --- The loop ------------------------------------------------------------------------------

    def run(self) -> bool:
        """True when more is due: somebody should go on."""
        if self._is_held(timezone.now()):
            return False
        try:
            with self.crew.at_work(self.channel.connections):
                self._send_and_bring_home()
        finally:
            self._settle_left()
        self._remember(timezone.now())
        return self._may_send() and has_due(self.channel.pk, timezone.now())

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
        if self.ran_dry and not self.in_hand and not self._wait_for_put_back():
            return False
        return time.monotonic() < self.ends_at and self._may_send()

    def _wait_for_put_back(self) -> bool:
        """Rows that were throttled come back in a moment: linger for them."""
        now = timezone.now()
        if not comes_back_soon(self.channel.pk, now, now + timedelta(seconds=LINGER_SECONDS)):
            return False
        time.sleep(LOOK_SECONDS / 2)
        return True

    def _may_send(self) -> bool:
        is_free = self.is_ours and not self.is_stopping
        return is_free and self.channel.paused_at is None and not self.troubles.hold

    def _is_held(self, now: datetime) -> bool:
        held = self.lane.hold_until is not None and self.lane.hold_until > now
        return held or self.channel.paused_at is not None

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

    # --- Looking at pauses, rates and the lease ------------------------------------------------

    def _look_around(self) -> None:
        clock = time.monotonic()
        if clock - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = clock
        now = timezone.now()
        self.is_ours = take_lease(lane_name(self.channel.pk), self.owner, now, LEASE_SECONDS)
        if self.is_ours:
            self.crew.send_until = clock + LEASE_SECONDS - LEASE_MARGIN
        self.is_stopping = is_stopping(now)
        self.channel.refresh_from_db(fields=["paused_at", "requests_per_second"])
        self.pace.rate = self.channel.requests_per_second
        self.pace.recover(clock)
        if is_start_due(now):  # every worker may be in a lane, and none free to hear the doorbell
            start_due(now)
        self._look_at_campaigns(now)
        self._look_at_optouts()
        skip_late(now, self.channel.pk)
        self.hours.read()
        if not self._may_send():
            self.crew.revoked.add(None)
        self._remember(now)

    def _look_at_campaigns(self, now: datetime) -> None:
        sending = Campaign.objects.filter(channel=self.channel).sending(now)
        self.campaigns = {campaign.pk: campaign for campaign in sending}
        claimed = {parcel.campaign_id for parcel in self.in_hand.values()}
        self.crew.revoked |= claimed - self.campaigns.keys() - {None}
        self.crew.revoked -= self.campaigns.keys()

    def _look_at_optouts(self) -> None:
        """Who opted out since the last look gets nothing that still waits here."""
        holding = OptOut.objects.on(self.channel.pk)
        newer = list(holding.filter(pk__gt=self.newest_optout).values_list("pk", "phone"))
        if self.crew.revoked_phones:  # some may have asked for messages again
            still = holding.filter(phone__in=self.crew.revoked_phones)
            self.crew.revoked_phones = set(still.values_list("phone", flat=True))
        self.crew.revoked_phones.update(phone for _, phone in newer)
        self.newest_optout = max([self.newest_optout, *(pk for pk, _ in newer)])

    # --- One transaction: write the results, claim the next --------------------------------------

    def _turn_over(self, *, claims: bool = True) -> None:
        now = timezone.now()
        gathered = self.unsettled
        results = [self._judge(parcel, outcome, now) for parcel, outcome in gathered]
        outcomes = [outcome for _, outcome in gathered if outcome is not None]
        with transaction.atomic():
            settle(results, owner=self.owner, now=now)
            keep_exchanges(self.channel.pk, [o.exchange for o in outcomes], now)
            claimed = self._claim_and_write(now) if claims and self._may_send() else []
        self.unsettled = []
        for parcel, _ in gathered:
            del self.in_hand[parcel.id]
        self.in_hand |= {parcel.id: parcel for parcel, _ in claimed}
        self.answered_count += len(outcomes)
        self.accepted_count += sum(1 for outcome in outcomes if outcome.error is None)
        for job in self._jobs(claimed):
            self.crew.jobs.put(job)
        self._ring_for_stopped(gathered, results)
        self._act_on(gathered)

    def _jobs(self, written: Job) -> list[Job]:
        """What goes in one request: of one content, no more than the provider takes, nor than may
        go in a second."""
        if self.batch == 1:
            return [[each] for each in written]
        size = max(1, min(self.batch, int(self.pace.rate * self.pace.factor)))
        alike: dict[tuple[object, ...], Job] = {}
        for parcel, mms in written:
            key = id(mms.content), mms.batch_reference, _own_heading(mms)
            alike.setdefault(key, []).append((parcel, mms))
        return [job[at : at + size] for job in alike.values() for at in range(0, len(job), size)]

    def _ring_for_stopped(
        self, gathered: list[tuple[Claimed, Outcome | None]], results: list[Result]
    ) -> None:
        """Rows in hand when their campaign was stopped wait again: nobody else looks for them."""
        waiting = {
            parcel.campaign_id
            for (parcel, _), result in zip(gathered, results, strict=True)
            if result.status == MessageStatus.QUEUED
        }
        for campaign_id in waiting - self.campaigns.keys() - {None}:
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
                self.looked_at = float("-inf")  # the campaign has another way to go now

    def _judge(self, parcel: Claimed, outcome: Outcome | None, now: datetime) -> Result:
        if outcome is None:
            return Result(parcel.id, MessageStatus.QUEUED)
        self.troubles.note(outcome)
        if outcome.error is None:
            return Result(parcel.id, MessageStatus.ACCEPTED, outcome.provider_id)
        if self.troubles.was_throttled(outcome):
            self.pace.slow(time.monotonic())
        return judge(parcel, outcome, now)

    def _claim(self, now: datetime) -> list[Claimed]:
        """Test messages first, then every campaign its fair part of what is free."""
        free = self._room()
        claimed: list[Claimed] = []
        if free > 0:
            claimed += self._claim_from(None, free, now)
        # Who has least in hand is served first; who takes less than its part leaves it to the next.
        in_hand = Counter(parcel.campaign_id for parcel in self.in_hand.values())
        queue = sorted(self.campaigns, key=in_hand.__getitem__)
        for position, campaign_id in enumerate(queue):
            part = -(-(free - len(claimed)) // (len(queue) - position))
            if part > 0:
                claimed += self._claim_from(campaign_id, part, now)
        self.ran_dry = free > 0 and not claimed
        return claimed

    def _claim_from(self, campaign_id: int | None, count: int, now: datetime) -> list[Claimed]:
        name = f"b{token_hex(10)}" if self.batch > 1 else ""
        return claim(
            self.channel.pk, campaign_id, count, owner=self.owner, now=now, batch_reference=name
        )

    def _room(self) -> int:
        """How many more may wait here: half a second of the pace, enough for idle threads, at
        most two seconds of it; one in all while we only probe."""
        if self.troubles.probing:
            return 1 - len(self.in_hand)
        under_way = self.crew.started_count - self.answered_count
        pace = self.pace.rate * self.pace.factor
        idle = self.channel.connections * self.batch
        most_waiting = max(min(max(pace / 2, idle), pace * 2), 1)
        most = max(MOST_CLAIMED, self.batch * BATCHES_CLAIMED)
        return int(min(most_waiting, most)) - (len(self.in_hand) - under_way)

    def _claim_and_write(self, now: datetime) -> list[tuple[Claimed, OutgoingMms]]:
        """What is ours to send, as each person reads it. Whose message would hold a gap is
        skipped."""
        written: list[tuple[Claimed, OutgoingMms]] = []
        skipped: list[Result] = []
        awake, asleep = self.hours.part(self._claim(now), self._not_after, now)
        skipped += asleep
        for parcel in show_nobody_gone(awake):
            try:
                written.append((parcel, self._outgoing(parcel)))
            except MissingValue as missing:
                reason = WITHOUT_VALUE.format(name=say_name(missing.name))
                skipped.append(Result(parcel.id, MessageStatus.SKIPPED, reason=reason))
        settle(skipped, owner=self.owner, now=now)
        return written

    def _not_after(self, parcel: Claimed) -> datetime | None:
        campaign = self.campaigns.get(parcel.campaign_id or 0)
        return campaign.not_after if campaign else None

    def _outgoing(self, parcel: Claimed) -> OutgoingMms:
        saved_id = self._saved_id(parcel)
        key = (parcel.campaign_id, parcel.revision_id, parcel.sender, saved_id, parcel.closes_at)
        if key not in self.letters:
            self.letters[key] = self._letter(parcel, saved_id)
        return self.letters[key].to(
            parcel.phone,
            parcel.wire_reference,
            merge_values=parcel.merge_values,
            shown_to=parcel.shown_to,
            batch_reference=parcel.batch_reference,
        )

    def _saved_id(self, parcel: Claimed) -> str:
        """Tests, which are few, ask anew each time."""
        if campaign := self.campaigns.get(parcel.campaign_id or 0):
            return campaign.saved_id
        return find_ready_id(parcel.revision_id, self.channel.pk)

    def _letter(self, parcel: Claimed, saved_id: str) -> Letter:
        return letter_of(
            MmsRevision.objects.select_related("mms").get(pk=parcel.revision_id),
            sender=parcel.sender,
            channel=self.channel,
            expires_at=expiry_of(parcel, self._not_after(parcel)),
            saved_id=saved_id,
        )

    # --- The lane's memory -----------------------------------------------------------------------

    def _remembered_pace(self) -> Pace:
        """The clock in the database is wall time, so that another machine can go on with it."""
        ahead = self.lane.next_slot_at - time.time()
        return Pace(
            rate=self.channel.requests_per_second,
            factor=self.lane.factor,
            next_slot_at=time.monotonic() + max(0.0, min(ahead, 5.0)),
            recovered_at=time.monotonic(),
        )

    def _remember(self, now: datetime) -> None:
        seconds = time.monotonic() - self.started_at
        hold = self.troubles.hold
        Lane.objects.filter(channel=self.channel).update(
            next_slot_at=time.time() + self.pace.wait(time.monotonic()),
            factor=self.pace.factor,
            trouble=self.troubles.text,
            hold_until=now + timedelta(seconds=hold) if hold else None,
            sent_per_second=self.accepted_count / max(seconds, 1),
            **({"last_sent_at": now} if self.accepted_count else {}),
        )


def _own_heading(mms: OutgoingMms) -> tuple[object, ...]:
    """A subject of their own beside a file is a request of its own: each waits for its slot, so
    that a stop or an opt-out still counts for it."""
    has_file = any(slide.media for slide in mms.content.slides)
    return (mms.own.subject, mms.own.titles) if mms.own and has_file else ()
