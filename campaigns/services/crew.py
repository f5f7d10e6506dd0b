"""The threads of a lane: they take parcels, wait for their slot, send, and report."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock, Thread

from campaigns.gateways import errors
from campaigns.gateways.base import Gateway, Outcome
from campaigns.rules.pacing import Pace
from campaigns.services.outbox import Claimed

#: A thread looks this often whether its parcel was revoked while it waits for its slot.
LOOK_SECONDS = 0.5
BROKE = "The program failed while this was being sent: it may have gone."


@dataclass(slots=True)
class Crew:
    """`jobs` go in, `results` come out; both are safe to use from any thread."""

    gateway: Gateway
    pace: Pace
    jobs: SimpleQueue = field(default_factory=SimpleQueue)
    results: SimpleQueue = field(default_factory=SimpleQueue)
    #: Campaigns that must not go out any more; None stands for everything.
    revoked: set[int | None] = field(default_factory=set)
    #: People who opted out while their parcel waited here.
    revoked_phones: set[str] = field(default_factory=set)
    #: Nothing is sent after this moment of the steady clock: the lease may be another's by then.
    send_until: float = float("inf")
    started_count: int = 0
    turn: Lock = field(default_factory=Lock)
    threads: list[Thread] = field(default_factory=list)

    @contextmanager
    def at_work(self, count: int) -> Iterator[None]:
        """Threads for the time of the block; afterwards every parcel put in has its result."""
        self.threads = [Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.revoked.add(None)
            for _ in self.threads:
                self.jobs.put(None)
            for thread in self.threads:
                thread.join()

    def is_alive(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def _work(self) -> None:
        while (job := self.jobs.get()) is not None:
            parcel, mms = job
            if not self._wait_for_slot(parcel):
                self.results.put((parcel, None))
                continue
            # A thread that breaks says so, and leaves its parcel in doubt, not unaccounted for.
            outcome = Outcome(mms.reference, error=errors.OutcomeUnknown(BROKE))
            try:
                outcome = self.gateway.send([mms])[0]
                outcome.saved_id = mms.content.saved_id
                if isinstance(outcome.error, errors.Misconfigured):
                    self.revoked.add(None)  # at once: every further request would fail alike
            finally:
                self.results.put((parcel, outcome))

    def _wait_for_slot(self, parcel: Claimed) -> bool:
        """False when the parcel was revoked before its slot came."""
        with self.turn:
            while not self._is_revoked(parcel):
                wait = self.pace.wait(time.monotonic())
                if wait <= 0:
                    self.pace.take(time.monotonic())
                    self.started_count += 1
                    return True
                time.sleep(min(wait, LOOK_SECONDS))
        return False

    def _is_revoked(self, parcel: Claimed) -> bool:
        is_stopped = None in self.revoked or parcel.campaign_id in self.revoked
        is_late = time.monotonic() > self.send_until or time.time() >= parcel.closes_at
        is_gone = parcel.heeds_optouts and parcel.phone in self.revoked_phones
        return is_stopped or is_late or is_gone
