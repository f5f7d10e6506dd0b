"""Posters: small pictures that stand for pictures and films in galleries."""

from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO

from av import VideoFrame
from django.core.files.base import ContentFile
from django.db.models import QuerySet
from PIL import Image, ImageStat

from campaigns.models import MediaFile
from campaigns.rules.fitting import POSTER_BYTES, POSTER_SIDE, poster_at
from campaigns.rules.media import MediaKind
from campaigns.services.pictures import (
    FORMATS,
    UNREADABLE,
    encode_jpeg,
    open_small,
)
from campaigns.services.queue import ring
from campaigns.services.streams import UNREADABLE as UNREADABLE_STREAM
from campaigns.services.streams import find_picture, find_turn, open_stream

_BOX = (POSTER_SIDE, POSTER_SIDE)
_QUALITIES = (84, 74, 62, 50, 38)
#: A frame darker than this, of 255, tells nothing.
_DARK = 24
_MOST_FRAMES = 150
_SECONDS, _ROOM = 20, 256 * 1024 * 1024
#: How many missing ones are rung for in a minute.
_A_MINUTE = 20


def make_poster(media_id: int) -> None:
    """Make it, unless it is there. What cannot be drawn stays without."""
    media = _without().filter(pk=media_id).first()
    if media is None:
        return
    with media.file.open("rb") as file:
        image = _see_film(file, media) if media.kind == MediaKind.VIDEO else _see_picture(file)
    if image is not None:
        _keep(media, _encode(image))


def _without() -> QuerySet[MediaFile]:
    return MediaFile.objects.filter(poster="", kind__in=(MediaKind.IMAGE, MediaKind.VIDEO))


def _see_picture(file: BinaryIO) -> Image.Image | None:
    """The picture, or the first of those that make a GIF."""
    try:
        with Image.open(file, formats=FORMATS) as image:
            return open_small(image, _BOX)
    except UNREADABLE:
        return None


def _see_film(file: BinaryIO, media: MediaFile) -> Image.Image | None:
    try:
        return _find_frame(file, poster_at(media.seconds or 0))
    except UNREADABLE_STREAM:
        return None


def _find_frame(file: BinaryIO, at: float) -> Image.Image | None:
    """The first frame from there on that is not black; else the brightest of those seen."""
    best, brightest = None, -1.0
    with open_stream(file, seconds=_SECONDS, room=_ROOM) as container:
        picture = find_picture(container)
        begin = float((picture.start_time or 0) * picture.time_base)
        for number, frame in enumerate(container.decode(picture)):
            is_early = frame.time is not None and frame.time - begin < at
            if number < _MOST_FRAMES and is_early and best:
                continue
            image = _draw(frame)
            light = ImageStat.Stat(image.convert("L")).mean[0]
            if light > _DARK and not is_early:
                return image
            if light > brightest:
                best, brightest = image, light
            if number >= _MOST_FRAMES:
                break
    return best


def _draw(frame: VideoFrame) -> Image.Image:
    """A frame as it is shown: small and upright."""
    scale = min(1, POSTER_SIDE / max(frame.width, frame.height))
    small = frame.reformat(
        max(1, round(frame.width * scale)), max(1, round(frame.height * scale)), "rgb24"
    )
    return small.to_image().rotate(find_turn(frame), expand=True)


def _encode(image: Image.Image) -> bytes:
    for quality in _QUALITIES:
        content = encode_jpeg(image, quality)
        if len(content) <= POSTER_BYTES:
            break
    return content


def _keep(media: MediaFile, content: bytes) -> None:
    """Whoever comes second finds one there and throws the own away."""
    name = f"{PurePath(media.public_name).stem}.jpg"
    media.poster.save(name, ContentFile(content), save=False)
    if not _without().filter(pk=media.pk).update(poster=media.poster.name):
        media.poster.storage.delete(media.poster.name)


def ring_missing(now: datetime) -> None:
    """Ring for some of those without a poster; each minute for others, so that one that cannot
    be drawn keeps none waiting."""
    missing = _without().order_by("pk")
    count = missing.count()
    if not count:
        return
    first = int(now.timestamp() // 60) * _A_MINUTE % count
    for media_id in missing.values_list("pk", flat=True)[first : first + _A_MINUTE]:
        ring("media.make_poster", media_id)
