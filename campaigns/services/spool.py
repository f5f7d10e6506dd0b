"""Callbacks on this machine's disk that the database has not taken yet: a synced file for each.

    <moment>-<random>.post      came while the database was away
    <random>.batch/             a folder of those that go into the table together
    <…>.broken                  cannot be stored, whatever is tried; kept for a person

In a file a line of JSON (whose address it came to, when, with which headers) precedes the body,
byte for byte. `draining.py` brings them into the table.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from threading import Lock

from django.conf import settings

POST, BATCH, DRAFT, BROKEN = ".post", ".batch", ".draft", ".broken"
#: A process that was killed while it wrote one leaves it behind.
DRAFTS_KEPT_SECONDS = 60
#: So long the size is reckoned from what this process wrote.
MEASURED_SECONDS = 1.0
#: They go into the table together.
BATCH_FILES = 200
FULL = "The spool holds as much as it may."


@dataclass(frozen=True, slots=True)
class Spooled:
    """A callback; `digest` is the hash of the token it came with. In doubt is whether the database
    took it before it fell silent."""

    digest: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What lies there."""

    files: int
    bytes: int
    broken: int


@dataclass
class _Size:
    bytes: int = 0
    measured_at: float = float("-inf")


_size = _Size()
_size_lock = Lock()


def _folder() -> Path:
    return Path(settings.SPOOL_DIR)


def keep(post: Spooled) -> None:
    """On the disk when this returns. Raises `OSError` where that cannot be, or may not."""
    head = {
        "token": post.digest,
        "at": post.at.isoformat(),
        "in_doubt": post.in_doubt,
        "headers": dict(post.headers),
    }
    data = json.dumps(head).encode() + b"\n" + post.body
    _reserve(len(data))
    # By the moment of arrival, so that they are kept in that order.
    moment = int(post.at.timestamp() * 1_000_000)
    _write(_folder() / f"{moment:017d}-{token_hex(4)}{POST}", data)


def _reserve(count: int) -> None:
    """Raises `OSError` when the spool would hold more than it may, by what was seen a second ago
    and what this process wrote since."""
    with _size_lock:
        if time.monotonic() - _size.measured_at > MEASURED_SECONDS:
            _size.bytes, _size.measured_at = measure().bytes, time.monotonic()
        if _size.bytes + count > settings.SPOOL_MAX_BYTES:
            raise OSError(FULL)
        _size.bytes += count


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(DRAFT)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)
        draft.rename(path)
        _sync(path.parent)
    except OSError:
        for each in (draft, path):
            each.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """What was made, moved or taken away there stays so after a power cut."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def read(path: Path) -> Spooled:
    """Raises `ValueError` where the disk gave back something else than was written."""
    line, _, body = path.read_bytes().partition(b"\n")
    try:
        head = json.loads(line)
        at = datetime.fromisoformat(head["at"]).astimezone(UTC)
        return Spooled(head["token"], dict(head["headers"]), body, at, head["in_doubt"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is no callback.") from error


def set_aside(path: Path) -> None:
    """Nobody can store it: it must not stop the others."""
    path.rename(_folder() / f"{path.stem}{BROKEN}")


# --- Looking -------------------------------------------------------------------------------------


def is_empty() -> bool:
    """Whether every callback of this machine was stored and read. It is asked often."""
    try:
        with os.scandir(settings.SPOOL_DIR) as entries:
            return not any(entry.name.endswith((POST, BATCH)) for entry in entries)
    except FileNotFoundError:
        return True


def measure() -> Measured:
    files = size = broken = 0
    for path in _folder().rglob("*"):
        with suppress(FileNotFoundError):
            if path.suffix == POST:
                files, size = files + 1, size + path.stat().st_size
            elif path.suffix == BROKEN:
                broken, size = broken + 1, size + path.stat().st_size
    return Measured(files, size, broken)


def find_trouble() -> str:
    """Why nothing could be kept here now; "" where it could."""
    try:
        probe = _folder() / f"{token_hex(8)}{DRAFT}"
        probe.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with probe.open("xb") as file:
            file.write(b"?")
            os.fsync(file.fileno())
        probe.unlink()
    except OSError as error:
        return f"Nothing can be written to {settings.SPOOL_DIR} ({error.strerror or error})."
    return "" if measure().bytes < settings.SPOOL_MAX_BYTES else FULL


# --- Taking out ----------------------------------------------------------------------------------


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else on this machine takes out meanwhile."""
    with (_folder() / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def batches() -> Iterator[Path]:
    """Those that were begun, then new ones, until nothing is left. Only within `alone`."""
    yield from sorted(_folder().glob(f"*{BATCH}"))
    while paths := sorted(_folder().glob(f"*{POST}"))[:BATCH_FILES]:
        batch = _folder() / f"{token_hex(8)}{BATCH}"
        batch.mkdir(mode=0o700)
        for path in paths:
            path.rename(batch / path.name)
        _sync(batch)
        _sync(_folder())
        yield batch
    _forget_drafts()


def files_of(batch: Path) -> list[Path]:
    return sorted(batch.glob(f"*{POST}"))


def empty(batch: Path) -> None:
    """Its callbacks are in the table and were read. The folder stays."""
    for path in files_of(batch):
        path.unlink()
    _sync(batch)


def forget(batch: Path) -> None:
    batch.rmdir()


def _forget_drafts() -> None:
    for path in _folder().glob(f"*{DRAFT}"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > DRAFTS_KEPT_SECONDS:
                path.unlink()
