"""How large everything is that is measured: in full, or just large enough to see that it runs."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Sizes:
    rounds: int = 3
    #: Of one round of sending without latency.
    messages: int = 20_000
    #: Of one task per message, each a row of its own.
    tasks: int = 600
    #: Rows of the outbox between which the cost of a message must stay flat.
    small: int = 10_000
    large: int = 1_000_000
    #: Rows that wait while the worker's memory is measured.
    queued: int = 100_000
    #: Of one round of callbacks.
    seconds: float = 4
    events: int = 10_000
    #: Callbacks and page views of a web process whose memory is measured.
    posts: int = 20_000
    views: int = 200

    def at(self, latency_ms: float, connections: int) -> "Sizes":
        """So many messages as go out within about eight seconds at this latency."""
        if not latency_ms:
            return self
        most = int(connections / latency_ms * 8000)
        return replace(self, messages=min(self.messages, most), tasks=min(self.tasks, most))


FULL = Sizes()
SHORT = Sizes(
    rounds=1,
    messages=200,
    tasks=20,
    small=100,
    large=500,
    queued=300,
    seconds=1,
    events=200,
    posts=100,
    views=5,
)
