"""What the carriers allow one sender: so many messages a minute, so many a day; and when, with
that, so many would be through."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

#: The carriers count days by the Pacific's clocks (PRODUCT.md: per brand and day) [assumed].
PACIFIC = ZoneInfo("America/Los_Angeles")
#: Of the limit a minute so much is used: what was let go may leave up to two seconds later, and a
#: minute must not hold more than the carriers allow for that.
SHARE = 0.95
#: Turns that were missed by less than this many seconds are made up for.
BEHIND = 1.0
#: A clock that is further ahead was written before the machine's time was set back.
MOST_AHEAD = 120.0
#: What has no limit.
PLENTY = 10**9
#: Nobody plans further ahead.
MOST_DAYS = 366


def carriers_day(now: datetime) -> date:
    return now.astimezone(PACIFIC).date()


def next_day_at(now: datetime) -> datetime:
    """Midnight of the carriers' next day."""
    tomorrow = carriers_day(now) + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC)


@dataclass(slots=True)
class Allowance:
    """None is no limit. `count` messages of `day` are gone; `next_slot_at` is a clock of turns
    (GCRA), in seconds since the epoch, so that another machine can go on with it."""

    per_minute: int | None = None
    per_day: int | None = None
    next_slot_at: float = 0.0
    day: date | None = None
    count: int = 0

    def room(self, now: datetime) -> int:
        """How many may be let go now."""
        return max(0, min(self._room_of_minute(now.timestamp()), self.left_today(now)))

    def take(self, count: int, now: datetime) -> None:
        """So many were let go."""
        if self.per_minute:
            clock = now.timestamp()
            starts_at = max(self._clock(clock), clock - BEHIND)
            self.next_slot_at = starts_at + count * self._apart(self.per_minute)
        if self.day != carriers_day(now):
            self.day, self.count = carriers_day(now), 0
        self.count += count

    def left_today(self, now: datetime) -> int:
        if not self.per_day:
            return PLENTY
        return max(0, self.per_day - (self.count if self.day == carriers_day(now) else 0))

    def seconds_left(self, now: datetime) -> float:
        """Until the next may go, by the limit a minute."""
        return max(0.0, self._clock(now.timestamp()) - now.timestamp()) if self.per_minute else 0.0

    def _room_of_minute(self, clock: float) -> int:
        if not self.per_minute:
            return PLENTY
        behind = clock - self._clock(clock)
        return int(min(behind, BEHIND) / self._apart(self.per_minute)) + 1 if behind >= 0 else 0

    def _clock(self, clock: float) -> float:
        return self.next_slot_at if self.next_slot_at - clock < MOST_AHEAD else clock

    @staticmethod
    def _apart(per_minute: int) -> float:
        return 60 / (per_minute * SHARE)


@dataclass(frozen=True, slots=True)
class Flow:
    """How fast messages leave: a rate per second, and what the carriers' day lets through."""

    rate: float
    per_day: int | None = None
    left_today: int = PLENTY

    def through(self, count: int, start: datetime, now: datetime) -> tuple[datetime | None, "Flow"]:
        """When `count` messages that start at `start` are through, and the flow as it is then.
        None where nothing flows, or for longer than anybody plans."""
        if self.rate <= 0:
            return None, self
        if not self.per_day:
            return start + timedelta(seconds=count / self.rate), self
        at = start
        left = self.left_today if carriers_day(start) == carriers_day(now) else self.per_day
        for _ in range(MOST_DAYS):
            midnight = next_day_at(at)
            fits = min(left, count, int((midnight - at).total_seconds() * self.rate) + 1)
            count, left = count - fits, left - fits
            if not count:
                ends_at = at + timedelta(seconds=fits / self.rate)
                return ends_at, Flow(self.rate, self.per_day, left)
            at, left = midnight, self.per_day
        return None, self
