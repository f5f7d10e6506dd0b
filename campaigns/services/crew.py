"""The threads of a lane: they take jobs, wait for their slot, send, and report."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock, Thread

from campaigns.gateways import errors
from campaigns.gateways.base import Gateway
from campaigns.gateways.outcomes import Outcome
from campaigns.gateways.outgoing import OutgoingMms
from campaigns.rules.pacing import Pace
from campaigns.services import clock
from campaigns.services.flights import FlightLog
from campaigns.services.outbox import Claimed

#: A thread looks this often whether its parcel was revoked while it waits for its slot.
LOOK_SECONDS = 0.5
CANNOT_NOTE = "This machine cannot write down what it sends ({why}), so it sends nothing."
BROKE = "The program failed while this was being sent: it may have gone."

#: What goes in one request: one message, or as many as the provider takes in a batch.
Job = list[tuple[Claimed, OutgoingMms]]


@dataclass(slots=True)
class Crew:
    """`jobs` go in, `results` come out, lists of (parcel, its outcome or None where it surely was
    not sent); both are safe to use from any thread."""

    gateway: Gateway
    pace: Pace
    flights: FlightLog
    jobs: SimpleQueue = field(default_factory=SimpleQueue)
    results: SimpleQueue = field(default_factory=SimpleQueue)
    #: Campaigns that must not go out any more; None stands for everything.
    revoked: set[int | None] = field(default_factory=set)
    #: People who opted out while their parcel waited here.
    revoked_phones: set[str] = field(default_factory=set)
    #: Nothing is sent after this moment of the steady clock: the lease may be another's by then.
    send_until: float = float("inf")
    started_count: int = 0
    #: Why nothing can be sent from this machine.
    trouble: str = ""
    turn: Lock = field(default_factory=Lock)
    threads: list[Thread] = field(default_factory=list)

    @contextmanager
    def at_work(self, count: int) -> Iterator[None]:
        """Threads for the time of the block; afterwards every parcel put in has a result."""
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
            going = self._wait_for_slot(job)
            if len(going) < len(job):
                kept = {parcel.id for parcel, _ in going}
                self.results.put([(parcel, None) for parcel, _ in job if parcel.id not in kept])
            if going:
                self._send(going)

    def _send(self, job: Job) -> None:
        parcels = [parcel for parcel, _ in job]
        try:
            self.flights.start(parcel.id for parcel in parcels)
        except OSError as error:
            self.trouble = CANNOT_NOTE.format(why=error.strerror)
            self.revoked.add(None)
            self.results.put([(parcel, None) for parcel in parcels])
            return
        try:
            outcomes = self.gateway.send([mms for _, mms in job])
            for (_, mms), outcome in zip(job, outcomes, strict=True):
                outcome.saved_id = mms.content.saved_id
                if isinstance(outcome.error, errors.Misconfigured):
                    self.revoked.add(None)  # at once: every further request would fail alike
        except BaseException:
            # A thread that breaks says so, and leaves its parcels in doubt, not unaccounted for.
            doubt = errors.OutcomeUnknown(BROKE)
            outcomes = [Outcome(mms.reference, error=doubt) for _, mms in job]
            raise
        finally:
            self._note(parcels, outcomes)
            self.results.put(list(zip(parcels, outcomes, strict=True)))

    def _note(self, parcels: list[Claimed], outcomes: list[Outcome]) -> None:
        """Not noted, it is only in doubt should this process die before it is settled."""
        with suppress(OSError):
            self.flights.end((p.id, outcome) for p, outcome in zip(parcels, outcomes, strict=True))

    def _wait_for_slot(self, job: Job) -> Job:
        """What of the job was not revoked before its slot came."""
        with self.turn:
            while going := [each for each in job if not self._is_revoked(each[0])]:
                wait = self.pace.wait(time.monotonic())
                if wait <= 0:
                    self.pace.take(time.monotonic(), len(going))
                    self.started_count += len(going)
                    return going
                time.sleep(min(wait, LOOK_SECONDS))
        return []

    def _is_revoked(self, parcel: Claimed) -> bool:
        is_stopped = None in self.revoked or parcel.campaign_id in self.revoked
        is_late = time.monotonic() > self.send_until or clock.seconds() >= parcel.closes_at
        is_gone = parcel.heeds_optouts and parcel.phone in self.revoked_phones
        return is_stopped or is_late or is_gone
