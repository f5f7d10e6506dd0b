"""An MMS as it is being written, saved or not: what every page draws and every rule judges."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from campaigns.models import MediaFile, Mms, MmsRevision, Slide, SlideMedium
from campaigns.rules.formats import (
    NOWHERE,
    SHAPES,
    Choice,
    Format,
    Shape,
    WrittenPlace,
    read_choices,
)
from campaigns.rules.slides import MediumDraft, SlideDraft, Wording, total_size


@dataclass(frozen=True, slots=True)
class DraftSlide:
    """A slide as it is being written; in other formats the text, the file, or a card."""

    text: str = ""
    media: tuple[MediaFile, ...] = ()
    #: By which a page knows it again wherever it is moved.
    key: str = field(default="", compare=False)
    title: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of its text and files."""
        return len(self.text.encode()) + sum(medium.size for medium in self.media)


@dataclass(frozen=True, slots=True)
class MmsDraft:
    """An MMS as it is being written, saved or not. The phone is drawn from this."""

    name: str = ""
    subject: str = ""
    slides: tuple[DraftSlide, ...] = (DraftSlide(),)
    fallback: bool = True
    fallback_text: str = ""
    fallback_link: bool = True
    format: str = Format.SLIDES
    #: Of a question, and those below a row of cards.
    choices: tuple[Choice, ...] = ()
    place: WrittenPlace = NOWHERE

    @property
    def size(self) -> int:
        """Bytes of all slides together."""
        return total_size(as_slides(self))

    @property
    def shape(self) -> Shape:
        return SHAPES[self.format]

    @property
    def has_fallback(self) -> bool:
        """Whether an SMS takes its place where it cannot arrive; a text is an SMS itself."""
        return self.fallback and self.format != Format.TEXT


def draft_of(revision: MmsRevision | None) -> MmsDraft:
    """A version as something that can be drawn and edited."""
    if revision is None:
        return MmsDraft()
    return _draft(revision, _slides().filter(revision=revision))


def drafts_of(rows: Iterable[Mms]) -> dict[int, MmsDraft]:
    """The newest version of each, by the id of its MMS: in a few questions for all of them."""
    newest = MmsRevision.objects.filter(mms=OuterRef("mms")).order_by("-number").values("pk")
    heads = MmsRevision.objects.filter(mms__in=[mms.pk for mms in rows], pk=Subquery(newest[:1]))
    heads = heads.select_related("mms").prefetch_related(Prefetch("slides", _slides()))
    return {head.mms_id: _draft(head, head.slides.all()) for head in heads}


def _slides() -> QuerySet[Slide]:
    files = Prefetch("media", SlideMedium.objects.select_related("media_file"))
    return Slide.objects.order_by("position").prefetch_related(files)


def _draft(revision: MmsRevision, slides: Iterable[Slide]) -> MmsDraft:
    return MmsDraft(
        name=revision.mms.name,
        subject=revision.subject,
        slides=tuple(
            DraftSlide(
                slide.text,
                tuple(medium.media_file for medium in slide.media.all()),
                f"s{slide.position}",
                slide.title,
                read_choices(slide.choices),
            )
            for slide in slides
        ),
        fallback=revision.fallback,
        fallback_text=revision.fallback_text,
        fallback_link=revision.fallback_link,
        format=revision.format,
        choices=read_choices(revision.choices),
        place=WrittenPlace(**revision.place),
    )


def as_sms(draft: MmsDraft) -> MmsDraft:
    """The text of the SMS instead, alone: so it goes out by another channel."""
    words = (DraftSlide(draft.fallback_text),)
    return MmsDraft(draft.name, slides=words, fallback=False, format=Format.TEXT)


def media_of(draft: MmsDraft) -> set[MediaFile]:
    """The files on all its slides."""
    return {media for slide in draft.slides for media in slide.media}


def as_slides(draft: MmsDraft) -> tuple[SlideDraft, ...]:
    """The slides as the rules judge them."""
    return tuple(
        SlideDraft(
            slide.text,
            tuple(
                MediumDraft(m.kind, m.mime, m.size, m.name, m.seconds, m.width, m.height)
                for m in slide.media
            ),
            slide.title,
            slide.choices,
        )
        for slide in draft.slides
    )


def as_wording(draft: MmsDraft) -> Wording:
    """What stands around the slides, as the rules judge it."""
    return Wording(
        draft.subject,
        draft.has_fallback,
        draft.fallback_text,
        format=draft.format,
        choices=draft.choices,
        place=draft.place,
    )


def as_plain(draft: MmsDraft) -> list[Any]:
    """All that is sent of it, as plain values: the same as long as that is the same."""
    slides = [
        (
            slide.text,
            [medium.pk for medium in slide.media],
            slide.title,
            [asdict(choice) for choice in slide.choices],
        )
        for slide in draft.slides
    ]
    fallback = [draft.fallback, draft.fallback_text, draft.fallback_link]
    around = [[asdict(choice) for choice in draft.choices], asdict(draft.place)]
    return [draft.format, draft.subject, slides, fallback, around]
