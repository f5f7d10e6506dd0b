"""What the composer's buttons do to slides: add, remove, move, put files on and take them off."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from campaigns.forms.choices import CHOICE_STEPS, change_choices
from campaigns.forms.formats import change_format
from campaigns.models import MediaFile
from campaigns.rules.formats import Format
from campaigns.rules.numbers import is_number
from campaigns.services.content_checks import can_share
from campaigns.services.drafts import DraftSlide, MmsDraft

#: More than any provider takes, so that too many slides are told and not lost.
MOST_SLIDES = 30
Slides = tuple[DraftSlide, ...]
FULL = (
    f"No slide was added: {MOST_SLIDES} are the most that can be written here. "
    "What was uploaded is in the library."
)


@dataclass(frozen=True, slots=True)
class Arranged:
    """A draft after a step; a sentence for those who do not see it; the slide to look at."""

    draft: MmsDraft
    note: str = ""
    selected: str = ""  # its key


def with_keys(slides: Iterable[DraftSlide]) -> Slides:
    """Each slide with a key of its own, by which the page knows it wherever it goes."""
    seen: set[str] = set()
    keyed = []
    for slide in slides:
        if not slide.key or slide.key in seen:
            slide = replace(slide, key=secrets.token_hex(4))
        seen.add(slide.key)
        keyed.append(slide)
    return tuple(keyed)


def arrange(draft: MmsDraft, step: str) -> Arranged:
    """The draft after a step such as "add", "remove-2", "move-0-2" or "attach-2-17" (slide
    indexes, media ids). An impossible step changes nothing."""
    verb, *numbers = step.split("-")
    if verb == "format":
        return _reshape(draft, *numbers[:1])
    if verb not in {*_STEPS, *CHOICE_STEPS} or not all(map(is_number, numbers)):
        return Arranged(draft)
    try:
        if verb in CHOICE_STEPS:
            return _choose(draft, verb, *map(int, numbers))
        if verb in _COUNTING and not draft.shape.is_row:
            return Arranged(draft, f"{draft.shape.noun} stays one: this format has no more.")
        more = {"format": draft.format} if verb == "attach" else {}
        slides, note, index = _STEPS[verb](draft.slides, *map(int, numbers), **more)
    except (IndexError, TypeError):  # a slide that has gone meanwhile
        return Arranged(draft, "Nothing changed: that slide is not here any more.")
    note = note.replace("Slide", draft.shape.noun).replace("slide", draft.shape.noun.lower())
    if len(slides) > max(MOST_SLIDES, len(draft.slides)):
        return Arranged(draft, FULL)
    slides = with_keys(slides)
    selected = slides[min(index, len(slides) - 1)].key if slides else ""
    return Arranged(replace(draft, slides=slides), note, selected)


def _reshape(draft: MmsDraft, format: str = "") -> Arranged:
    changed, note = change_format(draft, format)
    slides = with_keys(changed.slides)
    return Arranged(replace(changed, slides=slides), note, slides[0].key if slides else "")


def _choose(draft: MmsDraft, verb: str, *numbers: int) -> Arranged:
    changed, note, index = change_choices(draft, verb, *numbers)
    return Arranged(changed, note, changed.slides[index].key if changed.slides else "")


#: The slides, what happened, and the index of the slide it happened to.
_Done = tuple[Slides, str, int]


def _add(slides: Slides, after: int | None = None) -> _Done:
    place = len(slides) if after is None else min(after + 1, len(slides))
    return (*slides[:place], DraftSlide(), *slides[place:]), f"Slide {place + 1} added.", place


def _remove(slides: Slides, number: int) -> _Done:
    _ = slides[number]
    return (*slides[:number], *slides[number + 1 :]), f"Slide {number + 1} removed.", number


def _duplicate(slides: Slides, number: int) -> _Done:
    copy = replace(slides[number], key="")
    copied = (*slides[: number + 1], copy, *slides[number + 1 :])
    return copied, f"Slide {number + 1} duplicated.", number + 1


def _move(slides: Slides, start: int, end: int) -> _Done:
    moved, rest = slides[start], [*slides[:start], *slides[start + 1 :]]
    end = min(end, len(rest))
    if start == end:
        return slides, "", start
    rest.insert(end, moved)
    return tuple(rest), f"Slide {start + 1} is now slide {end + 1}.", end


def _up(slides: Slides, number: int) -> _Done:
    if number == 0:
        return slides, "It is the first slide already.", 0
    return _move(slides, number, number - 1)


def _down(slides: Slides, number: int) -> _Done:
    if number == len(slides) - 1:
        return slides, "It is the last slide already.", number
    return _move(slides, number, number + 1)


# --- Files ---------------------------------------------------------------------------------------


def put_on(draft: MmsDraft, number: int, files: Iterable[MediaFile]) -> Arranged:
    """The draft with these files on the slide with this index, or, where they cannot share it,
    on the slides after it. Where there is one only, a file takes the place of the other."""
    slides, places = draft.slides, []
    if not draft.shape.has_media:
        return Arranged(draft, "No file goes with this format: it is in the library.")
    files = list(files)
    if files and not draft.shape.is_row:
        files = files[:1]
        slides = _with_media(slides, number, ())
    for media in files:
        slides, number = _place(slides, number, media, draft.format)
        places.append(number + 1)
    if len(slides) > max(MOST_SLIDES, len(draft.slides)):
        return Arranged(draft, FULL)
    slides = with_keys(slides)
    words = " and ".join(map(str, dict.fromkeys(places)))
    note = f"Put on slide {words}." if places else ""
    return Arranged(replace(draft, slides=slides), note, slides[number].key if places else "")


def _place(
    slides: Slides, number: int, media: MediaFile, format: str = Format.SLIDES
) -> tuple[Slides, int]:
    """Where it goes: this slide, the next one while that is empty, or a new one between."""
    slide = slides[number]
    fits = not slide.media if format != Format.SLIDES else can_share((*slide.media, media))
    if media in slide.media or fits:
        return _with_media(slides, number, (*slide.media, media)), number
    following = slides[number + 1 : number + 2]
    if not following or following[0].text.strip() or following[0].media:
        slides = (*slides[: number + 1], DraftSlide(), *slides[number + 1 :])
    return _with_media(slides, number + 1, (media,)), number + 1


def _with_media(slides: Slides, number: int, media: Iterable[MediaFile]) -> Slides:
    slide = replace(slides[number], media=tuple(dict.fromkeys(media)))
    return (*slides[:number], slide, *slides[number + 1 :])


def _attach(slides: Slides, number: int, *ids: int, format: str = Format.SLIDES) -> _Done:
    _ = slides[number]
    rows = MediaFile.objects.in_bulk(ids)
    known = [rows[pk] for pk in ids if pk in rows]
    if not known:
        return slides, "Nothing changed: the file was deleted from the library.", number
    done = put_on(MmsDraft(slides=slides, format=format), number, known)
    places = [slide.key for slide in done.draft.slides]
    return done.draft.slides, done.note, places.index(done.selected) if done.selected else number


def _detach(slides: Slides, number: int, pk: int) -> _Done:
    kept = tuple(media for media in slides[number].media if media.pk != pk)
    return _with_media(slides, number, kept), f"File taken off slide {number + 1}.", number


def _swap(slides: Slides, number: int, old: int, new: int, *more: int) -> _Done:
    """Another file in the place of one: the one that was made to fit. `more` are further places,
    three numbers each."""
    media = MediaFile.objects.filter(pk=new).first()
    if media is None or all(medium.pk != old for medium in slides[number].media):
        return slides, "Nothing changed: the file is not here any more.", number
    swapped = [media if medium.pk == old else medium for medium in slides[number].media]
    slides = _with_media(slides, number, swapped)
    if more:
        return _swap(slides, *more)
    return slides, f"File on slide {number + 1} exchanged.", number


#: Steps that change how many slides there are, or their order.
_COUNTING = frozenset({"add", "remove", "duplicate", "up", "down", "move"})
_STEPS: dict[str, Callable[..., _Done]] = {
    "add": _add,
    "remove": _remove,
    "duplicate": _duplicate,
    "up": _up,
    "down": _down,
    "move": _move,
    "attach": _attach,
    "detach": _detach,
    "swap": _swap,
}
