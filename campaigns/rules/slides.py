"""What an MMS may hold: slides, media, sizes and words (reference/sinch-mms-json-api.md §2.2, §7).

`find_problems` tells what the provider would refuse, `find_warnings` what may disappoint.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from campaigns.rules.media import (
    OBJECT_KINDS,
    SENDABLE,
    SIZES,
    TYPES,
    MediaKind,
    say_size,
    size_key,
)

SUBJECT_ADVICE = 40
FALLBACK_ADVICE = 110
TOTAL_ADVICE = 500_000
SECONDS_ADVICE = 30
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
    kind: str
    mime: str
    size: int
    name: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SlideDraft:
    text: str = ""
    media: tuple[MediumDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands around the slides."""

    subject: str = ""
    fallback: bool = True
    fallback_text: str = ""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a channel carries. `sizes` in bytes by kind, "gif" apart; `total` for all slides."""

    slides: int = 8
    text: int = 5000
    subject: int = 80
    sizes: Mapping[str, int] = field(default_factory=lambda: SIZES)
    total: int = 1_000_000
    types: frozenset[str] = SENDABLE
    transcodes: bool = False

    def size_of(self, medium: MediumDraft) -> int:
        """The most bytes such a file may have."""
        key = size_key(medium.kind, medium.mime)
        return self.sizes.get(key) or self.sizes[medium.kind]


def total_size(slides: Iterable[SlideDraft]) -> int:
    """Bytes of all slides together."""
    return sum(
        len(slide.text.encode()) + sum(medium.size for medium in slide.media) for slide in slides
    )


@dataclass(frozen=True, slots=True)
class Weight:
    """How heavy all slides are, in words; `tone` is "", "warn" or "bad"."""

    tone: str
    words: str


def judge_weight(size: int, capacity: Capacity) -> Weight:
    """What a total of so many bytes means on a channel."""
    words = f"{say_size(size)} of {say_size(capacity.total)}"
    if size > capacity.total and capacity.transcodes:
        return Weight("warn", f"{words}: made smaller on its way")
    if size > capacity.total:
        return Weight("bad", f"{words}: too heavy")
    if size > TOTAL_ADVICE:
        return Weight("warn", f"{words}: heavy for some phones")
    return Weight("", words)


def find_problems(
    slides: tuple[SlideDraft, ...], wording: Wording, capacity: Capacity
) -> list[str]:
    """Every reason why the provider would refuse this, one sentence each."""
    problems = [*_about_wording(wording, capacity)]
    if not slides:
        problems.append("Add a slide: an MMS has at least one.")
    if len(slides) > capacity.slides:
        problems.append(
            f"There are {len(slides)} slides and {capacity.slides} fit: remove or merge some."
        )
    for number, slide in enumerate(slides, 1):
        problems += [f"Slide {number}: {problem}" for problem in _about_slide(slide, capacity)]
    size = total_size(slides)
    if size > capacity.total and not capacity.transcodes:
        problems.append(
            f"All slides together weigh {say_size(size)}; the channel carries "
            f"{say_size(capacity.total)}. Use smaller files."
        )
    return problems


def _about_wording(wording: Wording, capacity: Capacity) -> Iterator[str]:
    if len(wording.subject) > capacity.subject:
        yield (
            f"The subject has {len(wording.subject)} characters; at most {capacity.subject} "
            "are allowed."
        )
    if "\n" in wording.subject or "\r" in wording.subject:
        yield "The subject is one line: remove the line break."
    if wording.fallback and not wording.fallback_text.strip():
        yield (
            "Write the text of the fallback SMS, or switch the fallback off: phones without MMS "
            "then get nothing."
        )


def _about_slide(slide: SlideDraft, capacity: Capacity) -> Iterator[str]:
    if not slide.media and not slide.text.strip():
        yield "add text or media."
    if len(slide.text) > capacity.text:
        yield f"the text has {len(slide.text):,} characters; at most {capacity.text:,} fit."
    yield from _about_company(slide)
    for medium in slide.media:
        limit = capacity.size_of(medium)
        if medium.mime not in capacity.types:
            yield (
                f"“{medium.name}” is {_a_form(medium)}, which this channel does not carry. "
                "Make it fit, or use another file."
            )
        elif medium.size > limit:
            yield (
                f"“{medium.name}” weighs {say_size(medium.size)}; this channel takes "
                f"{_a_noun(medium)} up to {say_size(limit)}. Make it smaller."
            )


def _about_company(slide: SlideDraft) -> Iterator[str]:
    """Which media may share a slide."""
    counts = Counter(medium.kind for medium in slide.media)
    for kind, count in counts.items():
        if count > 1:
            yield f"only one {_NOUNS[kind]} fits on a slide. Move the others elsewhere."
    objects = [kind for kind in counts if kind in OBJECT_KINDS]
    players = [kind for kind in counts if kind not in OBJECT_KINDS]
    if len(objects) > 1:
        yield f"{_listed(objects)} cannot share a slide. Give each its own slide."
    if objects and players:
        yield f"{_listed(objects)} can stand only with text. Remove {_the(players)}."
    if MediaKind.VIDEO in counts and len(players) > 1:
        others = [kind for kind in players if kind != MediaKind.VIDEO]
        yield f"a video can stand only with text. Remove {_the(others)} or use two slides."


def _a_noun(medium: MediumDraft) -> str:
    if medium.mime == "image/gif":
        return "a GIF"
    noun = _NOUNS[MediaKind(medium.kind)]
    return f"{'an' if noun[0] in 'aeiouE' else 'a'} {noun}"


def _a_form(medium: MediumDraft) -> str:
    form = TYPES[medium.mime][1].upper()
    return f"{'an' if form[0] in 'AEIMO' else 'a'} {form}"


def _the(kinds: Iterable[str]) -> str:
    return " and ".join(f"the {_NOUNS[MediaKind(kind)]}" for kind in kinds)


def _listed(kinds: list[str]) -> str:
    return " and ".join(f"a {_NOUNS[MediaKind(kind)]}".replace("a E", "an E") for kind in kinds)


def find_warnings(
    slides: tuple[SlideDraft, ...], wording: Wording, capacity: Capacity
) -> list[str]:
    """What is allowed and may still disappoint, one sentence each."""
    return [*_doubts_about_wording(wording), *_doubts_about_slides(slides, capacity)]


def _doubts_about_wording(wording: Wording) -> Iterator[str]:
    if len(wording.subject) > SUBJECT_ADVICE:
        yield (
            f"The subject has {len(wording.subject)} characters; many phones show {SUBJECT_ADVICE}."
        )
    foreign = "".join(dict.fromkeys(char for char in wording.subject if not char.isascii()))
    if foreign:
        yield f"The subject holds {foreign}: some carriers refuse a subject beyond plain letters."
    if wording.fallback and len(wording.fallback_text) > FALLBACK_ADVICE:
        yield (
            f"The fallback SMS has {len(wording.fallback_text)} characters; up to "
            f"{FALLBACK_ADVICE} leave room for the link."
        )


def _doubts_about_slides(slides: tuple[SlideDraft, ...], capacity: Capacity) -> Iterator[str]:
    size = total_size(slides)
    if size > TOTAL_ADVICE:
        yield (
            f"All slides together weigh {say_size(size)}; up to {say_size(TOTAL_ADVICE)} arrive "
            "almost everywhere."
        )
    for number, slide in enumerate(slides, 1):
        for medium in slide.media:
            for doubt in _doubts_about_medium(medium, capacity):
                yield f"Slide {number}: {doubt}"
    video = sum(m.size for slide in slides for m in slide.media if m.kind == MediaKind.VIDEO)
    if video > VIDEO_HEAVY:
        yield "With this much video, save the MMS to Sinch first: it is then fetched only once."
    if len(slides) > 1:
        yield "Some phones do not keep the order of slides: let each one make sense alone."


def _doubts_about_medium(medium: MediumDraft, capacity: Capacity) -> Iterator[str]:
    if medium.kind in {MediaKind.PDF, MediaKind.CALENDAR}:
        yield (
            f"many Android phones cannot open {_a_noun(medium)} in an MMS; they get the fallback "
            "SMS or a link."
        )
    if medium.mime == "image/gif" and not capacity.transcodes:
        yield "an animated GIF goes out as it is; up to 600 KB plays on most phones."
    if medium.kind == MediaKind.VIDEO and (medium.seconds or 0) > SECONDS_ADVICE:
        yield f"the video runs {medium.seconds:.0f} s; up to {SECONDS_ADVICE} s reach most phones."
