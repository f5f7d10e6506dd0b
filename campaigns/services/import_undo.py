"""The undo of an import: within a day, exactly what it did and nobody changed since.

Each chunk is one short transaction that locks the import, takes up where the last one stopped and
notes how far it came. So a kill costs nothing, and a second worker does no harm.
"""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from campaigns.models import ContactImport
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.import_traces import (
    KEPT_BECAUSE,
    changes_of,
    consents_of,
    made_by,
    put_on_list_by,
    unchanged_since,
    with_reason,
)
from campaigns.services.import_undo_parts import PARTS
from campaigns.services.queue import ring

UNDO_WITHIN = timedelta(days=1)
CHUNK = 1_000
#: A run ends well before the queue's time limit and rings for the next.
RUN_SECONDS = 60
TOO_LATE = (
    "This import ended more than a day ago, and what it changed is remembered only so long: take "
    "its people off the list by hand."
)
Status = ContactImport.Status
_ENDED = (Status.DONE, Status.FAILED)


# --- What it would do ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo would do at this moment, or did."""

    removed: int = 0  # contacts the import made
    kept: dict[str, int] | None = None  # key of KEPT_BECAUSE → contacts it made that stay
    off_list: int = 0  # people who stay and leave the list
    restored: int = 0  # contacts that get their old values back
    left: int = 0  # contacts that somebody changed since
    withdrawn: int = 0  # consents it noted

    @property
    def kept_because(self) -> list[tuple[int, str]]:
        """(how many stay, why), in words."""
        kept = self.kept or {}
        return [(kept[key], words) for key, words in KEPT_BECAUSE.items() if kept.get(key)]


def is_undoable(contact_import: ContactImport, now: datetime) -> bool:
    ended_at = contact_import.finished_at
    return contact_import.status in _ENDED and bool(ended_at) and now < ended_at + UNDO_WITHIN


def plan_undo(contact_import: ContactImport) -> Undone:
    """Ask the database what an undo would do; nothing is changed."""
    reasons = with_reason(made_by(contact_import), contact_import).order_by().values_list("kept")
    kept = dict(reasons.annotate(count=Count("pk")))
    removed = kept.pop("", 0)
    of_removed = with_reason(made_by(contact_import), contact_import).filter(kept="")
    on_list = put_on_list_by(contact_import)
    restored = unchanged_since(contact_import).count()
    return Undone(
        removed=removed,
        kept=kept,
        off_list=on_list.count() - on_list.filter(contact__in=of_removed.values("pk")).count(),
        restored=restored,
        left=changes_of(contact_import).count() - restored,
        withdrawn=consents_of(contact_import).count(),
    )


def tell_undone(contact_import: ContactImport) -> Undone:
    """What its undo has done so far."""
    counts = dict(contact_import.undo.get("counts", {}))
    kept = {key: counts.pop(key) for key in KEPT_BECAUSE if key in counts}
    return Undone(kept=kept, **counts)


# --- It begins ----------------------------------------------------------------


def start_undo(contact_import: ContactImport, *, by: AbstractBaseUser | None) -> None:
    """Begin; a worker does it."""
    now = timezone.now()
    with transaction.atomic():
        locked = ContactImport.objects.select_for_update().get(pk=contact_import.pk)
        _check_undoable(locked, now)
        locked.status, locked.progress_at = Status.UNDOING, now
        locked.undo = {
            "by": by and by.pk,
            "since": now.isoformat(),
            "total": _count_rows(locked),
        }
        locked.save(update_fields=["status", "progress_at", "undo"])
        record("import.undo_started", locked, by=by)
        ring("imports.run_undo", locked.pk)
    contact_import.refresh_from_db()


def _check_undoable(contact_import: ContactImport, now: datetime) -> None:
    if contact_import.status in (Status.UNDOING, Status.UNDONE):
        raise RuleBroken("This import was undone already, or is being undone.")
    if contact_import.status not in _ENDED:
        raise RuleBroken("This import has not ended: wait for its end, then undo it.")
    if not is_undoable(contact_import, now):
        raise RuleBroken(TOO_LATE)


def _count_rows(contact_import: ContactImport) -> int:
    """Rows to look at, for the bar; whoever is removed leaves the list by that."""
    counts = [part.rows(contact_import).count() for part in PARTS]
    made_on_list = put_on_list_by(contact_import).filter(contact__in=made_by(contact_import))
    return sum(counts) - made_on_list.count()


# --- It goes on, chunk by chunk ----------------------------------------------------------------


def run_undo(import_id: int, *, seconds: float = RUN_SECONDS) -> None:
    """Undo on from where the last run stopped; after `seconds` ring for the next run."""
    stop_at = time.monotonic() + seconds
    while undo_chunk(import_id):
        if time.monotonic() > stop_at:
            ring("imports.run_undo", import_id)
            return


@transaction.atomic
def undo_chunk(import_id: int) -> bool:
    """Undo the next rows of the part that is under way; False when nothing is left to do."""
    locked = ContactImport.objects.select_for_update()
    found = locked.filter(pk=import_id, status=Status.UNDOING).first()
    if found is None:
        return False
    undo = found.undo
    part = PARTS[undo.get("part", 0)]
    rows = part.rows(found).filter(**{f"{part.key}__gt": undo.get("after", 0)})
    chunk = list(rows.order_by(part.key)[:CHUNK])
    if chunk:
        counts = part.undo(found, chunk)
        undo["counts"] = dict(Counter(undo.get("counts", {})) + counts)
        undo["done"] = undo.get("done", 0) + len(chunk)
        undo["after"] = getattr(chunk[-1], part.key)
    else:
        undo["part"], undo["after"] = undo.get("part", 0) + 1, 0
    found.progress_at = timezone.now()
    if undo.get("part") == len(PARTS):
        _end(found)
    found.save(update_fields=["undo", "progress_at", "status", "undone_at"])
    return found.status == Status.UNDOING


def _end(contact_import: ContactImport) -> None:
    contact_import.status, contact_import.undone_at = Status.UNDONE, timezone.now()
    counts = contact_import.undo.get("counts", {})
    record("import.undone", contact_import, by=_who(contact_import), after=counts)


def _who(contact_import: ContactImport) -> AbstractBaseUser | None:
    return get_user_model().objects.filter(pk=contact_import.undo.get("by")).first()
