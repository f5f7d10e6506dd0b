"""A bucket that fills steadily and may be emptied in one go: the rate of the token address."""

import threading


class Bucket:
    """Per key: so many at once, and so many more with every second (§1)."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def takes(self, key: str, now: float) -> bool:
        with self._lock:
            level, at = self._levels.get(key, (self._burst, now))
            level = min(self._burst, level + (now - at) * self._per_second)
            is_left = level >= 1
            self._levels[key] = (level - 1 if is_left else level, now)
            return is_left
