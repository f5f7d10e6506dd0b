"""What an MMS may hold: slides, media, sizes and words (reference/sinch-mms-json-api.md §2.2, §7).

`find_problems` tells what the provider would refuse; what may disappoint is in `rules.doubts`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from campaigns.rules.findings import Finding
from campaigns.rules.formats import NOWHERE, SHAPES, Choice, Format, Shape, WrittenPlace
from campaigns.rules.media import (
    OBJECT_KINDS,
    SENDABLE,
    SIZES,
    MediaKind,
    a_form,
    say_sizes,
    size_key,
)
from campaigns.rules.mergefields import fill_in_for_nobody, is_empty_for_somebody

SUBJECT_ADVICE = 40
#: Of a card: its title becomes the subject.
TITLE_ROOM = 80
FALLBACK_ADVICE = 110
TOTAL_ADVICE = 500_000
#: From here on, one transcoded copy for all beats a film fetched for every recipient.
VIDEO_HEAVY = 300_000

_NOUNS = {
    MediaKind.IMAGE: "picture",
    MediaKind.AUDIO: "sound",
    MediaKind.VIDEO: "video",
    MediaKind.CONTACT: "contact",
    MediaKind.CALENDAR: "calendar entry",
    MediaKind.PDF: "PDF",
    MediaKind.EXCEL: "Excel file",
}


@dataclass(frozen=True, slots=True)
class MediumDraft:
    """`frames` and `is_transparent` are None until somebody looked into the file."""

    kind: str
    mime: str
    size: int
    name: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    is_transparent: bool | None = None


@dataclass(frozen=True, slots=True)
class SlideDraft:
    text: str = ""
    media: tuple[MediumDraft, ...] = ()
    title: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands around the slides."""

    subject: str = ""
    fallback: bool = True
    fallback_text: str = ""
    format: str = Format.SLIDES
    choices: tuple[Choice, ...] = ()
    place: WrittenPlace = NOWHERE

    @property
    def shape(self) -> Shape:
        return SHAPES[self.format]


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a channel carries. `sizes` in bytes by kind, "gif" apart; `total` for all slides.
    `media`: files on one slide. `saves`: it keeps templates. `adds_link`: to the MMS, in the SMS
    that takes its place. `choices`: cards may have some."""

    slides: int = 8
    text: int = 5000
    subject: int = 80
    sizes: Mapping[str, int] = field(default_factory=lambda: SIZES)
    total: int = 1_000_000
    types: frozenset[str] = SENDABLE
    transcodes: bool = False
    formats: frozenset[str] = frozenset(Format)
    media: int = 10
    saves: bool = True
    adds_link: bool = True
    choices: bool = True

    def size_of(self, medium: MediumDraft) -> int:
        """The most bytes such a file may have."""
        key = size_key(medium.kind, medium.mime)
        return self.sizes.get(key) or self.sizes[medium.kind]


def total_size(slides: Iterable[SlideDraft]) -> int:
    """Bytes of all slides together."""
    return sum(
        len(slide.text.encode()) + sum(medium.size for medium in slide.media) for slide in slides
    )


def find_problems(
    slides: tuple[SlideDraft, ...], wording: Wording, capacity: Capacity
) -> list[Finding]:
    """Every reason why the provider would refuse this."""
    problems = [*_about_wording(wording, capacity)]
    if wording.format == Format.SLIDES:
        problems += _about_count(len(slides), capacity)
    for number, slide in enumerate(slides, 1):
        found = _about_slide(slide, wording.format, capacity)
        problems += [replace(each, slide=number) for each in found]
    size = total_size(slides)
    if size > capacity.total and not capacity.transcodes:
        which = f"All {wording.shape.noun.lower()}s together weigh" if slides[1:] else "It weighs"
        problems.append(
            Finding(
                f"{which} {{}}; the channel carries {{}}.".format(*say_sizes(size, capacity.total)),
                "Make all fit, or take some files off.",
            )
        )
    return problems


def find_template_problems(slides: Iterable[SlideDraft], wording: Wording) -> list[Finding]:
    """Why it cannot be saved as a template, which holds the fallbacks of its merge fields."""
    remedy = "Add words, or give the fields a fallback, to save it."
    problems = [
        Finding("the saved template would be empty here.", remedy, slide=number, field="text")
        for number, slide in enumerate(slides, 1)
        if not slide.media and slide.text.strip() and not fill_in_for_nobody(slide.text).strip()
    ]
    text = wording.fallback_text if wording.fallback else ""
    if text.strip() and not fill_in_for_nobody(text).strip():
        problem = "The fallback SMS of the saved template would be empty."
        problems.append(Finding(problem, remedy, field="fallback_text"))
    return problems


def _about_wording(wording: Wording, capacity: Capacity) -> Iterator[Finding]:
    length = len(fill_in_for_nobody(wording.subject))
    if length > capacity.subject:
        yield Finding(
            f"The subject has {length} characters; at most {capacity.subject} are allowed.",
            "Shorten it.",
            field="subject",
        )
    if "\n" in wording.subject or "\r" in wording.subject:
        yield Finding("The subject is one line.", "Remove the line break.", field="subject")
    if wording.fallback and not wording.fallback_text.strip():
        yield Finding(
            "The fallback SMS has no text.",
            "Write it, or switch the fallback off: phones without MMS then get nothing.",
            field="fallback_text",
        )
    elif wording.fallback and is_empty_for_somebody(wording.fallback_text):
        yield Finding(
            "The fallback SMS says nothing to who has no value for its merge fields.",
            "Add words, or give the fields a fallback.",
            field="fallback_text",
        )


def _about_count(count: int, capacity: Capacity) -> Iterator[Finding]:
    if not count:
        yield Finding("There is no slide: an MMS has at least one.", "Add a slide.")
    if count > capacity.slides:
        cards = ", or make them cards in a row" if Format.CAROUSEL in capacity.formats else ""
        is_narrow = capacity.slides == 1
        yield Finding(
            f"There are {count} slides and {capacity.slides} fit{'s' if is_narrow else ''}.",
            f"Remove or merge some{cards if is_narrow else ''}.",
        )


def _about_slide(slide: SlideDraft, format: str, capacity: Capacity) -> Iterator[Finding]:
    length = len(fill_in_for_nobody(slide.text))
    is_row = SHAPES[format].is_row
    if length > capacity.text:
        yield Finding(
            f"the text has {length:,} characters; at most {capacity.text:,} fit.",
            "Shorten it, or go on with it on another slide." if is_row else "Shorten it.",
            field="text",
        )
    if format == Format.SLIDES:
        yield from _about_emptiness(slide)
        yield from _about_company(slide)
        if len(slide.media) > capacity.media:
            yield Finding(
                f"{len(slide.media)} files stand here; this channel carries {capacity.media}.",
                "Take the others off.",
                field="media",
            )
    yield from _about_files(slide, capacity)


def _about_emptiness(slide: SlideDraft) -> Iterator[Finding]:
    if not slide.media and not slide.text.strip():
        yield Finding("it is empty.", "Add text or media.", field="text")
    elif not slide.media and is_empty_for_somebody(slide.text):
        yield Finding(
            "it is empty for who has no value for its merge fields.",
            "Add words, or give the fields a fallback.",
            field="text",
        )


def _about_files(slide: SlideDraft, capacity: Capacity) -> Iterator[Finding]:
    for medium in slide.media:
        limit = capacity.size_of(medium)
        if medium.mime not in capacity.types:
            yield Finding(
                f"“{medium.name}” is {a_form(medium.mime)}, which this channel does not carry.",
                "Make it fit, or use another file.",
                field="media",
            )
        elif medium.size > limit:
            weight, most = say_sizes(medium.size, limit)
            yield Finding(
                f"“{medium.name}” weighs {weight}; this channel takes "
                f"{a_noun(medium)} up to {most}.",
                "Use a smaller one." if medium.kind in OBJECT_KINDS else "Make it fit there.",
                field="media",
            )


def can_share(media: Iterable[MediumDraft]) -> bool:
    """Whether these may stand on one slide."""
    return not any(_about_company(SlideDraft(media=tuple(media))))


def _about_company(slide: SlideDraft) -> Iterator[Finding]:
    """Which media may share a slide."""
    counts = Counter(medium.kind for medium in slide.media)
    for kind, count in counts.items():
        if count > 1:
            yield Finding(f"only one {_NOUNS[kind]} fits on a slide.", "Move the others elsewhere.")
    objects = [kind for kind in counts if kind in OBJECT_KINDS]
    players = [kind for kind in counts if kind not in OBJECT_KINDS]
    if len(objects) > 1:
        yield Finding(f"{_listed(objects)} cannot share a slide.", "Give each its own slide.")
    if objects and players:
        yield Finding(f"{_listed(objects)} can stand only with text.", f"Remove {_the(players)}.")
    if MediaKind.VIDEO in counts and len(players) > 1:
        others = [kind for kind in players if kind != MediaKind.VIDEO]
        remedy = f"Remove {_the(others)} or use two slides."
        yield Finding("a video can stand only with text.", remedy)


def a_noun(medium: MediumDraft) -> str:
    """a picture, an Excel file …"""
    if medium.mime == "image/gif":
        return "a GIF"
    noun = _NOUNS[MediaKind(medium.kind)]
    return f"{'an' if noun[0] in 'aeiouE' else 'a'} {noun}"


def _the(kinds: Iterable[str]) -> str:
    return " and ".join(f"the {_NOUNS[MediaKind(kind)]}" for kind in kinds)


def _listed(kinds: list[str]) -> str:
    return " and ".join(f"a {_NOUNS[MediaKind(kind)]}".replace("a E", "an E") for kind in kinds)
