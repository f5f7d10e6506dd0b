"""What the format chooser does: what was written goes on in the other format."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from django.http import QueryDict

from campaigns.rules.coordinates import map_link
from campaigns.rules.formats import (
    FEWEST_CARDS,
    NOWHERE,
    SHAPES,
    Choice,
    ChoiceKind,
    Format,
    WrittenPlace,
)
from campaigns.services.drafts import DraftSlide, MmsDraft, media_of

Slides = tuple[DraftSlide, ...]
Choices = tuple[Choice, ...]
#: What a place is called on the choice that shows it.
_SHOW = "Show the place"
_TITLE = 80
#: Begins what a sentence about a change tells of what found no room.
LEFT_OUT = "Left out: "


def read_format(posted: QueryDict) -> str:
    """What nobody knows is read as slides."""
    format = posted.get("format", Format.SLIDES)
    return format if format in Format.values else Format.SLIDES


def read_place(posted: QueryDict) -> WrittenPlace:
    """The place in a composer's fields."""
    title, label, coordinates = (
        " ".join(posted.get(f"place-{part}", "").replace("\0", "").split())
        for part in ("title", "label", "coordinates")
    )
    return WrittenPlace(title, label, coordinates)


def change_format(draft: MmsDraft, wanted: str) -> tuple[MmsDraft, str]:
    """(the draft in another format, a sentence that names what found no room in it)."""
    if wanted not in SHAPES or wanted == draft.format:
        return draft, ""
    loose = _loosen(draft)
    bare = replace(draft, format=wanted, subject="", slides=(), choices=(), place=NOWHERE)
    changed = _WRITERS[wanted](bare, loose)
    return changed, f"Format: {Format(wanted).label}.{_tell_left_out(draft, changed)}"


@dataclass(frozen=True, slots=True)
class _Loose:
    """A message without its format: cards with all they may have, and what stands below them.
    `line` says where a place is, for formats without choices."""

    cards: Slides
    outer: Choices = ()
    line: str = ""

    @property
    def choices(self) -> Choices:
        """All of them."""
        return (*(choice for card in self.cards for choice in card.choices), *self.outer)


def _loosen(draft: MmsDraft) -> _Loose:
    first, *rest = draft.slides or (DraftSlide(),)
    if draft.format == Format.LOCATION:
        where = Choice(ChoiceKind.LOCATION, _SHOW, draft.place.coordinates)
        choices = (where,) if draft.place.coordinates else ()
        place = draft.place.place
        line = map_link(place.latitude, place.longitude) if place else draft.place.coordinates
        title, text = draft.place.title, draft.place.label
        return _Loose((replace(first, title=title, text=text, choices=choices),), line=line)
    if draft.format == Format.CHOICE:
        return _Loose((replace(first, choices=draft.choices),))
    if draft.subject:
        first = replace(first, title=draft.subject)
    return _Loose((first, *rest), draft.choices)


# --- One writer for each format ------------------------------------------------------------------


def _as_slides(bare: MmsDraft, loose: _Loose) -> MmsDraft:
    first, *rest = loose.cards
    first = replace(first, title="", choices=(), text=_lines(first.text, loose.line))
    others = (replace(card, title="", text=_lines(card.title, card.text)) for card in rest)
    slides = (first, *(replace(each, choices=()) for each in others if each.text or each.media))
    return replace(bare, subject=loose.cards[0].title, slides=slides)


def _as_text(bare: MmsDraft, loose: _Loose) -> MmsDraft:
    text = _lines(_all_words(loose), loose.line)
    return replace(bare, slides=(DraftSlide(text, key=loose.cards[0].key),))


def _as_file(bare: MmsDraft, loose: _Loose) -> MmsDraft:
    files = [medium for card in loose.cards for medium in card.media]
    return replace(bare, slides=(DraftSlide(media=tuple(files[:1]), key=loose.cards[0].key),))


def _as_card(bare: MmsDraft, loose: _Loose) -> MmsDraft:
    first = loose.cards[0]
    choices = (*first.choices, *loose.outer)
    return replace(bare, slides=(replace(first, media=first.media[:1], choices=choices),))


def _as_question(bare: MmsDraft, loose: _Loose) -> MmsDraft:
    slide = DraftSlide(_all_words(loose), key=loose.cards[0].key)
    return replace(bare, slides=(slide,), choices=loose.choices)


def _as_row(bare: MmsDraft, loose: _Loose) -> MmsDraft:
    cards = [replace(card, media=card.media[:1]) for card in loose.cards]
    cards += [DraftSlide()] * (FEWEST_CARDS - len(cards))
    return replace(bare, slides=tuple(cards), choices=loose.outer)


def _as_place(bare: MmsDraft, loose: _Loose) -> MmsDraft:
    words = (word for card in loose.cards for word in (card.title, *card.text.splitlines()))
    title = next((word.strip() for word in words if word.strip()), "")
    places = [choice.target for choice in loose.choices if choice.kind == ChoiceKind.LOCATION]
    return replace(bare, place=WrittenPlace(title[:_TITLE], "", next(iter(places), "")))


_WRITERS: dict[str, Callable[[MmsDraft, _Loose], MmsDraft]] = {
    Format.SLIDES: _as_slides,
    Format.TEXT: _as_text,
    Format.MEDIA: _as_file,
    Format.CARD: _as_card,
    Format.CHOICE: _as_question,
    Format.CAROUSEL: _as_row,
    Format.LOCATION: _as_place,
}


def _all_words(loose: _Loose) -> str:
    cards = [_lines(card.title, card.text) for card in loose.cards]
    return "\n\n".join(filter(None, cards))


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line.strip())


# --- What found no room --------------------------------------------------------------------------


def _tell_left_out(before: MmsDraft, after: MmsDraft) -> str:
    said = "\n".join(_words_of(after))
    counts = (
        (sum(1 for words in _words_of(before) if words not in said), "text"),
        (len(media_of(before) - media_of(after)), "file"),
        (_count_choices(before) - _count_choices(after), "choice"),
    )
    told = [f"{count} {noun}{'s' * (count > 1)}" for count, noun in counts if count > 0]
    return f" {LEFT_OUT}{', '.join(told)}. Undo brings it back." if told else ""


def _words_of(draft: MmsDraft) -> Iterator[str]:
    texts: Iterable[str] = (
        draft.subject,
        *(word for slide in draft.slides for word in (slide.title, slide.text)),
        draft.place.title,
        draft.place.label,
    )
    return (text for text in texts if text.strip())


def _count_choices(draft: MmsDraft) -> int:
    return len(draft.choices) + sum(len(slide.choices) for slide in draft.slides)
