"""Whether anything moves: what the provider has seen, and what the tables still wait for."""

import http.client
import json
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field

from django.db import DatabaseError, close_old_connections, connection

from campaigns.models import Message, WebhookPost
from campaigns.rules.statuses import MessageStatus

LOOK_SECONDS = 0.5
#: What somebody had under way when they were killed is answered yet.
JUST_BEFORE = 1.0
WAITING = (MessageStatus.QUEUED, MessageStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Look:
    """One look: rows made and still waiting, callbacks unread, and the provider's own counts."""

    rows: int
    waiting: int
    unread: int
    seen: tuple[tuple[str, int], ...]

    def count(self, name: str) -> int:
        return dict(self.seen)[name]

    @property
    def progress(self) -> tuple[int, ...]:
        """What moves while somebody waits to be sent to, and afterwards: callbacks that come in
        do not hide that nothing is sent."""
        if self.waiting or not self.rows:
            return self.rows, self.waiting, self.count("requests")
        return self.unread, self.count("posted")


@dataclass(slots=True)
class Watch:
    """Looks again and again and remembers the longest time in which nothing moved."""

    port: int
    messages: int
    looked_at: float = float("-inf")
    moved_at: float = field(default_factory=time.monotonic)
    longest_stall: float = 0
    #: What went wrong → the longest stall during which, or just before which, it did.
    gaps: dict[str, float] = field(default_factory=dict)
    blows: dict[str, float] = field(default_factory=dict)
    last: Look = Look(0, 0, 0, (("requests", 0), ("pending", 0), ("posted", 0)))

    @property
    def stall(self) -> float:
        """Seconds since something moved."""
        return time.monotonic() - self.moved_at

    @property
    def requests(self) -> int:
        return self.last.count("requests")

    @property
    def is_sent(self) -> bool:
        """Nobody waits to be sent to any more."""
        return self.last.rows == self.messages and not self.last.waiting

    @property
    def is_over(self) -> bool:
        """Nor does any report wait to be posted or read."""
        return self.is_sent and not (self.last.unread or self.last.count("pending"))

    def note(self, what: str) -> None:
        self.blows[what] = time.monotonic()

    def look(self) -> None:
        if time.monotonic() - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = time.monotonic()
        found = self._find()
        self.longest_stall = max(self.longest_stall, self.stall)
        for what, at in self.blows.items():
            if at > self.moved_at - JUST_BEFORE or at == max(self.blows.values()):
                self.gaps[what] = max(self.gaps.get(what, 0.0), self.stall)
        if found is None:
            return
        if found.progress != self.last.progress:
            self.moved_at = time.monotonic()
        self.last = found

    def _find(self) -> Look | None:
        """None while the database or the provider cannot be asked."""
        try:
            close_old_connections()
            rows = Message.objects.order_by()
            waiting = rows.filter(status__in=WAITING).count()
            unread = WebhookPost.objects.filter(status__in=("new", "waiting")).count()
            return Look(rows.count(), waiting, unread, tuple(self._ask().items()))
        except (DatabaseError, OSError):
            with suppress(DatabaseError):
                connection.close()
            return None

    def _ask(self) -> dict[str, int]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as wire:
            wire.request("GET", "/")
            return json.loads(wire.getresponse().read())
