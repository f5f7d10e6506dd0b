"""Which carriers carry an MMS of some weight (reference/sinch-mms-json-api.md §7.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.rules.media import say_size, say_sizes
from campaigns.rules.slides import TOTAL_ADVICE, Capacity

#: What a message weighs on its way: encoded as text, with headers [found: XML].
ENCODING_FACTOR, HEADER_BYTES = 1.37, 814
#: The table counts its megabytes in powers of two: 1,310,720 bytes are the 1.25 of Verizon.
_MB = 1024 * 1024

#: sender class → carrier → (bytes of the whole message, megabytes once it is encoded).
CARRIERS: dict[str, dict[str, tuple[int, float]]] = {
    "short_code": {
        "AT&T": (1_050_000, 1.4),
        "T-Mobile": (2_100_000, 2.8),
        "Verizon": (1_260_000, 1.68),
        "U.S. Cellular": (5_250_000, 7),
    },
    "10dlc": {
        "AT&T": (1_530_843, 2),
        "T-Mobile": (2_306_867, 3.1),
        "Verizon": (1_310_720, 1.65),
        "U.S. Cellular": (1_530_843, 2),
    },
}
_SENDERS = {"short_code": "short codes", "10dlc": "10DLC numbers", "toll_free": "toll-free numbers"}


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier and the most bytes it takes; `carries` says whether it takes this message."""

    name: str
    limit: int
    carries: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """How heavy a message is, in words; `tone` is "", "warn" or "bad"."""

    size: int
    encoded: int
    carriers: tuple[Carrier, ...]
    tone: str
    words: str


def encode_size(size: int) -> int:
    """About how many bytes travel when a message has `size` bytes."""
    return round(size * ENCODING_FACTOR) + HEADER_BYTES


def limits_of(kind: str) -> dict[str, int]:
    """carrier → the most bytes it takes from a class of senders, the most careful first.

    Nothing is published for toll-free numbers: they, and a sender nobody chose yet, are held to
    the smaller number of each carrier [assumed].
    """
    tables = [CARRIERS[kind]] if kind in CARRIERS else list(CARRIERS.values())
    limits = {name: min(_fitting(*table[name]) for table in tables) for name in tables[0]}
    return dict(sorted(limits.items(), key=lambda pair: pair[1]))


def _fitting(binary: int, encoded: float) -> int:
    """Bytes that hold both numbers of the table."""
    return min(binary, int((encoded * _MB - HEADER_BYTES) / ENCODING_FACTOR))


def judge_carriers(size: int, kind: str) -> Verdict:
    """Which carriers take so many bytes from such a sender: "412 KB · fine on all carriers"."""
    carriers = tuple(
        Carrier(name, limit, carries=size <= limit) for name, limit in limits_of(kind).items()
    )
    refusing = [carrier.name for carrier in carriers if not carrier.carries]
    tone, words = _say(size, refusing, len(carriers), _SENDERS.get(kind, ""))
    return Verdict(size, encode_size(size), carriers, tone, f"{say_size(size)} · {words}")


def _say(size: int, refusing: Sequence[str], count: int, senders: str) -> tuple[str, str]:
    if len(refusing) == count:
        return "bad", "too much for every carrier"
    if refusing:
        return "warn", f"too much for {_listed(refusing)} {senders}".rstrip()
    if size > TOTAL_ADVICE:
        return "warn", "fine on all carriers, heavy for some phones"
    return "", "fine on all carriers"


def judge_message(size: int, kind: str, capacity: Capacity) -> Verdict:
    """The same with the channel in mind: its own limit comes first."""
    verdict = judge_carriers(size, kind)
    if size <= capacity.total:
        return verdict
    of_room = " of ".join(say_sizes(size, capacity.total))
    if capacity.transcodes:
        words = f"{of_room} · made smaller on its way"
        return Verdict(size, verdict.encoded, verdict.carriers, "warn", words)
    words = f"{of_room} · too heavy for this channel"
    return Verdict(size, verdict.encoded, verdict.carriers, "bad", words)


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
