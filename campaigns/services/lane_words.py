"""What to say of lanes and of who works on what, to people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, Channel, Lease
from campaigns.rules.health import UNATTENDED
from campaigns.services.detour_words import tell_channel
from campaigns.services.standing import LaneStanding, find_finish_at, holder_of

#: The order in which they are shown, and the tone of each.
STATES: dict[str, str] = {
    "Nobody sends": "bad",
    "Paused": "bad",
    "Held": "warn",
    "Slowed down": "warn",
    "Sending": "info",
    "Due": "info",
    "Used up for today": "wait",
    "Waiting": "wait",
    "Nothing to do": "wait",
}
_ORDER = tuple(STATES)


@dataclass(frozen=True, slots=True)
class LaneCard:
    lane: LaneStanding
    word: str
    finish_at: datetime | None
    #: What is done about an outage.
    outage_way: str = ""

    @property
    def tone(self) -> str:
        return STATES[self.word]

    @property
    def machine(self) -> str:
        return holder_of(self.lane.owner)[0]

    @property
    def sent_share(self) -> float:
        """Of the contract's pace, in thousandths."""
        return round(1000 * self.lane.share, 1)

    @property
    def is_idle(self) -> bool:
        return self.word == _ORDER[-1]


def tell_lanes(lanes: Iterable[LaneStanding], now: datetime) -> list[LaneCard]:
    """What needs a person first, what has nothing to do last."""
    cards = [_card(lane, now) for lane in lanes]
    return sorted(cards, key=lambda card: _ORDER.index(card.word))


def _card(lane: LaneStanding, now: datetime) -> LaneCard:
    is_out = lane.outage_since is not None and not lane.is_paused
    way = tell_channel(lane.channel, now) if is_out else ""
    return LaneCard(lane, _find_word(lane, now), _find_finish(lane, now), way)


def _find_finish(lane: LaneStanding, now: datetime) -> datetime | None:
    return None if lane.is_held else find_finish_at(lane, now)


def _find_word(lane: LaneStanding, now: datetime) -> str:
    if lane.is_paused:
        return "Paused"
    if lane.hold_until:
        return "Held"
    if lane.owner:
        return "Slowed down" if lane.factor < 1 else "Sending"
    if lane.unattended_since:
        seconds = (now - lane.unattended_since).total_seconds()
        return "Nobody sends" if seconds >= UNATTENDED[0] else "Due"
    if lane.used_up:
        return "Used up for today"
    return "Waiting" if lane.next_at else "Nothing to do"


# --- Who works on what ---------------------------------------------------------------------------

#: The first word of a lease → what its holder does, to which kind of thing.
_WORK: dict[str, tuple[str, type | None]] = {
    "posts": ("Reads callbacks", None),
    "lane": ("Sends on", Channel),
    "poll": ("Fetches reports and replies of", Channel),
    "reconcile": ("Asks what became of messages on", Channel),
    "token": ("Gets an access token for", Channel),
    "recall": ("Takes back what was stopped of", Campaign),
    "detour": ("Finds another way for what waits on", Channel),
    "fill": ("Prepares the recipients of", Campaign),
    "stop": ("Asks its workers to finish", None),
}
_NUMBERED = re.compile(r"([a-z]+):(\d{1,18})\b")


@dataclass(frozen=True, slots=True)
class Work:
    """One lease in words: who does what, and until when it is theirs if they do not renew it."""

    words: str
    machine: str
    process: str
    until: datetime


def tell_work(leases: Iterable[Lease]) -> list[Work]:
    leases = list(leases)
    names = {kind: _names(kind, leases) for kind in (Channel, Campaign)}
    return [_tell(lease, names) for lease in leases]


def _names(kind: type, leases: list[Lease]) -> dict[int, str]:
    """Of the channels or campaigns that somebody works on."""
    found = [_NUMBERED.match(lease.name) for lease in leases]
    ids = {int(one[2]) for one in found if one and _WORK.get(one[1], ("", None))[1] is kind}
    return dict(kind.objects.filter(pk__in=ids).values_list("pk", "name"))


def _tell(lease: Lease, names: dict[type, dict[int, str]]) -> Work:
    numbered = _NUMBERED.match(lease.name)
    words, kind = _WORK.get(lease.name.partition(":")[0], (lease.name, None))
    if kind and numbered:
        words = f"{words} {names[kind].get(int(numbered[2]), f'no. {numbered[2]}')}"
    return Work(words, *holder_of(lease.owner), lease.until)
