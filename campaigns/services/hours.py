"""Quiet hours at the instant of sending: whose window is open, and until when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from campaigns.models import Message
from campaigns.rules.places import Place
from campaigns.rules.quiethours import Table, Window, next_window
from campaigns.rules.statuses import MessageStatus
from campaigns.services.outbox import Claimed, Result
from campaigns.services.planning import NO_WINDOW, PAST_NOT_AFTER, say_quiet
from campaigns.services.quiethours import read_table

S = MessageStatus
_CAMPAIGN, _REPLY = Message.Purpose.CAMPAIGN.value, Message.Purpose.REPLY.value
#: A window that never closes.
ENDLESS = datetime.max.replace(tzinfo=UTC)
#: This long before a window closes nothing goes out any more: a request takes its time.
MARGIN_SECONDS = 5


@dataclass(slots=True)
class OpenHours:
    """The windows of the places met so far, by the table as it was read last."""

    table: Table = field(default_factory=read_table)
    windows: dict[str, Window | None] = field(default_factory=dict)

    def read(self) -> None:
        """Take over what people changed in the table."""
        table = read_table()
        if table != self.table:
            self.table, self.windows = table, {}

    def window(self, place: str, now: datetime) -> Window | None:
        """The window of a place that is open now with time enough to send, or opens next."""
        window = self.windows.get(place)
        if window is None or _is_over(window, now):
            window = next_window(self.table, Place.from_key(place), now)
            if window is not None and _is_over(window, now):
                window = next_window(self.table, Place.from_key(place), window.closes_at)
            self.windows[place] = window
        return window

    def part(
        self,
        claimed: list[Claimed],
        not_after: Callable[[Claimed], datetime | None],
        now: datetime,
    ) -> tuple[list[Claimed], list[Result]]:
        """(those who may be written to now, what becomes of the others)."""
        awake: list[Claimed] = []
        asleep: list[Result] = []
        windows = {place: self.window(place, now) for place in {one.place for one in claimed}}
        closings = {
            place: _closing(window)
            for place, window in windows.items()
            if window is not None and window.opens_at <= now
        }
        for parcel in claimed:
            if not _heeds_hours(parcel):  # asked for by its very reader
                awake.append(parcel)
            elif (closes_at := closings.get(parcel.place)) is not None:
                parcel.closes_at = closes_at
                awake.append(parcel)
            else:
                asleep.append(_hold(parcel, windows[parcel.place], not_after(parcel)))
        return awake, asleep


def _heeds_hours(parcel: Claimed) -> bool:
    """A reply from the inbox that answers at once has no place."""
    return parcel.purpose == _CAMPAIGN or bool(parcel.purpose == _REPLY and parcel.place)


def _closing(window: Window) -> float:
    is_endless = window.closes_at >= ENDLESS
    return float("inf") if is_endless else window.closes_at.timestamp() - MARGIN_SECONDS


def _is_over(window: Window, now: datetime) -> bool:
    return now.timestamp() >= _closing(window)


def _hold(parcel: Claimed, window: Window | None, not_after: datetime | None) -> Result:
    if window is None:
        return Result(parcel.id, S.SKIPPED, reason=NO_WINDOW)
    if not_after and window.opens_at >= not_after:
        return Result(parcel.id, S.SKIPPED, reason=PAST_NOT_AFTER)
    reason = say_quiet(Place.from_key(parcel.place), window.opens_at)
    return Result(parcel.id, S.QUEUED, reason=reason, send_after=window.opens_at)


def expiry_of(parcel: Claimed, not_after: datetime | None) -> datetime | None:
    """When the provider must give up: with the campaign, or with the window, if that is sooner."""
    if parcel.closes_at == float("inf"):
        return not_after
    closes_at = datetime.fromtimestamp(parcel.closes_at + MARGIN_SECONDS, UTC)
    return min(closes_at, not_after) if not_after else closes_at
