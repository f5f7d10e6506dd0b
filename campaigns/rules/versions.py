"""Which slide of one version became which of another, and what changed, in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from campaigns.rules.formats import NOWHERE, SHAPES, Choice, Format, WrittenPlace
from campaigns.rules.words import split_words

#: Slides less alike than this are two different slides, unless they stand in the same place.
ALIKE = 0.5
#: Longer texts are compared by their beginnings when slides are matched.
_COMPARED = 400


@dataclass(frozen=True, slots=True)
class SlideOutline:
    """A slide as it is matched: its text, and the ids of its files; a card has more."""

    text: str = ""
    media: tuple[int, ...] = ()
    title: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """A version as it is compared."""

    slides: tuple[SlideOutline, ...] = ()
    subject: str = ""
    fallback: bool = True
    fallback_text: str = ""
    fallback_link: bool = True
    format: str = Format.SLIDES
    choices: tuple[Choice, ...] = ()
    place: WrittenPlace = NOWHERE


@dataclass(frozen=True, slots=True)
class Match:
    """Indexes in both versions; None where a slide is in one of them only. `is_moved` tells that
    its place among the slides they share is another."""

    before: int | None
    after: int | None
    is_moved: bool = False


def match_slides(
    before: Sequence[SlideOutline], after: Sequence[SlideOutline]
) -> tuple[Match, ...]:
    """In the order of the later version; removed slides stand where they stood."""
    pairs = _pair_same(before, after)
    _pair_alike(before, after, pairs)
    _pair_by_place(before, after, pairs)
    moved = _find_moved(pairs)
    came = {new: old for old, new in pairs.items()}
    matches = [Match(came.get(new), new, came.get(new) in moved) for new in range(len(after))]
    for old in range(len(before)):
        if old not in pairs:
            matches.insert(_place_of_removed(old, matches), Match(old, None))
    return tuple(matches)


def _pair_same(before: Sequence[SlideOutline], after: Sequence[SlideOutline]) -> dict[int, int]:
    """Equal slides; among several the one in the same place, else the first."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for old, slide in enumerate(before):
        same = [new for new, other in enumerate(after) if other == slide and new not in taken]
        if same:
            pairs[old] = old if old in same else same[0]
            taken.add(pairs[old])
    return pairs


def _pair_alike(
    before: Sequence[SlideOutline], after: Sequence[SlideOutline], pairs: dict[int, int]
) -> None:
    """The most alike first; of equally alike ones those that stand nearest."""
    olds = {old: _words(slide) for old, slide in enumerate(before) if old not in pairs}
    taken = set(pairs.values())
    news = {new: _words(slide) for new, slide in enumerate(after) if new not in taken}
    found = [
        (_alikeness(before[old], after[new], olds[old], news[new]), -abs(old - new), old, new)
        for old in olds
        for new in news
    ]
    for score, _, old, new in sorted(found, reverse=True):
        if score >= ALIKE and old not in pairs and new not in taken:
            pairs[old] = new
            taken.add(new)


def _words(slide: SlideOutline) -> Counter[str]:
    said = f"{slide.title} {slide.text[:_COMPARED]}" if slide.title else slide.text[:_COMPARED]
    return Counter(word for word in split_words(said) if not word.isspace())


def _alikeness(
    slide: SlideOutline, other: SlideOutline, words: Counter[str], others: Counter[str]
) -> float:
    """0 to 1: how many of their words both have; 1 when they show the same file."""
    if set(slide.media) & set(other.media):
        return 1.0
    return 2 * (words & others).total() / ((words.total() + others.total()) or 1)


def _pair_by_place(
    before: Sequence[SlideOutline], after: Sequence[SlideOutline], pairs: dict[int, int]
) -> None:
    """What has no partner and stands behind the same slide, or in the same place, was rewritten."""
    for old in range(len(before)):
        behind = pairs.get(old - 1, -1) + 1 if old == 0 or old - 1 in pairs else old
        for new in (behind, old):
            is_free = old not in pairs and new < len(after) and new not in pairs.values()
            if is_free and (new == old or pairs.get(old + 1, new + 1) == new + 1):
                pairs[old] = new


def _find_moved(pairs: dict[int, int]) -> set[int]:
    """The fewest slides whose moving explains the new order: all but the longest run in order,
    among equally long ones that which leaves most slides where they were."""
    best: dict[int, tuple[int, int, tuple[int, ...]]] = {}
    for old in sorted(pairs):
        before = [best[other] for other in best if pairs[other] < pairs[old]]
        length, still, run = max(before, default=(0, 0, ()))
        best[old] = (length + 1, still + (old == pairs[old]), (*run, old))
    stayed = max(best.values(), default=(0, 0, ()))[2]
    return {old for old in pairs if old not in stayed and old != pairs[old]}


def _place_of_removed(old: int, matches: Sequence[Match]) -> int:
    """Behind the slide that stood before it, or first."""
    for place in range(len(matches), 0, -1):
        was = matches[place - 1].before
        if was is not None and was < old:
            return place
    return 0


def tell_changes(before: Outline, after: Outline) -> str:
    """ "Slide 2: text; slide 3 added; subject." Or "Nothing changed."."""
    said = [
        *_tell_format(before, after),
        *_tell_slides(before, after),
        *_tell_wording(before, after),
    ]
    sentence = "; ".join(said) or "nothing changed"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _tell_slides(before: Outline, after: Outline) -> Iterator[str]:
    was, noun = (SHAPES[each.format].noun.lower() for each in (before, after))
    for match in match_slides(before.slides, after.slides):
        if match.before is None:
            yield f"{noun} {match.after + 1} added"
        elif match.after is None:
            yield f"{was} {match.before + 1} removed"
        else:
            changed = list(find_changed(before.slides[match.before], after.slides[match.after]))
            if match.is_moved:
                changed.insert(0, f"was {was} {match.before + 1}")
            if changed:
                yield f"{noun} {match.after + 1}: {_listed(changed)}"


def find_changed(before: SlideOutline, after: SlideOutline) -> Iterator[str]:
    """Which parts of a slide are others now."""
    if before.title != after.title:
        yield "title"
    if before.text != after.text:
        yield "text"
    if before.media != after.media:
        yield "media"
    if before.choices != after.choices:
        yield "choices"


def _tell_format(before: Outline, after: Outline) -> Iterator[str]:
    if before.format != after.format:
        one, other = Format(before.format).label, Format(after.format).label
        yield f"format: {one.lower()}, now {other.lower()}"


def _tell_wording(before: Outline, after: Outline) -> Iterator[str]:
    if before.subject != after.subject:
        yield "subject"
    if before.choices != after.choices:
        yield "choices"
    if before.place != after.place:
        yield "place"
    if before.fallback != after.fallback:
        yield "fallback SMS switched on" if after.fallback else "fallback SMS switched off"
    elif before.fallback_text != after.fallback_text:
        yield "fallback SMS"
    if before.fallback_link != after.fallback_link:
        yield "link in the SMS added" if after.fallback_link else "link in the SMS removed"


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
