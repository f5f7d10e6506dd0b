"""All files of an MMS made to fit at once, each into its share of what the channel carries."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from campaigns.models import Channel, Fitting, MediaFile
from campaigns.rules.fitting import target_of
from campaigns.rules.media import OBJECT_KINDS, size_key
from campaigns.rules.shares import Part, least_of, say_too_long, share_out, target_beside
from campaigns.rules.slides import Capacity
from campaigns.services.content_checks import capacity_of
from campaigns.services.drafts import MmsDraft
from campaigns.services.fitting import find_need, source_id, source_of, start_fitting

#: A fitting made for nearly this share will do: a word more on a slide starts none anew.
_NEARLY, _AT_MOST = 0.9, 1.02


@dataclass(frozen=True, slots=True)
class Piece:
    """A file on the slide with this index, and the weight it is to get."""

    slide: int
    media: MediaFile
    target: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be made to fit; `obstacles` say why even that would not do."""

    pieces: tuple[Piece, ...] = ()
    obstacles: tuple[str, ...] = ()


def plan_together(draft: MmsDraft, channel: Channel | None) -> Plan:
    """Nothing, unless all slides together are too heavy for the channel."""
    capacity = capacity_of(channel)
    if capacity.transcodes or draft.size <= capacity.total:
        return Plan()
    places = [
        (number, media)
        for number, slide in enumerate(draft.slides)
        for media in slide.media
        if media.kind not in OBJECT_KINDS
    ]
    fixed = draft.size - sum(media.size for _, media in places)
    parts = [_part_of(media, capacity) for _, media in places]
    shares = share_out(parts, fixed, capacity.total)
    if not parts or sum(shares) + fixed > capacity.total:
        return Plan(obstacles=_find_obstacles(places, parts, shares))
    pieces = zip(places, shares, strict=True)
    return Plan(
        tuple(
            Piece(number, media, share)
            for (number, media), share in pieces
            if share < media.size or media.mime not in capacity.types
        )
    )


def _part_of(media: MediaFile, capacity: Capacity) -> Part:
    limit = capacity.sizes.get(size_key(media.kind, media.mime)) or capacity.sizes[media.kind]
    return Part(media.kind, min(media.size, limit), media.seconds or 0)


def _find_obstacles(
    places: list[tuple[int, MediaFile]], parts: list[Part], shares: list[int]
) -> tuple[str, ...]:
    """The heaviest of those that cannot get lighter; texts and objects where there is none."""
    found = [
        (share, f"Slide {number + 1}: {say_too_long(media.name, part)}")
        for (number, media), part, share in zip(places, parts, shares, strict=True)
        if share == least_of(part)
    ]
    heaviest = sorted(found, key=lambda pair: -pair[0])[:2]
    words = "Contacts, PDFs and other documents cannot be made lighter here: take some off."
    return tuple(sentence for _, sentence in heaviest) or (words,)


def start_together(
    pieces: Iterable[Piece], channel: Channel | None, *, by: AbstractBaseUser
) -> None:
    """Each from its original, so that quality is not lost twice."""
    found = find_together(pieces)
    for piece, row in found.items():
        if row is None:
            start_fitting(source_of(piece.media), channel, by=by, target_bytes=piece.target)


def find_together(pieces: Iterable[Piece]) -> dict[Piece, Fitting | None]:
    """How far each is; None where nothing was started."""
    pieces = list(pieces)
    sources = {source_id(piece.media) for piece in pieces}
    rows = Fitting.objects.filter(media_file__in=sources).select_related("result")
    known = list(rows.order_by("-updated_at")) if sources else []
    return {piece: next((r for r in known if _serves(r, piece)), None) for piece in pieces}


def _serves(row: Fitting, piece: Piece) -> bool:
    return (
        row.media_file_id == source_id(piece.media)
        and piece.target * _NEARLY <= row.target_bytes <= piece.target * _AT_MOST
        and (row.result_id is not None or row.status != "done")
        and row.result_id != piece.media.pk
    )


def target_on(draft: MmsDraft, media: MediaFile, channel: Channel | None) -> int:
    """What a file that was just put on a slide is made to fit into: what the others leave."""
    capacity = capacity_of(channel)
    target = _usual(media, capacity)
    if capacity.transcodes:
        return target
    others = [other for slide in draft.slides for other in slide.media if other != media]
    words = sum(len(slide.text.encode()) for slide in draft.slides)
    taken = sum(
        min(other.size, _usual(other, capacity)) if find_need(other, capacity) else other.size
        for other in others
    )
    return target_beside(target, words + taken, capacity.total)


def _usual(media: MediaFile, capacity: Capacity) -> int:
    return target_of(media.kind, media.mime, capacity.sizes, capacity.total)
