"""How fast: a clock of send slots (GCRA) and a share of the rate that throttling shrinks."""

from dataclasses import dataclass

#: A slot missed by less than this is made up for, so that late wake-ups do not cost speed. It lets
#: a one-second window exceed the rate by at most 1 %.
CATCH_UP = 0.01
SMALLEST_SHARE = 0.02
#: Share of the full rate won back per second without throttling: 90 % of it within 60 s.
RECOVERY = 0.02


@dataclass(slots=True)
class Pace:
    """Slots `1 / (rate × factor)` seconds apart. Times are seconds of one steady clock."""

    rate: float
    factor: float = 1.0
    next_slot_at: float = 0.0
    slowed_at: float = float("-inf")
    recovered_at: float = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until the next slot, 0 when it is here."""
        return max(0.0, self.next_slot_at - now)

    def take(self, now: float, count: int = 1) -> None:
        """Use the slot that `wait` said is here, for so many messages in one request."""
        slots = count / (self.rate * self.factor)
        self.next_slot_at = max(self.next_slot_at, now - CATCH_UP) + slots

    def change_rate(self, rate: float, now: float) -> None:
        """From now on so many a second: who waits for a slot waits by the new rate, too."""
        self.next_slot_at = now + self.wait(now) * self.rate / rate
        self.rate = rate

    def slow(self, now: float) -> None:
        """Halve, at most once a second: a burst of refusals is one message."""
        if now - self.slowed_at >= 1:
            self.factor = max(self.factor / 2, SMALLEST_SHARE)
            self.slowed_at = self.recovered_at = now

    def recover(self, now: float) -> None:
        """Win some of the rate back."""
        if self.factor < 1 and self.recovered_at > float("-inf"):
            self.factor = min(1.0, self.factor + (now - self.recovered_at) * RECOVERY)
        self.recovered_at = now
