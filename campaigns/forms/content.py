"""What a composer page posts: an MMS as it is being written, and a step that rearranges it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.http import QueryDict

from campaigns.models import MediaFile
from campaigns.services.content import DraftSlide, MmsDraft

#: More than any provider takes, so that too many slides are told and not lost.
MOST_SLIDES = 30
Slides = tuple[DraftSlide, ...]


def read_draft(posted: QueryDict) -> MmsDraft:
    """The MMS in a composer's fields: `slide-<n>-text` and any number of `slide-<n>-media`."""
    count = 0
    while count < MOST_SLIDES and f"slide-{count}-text" in posted:
        count += 1
    known = _find_media(posted, count)
    return MmsDraft(
        name=" ".join(_text(posted, "name").split()),
        subject=_text(posted, "subject").strip(),
        slides=tuple(_read_slide(posted, number, known) for number in range(count)),
        fallback="fallback" in posted,
        fallback_text=_text(posted, "fallback_text").strip(),
        fallback_link="fallback_link" in posted,
    )


def _read_slide(posted: QueryDict, number: int, known: Mapping[str, MediaFile]) -> DraftSlide:
    ids = dict.fromkeys(posted.getlist(f"slide-{number}-media"))
    media = tuple(known[pk] for pk in ids if pk in known)
    return DraftSlide(_text(posted, f"slide-{number}-text"), media)


def _find_media(posted: QueryDict, count: int) -> dict[str, MediaFile]:
    ids = {pk for number in range(count) for pk in posted.getlist(f"slide-{number}-media")}
    rows = MediaFile.objects.filter(pk__in={pk for pk in ids if pk.isascii() and pk.isdigit()})
    return {str(media.pk): media for media in rows}


def _text(posted: QueryDict, name: str) -> str:
    """Browsers write line ends as two characters; phones and counters know one."""
    return posted.get(name, "").replace("\r\n", "\n").replace("\0", "")


# --- Steps -------------------------------------------------------------------------------------


def arrange(draft: MmsDraft, step: str) -> tuple[MmsDraft, str]:
    """The draft after a step such as "add", "remove-2", "up-2" or "detach-2-17" (slide index,
    media id), and a sentence for those who do not see it. An impossible step changes nothing."""
    verb, *numbers = step.split("-")
    if verb not in _STEPS or not all(number.isascii() and number.isdigit() for number in numbers):
        return draft, ""
    try:
        slides, note = _STEPS[verb](draft.slides, *map(int, numbers))
    except (IndexError, TypeError):  # a slide that has gone meanwhile
        return draft, ""
    return replace(draft, slides=slides[:MOST_SLIDES]), note


def attach(draft: MmsDraft, number: int, media: MediaFile) -> MmsDraft:
    """The draft with a file more on the slide with this index."""
    if number >= len(draft.slides):
        return draft
    slide = draft.slides[number]
    together = tuple(dict.fromkeys((*slide.media, media)))
    slides = (*draft.slides[:number], replace(slide, media=together), *draft.slides[number + 1 :])
    return replace(draft, slides=slides)


def _add(slides: Slides) -> tuple[Slides, str]:
    return (*slides, DraftSlide()), f"Slide {len(slides) + 1} added."


def _remove(slides: Slides, number: int) -> tuple[Slides, str]:
    return (*slides[:number], *slides[number + 1 :]), f"Slide {number + 1} removed."


def _duplicate(slides: Slides, number: int) -> tuple[Slides, str]:
    copied = (*slides[: number + 1], slides[number], *slides[number + 1 :])
    return copied, f"Slide {number + 1} duplicated."


def _up(slides: Slides, number: int) -> tuple[Slides, str]:
    if number == 0:
        raise IndexError
    return _swap(slides, number - 1), f"Slide {number + 1} is now slide {number}."


def _down(slides: Slides, number: int) -> tuple[Slides, str]:
    return _swap(slides, number), f"Slide {number + 1} is now slide {number + 2}."


def _swap(slides: Slides, number: int) -> Slides:
    first, second = slides[number], slides[number + 1]
    return (*slides[:number], second, first, *slides[number + 2 :])


def _detach(slides: Slides, number: int, pk: int) -> tuple[Slides, str]:
    slide = slides[number]
    kept = tuple(media for media in slide.media if media.pk != pk)
    changed = (*slides[:number], replace(slide, media=kept), *slides[number + 1 :])
    return changed, f"File removed from slide {number + 1}."


_STEPS: dict[str, Callable[..., tuple[Slides, str]]] = {
    "add": _add,
    "remove": _remove,
    "duplicate": _duplicate,
    "up": _up,
    "down": _down,
    "detach": _detach,
}
