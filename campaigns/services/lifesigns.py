"""Signs of life: what every worker of a cluster says of itself, and how it is asked to finish.

A worker has a row of its own: whom it works for while it is at work, nobody while it waits. The
watchdog of its cluster sees the rows change, which no clock has a part in.
"""

import os
import signal
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import Error

from campaigns.models import Lease
from campaigns.services import clock

#: No task takes longer (`Q_CLUSTER["timeout"]`).
TASK_SECONDS = 120
#: Asked to finish, a worker is given so long; then it ends, whatever it does.
FINISH_SECONDS = 25
#: Rows of workers and clusters that are gone stay so long.
KEPT = timedelta(hours=1)
PREFIX = "worker:"

_asked_to_finish = threading.Event()
_at_work = threading.Event()


def cluster_id() -> str:
    """Of the cluster that this process belongs to; "" outside a watchdog."""
    return os.environ.get("CLUSTER_ID", "")


def begin(task: dict[str, Any], **_: Any) -> None:
    _at_work.set()
    _say(task["func"].removeprefix("campaigns.tasks."), timedelta(seconds=TASK_SECONDS))


def finish(**_: Any) -> None:
    _say("", timedelta(0))
    _at_work.clear()
    if _asked_to_finish.is_set():
        raise SystemExit


def _say(work: str, lasting: timedelta) -> None:
    """Without a database nobody hears us, and the work shows it by itself."""
    name = f"{PREFIX}{cluster_id()}:{os.getpid()}"
    with suppress(Error):
        said = {"owner": work[:60], "until": clock.now() + lasting}
        if not Lease.objects.filter(name=name).update(**said):
            Lease.objects.create(name=name, **said)


def listen(**_: Any) -> None:
    """Called in a new worker. A SIGTERM may come to all processes at once: what is under way is
    brought home first."""
    signal.signal(signal.SIGTERM, _finish_work)


def _finish_work(*_: Any) -> None:
    if not _at_work.is_set():
        raise SystemExit
    _asked_to_finish.set()
    last_moment = threading.Timer(FINISH_SECONDS, os._exit, [1])
    last_moment.daemon = True
    last_moment.start()


def is_asked_to_finish() -> bool:
    return _asked_to_finish.is_set()


# --- For those who look --------------------------------------------------------------------------


#: Name of a worker → what it works on ("" while it waits), and a moment that changes with it.
Signs = dict[str, tuple[str, datetime]]


def signs_of(cluster: str) -> Signs:
    rows = Lease.objects.filter(name__startswith=f"{PREFIX}{cluster}:")
    return {
        name: (owner, until) for name, owner, until in rows.values_list("name", "owner", "until")
    }


def is_somebody_at_work(signs: Signs) -> bool:
    return count_at_work(signs) > 0


def count_at_work(signs: Signs) -> int:
    """How many workers of this machine are in the middle of a task."""
    return sum(1 for name, (work, _) in signs.items() if work and _is_alive(name))


def _is_alive(name: str) -> bool:
    process = int(name.rpartition(":")[2])
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def forget_the_gone(now: datetime) -> None:
    """Rows of workers and clusters that ended."""
    for kind in (PREFIX, "stop:"):
        Lease.objects.filter(name__startswith=kind, until__lt=now - KEPT).delete()
