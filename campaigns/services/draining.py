"""Brings callbacks from the spool into the table: each once, whoever dies in between.

A batch goes in by one transaction, with a row of the batch's name that holds the ids it got. It is
forgotten only when all its callbacks were read: until then whoever sends on this machine sees that
there is something, perhaps an opt-out, that nobody has heard yet.
"""

import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, Error, IntegrityError, connection, transaction

from campaigns.models import Lease, WebhookPost
from campaigns.models.rows import states_are
from campaigns.services import spool
from campaigns.services.journal import find_kept, keep_hashed
from campaigns.services.queue import ring
from campaigns.services.seldom import Seldom

log = logging.getLogger(__name__)
_told = Seldom(60)
Kept = WebhookPost.Status
PREFIX = "spool:"
EVERY_SECONDS = 0.5
#: It came to an address that is none.
NOBODYS = 0
#: Of one callback: the others are none the worse.
UNSTORABLE = (DataError, IntegrityError, ValueError)


def drain() -> None:
    """Everything in the spool into the table, unless somebody else is at it; what was read since
    is forgotten. Raises `Error` while the database is away."""
    try:
        if not spool.is_empty():
            with spool.alone() as is_ours:
                if is_ours:
                    _drain_all()
    except OSError:
        if _told.is_due():
            log.exception("Callbacks in %s cannot be taken out.", settings.SPOOL_DIR)


def _drain_all() -> None:
    for batch in spool.batches():
        if (ids := _ids_of(batch)) is None:
            ids = _keep(batch)
            ring("posts.read_posts")
        if not _is_unread(ids):
            _forget(batch)


def _ids_of(batch: Path) -> str | None:
    """“first-last” of the rows it became, "" of none; None when it did not go in yet."""
    return Lease.objects.filter(name=_name(batch)).values_list("owner", flat=True).first()


def _name(batch: Path) -> str:
    return f"{PREFIX}{batch.stem}"


def _keep(batch: Path) -> str:
    """All of it, or nothing of it; what was nobody's is counted."""
    with transaction.atomic():
        found = [_keep_one(path) for path in spool.files_of(batch)]
        ids = [pk for pk in found if pk]
        said = f"{min(ids)}-{max(ids)}" if ids else ""
        Lease.objects.create(name=_name(batch), owner=said)
    log.warning("%d callbacks came while the database was away and are stored now.", len(ids))
    if strangers := found.count(NOBODYS):
        log.warning("%d more came to no address of ours and were dropped.", strangers)
    return said


def _keep_one(path: Path) -> int | None:
    """The id of its row; `NOBODYS`, or None for one that cannot be stored."""
    try:
        post = spool.read(path)
        with transaction.atomic():
            if post.in_doubt and (known := find_kept(post.body, post.at)):
                return known
            kept = keep_hashed(post.digest, post.headers, post.body, post.at)
    except UNSTORABLE:
        log.exception("A callback of the spool cannot be stored: %s is set aside.", path.name)
        spool.set_aside(path)
        return None
    return kept.post_id if kept else NOBODYS


def _is_unread(ids: str) -> bool:
    if not ids:
        return False
    first, last = map(int, ids.split("-"))
    unread = WebhookPost.objects.filter(states_are(Kept.NEW.value, Kept.WAITING.value))
    return unread.filter(status=Kept.NEW, pk__gte=first, pk__lte=last).order_by().exists()


def _forget(batch: Path) -> None:
    """In this order: while there is a file there is the row that says it is stored."""
    spool.empty(batch)
    Lease.objects.filter(name=_name(batch)).delete()
    spool.forget(batch)


# --- In the web process --------------------------------------------------------------------------


@dataclass
class _Drainer:
    """At most one thread of this process, as long as there is something to drain."""

    thread: Thread | None = None
    lock: Lock = field(default_factory=Lock)

    def wake(self) -> None:
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = Thread(target=self._run, daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while True:
            with self.lock:
                if spool.is_empty():
                    self.thread = None
                    return
            time.sleep(EVERY_SECONDS)
            try:
                drain()
            except Error:
                pass  # it is still away
            finally:
                connection.close()


_drainer = _Drainer()


def wake() -> None:
    """Drain as soon as the database is back, and go on until all of it was read."""
    _drainer.wake()


def begin() -> None:
    """Called when the web process starts. Without a spool it must not: what comes while the
    database is away would be lost after 25 minutes."""
    if trouble := spool.find_trouble():
        raise ImproperlyConfigured(
            f"{trouble} Callbacks are kept there while the database is away."
        )
    if not spool.is_empty():
        wake()
