"""What would otherwise be said a hundred times a second is said once in a while."""

import time


class Seldom:
    """Due at most once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.due_at = float("-inf")

    def is_due(self) -> bool:
        if time.monotonic() < self.due_at:
            return False
        self.due_at = time.monotonic() + self.seconds
        return True
