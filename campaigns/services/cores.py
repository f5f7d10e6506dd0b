"""A core for each process that sends. Threads that share Python's lock hand it to each other with
every request; over two cores that costs twice the time of one."""

import fcntl
import os
import random
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def on_one_core() -> Iterator[None]:
    """The thread that calls, and those it begins within the block, stay on one core that no other
    process within such a block has. They run anywhere where none is free, where its lock cannot be
    written, or where the system has no such thing."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    with ExitStack() as stack:
        try:
            if len(cores) > 1 and (core := _take_free(cores, stack)) is not None:
                os.sched_setaffinity(0, {core})
                stack.callback(os.sched_setaffinity, 0, cores)
        except OSError:
            pass
        yield


def _take_free(cores: Iterable[int], stack: ExitStack) -> int | None:
    """One that nobody has until the stack is closed; the kernel gives back what the dead had."""
    folder = Path(settings.FLIGHTS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for core in random.sample(sorted(cores), len(cores)):
        file = (folder / f"core-{core}.lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        stack.enter_context(file)
        return core
    return None
