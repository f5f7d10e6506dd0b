"""What people do with threads: read, leave for later, finish, hand over, label."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, Permission, User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.models import InboundMessage, Thread, ThreadLabel
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record

State = Thread.State
NO_NAME = "Write the label first."
TOO_LONG = "A label has 40 characters at most: shorten it."
MAY_NOT = "{user} may not work in the inbox: choose somebody else."
#: So many threads are changed at once: what stands on one page.
MOST_AT_ONCE = 50


@transaction.atomic
def mark_read(thread: Thread, *, by: AbstractBaseUser, now: datetime | None = None) -> int:
    """Somebody has seen it; how many replies were new."""
    locked = _lock(thread)
    unread = InboundMessage.objects.filter(thread=locked, read_at=None)
    count = unread.update(read_at=now or timezone.now())
    if locked.state == State.UNREAD:
        _write(locked, state=State.OPEN, unread_count=0)
        record("thread.read", locked, by=by, after={"replies": count})
    return count


@transaction.atomic
def mark_unread(thread: Thread, *, by: AbstractBaseUser) -> None:
    """Its newest reply counts as not read, so somebody comes back to it."""
    locked = _lock(thread)
    if locked.state == State.UNREAD:
        return
    newest = InboundMessage.objects.filter(thread=locked).order_by("-id").first()
    if newest is not None:
        InboundMessage.objects.filter(pk=newest.pk).update(read_at=None)
    _write(locked, state=State.UNREAD, unread_count=1)
    record("thread.left_unread", locked, by=by)


@transaction.atomic
def finish(thread: Thread, *, by: AbstractBaseUser) -> None:
    """Nothing is to be done; it comes back when they write again."""
    locked = _lock(thread)
    if locked.state == State.DONE:
        return
    unread = InboundMessage.objects.filter(thread=locked, read_at=None)
    unread.update(read_at=timezone.now())
    _write(locked, state=State.DONE, unread_count=0)
    record("thread.finished", locked, by=by)


@transaction.atomic
def reopen(thread: Thread, *, by: AbstractBaseUser) -> None:
    locked = _lock(thread)
    if locked.state == State.DONE:
        _write(locked, state=State.OPEN)
        record("thread.reopened", locked, by=by)


@transaction.atomic
def assign(thread: Thread, user: AbstractBaseUser | None, *, by: AbstractBaseUser) -> None:
    """Whose it is from now on; None: nobody's."""
    if user is not None and not user.has_perm("campaigns.change_thread"):
        raise RuleBroken(MAY_NOT.format(user=user))
    locked = _lock(thread)
    if locked.assigned_to_id == (user.pk if user else None):
        return
    before = str(locked.assigned_to or "")
    _write(locked, assigned_to=user)
    record(
        "thread.assigned",
        locked,
        by=by,
        before={"assigned to": before},
        after={"assigned to": str(user or "")},
    )


def find_agents() -> QuerySet[User]:
    """Who may be given a thread."""
    may = Permission.objects.filter(
        content_type__app_label="campaigns", codename="change_thread"
    ).order_by()
    able = Q(is_superuser=True) | Q(groups__permissions__in=may) | Q(user_permissions__in=may)
    ids = User.objects.filter(able, is_active=True).order_by().values("pk")
    return User.objects.filter(pk__in=ids).order_by("username")


# --- Labels --------------------------------------------------------------------------------------


@transaction.atomic
def add_label(thread: Thread, name: str, *, by: AbstractBaseUser) -> ThreadLabel:
    """Label it; a label that nobody used before is made."""
    label = _find_or_make(name)
    if not thread.labels.filter(pk=label.pk).exists():
        thread.labels.add(label)
        record("thread.labelled", thread, by=by, after={"label": label.name})
    return label


def _find_or_make(name: str) -> ThreadLabel:
    name = " ".join(name.split())
    if not name:
        raise RuleBroken(NO_NAME)
    if len(name) > ThreadLabel._meta.get_field("name").max_length:
        raise RuleBroken(TOO_LONG)
    known = ThreadLabel.objects.filter(name__iexact=name).first()
    return known or ThreadLabel.objects.get_or_create(name=name)[0]


@transaction.atomic
def remove_label(thread: Thread, label: ThreadLabel, *, by: AbstractBaseUser) -> None:
    """Take it off; a label on no thread is forgotten."""
    if not thread.labels.filter(pk=label.pk).exists():
        return
    thread.labels.remove(label)
    record("thread.label_removed", thread, by=by, before={"label": label.name})
    ThreadLabel.objects.filter(pk=label.pk, threads=None).delete()


# --- Many ----------------------------------------------------------------------------------------


@transaction.atomic
def change_many(ids: Iterable[int], change: Callable[[Thread], object]) -> int:
    """The same for several threads; how many there were."""
    threads = list(Thread.objects.filter(pk__in=list(ids)[:MOST_AT_ONCE]).order_by("pk"))
    for thread in threads:
        change(thread)
    return len(threads)


def _lock(thread: Thread) -> Thread:
    """One change at a time, and a new reply before it or after it."""
    rows = Thread.objects.select_for_update(of=("self",), no_key=True).select_related("assigned_to")
    return rows.get(pk=thread.pk)


def _write(thread: Thread, **fields: object) -> None:
    Thread.objects.filter(pk=thread.pk).update(**fields)
