"""What the provider of the kill test did, line by line in a file that only grows:

D reference phone         it took a message: the phone gets it
X reference fate          it answered otherwise than with a plain yes
P body-hash status strength reference
                          it posted a report, and what it was answered (0: nothing)
G reference               it gave up posting a report
A seconds                 it was asked to send, by its steady clock
L seconds late            until then it did not get its turn for so long
"""

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from campaigns.management.chaos.fates import AMBIGUOUS
from campaigns.management.chaos.pacing import Lateness


class LedgerFile:
    """Every line is with the kernel when `write` returns: nothing that dies takes it along."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, *words: object) -> None:
        os.write(self._file, f"{' '.join(map(str, words))}\n".encode())


def hash_of(body: bytes) -> str:
    """How a postback is called in the ledger."""
    return hashlib.sha256(body).hexdigest()[:24]


@dataclass(slots=True)
class Ledger:
    """The file, read and counted."""

    #: Phone → how often it got the message; (row's reference) the same.
    phones: Counter[str] = field(default_factory=Counter)
    references: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    #: Hash of a postback's body → how often it was answered 200.
    kept: Counter[str] = field(default_factory=Counter)
    #: Row's reference → the status code of the strongest report that was answered 200.
    reported: dict[str, str] = field(default_factory=dict)
    #: When it was asked to send, and when it could not have noticed.
    arrivals: list[float] = field(default_factory=list)
    late: list[Lateness] = field(default_factory=list)
    refused: int = 0
    given_up: int = 0

    @property
    def ambiguous(self) -> int:
        """Answers after which nobody but the provider knows whether it took the message."""
        return sum(self.fates[fate] for fate in AMBIGUOUS)

    def read(self, path: Path) -> "Ledger":
        for line in path.read_text().splitlines():
            kind, *words = line.split(" ")
            if kind == "D":
                self.references[words[0]] += 1
                self.phones[words[1]] += 1
            elif kind == "X":
                self.fates[words[1]] += 1
            elif kind == "P":
                self._read_post(*words)
            elif kind == "G":
                self.given_up += 1
            elif kind == "A":
                self.arrivals.append(float(words[0]))
            elif kind == "L":
                self.late.append(Lateness(*map(float, words)))
        return self

    def _read_post(self, name: str, answered: str, code: str, reference: str) -> None:
        if answered != "200":
            self.refused += 1
            return
        self.kept[name] += 1
        if code != "N101" or reference not in self.reported:
            self.reported[reference] = code
