"""Writes to the sandbox's database, one thread at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from campaigns.sandbox.router import ALIAS

#: SQLite has one writer: waiting at a lock is fair, waiting in its busy handler is not.
_lock = threading.Lock()


@contextmanager
def writing() -> Iterator[None]:
    with _lock, transaction.atomic(using=ALIAS):
        yield
