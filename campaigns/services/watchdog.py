"""Keeps one cluster of workers alive: starts it, rings for due work, restarts it when wedged.

django-q2 can wedge for good when an unlucky worker is killed, hangs when its whole group is asked
to end, and leaves orphans when its main process dies (RELIABILITY facts 3–5). So it runs in a
session of its own that can be killed as a whole, and nothing it holds matters.
"""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from threading import Event

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from campaigns.services import queue
from campaigns.services.starting import is_start_due
from campaigns.services.sweep import idle_lanes

log = logging.getLogger(__name__)
LOOK_SECONDS = 3.0
BEAT_EVERY = 5  # looks
SWEEP_EVERY = 20  # looks: a minute
MOST_WAITING = 20
#: After a start the cluster has this many looks to prove itself.
GRACE_LOOKS = 30
STOP_SECONDS = 75


def start_cluster() -> subprocess.Popen:
    """A cluster in its own session, so that its whole family can be killed."""
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    return subprocess.Popen([sys.executable, manage, "qcluster"], start_new_session=True)  # noqa: S603


class Watchdog:
    """`stopped` ends it; `start` makes a cluster (anything with pid, poll and wait)."""

    def __init__(
        self, stopped: Event, start: Callable[[], subprocess.Popen] = start_cluster
    ) -> None:
        self.stopped = stopped
        self.start = start
        self.cluster: subprocess.Popen | None = None
        self.looks = 0
        self.parent = os.getppid()
        os.environ.setdefault("CLUSTER_ID", f"{os.uname().nodename[:20]}:{token_hex(4)}")

    def run(self) -> None:
        """Until `stopped` is set, or whoever started us is gone."""
        try:
            while not self.stopped.is_set() and os.getppid() == self.parent:
                try:
                    self.look()
                except DatabaseError:
                    log.exception("The database cannot be asked; the cluster is left alone.")
                    close_old_connections()
                self.stopped.wait(LOOK_SECONDS)
        finally:
            self.stop()

    def look(self) -> None:
        """One look: is it there, does it hear, does due work stand still?"""
        now = timezone.now()
        if self.cluster is None or self.cluster.poll() is not None:
            self._restart("The cluster is not running.")
        elif self.looks > GRACE_LOOKS and not queue.is_anybody_at_work(now):
            self._restart("Nobody has been at work for a minute: the cluster is wedged.")
        if queue.queue_health(now)["waiting"] < MOST_WAITING:
            self._ring(now)
        self.looks += 1

    def _ring(self, now: datetime) -> None:
        """Whatever nobody else rang for. Behind a full queue a bell more helps nobody."""
        if self.looks % BEAT_EVERY == 0:
            queue.ring("outbox.beat")
        if self.looks % SWEEP_EVERY == 0:
            queue.ring("outbox.sweep")
        if is_start_due(now):
            queue.ring("outbox.start_due")
        for channel_id in idle_lanes(now):
            queue.ring("outbox.send_due", channel_id)

    def _restart(self, reason: str) -> None:
        if self.cluster is not None:
            log.error("%s Starting it anew.", reason)
            self._kill()
        self.cluster = self.start()
        self.looks = 0

    def _kill(self) -> None:
        """The whole session: what it held is in the tables and will be settled."""
        try:
            os.killpg(self.cluster.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # gone already
        self.cluster.wait()

    def stop(self) -> None:
        """Let what is under way finish; kill what does not. Only its main process is asked:
        asked as a group, it hangs."""
        if self.cluster is None:
            return
        try:
            queue.ask_to_stop(timezone.now(), STOP_SECONDS)
        except DatabaseError:
            log.exception("The workers cannot be asked to finish: they end with their slice.")
        self.cluster.terminate()
        try:
            self.cluster.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.error("The cluster did not stop in %d s.", STOP_SECONDS)
        self._kill()
