"""What a composer page posts: an MMS as it is being written."""

from collections.abc import Mapping

from django.http import QueryDict

from campaigns.forms.choices import read_choices
from campaigns.forms.formats import read_format, read_place
from campaigns.forms.steps import MOST_SLIDES, with_keys
from campaigns.models import AuditEntry, MediaFile
from campaigns.rules.formats import NOWHERE, SHAPES, Shape
from campaigns.rules.numbers import is_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.content_writing import tell_lost
from campaigns.services.drafts import DraftSlide, MmsDraft, media_of

#: As long as a key or the name of a tab gets.
_TOKEN = 32


def read_draft(posted: QueryDict) -> MmsDraft:
    """The MMS in a composer's fields: `slide-<n>-text`, `-key`, `-title`, any number of `-media`,
    and what its format has besides. Raises `RuleBroken` rather than leave a slide out."""
    format = read_format(posted)
    shape = SHAPES[format]
    count = _count_slides(posted)
    if count > MOST_SLIDES:
        raise RuleBroken(
            f"There are {count} slides; at most {MOST_SLIDES} can be written here. Remove some."
        )
    known = _find_media(posted)
    slides = (_read_slide(posted, number, known, shape) for number in range(count))
    return MmsDraft(
        name=" ".join(_text(posted, "name").split()),
        subject=_text(posted, "subject").strip() if shape.has_subject else "",
        slides=with_keys(_as_many(tuple(slides), shape)),
        fallback="fallback" in posted,
        fallback_text=_text(posted, "fallback_text").strip(),
        fallback_link="fallback_link" in posted,
        format=format,
        choices=read_choices(posted) if shape.outer else (),
        place=read_place(posted) if shape.has_place else NOWHERE,
    )


def _as_many(slides: tuple[DraftSlide, ...], shape: Shape) -> tuple[DraftSlide, ...]:
    """As many as the format has."""
    if shape.slides is None:
        return slides
    return (*slides, DraftSlide())[: shape.slides]


def find_lost(posted: QueryDict, draft: MmsDraft) -> list[str]:
    """Which files the page showed that are not in what was read of it: they were deleted
    meanwhile. Each is a sentence."""
    known = {str(media.pk) for media in media_of(draft)}
    slides = [(n, set(_read_ids(posted, n)) - known) for n in range(len(draft.slides))]
    gone = AuditEntry.objects.filter(
        verb="media.deleted",
        target_type=MediaFile._meta.model_name,
        target_id__in=set().union(*(ids for _, ids in slides)),
    )
    names = dict(gone.values_list("target_id", "target"))
    return [tell_lost(names.get(pk, ""), n + 1) for n, ids in slides for pk in sorted(ids)]


def read_token(posted: QueryDict, name: str) -> str:
    """A short word that our own page made, such as the key of a slide; "" when it did not."""
    token = posted.get(name, "")
    return token if token.isascii() and token.isalnum() and len(token) <= _TOKEN else ""


def _count_slides(posted: QueryDict) -> int:
    count = 0
    while f"slide-{count}-text" in posted or f"slide-{count}-key" in posted:
        count += 1
    return count


def _read_slide(
    posted: QueryDict, number: int, known: Mapping[str, MediaFile], shape: Shape
) -> DraftSlide:
    prefix = f"slide-{number}-"
    media = tuple(known[pk] for pk in _read_ids(posted, number) if pk in known)
    return DraftSlide(
        _text(posted, f"{prefix}text"),
        media if shape.has_media else (),
        read_token(posted, f"{prefix}key"),
        " ".join(_text(posted, f"{prefix}title").split()) if shape.has_title else "",
        read_choices(posted, prefix) if shape.has_choices else (),
    )


def _read_ids(posted: QueryDict, number: int) -> list[str]:
    """Of the files on one slide, each once."""
    ids = dict.fromkeys(posted.getlist(f"slide-{number}-media"))
    return [pk for pk in ids if is_number(pk)]


def _find_media(posted: QueryDict) -> dict[str, MediaFile]:
    ids = {pk for number in range(_count_slides(posted)) for pk in _read_ids(posted, number)}
    return {str(media.pk): media for media in MediaFile.objects.filter(pk__in=ids)} if ids else {}


def _text(posted: QueryDict, name: str) -> str:
    """Browsers write line ends as two characters; phones and counters know one."""
    return posted.get(name, "").replace("\r\n", "\n").replace("\0", "")
