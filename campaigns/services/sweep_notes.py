"""What the last sweep set right, in a few words, for whoever looks at the queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import Lease

#: A row among the leases, over before anybody looks: nobody holds it.
NAME = "swept"
OVER = timedelta(seconds=1)
NOTHING = "everything was in order"


@dataclass(frozen=True, slots=True)
class SweepNote:
    ended_at: datetime
    words: str


def note_sweep(counts: Mapping[str, int], now: datetime) -> None:
    """`counts`: what was done → how often."""
    words = " · ".join(f"{what} {count:,}" for what, count in counts.items() if count)
    said = {"owner": (words or NOTHING)[:60], "until": now - OVER}
    Lease.objects.update_or_create(name=NAME, defaults=said)


def read_sweep() -> SweepNote | None:
    row = Lease.objects.filter(name=NAME).first()
    return SweepNote(row.until + OVER, row.owner) if row else None
