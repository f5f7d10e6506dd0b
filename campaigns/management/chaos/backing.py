"""A PostgreSQL cluster and a Redis server of the kill test's own: nobody else's are touched."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management.base import CommandError

#: PostgreSQL refuses to run as root: then it runs as the user its package makes.
POSTGRES_USER = "postgres"
DEBIAN = "/usr/lib/postgresql"
START_SECONDS = 60


def postgres_url(port: int) -> str:
    """The address of its one database."""
    return f"postgres://{POSTGRES_USER}@127.0.0.1:{port}/{POSTGRES_USER}"


def redis_url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


def find_missing(database: str, broker: str) -> str:
    """Why this cannot be tried on this machine; "" where it can."""
    if database == "postgres" and find_binaries() is None:
        return f"There is no PostgreSQL on this machine: neither in PATH nor in {DEBIAN}."
    if broker == "redis" and shutil.which("redis-server") is None:
        return "There is no redis-server on this machine."
    return ""


def find_binaries() -> Path | None:
    """Where the newest PostgreSQL has its programs."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    every = [path.parent for path in Path(DEBIAN).glob("*/bin/initdb")]
    return max(every, key=lambda folder: float(folder.parent.name), default=None)


def wait_until(found: Callable[[], bool], what: str) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while not found():
        if time.monotonic() > ends_at:
            raise CommandError(f"{what} did not start.")
        time.sleep(0.05)


class Postgres:
    """A cluster in a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def start(self) -> None:
        self.folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self.folder, POSTGRES_USER)
        own = ("--auth=trust", f"--username={POSTGRES_USER}", "--encoding=UTF8", "--no-sync")
        self._run("initdb", "--pgdata", str(self.folder / "data"), *own)
        self._control("start")

    def restart(self, mode: str) -> None:
        """`fast` tells everybody to leave, `immediate` is a crash."""
        self._control("restart", "--mode", mode)

    def stop(self) -> None:
        self._control("stop", "--mode", "immediate")

    def _control(self, *words: str) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        where = ("--pgdata", str(self.folder / "data"), "--log", str(self.folder / "log"))
        self._run("pg_ctl", *words, *where, "--options", options, "--wait")

    def _run(self, program: str, *words: str) -> None:
        as_user = {"user": POSTGRES_USER, "extra_groups": []} if os.getuid() == 0 else {}
        # A server that goes on holds what it was given: it must not be a pipe that we read.
        said = self.folder.parent / "postgres.out"
        with said.open("a") as out:
            done = subprocess.run(  # noqa: S603
                [str(find_binaries() / program), *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                **as_user,
            )
        if done.returncode:
            raise CommandError(f"{program} {words[0]} failed:\n{said.read_text()[-2000:]}")


@contextmanager
def place_for_postgres() -> Iterator[str]:
    """A folder for the time of the block, where whoever it runs as can get to."""
    is_root = os.getuid() == 0
    with TemporaryDirectory(prefix="magpie-chaos-pg-", dir="/tmp" if is_root else None) as place:  # noqa: S108
        os.chmod(place, 0o711)  # noqa: S103 to pass through, not to look
        yield place


class Redis:
    """A server that keeps nothing on disk: restarted, it has lost all."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def start(self) -> None:
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "")
        with (self.folder / "redis.log").open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [shutil.which("redis-server"), *options],
                cwd=self.folder,
                stdout=log,
                start_new_session=True,
            )
        wait_until(lambda: self._say(b"PING") == b"+PONG\r\n", "Redis")

    def flush(self) -> None:
        self._say(b"FLUSHALL")

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def _say(self, words: bytes) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as wire:
                wire.sendall(words + b"\r\n")
                return wire.recv(100)
        except OSError:
            return b""


Server = Postgres | Redis


@contextmanager
def running(server: Server | None) -> Iterator[None]:
    """For the time of the block; None is no server."""
    if server is None:
        yield
        return
    server.start()
    try:
        yield
    finally:
        server.stop()
