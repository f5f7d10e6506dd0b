"""Reads the callbacks that were kept: reports, template news and replies.

A post is never dropped without a row that says so; early arrivals wait for their message.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError, transaction

from campaigns.gateways.base import Gateway
from campaigns.gateways.events import (
    ConsentEvent,
    DeliveryEvent,
    Event,
    InboundEvent,
    NoticeEvent,
    SavedEvent,
)
from campaigns.models import Campaign, Channel, OptOut, WebhookPost
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services import clock
from campaigns.services.accounts import find_same_account
from campaigns.services.channels import open_gateway
from campaigns.services.flights import missed_at_once, new_owner
from campaigns.services.inbox import record_inbound
from campaigns.services.nonces import find_replayed
from campaigns.services.optouts import is_phone, lift_by_provider, record_optout
from campaigns.services.queue import is_stopping, release_lease, ring, take_lease
from campaigns.services.receipts import Report, apply_reports
from campaigns.services.sweep import finish_campaign
from campaigns.services.template_reports import apply_saved_event

log = logging.getLogger(__name__)
Kept = WebhookPost.Status
LEASE = "posts"
LEASE_SECONDS = 30
CHUNK = 500
SLICE_SECONDS = 20
#: Stays awake this long after the last post: longer than the door waits between two rings.
LINGER_SECONDS = 2.0
LOOK_SECONDS = 0.2
#: An early report waits 1, 2, 4 … seconds, about an hour in all, for its message.
MOST_ATTEMPTS = 13
#: What words nobody thought of may do to a program.
BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
#: One post must never stop the others, whatever is wrong with it.
UNSTORABLE = (DataError, IntegrityError, RuleBroken, *BROKEN)
NO_MATCH = "No message or template of ours has this reference or tracking id."
UNDATED = (
    "It does not say when they opted in again, or names a time that is not here yet: an opt-out "
    "here may be newer, and none is taken back. Where you know better, take it back by hand."
)
#: A provider's clock may be ahead of ours by so much.
CLOCKS_APART = timedelta(minutes=5)
REPLAYED = "The same signed callback came before: it was not read again."
#: What a callback tells of, by the event found in it; a notice says it itself.
KINDS: dict[type, str] = {
    DeliveryEvent: "report",
    InboundEvent: "reply",
    SavedEvent: "template",
    ConsentEvent: "opt-out or opt-in",
}


def read_posts() -> None:
    """Read what has been kept, for up to `SLICE_SECONDS`, unless somebody else does."""
    owner = new_owner()
    if not take_lease(LEASE, owner, clock.now(), LEASE_SECONDS):
        return
    try:
        with missed_at_once(owner):
            _read_until_quiet(owner)
    finally:
        release_lease(LEASE, owner)
    now = clock.now()
    if not is_stopping(now) and WebhookPost.objects.to_read(now).exists():
        ring("posts.read_posts")


def _read_until_quiet(owner: str) -> None:
    reader = Reader()
    ends_at = time.monotonic() + SLICE_SECONDS
    quiet_since = time.monotonic()
    while time.monotonic() < ends_at and time.monotonic() - quiet_since < LINGER_SECONDS:
        now = clock.now()
        if is_stopping(now) or not take_lease(LEASE, owner, now, LEASE_SECONDS):
            return
        if reader.read_chunk(clock.now()):
            quiet_since = time.monotonic()
        else:
            reader.finish_campaigns()
            time.sleep(LOOK_SECONDS)
    reader.finish_campaigns()


@dataclass(slots=True)
class Read:
    """A post, the events found in it, and what became of it."""

    post: WebhookPost
    events: list[Event]
    status: str = Kept.DONE
    reason: str = ""
    nonce: str = ""

    @property
    def kind(self) -> str:
        """What it tells of, in a word; "" where nobody could read it."""
        first = next(iter(self.events), None)
        return first.kind if isinstance(first, NoticeEvent) else KINDS.get(type(first), "")


class Reader:
    """Reads chunk after chunk; remembers gateways, accounts and the campaigns it touched."""

    def __init__(self) -> None:
        self.gateways: dict[int, Gateway] = {}
        self.accounts: dict[int, tuple[int, ...]] = {}
        self.touched: set[int] = set()

    def read_chunk(self, now: datetime) -> int:
        """Read up to `CHUNK` posts in one transaction; one by one if that fails."""
        posts = list(WebhookPost.objects.to_read(now)[:CHUNK])
        reads = [self._parse(post) for post in posts]
        try:
            self._apply(reads, now)
        except UNSTORABLE:
            log.warning("A chunk of callbacks could not be stored: reading them one by one.")
            for post in posts:
                self._apply_alone(self._parse(post), now)
        return len(posts)

    def _apply_alone(self, read: Read, now: datetime) -> None:
        try:
            self._apply([read], now)
        except UNSTORABLE as error:
            read.status, read.reason = Kept.UNREADABLE, f"It cannot be stored: {error}"
            self._close([read], now)

    def _parse(self, post: WebhookPost) -> Read:
        body = bytes(post.body)
        try:
            gateway = self._gateway(post.channel_id)
            seal = gateway.verify_post(post.headers, body, post.received_at)
            if seal.problem and not post.is_polled:
                return Read(post, [], Kept.REFUSED, seal.problem)
            return Read(post, gateway.parse_post(body), nonce=seal.nonce)
        except ValueError as error:
            return Read(post, [], Kept.UNREADABLE, str(error))
        except (ImproperlyConfigured, KeyError) as error:  # of this channel: the others go on
            return Read(post, [], Kept.UNREADABLE, f"The channel cannot be used: {error}")
        except BROKEN as error:
            log.exception("A callback could not be read: post %s", post.pk)
            return Read(post, [], Kept.UNREADABLE, f"It cannot be read: {error}")

    def _gateway(self, channel_id: int) -> Gateway:
        if channel_id not in self.gateways:
            self.gateways[channel_id] = open_gateway(Channel.objects.get(pk=channel_id))
        return self.gateways[channel_id]

    def _same_account(self, channel_id: int) -> tuple[int, ...]:
        if channel_id not in self.accounts:
            self.accounts[channel_id] = find_same_account(channel_id)
        return self.accounts[channel_id]

    @transaction.atomic
    def _apply(self, reads: Sequence[Read], now: datetime) -> None:
        _refuse_replays(reads, now)
        self._apply_reports(reads, now)
        for read in reads:
            for event in read.events:
                self._apply_event(read, event, now)
        self._close(reads, now)

    def _apply_event(self, read: Read, event: Event, now: datetime) -> None:
        """Anything but a report about a message: those come all at once."""
        if isinstance(event, InboundEvent):
            record_inbound(read.post, event, now)
        elif isinstance(event, ConsentEvent):
            _apply_consent(read, event)
        elif isinstance(event, NoticeEvent):
            read.reason = event.text
        elif isinstance(event, SavedEvent):
            channels = self._same_account(read.post.channel_id)
            if not apply_saved_event(channels, event):
                _let_wait(read)

    def _apply_reports(self, reads: Sequence[Read], now: datetime) -> None:
        """All reports of the chunk at once; a post without a match waits."""
        by_post = {read.post.pk: read for read in reads}
        reports = [
            Report(read.post, event, self._same_account(read.post.channel_id))
            for read in reads
            for event in read.events
            if isinstance(event, DeliveryEvent)
        ]
        touched, unmatched = apply_reports(reports, now)
        self.touched |= touched
        for report in unmatched:
            _let_wait(by_post[report.post.pk])

    def _close(self, reads: Sequence[Read], now: datetime) -> None:
        done = defaultdict(list)
        for read in reads:
            if read.status == Kept.DONE:
                done[read.kind, read.reason].append(read.post.pk)
        for (kind, reason), ids in done.items():
            WebhookPost.objects.filter(pk__in=ids).update(
                status=Kept.DONE, reason=reason, kind=kind
            )
        for read in reads:
            if read.status != Kept.DONE:
                WebhookPost.objects.filter(pk=read.post.pk).update(
                    status=read.status,
                    reason=read.reason,
                    kind=read.kind,
                    attempts=read.post.attempts + 1,
                    try_after=now + timedelta(seconds=2**read.post.attempts),
                )

    def finish_campaigns(self) -> None:
        """Campaigns whose last receipt may have come."""
        through = (CampaignStatus.SENT, CampaignStatus.PAUSED)
        sent = Campaign.objects.filter(pk__in=self.touched, status__in=through)
        for campaign in sent:
            finish_campaign(campaign, clock.now())
        self.touched.clear()


def _refuse_replays(reads: Sequence[Read], now: datetime) -> None:
    """What was recorded and posted again by somebody else changes nothing."""
    signed = [(read.post, read.nonce) for read in reads if read.nonce]
    replayed = find_replayed(signed, now) if signed else set()
    for read in reads:
        if read.post.pk in replayed:
            read.events, read.status, read.reason = [], Kept.REFUSED, REPLAYED


def _apply_consent(read: Read, event: ConsentEvent) -> None:
    """The provider's own list is heeded like our own. Whatever comes late, or once more, takes no
    later opt-out back."""
    came_at = read.post.received_at
    at = min(event.at or came_at, came_at)
    if not is_phone(event.phone):
        return
    if event.opted_out:
        record_optout(event.phone, source=OptOut.Source.PROVIDER, evidence=event.text, asked_at=at)
    elif event.at is None or event.at > came_at + CLOCKS_APART:
        read.reason = UNDATED
    else:
        lift_by_provider(event.phone, text=event.text, at=at)


def _let_wait(read: Read) -> None:
    """It names nothing we know yet: the answer that brings its id may still be on its way."""
    has_tries_left = read.post.attempts + 1 < MOST_ATTEMPTS
    read.status = Kept.WAITING if has_tries_left else Kept.UNMATCHED
    read.reason = NO_MATCH


def read_again(posts: Iterable[WebhookPost]) -> None:
    """Have posts read once more, as if they had just come; repeats are harmless."""
    ids = [post.pk for post in posts]
    WebhookPost.objects.filter(pk__in=ids).update(status=Kept.NEW, attempts=0, try_after=None)
    ring("posts.read_posts")
