"""The versions of an MMS: their history in words, and bringing an older one back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.models import Mms, MmsRevision, Slide, SlideMedium
from campaigns.rules.formats import Format, WrittenPlace, read_choices
from campaigns.rules.problems import RuleBroken
from campaigns.rules.versions import Outline, SlideOutline, tell_changes
from campaigns.services.audit import record
from campaigns.services.content import freeze
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import draft_of
from campaigns.services.version_uses import Uses, uses_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in the history; `changes` says in words what it made of the one before."""

    revision: MmsRevision
    changes: str
    uses: Uses
    is_working: bool


def list_versions(mms: Mms, revisions: Sequence[MmsRevision]) -> list[Entry]:
    """The entries of these versions, which follow one another, newest first."""
    if not revisions:
        return []
    older = mms.revisions.filter(number__lt=revisions[-1].number).order_by("-number")[:1]
    chain = [*revisions, *older]
    outlines, uses = _outlines(chain), uses_of([revision.pk for revision in revisions])
    newest = mms.head.pk
    entries = []
    for place, revision in enumerate(revisions):
        before = outlines[chain[place + 1].pk] if place + 1 < len(chain) else None
        changes = _tell(before, outlines[revision.pk])
        entries.append(Entry(revision, changes, uses[revision.pk], revision.pk == newest))
    return entries


def _tell(before: Outline | None, after: Outline) -> str:
    if before is not None:
        return tell_changes(before, after)
    if after.format != Format.SLIDES:
        return f"The first version, in the format “{Format(after.format).label}”."
    count = len(after.slides)
    return f"The first version, with {count} slide{'' if count == 1 else 's'}."


def _outlines(revisions: Sequence[MmsRevision]) -> dict[int, Outline]:
    """What is compared of each version, in two questions however many there are."""
    slides: dict[int, list[tuple]] = {revision.pk: [] for revision in revisions}
    rows = Slide.objects.filter(revision__in=slides).order_by("revision", "position")
    for revision_id, *slide in rows.values_list("revision_id", "pk", "text", "title", "choices"):
        slides[revision_id].append(slide)
    media: dict[int, list[int]] = {}
    uses = SlideMedium.objects.filter(slide__revision__in=slides).order_by("pk")
    for slide_id, media_id in uses.values_list("slide_id", "media_file_id"):
        media.setdefault(slide_id, []).append(media_id)
    return {
        revision.pk: Outline(
            slides=tuple(
                SlideOutline(text, tuple(media.get(pk, ())), title, read_choices(choices))
                for pk, text, title, choices in slides[revision.pk]
            ),
            subject=revision.subject,
            fallback=revision.fallback,
            fallback_text=revision.fallback_text,
            fallback_link=revision.fallback_link,
            format=revision.format,
            choices=read_choices(revision.choices),
            place=WrittenPlace(**revision.place),
        )
        for revision in revisions
    }


@transaction.atomic
def restore_version(mms: Mms, number: int, *, by: AbstractBaseUser) -> MmsRevision:
    """Make an older version's content the working one, as a version of its own: nothing that
    was written since is lost."""
    mms = Mms.objects.select_for_update().get(pk=mms.pk)
    head, older = mms.head, mms.revisions.filter(number=number).first()
    if head is None or older is None:
        raise RuleBroken(f"There is no version {number}.")
    draft = replace(draft_of(older), name=mms.name)
    if draft == replace(draft_of(head), name=mms.name):
        raise RuleBroken(f"The working version already says the same as version {number}.")
    freeze(head, timezone.now())
    revision = save_draft(mms, draft, by=by)
    MmsRevision.objects.filter(pk=revision.pk).update(restored_from=number)
    revision.restored_from = number
    record(
        "mms.restored",
        mms,
        by=by,
        before={"version": head.number},
        after={"version": revision.number, "restored_from": number},
    )
    return revision
