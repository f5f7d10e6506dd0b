"""The doorbell: the one door to django-q2. The tables are the truth; a lost ring loses nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from django.db import Error, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.brokers.orm import ORM
from django_q.signals import post_execute_in_worker, post_spawn, pre_execute
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from campaigns.models import Lease
from campaigns.models.queue import LONGEST
from campaigns.services import lifesigns
from campaigns.services.flights import missed_at_once, new_owner
from campaigns.services.redis_server import RedisAway, ask
from campaigns.services.seldom import Seldom
from mmsportal.redaction import redact
from mmsportal.requestid import request_id

log = logging.getLogger(__name__)
_told = Seldom(60)
#: Every cluster rings for itself so often, to hear whether it hears.
BEAT_SECONDS = 10.0
BEAT = "campaigns.tasks.outbox.beat"
HEARD_WITHIN = timedelta(seconds=60)
MOST_UNHEARD = 500


def ring(task: str, *ids: int) -> None:
    """Have `campaigns.tasks.<task>` called with integer ids, after the commit.

    `task` is "<topic>.<function>". Ringing twice does no harm; nothing waits for the answer. Nor
    does a bell that cannot be rung break what it follows: the sweep rings what is missing.
    """
    transaction.on_commit(lambda: _ring(f"campaigns.tasks.{task}", *ids))


def ring_if_heard(task: str) -> None:
    """The same for what is rung again and again: so many bells hang only where nobody hears them,
    and once somebody does, the sweep rings what is missing."""
    transaction.on_commit(lambda: _ring(f"campaigns.tasks.{task}", most=MOST_UNHEARD))


def _ring(task: str, *ids: int, most: int | None = None) -> None:
    try:
        if most is None or get_broker().queue_size() < most:
            async_task(task, *ids)
    except Error as error:
        if _told.is_due():
            log.error("A doorbell could not be rung; it is within a minute. %s", error)


class Doorbell(ORM):
    """Bells hang in Redis, where there is one; while it is away, in the table. They are heard in
    both."""

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self._beat = Seldom(BEAT_SECONDS)

    @property
    def redis_key(self) -> str:
        return f"django_q:{self.list_key}:q"

    def enqueue(self, task: str) -> int:
        try:
            return ask(lambda redis: redis.rpush(self.redis_key, task))
        except RedisAway:
            return super().enqueue(task)

    def dequeue(self) -> list[tuple[int | None, Any]] | None:
        """Those in the table have an id, and are acknowledged by it. A beat is for this cluster
        alone: with a common bell the quicker cluster would hear them all."""
        if self._beat.is_due():
            return [(None, _beat())]
        try:
            found = ask(lambda redis: redis.blpop([self.redis_key], 1))
        except RedisAway:
            return super().dequeue()
        if found:
            return [(None, found[1])]
        return super().dequeue() if super().queue_size() else None

    def queue_size(self) -> int:
        try:
            hanging = ask(lambda redis: redis.llen(self.redis_key))
        except RedisAway:
            hanging = 0
        return hanging + super().queue_size()


def _beat() -> str:
    task = {"id": token_hex(16), "name": "beat", "func": BEAT, "args": (), "kwargs": {}}
    return SignedPackage.dumps({**task, "started": timezone.now(), "ack_failure": True})


def take_lease(name: str, owner: str, now: datetime, seconds: float) -> bool:
    """Take or renew the lease `name` for `owner`; False while somebody else holds it."""
    until = now + timedelta(seconds=seconds)
    void = Q(until__gt=now + LONGEST)
    free = Q(until=None) | Q(until__lt=now) | Q(owner=owner) | void
    if Lease.objects.filter(free, name=name).update(owner=owner, until=until):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    _, created = Lease.objects.get_or_create(name=name, defaults={"owner": owner, "until": until})
    return created


@contextmanager
def held(name: str, now: datetime, seconds: float) -> Iterator[bool]:
    """Whether the lease is ours for the time of the block. Who dies within it is missed at once by
    the others on its machine."""
    owner = new_owner()
    if not take_lease(name, owner, now, seconds):
        yield False
        return
    try:
        with missed_at_once(owner):
            yield True
    finally:
        release_lease(name, owner)


def lease_of(name: str) -> tuple[str, datetime | None]:
    """Its holder, "" for nobody, and when it ends or ended."""
    return Lease.objects.filter(name=name).values_list("owner", "until").first() or ("", None)


def release_lease(name: str, owner: str) -> None:
    """Give the lease back, if it is still ours."""
    Lease.objects.filter(name=name, owner=owner).update(owner="", until=None)


def queue_health(now: datetime) -> dict[str, int | bool]:
    """Whether the queue hears its doorbells, how many wait, how many workers are busy."""
    workers = Lease.objects.filter(name__startswith=lifesigns.PREFIX, until__lte=now + LONGEST)
    return {
        "alive": workers.filter(until__gte=now - HEARD_WITHIN).exists(),
        "waiting": get_broker().queue_size(),
        "workers": workers.alive(now).count(),
    }


# --- Stopping ------------------------------------------------------------------------------------


def ask_to_stop(cluster: str, now: datetime, seconds: float) -> None:
    """Ask the workers of a cluster to finish what is under way and take up nothing new."""
    take_lease(_stop_name(cluster), "watchdog", now, seconds)


def is_stopping(now: datetime) -> bool:
    """Whether the workers of this cluster are asked to finish."""
    if lifesigns.is_asked_to_finish():
        return True
    cluster = lifesigns.cluster_id()
    return bool(cluster) and Lease.objects.alive(now).filter(name=_stop_name(cluster)).exists()


def _stop_name(cluster: str) -> str:
    return f"stop:{cluster}"


# --- What it says of tasks -----------------------------------------------------------------------


@receiver(pre_execute)
def note_task(task: dict[str, Any], **kwargs: Any) -> None:
    """The lines that a task logs carry its id."""
    request_id.set(task["id"][:16])


@receiver(post_execute_in_worker)
def hide_secrets(task: dict[str, Any], **kwargs: Any) -> None:
    """Of a task that failed, the traceback is logged and kept in a table."""
    request_id.set("-")
    if isinstance(task.get("result"), str):
        task["result"] = redact(task["result"])


# --- Signs of life -------------------------------------------------------------------------------

post_spawn.connect(lifesigns.listen)
pre_execute.connect(lifesigns.begin)
post_execute_in_worker.connect(lifesigns.finish)
