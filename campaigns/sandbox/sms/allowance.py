"""How much may be handed in: messages per second and plan, a batch of n counting n (§10)."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from campaigns.sandbox.sms.problems import Problem

#: That much work may be ahead of a plan before it is told to wait.
MOST_AHEAD_SECONDS = 1.0


class Allowance:
    """What was accepted occupies a plan for a while; refused calls occupy nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free_at: dict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def take(self, plan: str, count: int, rate: float) -> None:
        """Raises a `Problem` when there is too much ahead; rate 0 lets everything through."""
        if not rate:
            return
        now = self._clock()
        with self._lock:
            free_at = max(now, self._free_at[plan])
            if free_at - now >= MOST_AHEAD_SECONDS:
                raise Problem(429)
            self._free_at[plan] = free_at + count / rate
