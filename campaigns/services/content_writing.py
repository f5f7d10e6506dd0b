"""An MMS as it is written: its working version saved, one writer at a time, nothing lost."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.models import AuditEntry, MediaFile, Mms, MmsRevision, Slide, SlideMedium
from campaigns.rules.formats import as_stored
from campaigns.rules.problems import RuleBroken, check
from campaigns.services.audit import record
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of

#: Within this, what one person changes in one version is one entry of the audit trail.
ONE_SITTING = timedelta(minutes=5)


class EditedMeanwhile(RuleBroken):
    """Somebody saved other words since this draft was begun; nothing was written."""

    def __init__(self, mms: Mms) -> None:
        self.mms = mms
        super().__init__(
            f"{mms.edited_by or 'Somebody'} saved other words meanwhile. Nothing was overwritten."
        )


class MmsGone(RuleBroken):
    """It was deleted while somebody wrote on it."""

    def __init__(self) -> None:
        super().__init__("This MMS was deleted meanwhile. What you wrote is still here.")


@transaction.atomic
def save_draft(
    mms: Mms | None, draft: MmsDraft, *, by: AbstractBaseUser, seen: int | None = None
) -> MmsRevision:
    """Save what is written, unfinished or not: into the working version, or into a new one
    when the newest is frozen. What is unchanged is not written.

    `seen` is the `edit_number` that the draft was made from; when another one was saved since,
    `EditedMeanwhile` is raised. Saying the same again is no conflict: an answer may have been
    lost on its way.
    """
    check(_find_unwritable(draft))
    draft = replace(draft, name=draft.name.strip())
    is_new = mms is None
    mms = Mms(created_by=by) if mms is None else _lock(mms)
    head = None if is_new else _lock_head(mms)
    if head and draft_of(head) == draft:
        return head
    if seen is not None and seen != mms.edit_number:
        raise EditedMeanwhile(mms)
    mms.name, mms.edited_by, mms.edit_number = draft.name, by, mms.edit_number + 1
    mms.save()
    revision = _write(mms, head, draft, by)
    _note_change(mms, revision, by, "mms.added" if is_new else "mms.changed")
    return revision


def _lock(mms: Mms) -> Mms:
    """One saves at a time."""
    rows = Mms.objects.select_for_update(of=("self",)).select_related("edited_by")
    found = rows.filter(pk=mms.pk).first()
    if found is None:
        raise MmsGone
    return found


def _lock_head(mms: Mms) -> MmsRevision | None:
    rows = MmsRevision.objects.select_for_update().filter(mms=mms)
    head = rows.order_by("-number").first()
    if head:
        head.mms = mms
    return head


def _note_change(mms: Mms, revision: MmsRevision, by: AbstractBaseUser, verb: str) -> None:
    """Whoever goes on writing the same version is noted once in a while, not at every pause."""
    after = {"version": revision.number}
    last = AuditEntry.objects.filter(target_type="mms", target_id=str(mms.pk)).first()
    goes_on = (
        last is not None
        and last.verb in {"mms.added", "mms.changed"}
        and (last.actor_id, last.after) == (by.pk, after)
        and last.at > timezone.now() - ONE_SITTING
    )
    if not goes_on:
        record(verb, mms, by=by, after=after)


def _find_unwritable(draft: MmsDraft) -> Iterator[str]:
    """What cannot even be kept as unfinished."""
    if not draft.name.strip():
        yield "Give the MMS a name: only you see it."
    for word, value, model in (
        ("name", draft.name, Mms),
        ("subject", draft.subject, MmsRevision),
        *(("title", slide.title, Slide) for slide in draft.slides),
    ):
        room = model._meta.get_field(word).max_length
        if len(value.strip()) > room:
            yield f"The {word} has {len(value.strip())} characters; shorten it to {room}."


def _write(
    mms: Mms, head: MmsRevision | None, draft: MmsDraft, by: AbstractBaseUser
) -> MmsRevision:
    revision = head
    if head is None or head.frozen_at:
        revision = MmsRevision(mms=mms, number=head.number + 1 if head else 1, created_by=by)
    revision.format = draft.format
    revision.subject = draft.subject
    revision.fallback = draft.fallback
    revision.fallback_text = draft.fallback_text
    revision.fallback_link = draft.fallback_link
    revision.choices = [as_stored(choice) for choice in draft.choices]
    revision.place = as_stored(draft.place) if draft.place else {}
    revision.save()
    revision.slides.all().delete()
    _write_slides(revision, draft.slides)
    return revision


def _write_slides(revision: MmsRevision, slides: Iterable[DraftSlide]) -> None:
    slides = tuple(slides)
    rows = Slide.objects.bulk_create(
        Slide(
            revision=revision,
            position=position,
            text=slide.text,
            title=slide.title,
            choices=[as_stored(choice) for choice in slide.choices],
        )
        for position, slide in enumerate(slides, 1)
    )
    _hold_media(slides)
    SlideMedium.objects.bulk_create(
        SlideMedium(slide=row, media_file=media)
        for row, slide in zip(rows, slides, strict=True)
        for media in dict.fromkeys(slide.media)
    )


def _hold_media(slides: Iterable[DraftSlide]) -> None:
    """Nobody deletes these files from now on; what was deleted just before is told."""
    shown = [(n, media) for n, slide in enumerate(slides, 1) for media in slide.media]
    rows = MediaFile.objects.select_for_update(no_key=True)
    kept = set(rows.filter(pk__in={m.pk for _, m in shown}).values_list("pk", flat=True))
    check(tell_lost(media.name, n) for n, media in shown if media.pk not in kept)


def tell_lost(name: str, number: int) -> str:
    """That a file was deleted while somebody wrote, and is gone from the slide it was on."""
    what = f"“{name}”" if name else "A file"
    return f"{what} was deleted meanwhile and is not on slide {number} any more."
