"""Several people at one MMS: who has it open, saving by itself, and what becomes of a conflict."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.models import Mms, MmsEditor, MmsRevision
from campaigns.services.content import freeze
from campaigns.services.content_writing import EditedMeanwhile, save_draft
from campaigns.services.drafts import MmsDraft, draft_of

#: A tab tells every ten seconds that it is open; after this it is thought closed.
ALIVE = timedelta(seconds=30)
#: Its row outlives it, so that what it sent before is known to be its own.
FORGOTTEN = timedelta(days=1)
_UNTITLED = re.compile(r"Untitled, \d{1,2} [A-Z][a-z]{2} \d\d:\d\d")


def name_untitled(now: datetime) -> str:
    """What an MMS is called until somebody names it: “Untitled, 21 Nov 09:30”."""
    local = timezone.localtime(now)
    return f"Untitled, {local.day} {local:%b %H:%M}"


def with_name(draft: MmsDraft, mms: Mms | None, now: datetime) -> MmsDraft:
    """What has no name keeps the one it had; what never had one is called untitled."""
    if draft.name:
        return draft
    return replace(draft, name=mms.name if mms else name_untitled(now))


def is_untitled(name: str) -> bool:
    return bool(_UNTITLED.fullmatch(name))


# --- Saving by itself --------------------------------------------------------------------------


@transaction.atomic
def keep(
    mms: Mms | None,
    draft: MmsDraft,
    *,
    by: AbstractBaseUser,
    tab: str,
    seen: int,
    now: datetime,
) -> MmsRevision:
    """Save what this tab wrote so far. Raises `EditedMeanwhile` rather than overwrite what it
    does not know."""
    mms = mms or find_begun(tab, by=by)
    known = what_it_knows(mms, by=by, tab=tab, seen=seen) if mms else None
    revision = save_draft(mms, with_name(draft, mms, now), by=by, seen=known)
    note_editor(revision.mms, by=by, tab=tab, now=now)
    _note_saved(revision.mms, by=by, tab=tab, seen=seen)
    return revision


def what_it_knows(mms: Mms, *, by: AbstractBaseUser, tab: str, seen: int) -> int:
    """The newest `edit_number` that a tab knows: a tab whose last save was never answered wrote
    that one itself. What it had sent before its last answer, and comes late, knows no more."""
    saved = MmsEditor.objects.filter(mms=mms, tab=tab, user=by, saved_from__lte=seen).first()
    return max(seen, saved.saved_as) if tab and saved else seen


def _note_saved(mms: Mms, *, by: AbstractBaseUser, tab: str, seen: int) -> None:
    rows = MmsEditor.objects.filter(mms=mms, tab=tab, user=by)
    rows.update(saved_from=max(0, seen), saved_as=mms.edit_number)


def find_begun(tab: str, *, by: AbstractBaseUser) -> Mms | None:
    """The MMS that this tab began: a page that does not know its address yet never makes two."""
    return Mms.objects.filter(editors__tab=tab, editors__user=by).first() if tab else None


# --- A conflict --------------------------------------------------------------------------------


@transaction.atomic
def save_beside(mms: Mms | None, draft: MmsDraft, *, by: AbstractBaseUser) -> MmsRevision:
    """Keep what one person wrote as an MMS of its own; the other one stays as it is."""
    name = with_name(draft, mms, timezone.now()).name
    if mms and name == mms.name:
        room = Mms._meta.get_field("name").max_length
        mark = f" ({by}’s copy)"
        name = f"{name[: room - len(mark)]}{mark}"
    return save_draft(None, replace(draft, name=name), by=by)


@transaction.atomic
def overwrite(mms: Mms, draft: MmsDraft, *, by: AbstractBaseUser, seen: int | None) -> MmsRevision:
    """Save over what somebody else saved, which stays among the versions. `seen` is the
    `edit_number` that was shown when this was decided."""
    current = Mms.objects.select_for_update(of=("self",)).get(pk=mms.pk)
    if seen is None or current.edit_number != seen:
        raise EditedMeanwhile(current)
    draft = replace(draft, name=draft.name or current.name)
    head = current.head
    if head and draft_of(head) != draft:
        freeze(head, timezone.now())
    return save_draft(current, draft, by=by)


# --- Who has it open ---------------------------------------------------------------------------


def note_editor(mms: Mms, *, by: AbstractBaseUser, tab: str, now: datetime) -> None:
    """This tab is open. Called again and again while it is."""
    if not tab:
        return
    MmsEditor.objects.filter(mms=mms, seen_at__lt=now - FORGOTTEN).delete()
    rows = MmsEditor.objects.filter(mms=mms, tab=tab, user=by)
    if not rows.update(seen_at=now):
        MmsEditor.objects.bulk_create(
            [MmsEditor(mms=mms, tab=tab, user=by, seen_at=now)], ignore_conflicts=True
        )


def forget_editor(mms: Mms, *, by: AbstractBaseUser, tab: str, now: datetime) -> None:
    """This tab was closed."""
    rows = MmsEditor.objects.filter(mms=mms, tab=tab, user=by)
    rows.update(seen_at=now - ALIVE - timedelta(seconds=1))


def find_others(mms: Mms, *, tab: str, now: datetime) -> list[MmsEditor]:
    """The other tabs that have it open."""
    rows = MmsEditor.objects.filter(mms=mms, seen_at__gte=now - ALIVE).exclude(tab=tab)
    return list(rows.select_related("user"))


def say_others(
    mms: Mms, others: Iterable[MmsEditor], *, by: AbstractBaseUser, now: datetime
) -> list[str]:
    """Who else is here, each in a sentence."""
    people = list(dict.fromkeys(row.user for row in others))
    sentences = []
    for person in people:
        is_writing = person.pk == mms.edited_by_id and mms.updated_at > now - ALIVE
        if person.pk == by.pk:
            sentences.append("You have this open in another tab, too.")
        elif is_writing:
            sentences.append(f"{person_name(person)} is editing this now.")
        else:
            sentences.append(f"{person_name(person)} has this open too.")
    return sentences


def person_name(user: AbstractBaseUser | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else "Somebody"
