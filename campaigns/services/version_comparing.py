"""Two versions of an MMS side by side: what went, what came, what moved."""

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.models import MediaFile, MmsRevision
from campaigns.rules.choices import list_choices
from campaigns.rules.formats import Format
from campaigns.rules.versions import Match, Outline, SlideOutline, match_slides, tell_changes
from campaigns.rules.words import Change, Piece, compare_words
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of


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
