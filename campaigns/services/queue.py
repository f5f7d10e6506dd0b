"""The doorbell: the one door to django-q2. The tables are the truth; a lost ring loses nothing."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django_q.models import OrmQ, Schedule
from django_q.status import Stat
from django_q.tasks import async_task

from campaigns.models import Lease


def ring(task: str, *ids: int) -> None:
    """Have `campaigns.tasks.<task>` called with integer ids, after the commit.

    `task` is "<topic>.<function>". Ringing twice does no harm; nothing waits for the answer.
    """
    transaction.on_commit(lambda: async_task(f"campaigns.tasks.{task}", *ids))


def schedule_sweep() -> None:
    """Have the sweep called every minute; safe to call again."""
    Schedule.objects.update_or_create(
        name="sweep",
        defaults={
            "func": "campaigns.tasks.outbox.sweep",
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )


def take_lease(name: str, owner: str, now: datetime, seconds: float) -> bool:
    """Take or renew the lease `name` for `owner`; False while somebody else holds it."""
    until = now + timedelta(seconds=seconds)
    free = Q(until=None) | Q(until__lt=now) | Q(owner=owner)
    if Lease.objects.filter(free, name=name).update(owner=owner, until=until):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    _, created = Lease.objects.get_or_create(name=name, defaults={"owner": owner, "until": until})
    return created


def release_lease(name: str, owner: str) -> None:
    """Give the lease back, if it is still ours."""
    Lease.objects.filter(name=name, owner=owner).update(owner="", until=None)


def queue_health(now: datetime) -> dict[str, int | bool | str]:
    """Whether a cluster is alive and how many doorbells wait."""
    clusters = Stat.get_all()
    return {
        "alive": bool(clusters),
        "workers": sum(len(cluster.workers) for cluster in clusters),
        "waiting": OrmQ.objects.count(),
    }
