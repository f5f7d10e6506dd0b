"""What became of an import, for its page: the numbers, who is behind them, the way on and back."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from campaigns.admin.paging import BoundedPaginator
from campaigns.models import Contact, ContactImport
from campaigns.services.import_retention import is_emptied
from campaigns.services.import_traces import made_by, met_by
from campaigns.services.import_undo import UNDO_WITHIN, is_undoable, tell_undone
from campaigns.services.import_undo_fields import find_unused_fields
from campaigns.services.queue import queue_health

Status = ContactImport.Status
MOVING = (Status.RUNNING, Status.UNDOING)
#: An import that stands still this long may have no worker.
STUCK_AFTER = timedelta(seconds=10)
#: How many rejected rows and causes the page shows; the file has them all.
SHOWN_PROBLEMS = 20
SHOWN_CAUSES = 12
PER_PAGE = 50
#: name in the address → (title, what it means, who they are)
PEOPLE = {
    "made": ("New contacts", "This import made them.", made_by),
    "updated": ("Known contacts", "They were contacts before this import.", met_by),
}


def result_context(contact_import: ContactImport, by: AbstractBaseUser) -> dict[str, Any]:
    """Everything the page of a confirmed import shows."""
    now = timezone.now()
    causes, left_out = map(_commonest_first, (contact_import.causes, contact_import.left_out))
    rows = contact_import.problems.all()
    is_moving = contact_import.status in MOVING
    is_stuck = is_moving and contact_import.progress_at < now - STUCK_AFTER
    return {
        "contact_import": contact_import,
        "is_moving": is_moving,
        "seconds_left": estimate_seconds(contact_import, now) if is_moving else None,
        "causes": causes[:SHOWN_CAUSES],
        "other_causes": causes[SHOWN_CAUSES:],
        "problems": rows.filter(is_imported=False)[:SHOWN_PROBLEMS],
        "left_out": left_out[:SHOWN_CAUSES],
        "other_left_out": left_out[SHOWN_CAUSES:],
        "imported_partly": rows.filter(is_imported=True)[:SHOWN_PROBLEMS],
        "is_emptied": is_emptied(contact_import),
        "no_worker": is_stuck and not queue_health(now)["alive"],
        "undone": tell_undone(contact_import) if contact_import.undo else None,
        "undo_until": _undo_until(contact_import, by, now),
        "unused_fields": find_unused_fields(contact_import) if may_delete_fields(by) else [],
        **_next_steps(contact_import, by),
    }


def _commonest_first(causes: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(causes.items(), key=lambda cause: -cause[1])


def estimate_seconds(contact_import: ContactImport, now: datetime) -> float | None:
    """How long it will still take at the pace it had so far; None as long as nobody knows."""
    is_undo = contact_import.status == Status.UNDOING
    begun = contact_import.undo.get("since") if is_undo else contact_import.started_at
    done = contact_import.undo.get("done", 0) if is_undo else contact_import.done_count
    total = contact_import.undo.get("total", 0) if is_undo else contact_import.row_count
    if not begun or not done or done > total:
        return None
    since = datetime.fromisoformat(begun) if isinstance(begun, str) else begun
    return (now - since).total_seconds() * (total - done) / done


def may_undo(by: AbstractBaseUser) -> bool:
    """An undo deletes contacts."""
    needed = ("campaigns.add_contactimport", "campaigns.delete_contact")
    return all(map(by.has_perm, needed))


def may_delete_fields(by: AbstractBaseUser) -> bool:
    return by.has_perm("campaigns.delete_customfield")


def _undo_until(
    contact_import: ContactImport, by: AbstractBaseUser, now: datetime
) -> datetime | None:
    """Until when this person may undo it; None: not, or not any more."""
    if not (is_undoable(contact_import, now) and may_undo(by)):
        return None
    return contact_import.finished_at + UNDO_WITHIN


def is_left_empty(contact_import: ContactImport) -> bool:
    """Whether an undone import made its list, and nobody is on that any more."""
    made = contact_import.contact_list
    if contact_import.status != Status.UNDONE or made is None:
        return False
    is_older = made.created_at < contact_import.created_at
    return not is_older and not made.memberships.exists()


def _next_steps(contact_import: ContactImport, by: AbstractBaseUser) -> dict[str, str]:
    """Where to go from here, for whoever may go there."""
    steps = {}
    list_id = contact_import.contact_list_id
    if list_id and by.has_perm("campaigns.view_contactlist"):
        steps["list_url"] = reverse("admin:campaigns_contactlist_change", args=[list_id])
    if is_left_empty(contact_import) and by.has_perm("campaigns.delete_contactlist"):
        steps["empty_list_url"] = reverse("admin:campaigns_contactlist_delete", args=[list_id])
    if list_id and by.has_perm("campaigns.add_campaign"):
        steps["campaign_url"] = f"{reverse('admin:campaigns_campaign_add')}?lists={list_id}"
    if by.has_perm("campaigns.view_contact"):
        for name in PEOPLE:
            place = [contact_import.pk, name]
            steps[f"{name}_url"] = reverse("admin:campaigns_contactimport_people", args=place)
    if by.has_perm("campaigns.view_auditentry"):
        url = reverse("admin:campaigns_auditentry_changelist")
        query = urlencode({"topic": "contactimport", "q": contact_import.file_name[:200]})
        steps["audit_url"] = f"{url}?{query}"
    return steps


def paginate_people(contact_import: ContactImport, name: str) -> Paginator:
    """The people behind a number of the result, newest first."""
    people: QuerySet[Contact] = PEOPLE[name][2](contact_import)
    return BoundedPaginator(people.order_by("-pk"), PER_PAGE)
