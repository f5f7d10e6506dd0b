"""The whole portal as `make demo` starts it: real processes, real ports, a folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from campaigns.management.commands.demo import LOGIN, MANAGE, demo_environment
from campaigns.management.ports import find_ports

Found = TypeVar("Found")
START_SECONDS, STOP_SECONDS = 300, 60
#: Carriers twenty times faster than real ones; "no receipt" and "unresolved" after seconds.
HURRIED = {
    "SANDBOX_SPEED": "20",
    "NO_RECEIPT_AFTER_SECONDS": "3",
    "UNRESOLVED_AFTER_SECONDS": "6",
}
#: What a process needs of ours; the rest belongs to the tests or to whoever runs them.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def wait_for(what: str, found: Callable[[], Found], seconds: float = 30) -> Found:
    """What `found` returns once it is true; fails after so many seconds, naming `what`."""
    ends_at = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < ends_at, f"Waited {seconds} s in vain for {what}."
        time.sleep(0.1)
    return answer


class Portal:
    """`address` is the portal's, `sandbox` the pretend Sinch's."""

    login, password = LOGIN

    def __init__(self, folder: Path) -> None:
        self.data = folder / "demo"
        self.log = folder / "log"
        self.port = find_ports(2)[0]
        self.address = f"http://127.0.0.1:{self.port}"
        self.sandbox = f"http://127.0.0.1:{self.port + 1}"
        mark = {"MAGPIE_JOURNEY": str(folder)}
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment |= HURRIED | mark

    def start(self) -> None:
        command = ("demo", "--port", str(self.port), "--data", str(self.data))
        with self.log.open("wb") as log:
            self.main = subprocess.Popen(
                [sys.executable, MANAGE, *command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for("the portal to start", self._has_started, START_SECONDS)

    def _has_started(self) -> bool:
        words = self.log.read_text(errors="replace")
        assert self.main.poll() is None, f"The portal ended at once:\n{words}"
        return self.address in words and self.sandbox in words

    def stop(self) -> list[int]:
        """Ask it to end; answers what had to be killed because it did not."""
        self.main.send_signal(signal.SIGTERM)
        ends_at = time.monotonic() + STOP_SECONDS
        while self.processes() and time.monotonic() < ends_at:
            time.sleep(0.1)
        left = self.processes()
        for process in left:
            os.kill(process, signal.SIGKILL)
        self.main.wait()
        return left

    def manage(self, *command: str) -> None:
        """What somebody with a shell on that machine could do."""
        environment = self.environment | demo_environment(self.data, self.port) | HURRIED
        subprocess.run([sys.executable, MANAGE, *command], env=environment, check=True)

    def output(self, *command: str) -> str:
        """What such a command prints."""
        environment = self.environment | demo_environment(self.data, self.port) | HURRIED
        done = subprocess.run(
            [sys.executable, MANAGE, *command],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def processes(self, words: str = "") -> list[int]:
        """Ids of what runs with our mark, whatever started it and in whatever session it is."""
        mark = f"MAGPIE_JOURNEY={self.data.parent}".encode()
        return [
            int(folder.name)
            for folder in Path("/proc").glob("[0-9]*")
            if mark in _read(folder / "environ") and words.encode() in _read(folder / "cmdline")
        ]


def _read(file: Path) -> bytes:
    """Nothing when the process has ended meanwhile, or belongs to somebody else."""
    try:
        return file.read_bytes()
    except (ProcessLookupError, FileNotFoundError, PermissionError):
        return b""
