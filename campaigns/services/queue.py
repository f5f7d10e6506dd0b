"""The doorbell: the one door to django-q2. The tables are the truth; a lost ring loses nothing."""

import os
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django_q.models import OrmQ
from django_q.tasks import async_task

from campaigns.models import Lease
from campaigns.models.queue import LONGEST


def ring(task: str, *ids: int) -> None:
    """Have `campaigns.tasks.<task>` called with integer ids, after the commit.

    `task` is "<topic>.<function>". Ringing twice does no harm; nothing waits for the answer.
    """
    transaction.on_commit(lambda: async_task(f"campaigns.tasks.{task}", *ids))


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


def release_lease(name: str, owner: str) -> None:
    """Give the lease back, if it is still ours."""
    Lease.objects.filter(name=name, owner=owner).update(owner="", until=None)


def queue_health(now: datetime) -> dict[str, int | bool]:
    """Whether the queue hears its doorbells, and how many wait."""
    heard = Lease.objects.alive(now).filter(name=HEARTBEAT).exists()
    return {"alive": heard, "waiting": OrmQ.objects.count()}


# --- Is anybody at work? -------------------------------------------------------------------------

HEARTBEAT = "heartbeat"
HEARTBEAT_SECONDS = 60


def beat(now: datetime) -> None:
    """Called by the queue itself: whoever runs it proves that doorbells are heard."""
    take_lease(HEARTBEAT, "cluster", now, HEARTBEAT_SECONDS)


def is_anybody_at_work(now: datetime) -> bool:
    """Whether any lease is alive. All silent for a minute means wedged or gone, whatever the
    processes look like from outside (RELIABILITY fact 3)."""
    return Lease.objects.alive(now).exists()


def stop_name() -> str:
    """The lease that asks the workers of this cluster to finish; "" outside the watchdog."""
    cluster = os.environ.get("CLUSTER_ID", "")
    return f"stop:{cluster}" if cluster else ""


def ask_to_stop(now: datetime, seconds: float) -> None:
    """Ask the workers of this cluster to finish what is under way and take up nothing new."""
    take_lease(stop_name(), "watchdog", now, seconds)


def is_stopping(now: datetime) -> bool:
    name = stop_name()
    return bool(name) and Lease.objects.alive(now).filter(name=name).exists()
