"""Throughput: so many requests within any second, per key and action (§8)."""

import math
import threading
from collections import defaultdict, deque

WINDOW_SECONDS = 1.0


class SlidingWindow:
    """Counts what was let through during the last second; what was refused does not count."""

    def __init__(self) -> None:
        self._passed: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def lets_through(self, key: str, action: str, rate: float, now: float) -> bool:
        with self._lock:
            passed = self._lately(key, action, now)
            if len(passed) >= rate:
                return False
            passed.append(now)
            return True

    def count_free(self, key: str, action: str, rate: float, now: float) -> int:
        """How many would be let through at this moment."""
        with self._lock:
            return max(0, math.ceil(rate - len(self._lately(key, action, now))))

    def _lately(self, key: str, action: str, now: float) -> deque[float]:
        """What passed during the last second, the rest being forgotten."""
        passed = self._passed[key, action]
        while passed and passed[0] <= now - WINDOW_SECONDS:
            passed.popleft()
        return passed


class FirstTries:
    """Remembers the numbers whose first try was refused, until the second one comes."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def is_first(self, key: str, to: str) -> bool:
        with self._lock:
            if (key, to) in self._refused:
                self._refused.remove((key, to))
                return False
            self._refused.add((key, to))
            return True
