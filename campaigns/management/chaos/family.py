"""The processes of the kill test: started, found, started again when they died, ended to the last.

Whatever belongs to it carries a mark in its environment, in whatever session it is and whoever
started it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from campaigns.management.commands.demo import end_with_parent

MARK = "MAGPIE_CHAOS"


@dataclass(frozen=True, slots=True)
class Seen:
    """A process as /proc shows it."""

    pid: int
    parent: int
    session: int
    started: int


def marked(folder: Path) -> list[Seen]:
    """The processes of this run that are alive."""
    mark = f"{MARK}={folder}".encode()
    found = (_look(entry) for entry in Path("/proc").glob("[0-9]*") if _has(entry, mark))
    return sorted(filter(None, found), key=lambda seen: (seen.started, seen.pid))


def _has(entry: Path, mark: bytes) -> bool:
    with suppress(OSError):
        return mark in (entry / "environ").read_bytes().split(b"\0")
    return False


def _look(entry: Path) -> Seen | None:
    with suppress(OSError):
        state, parent, _, session, *rest = (entry / "stat").read_text().rpartition(")")[2].split()
        if state not in "ZX":
            return Seen(int(entry.name), int(parent), int(session), int(rest[15]))
    return None


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_all(folder: Path) -> None:
    """Every process of the run but the one that asks."""
    while others := [seen for seen in marked(folder) if seen.pid != os.getpid()]:
        for seen in others:
            kill(seen.pid)
        time.sleep(0.05)


@dataclass(slots=True)
class Member:
    """A process that is started again when it has died, as a service manager does."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    starts: int = 0

    def keep_alive(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        self.end()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, *self.command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self.starts += 1

    def end(self) -> None:
        """It and its session, if there is any."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(slots=True)
class Family:
    """All members of a run."""

    folder: Path
    members: list[Member] = field(default_factory=list)

    def add(self, name: str, *command: str, **besides: str) -> Member:
        environment = {**os.environ, **besides}
        member = Member(name, command, self.folder / f"{name}.log", environment)
        self.members.append(member)
        member.keep_alive()
        return member

    def keep_alive(self) -> None:
        for member in self.members:
            member.keep_alive()

    def children(self, pid: int) -> Iterator[Seen]:
        """Oldest first."""
        return (seen for seen in marked(self.folder) if seen.parent == pid)
