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
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from threading import Event

from django.conf import settings
from django.db import Error, close_old_connections

from campaigns.models import WebhookPost
from campaigns.services import clock, lifesigns, queue
from campaigns.services.draining import drain
from campaigns.services.recovering import recover_flights
from campaigns.services.seldom import Seldom
from campaigns.services.starting import is_start_due
from campaigns.services.sweep import idle_lanes

log = logging.getLogger(__name__)
LOOK_SECONDS = 3.0
SWEEP_EVERY = 20  # looks: a minute
MOST_WAITING = 20
#: Silent for so long, it is wedged: its own bell rings every ten seconds, and whoever waits for
#: work hears it.
QUIET_SECONDS = 30
#: The same while others are in the middle of a task, which is lost with them and begins anew.
BUSY_QUIET_SECONDS = 60
#: The first sign may take longer, on a machine that has much to do. Where it never came, the next
#: cluster is given twice as long, four times at most.
START_SECONDS = 60
MOST_PATIENCE = 4
STOP_SECONDS = 28
#: Its main process may hang when all its workers have ended.
HANG_SECONDS = 5
STOP_LOOK_SECONDS = 0.2


def start_cluster(name: str) -> subprocess.Popen:
    """A cluster in its own session, so that its whole family can be killed."""
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    return subprocess.Popen(  # noqa: S603
        [sys.executable, manage, "qcluster"],
        start_new_session=True,
        env={**os.environ, "CLUSTER_ID": name},
    )


class Watchdog:
    """`stopped` ends it; `start` makes a cluster of this name (anything with pid, poll and wait);
    `clock` is a steady one."""

    def __init__(
        self,
        stopped: Event,
        start: Callable[[str], subprocess.Popen] = start_cluster,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stopped = stopped
        self.start = start
        self.clock = clock
        self.cluster: subprocess.Popen | None = None
        self.name = ""
        self.signs: lifesigns.Signs = {}
        self.heard_at = clock()
        self.patience = 1
        self.looks = 0
        self.told = Seldom(60)
        self.parent = os.getppid()

    def run(self) -> None:
        """Until `stopped` is set, or whoever started us is gone."""
        try:
            while not self.stopped.is_set() and os.getppid() == self.parent:
                try:
                    self.look()
                except Error:
                    if self.told.is_due():
                        log.exception("The database cannot be asked; the cluster is left alone.")
                    close_old_connections()
                    self.heard_at = self.clock()
                self.stopped.wait(LOOK_SECONDS)
        finally:
            self.stop()

    def look(self) -> None:
        """One look: is it there, does it hear, does due work stand still?"""
        if self.cluster is None or self.cluster.poll() is not None:
            self._restart("The cluster is not running.")
        elif self._is_deaf():
            self._restart("The cluster has not been heard: it is wedged.")
        now = clock.now()
        drain()
        recover_flights(now)  # or what a dead worker held would wait for its lease to end
        if queue.queue_health(now)["waiting"] < MOST_WAITING:
            self._ring()
        self.looks += 1

    def _is_deaf(self) -> bool:
        """Whether none of our workers gave a sign for too long; other clusters do not count. Only
        changes are looked at: neither a clock that is set nor another machine's has a part in it.
        """
        signs = lifesigns.signs_of(self.name)
        if signs != self.signs:
            self.signs, self.heard_at = signs, self.clock()
        quiet = self.clock() - self.heard_at
        if not signs:
            return quiet > START_SECONDS * self.patience
        self.patience = 1
        return quiet > QUIET_SECONDS and quiet > _silence_of(lifesigns.count_at_work(signs))

    def _be_patient(self) -> None:
        """With the next cluster: this one never gave a sign."""
        if self.cluster is not None and self.cluster.poll() is None and not self.signs:
            self.patience = min(self.patience * 2, MOST_PATIENCE)

    def _ring(self) -> None:
        """Whatever nobody else rang for. Behind a full queue a bell more helps nobody."""
        now = clock.now()
        if self.looks % SWEEP_EVERY == 0:
            queue.ring("outbox.sweep")
        if is_start_due(now):
            queue.ring("outbox.start_due")
        for channel_id in idle_lanes(now):
            queue.ring("outbox.send_due", channel_id)
        if WebhookPost.objects.to_read(now).exists():
            queue.ring("posts.read_posts")

    def _restart(self, reason: str) -> None:
        self._be_patient()
        if self.cluster is not None:
            log.error("%s Starting it anew.", reason)
            self._kill()
        self.name = token_hex(4)
        self.signs, self.heard_at = {}, self.clock()
        self.cluster = self.start(self.name)
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
            queue.ask_to_stop(self.name, clock.now(), STOP_SECONDS)
        except Error:
            log.exception("The workers cannot be asked to finish: they end with their slice.")
        self.cluster.terminate()
        self.heard_at = self.clock()
        ends_at = self.clock() + STOP_SECONDS
        while not self._has_ended():
            if self.clock() > ends_at:
                log.error("The cluster did not stop in %d s.", STOP_SECONDS)
                break
            time.sleep(STOP_LOOK_SECONDS)
        self._kill()

    def _has_ended(self) -> bool:
        """Somebody may have asked all its processes at once: then its main one is gone before its
        workers, or hangs after them."""
        try:
            if lifesigns.is_somebody_at_work(lifesigns.signs_of(self.name)):
                self.heard_at = self.clock()
                return False
        except Error:
            close_old_connections()
            self.heard_at = self.clock()
        return self.cluster.poll() is not None or self.clock() - self.heard_at > HANG_SECONDS


def _silence_of(at_work: int) -> float:
    """How long a cluster may be silent in which so many workers are at work: with all of them, as
    long as a task takes."""
    if at_work >= settings.Q_CLUSTER["workers"]:
        return lifesigns.TASK_SECONDS + LOOK_SECONDS
    return BUSY_QUIET_SECONDS if at_work else QUIET_SECONDS
