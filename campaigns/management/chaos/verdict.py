"""What the kill test found: the provider's ledger against our own rows."""

from collections import Counter
from dataclasses import asdict, dataclass, field

from campaigns.management.chaos.ledger import Ledger, hash_of
from campaigns.models import Message, WebhookPost
from campaigns.rules.statuses import MessageStatus

S = MessageStatus
DOUBTFUL = frozenset({S.UNKNOWN, S.UNRESOLVED})
#: Our row says that the provider took it.
TAKEN = frozenset(
    {S.ACCEPTED, S.SENT, S.NO_RECEIPT, S.EXPIRED, S.FAILED, S.DELIVERED, S.DELIVERED_AS_SMS}
)
#: What a report makes of its row.
MEANS = {"N101": S.SENT, "N102": S.DELIVERED, "N103": S.EXPIRED, "E102": S.FAILED}
LONGEST_STALL = 90.0
#: After a restart of the database.
LONGEST_WITHOUT = 60.0


@dataclass(slots=True)
class Findings:
    """Counts, as they are printed."""

    messages: int
    kills: int
    doubled: int
    lost: int
    unknown: int
    reconciled: int
    seconds: float
    seed: int
    not_received: int
    deliveries: int
    ambiguous: int
    unknown_at_most: int
    misjudged: int
    posts: int
    posts_without_row: int
    posts_refused: int
    longest_stall: float
    longest_stall_at_most: float
    restarts: int
    stops: int
    database: str
    broker: str
    twin: str
    rate: float
    fastest_second: int
    seconds_too_fast: int
    blows: dict[str, int]
    #: Kind of blow → the longest stall until the next one, in seconds.
    gaps: dict[str, float]
    statuses: dict[str, int]
    problems: list[str] = field(default_factory=list)

    def judge(self) -> None:
        """In words, what must not be."""
        found = {
            f"{self.doubled} people got it twice": self.doubled,
            f"{self.lost} messages were lost": self.lost,
            f"{self.posts_without_row} callbacks were answered 200 and have no row": (
                self.posts_without_row
            ),
            f"{self.misjudged} messages are not what was reported of them": self.misjudged,
            f"{self.seconds_too_fast} times a second held more than {self.rate:.0f} requests": (
                self.seconds_too_fast
            ),
            f"{self.unknown} were in doubt, {self.unknown_at_most} may be": (
                self.unknown > self.unknown_at_most
            ),
            f"for {self.longest_stall:.0f} s nothing moved": (
                self.longest_stall > self.longest_stall_at_most
            ),
            f"for {self.without_database:.0f} s nothing moved after the database was restarted": (
                self.without_database > LONGEST_WITHOUT
            ),
        }
        self.problems = [words for words, is_so in found.items() if is_so]

    @property
    def without_database(self) -> float:
        """The longest stall after one of its restarts."""
        found = (gap for what, gap in self.gaps.items() if what.startswith("postgres"))
        return max(found, default=0.0)

    def as_dict(self) -> dict:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rows:
    """What our tables say at the end."""

    by_reference: dict[str, tuple[int, MessageStatus]]

    @classmethod
    def read(cls) -> "Rows":
        rows = Message.objects.order_by().values_list("reference", "pk", "status")
        return cls({reference: (pk, S(status)) for reference, pk, status in rows})

    def count_lost(self, ledger: Ledger, messages: int) -> int:
        """Said to be taken and it was not; or neither sent nor shown as anything that ends; or a
        person without any row."""
        lost = messages - len(self.by_reference)
        for reference, (_, status) in self.by_reference.items():
            was_taken = ledger.references[reference] > 0
            lost += status not in DOUBTFUL and not (status in TAKEN and was_taken)
        return lost

    def count_misjudged(self, ledger: Ledger) -> int:
        """Of which the strongest report that we answered with 200 says otherwise."""
        expected = {reference: MEANS[code] for reference, code in ledger.reported.items()}
        return sum(self.by_reference[name][1] != status for name, status in expected.items())

    def doubts(self, ids: set[int], ledger: Ledger) -> tuple[int, int, int]:
        """Ever in doubt; of those settled by now; of those never received."""
        doubted = {
            reference: status
            for reference, (pk, status) in self.by_reference.items()
            if pk in ids or status in DOUBTFUL
        }
        settled = sum(status not in DOUBTFUL for status in doubted.values())
        not_received = sum(not ledger.references[reference] for reference in doubted)
        return len(doubted), settled, not_received

    def count_statuses(self) -> dict[str, int]:
        counted = Counter(status for _, status in self.by_reference.values())
        return {status.label: counted[status] for status in S if counted[status]}


def count_posts_without_row(ledger: Ledger) -> int:
    """Answered 200 more often than there are rows of the same body."""
    bodies = WebhookPost.objects.order_by().values_list("body", flat=True).iterator()
    rows = Counter(hash_of(bytes(body)) for body in bodies)
    return (ledger.kept - rows).total()
