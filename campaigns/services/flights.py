"""The flight journal: a line on this machine's disk before a request and one after its answer.

The file is mapped into memory: a line costs no call of the kernel, and a killed process loses
nothing that the kernel has, so nothing is synced. Whoever holds the lock on a journal is alive; the
kernel lets it go when the process dies, whatever killed it. Lines, and zeros after the last:

    S 17 18          these rows are about to leave, in one request
    A 17 <id>        accepted, under this id of the provider's
    R 17 <JSON>      what else became of one
    C 17             claimed once more: what was written of it before is over
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from mmap import mmap
from pathlib import Path
from secrets import token_hex
from threading import Lock

from django.conf import settings

from campaigns.gateways.errors import packed, unpacked
from campaigns.gateways.outcomes import Outcome

ENDING = ".flights"
#: A journal grows by so many bytes at a time. They are written as zeros first, so that a full disk
#: refuses them here and not a line later.
GROWTH = 256 * 1024


def new_owner() -> str:
    """A name for one slice of work of this process: nobody else has it, nor will."""
    return f"{_machine()}:{os.getpid()}:{token_hex(4)}"


def is_of_this_machine(owner: str) -> bool:
    return owner.startswith(f"{_machine()}:")


def _machine() -> str:
    """Whose journals lie in one folder is of one machine, whatever its name: two may share one."""
    host = os.uname().nodename[:30]
    with suppress(OSError):  # whoever cannot write there sends nothing anyway
        return f"{host}.{_mark_of(Path(settings.FLIGHTS_DIR))}"
    return host


@cache
def _mark_of(folder: Path) -> str:
    """Made by whoever comes first. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "machine"
    draft = folder / f"{token_hex(8)}.draft"
    draft.write_text(token_hex(4))
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    return file.read_text()


def _path_of(owner: str) -> Path:
    return Path(settings.FLIGHTS_DIR) / f"{owner}{ENDING}"


class FlightLog:
    """The journal of one owner of a lease. `start` and `end` may be called from any thread."""

    def __init__(self, owner: str) -> None:
        self.path = _path_of(owner)
        self._file = -1
        self._map: mmap | None = None
        self._size = self._end = 0
        self._turn = Lock()
        self._ended: set[int] = set()

    def open(self) -> None:
        """Raises `OSError` where nothing can be written."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft")
        self._file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._grow()
            draft.rename(self.path)  # nobody finds it before it is locked
        except OSError:
            os.close(self._file)
            draft.unlink(missing_ok=True)
            raise

    def start(self, ids: Iterable[int]) -> None:
        """These leave now. Raises `OSError` where that cannot be noted: then they must not."""
        self._write(f"S {' '.join(map(str, ids))}\n")

    def end(self, outcomes: Iterable[tuple[int, Outcome]]) -> None:
        """What became of them. Not noted, they count as in doubt after a kill."""
        lines = []
        for row_id, outcome in outcomes:
            lines.append(_line(row_id, outcome))
            self._ended.add(row_id)
        self._write("".join(lines))

    def claim_again(self, ids: Iterable[int]) -> None:
        """Called before a claim is committed: rows that come once more begin anew."""
        if again := self._ended.intersection(ids):
            self._write(f"C {' '.join(map(str, again))}\n")
            self._ended -= again

    def close(self, *, is_settled: bool) -> None:
        """Settled, nobody needs it any more; else it is left for whoever finds it."""
        if is_settled:
            self.path.unlink(missing_ok=True)
        self._map = None
        os.close(self._file)

    def _write(self, text: str) -> None:
        data = text.encode()
        with self._turn:
            while self._end + len(data) > self._size:
                self._grow()
            self._map[self._end : self._end + len(data)] = data
            self._end += len(data)

    def _grow(self) -> None:
        left = GROWTH
        while left:
            left -= os.pwrite(self._file, bytes(left), self._size + GROWTH - left)
        self._size += GROWTH
        self._map = mmap(self._file, self._size)


@contextmanager
def missed_at_once(owner: str) -> Iterator[None]:
    """Who dies within the block is found by its empty journal, and its leases are free before
    they end. Where nothing can be written, they end by themselves."""
    log = FlightLog(owner)
    try:
        log.open()
    except OSError:
        yield
        return
    try:
        yield
    finally:
        log.close(is_settled=True)


@dataclass(slots=True)
class Flights:
    """What a journal says about rows that nobody settled."""

    owner: str
    started: set[int] = field(default_factory=set)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def read(self, lines: Iterable[str]) -> None:
        for line in lines:
            if not line.endswith("\n") or "\0" in line:
                return  # the end, or the process was killed in the middle of it
            kind, _, rest = line.partition(" ")
            if kind in ("A", "R"):
                number, _, said = rest[:-1].partition(" ")
                self.outcomes[int(number)] = _unpack(said) if kind == "R" else Outcome("", said)
                continue
            for row_id in map(int, rest.split()):
                self.outcomes.pop(row_id, None)
                (self.started.add if kind == "S" else self.started.discard)(row_id)


def is_kept_here(owner: str) -> bool:
    """Whether the owner's journal is on this machine."""
    return _path_of(owner).exists()


def is_alive_here(owner: str) -> bool:
    """Whether the owner's process is alive on this machine: it holds the lock on its journal."""
    try:
        with _path_of(owner).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def left_behind(path: Path) -> Iterator[Flights | None]:
    """What the journal of a dead process says, to be settled within the block; None where its
    process is alive. Ended without an error, the journal is done with."""
    try:
        file = path.open(errors="replace")
    except FileNotFoundError:  # somebody else settled it
        yield None
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        flights = Flights(path.name.removesuffix(ENDING))
        flights.read(file)
        yield flights
        path.unlink(missing_ok=True)


def journals() -> list[Path]:
    """The journals on this machine, of the living and of the dead."""
    return sorted(Path(settings.FLIGHTS_DIR).glob(f"*{ENDING}"))


def _line(row_id: int, outcome: Outcome) -> str:
    """The exchange is not kept."""
    if outcome.error is None and outcome.provider_id.isprintable():
        return f"A {row_id} {outcome.provider_id}\n"
    error = outcome.error and packed(outcome.error)
    said = [outcome.reference, outcome.provider_id, outcome.saved_id, error]
    return f"R {row_id} {json.dumps(said)}\n"


def _unpack(text: str) -> Outcome:
    reference, provider_id, saved_id, error = json.loads(text)
    return Outcome(reference, provider_id, error and unpacked(error), saved_id=saved_id)
