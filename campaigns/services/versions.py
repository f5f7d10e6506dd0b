"""The versions of an MMS: what changed, where each is used, and bringing an older one back."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from campaigns.models import (
    Campaign,
    MediaFile,
    Message,
    Mms,
    MmsRevision,
    SavedMms,
    Slide,
    SlideMedium,
)
from campaigns.rules.choices import list_choices
from campaigns.rules.formats import Format, WrittenPlace, read_choices
from campaigns.rules.problems import RuleBroken
from campaigns.rules.versions import Match, Outline, SlideOutline, match_slides, tell_changes
from campaigns.rules.words import Change, Piece, compare_words
from campaigns.services.audit import record
from campaigns.services.content import freeze, save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of

#: So many campaigns are named beside a version, or an MMS; the others are counted.
MOST_NAMED = 3
MOST_LISTED = 12

# --- Where it is used --------------------------------------------------------------------------


@dataclass(slots=True)
class Uses:
    """Who relies on a version, or on any version of an MMS."""

    campaigns: list[Campaign] = field(default_factory=list)
    campaign_count: int = 0
    saved: list[SavedMms] = field(default_factory=list)
    test_count: int = 0

    @property
    def more_campaigns(self) -> int:
        """How many campaigns are not named."""
        return self.campaign_count - len(self.campaigns)

    def __bool__(self) -> bool:
        return bool(self.campaign_count or self.saved or self.test_count)


def find_uses(mms: Mms) -> Uses:
    """Who uses any version of it, the newest campaigns first."""
    campaigns = Campaign.objects.filter(mms=mms).select_related("revision", "channel")
    newest = list(campaigns[: MOST_LISTED + 1])
    count = len(newest) if len(newest) <= MOST_LISTED else campaigns.count()
    return Uses(newest[:MOST_LISTED], count)


def _uses_of(revision_ids: Collection[int]) -> dict[int, Uses]:
    uses = {pk: Uses() for pk in revision_ids}
    for campaign in _newest_campaigns(revision_ids):
        uses[campaign.revision_id].campaigns.append(campaign)
    campaigns = Campaign.objects.filter(revision__in=revision_ids).order_by()
    for pk, count in campaigns.values_list("revision").annotate(count=Count("pk")):
        uses[pk].campaign_count = count
    rows = SavedMms.objects.filter(revision__in=revision_ids).select_related("channel")
    for row in rows.order_by("channel__name"):
        uses[row.revision_id].saved.append(row)
    for pk, count in _count_tests(revision_ids):
        uses[pk].test_count = count
    return uses


def _newest_campaigns(revision_ids: Collection[int]) -> Iterator[Campaign]:
    place = Window(RowNumber(), partition_by="revision_id", order_by="-id")
    rows = Campaign.objects.filter(revision__in=revision_ids).annotate(place=place)
    yield from rows.filter(place__lte=MOST_NAMED)


def _count_tests(revision_ids: Collection[int]) -> Iterator[tuple[int, int]]:
    """Tests are few: found by having no campaign, not among the millions of their version (the
    sum keeps the database from trying)."""
    tests = Message.objects.filter(campaign=None).annotate(version=F("revision_id") + 0)
    rows = tests.filter(version__in=revision_ids).order_by().values_list("version")
    yield from rows.annotate(count=Count("pk"))


# --- The history -------------------------------------------------------------------------------


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
    outlines, uses = _outlines(chain), _uses_of([revision.pk for revision in revisions])
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


# --- Two versions side by side -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MediumChange:
    medium: MediaFile
    change: Change


@dataclass(frozen=True, slots=True)
class SlideChange:
    """A slide of either version, or of both; numbers count from 1. Choices are compared as the
    lines that people read."""

    before: int | None
    after: int | None
    is_moved: bool
    text: tuple[Piece, ...]
    media: tuple[MediumChange, ...]
    title: tuple[Piece, ...] = ()
    choices: tuple[Piece, ...] = ()

    @property
    def word(self) -> str:
        """ "added", "removed", "changed" or "same"; whether it moved is told apart."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        words = (*self.title, *self.text, *self.choices)
        parts = [piece.change for piece in words] + [medium.change for medium in self.media]
        return "same" if all(change == Change.SAME for change in parts) else "changed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs, and what stayed, between two versions."""

    summary: str
    slides: tuple[SlideChange, ...]
    subject: tuple[Piece, ...]
    fallback: tuple[Piece, ...]
    before: MmsDraft
    after: MmsDraft
    choices: tuple[Piece, ...] = ()
    place: tuple[Piece, ...] = ()
    format: tuple[Piece, ...] = ()


def compare_versions(before: MmsRevision, after: MmsRevision) -> Comparison:
    """What has to be done to the earlier version to have the later one."""
    old, new = draft_of(before), draft_of(after)
    one, other = _outline(old), _outline(new)
    matches = match_slides(one.slides, other.slides)
    return Comparison(
        summary=tell_changes(one, other),
        slides=tuple(_compare_slides(match, old, new) for match in matches),
        subject=compare_words(old.subject, new.subject),
        fallback=compare_words(_fallback(old), _fallback(new)),
        before=old,
        after=new,
        choices=compare_words(list_choices(old.choices), list_choices(new.choices)),
        place=compare_words(_place(old), _place(new)),
        format=compare_words(Format(old.format).label, Format(new.format).label),
    )


def _place(draft: MmsDraft) -> str:
    place = draft.place
    return " · ".join(filter(None, (place.title, place.label, place.coordinates)))


def _outline(draft: MmsDraft) -> Outline:
    return Outline(
        slides=tuple(
            SlideOutline(
                slide.text, tuple(medium.pk for medium in slide.media), slide.title, slide.choices
            )
            for slide in draft.slides
        ),
        subject=draft.subject,
        fallback=draft.fallback,
        fallback_text=draft.fallback_text,
        fallback_link=draft.fallback_link,
        format=draft.format,
        choices=draft.choices,
        place=draft.place,
    )


def _fallback(draft: MmsDraft) -> str:
    """What a phone without MMS gets, in words."""
    if not draft.fallback:
        return "No SMS is sent."
    return (
        f"{draft.fallback_text} [link to the MMS]" if draft.fallback_link else draft.fallback_text
    )


def _compare_slides(match: Match, old: MmsDraft, new: MmsDraft) -> SlideChange:
    before = DraftSlide() if match.before is None else old.slides[match.before]
    after = DraftSlide() if match.after is None else new.slides[match.after]
    return SlideChange(
        before=None if match.before is None else match.before + 1,
        after=None if match.after is None else match.after + 1,
        is_moved=match.is_moved,
        text=compare_words(before.text, after.text),
        media=tuple(_compare_media(before.media, after.media)),
        title=compare_words(before.title, after.title),
        choices=compare_words(list_choices(before.choices), list_choices(after.choices)),
    )


def _compare_media(
    before: tuple[MediaFile, ...], after: tuple[MediaFile, ...]
) -> Iterator[MediumChange]:
    for medium in before:
        yield MediumChange(medium, Change.SAME if medium in after else Change.GONE)
    for medium in after:
        if medium not in before:
            yield MediumChange(medium, Change.NEW)


# --- Bringing one back -------------------------------------------------------------------------


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
