"""What pictures are: loaded to the last pixel, within bounds."""

from typing import BinaryIO

from PIL import Image

from campaigns.rules.media import Probed, say_size
from campaigns.rules.metadata import (
    count_gif_frames,
    count_jpeg_scans,
    count_webp_frames,
    measure_gif,
)
from campaigns.rules.problems import RuleBroken
from campaigns.services.pictures import FORMATS, UNREADABLE

MAX_PIXELS = 25_000_000
MAX_BYTES = 32_000_000
#: A picture that moves: frames, pixels of each, and of all of them together.
MAX_FRAMES = 1000
MAX_FRAME_PIXELS = 8_000_000
MAX_MOVING_PIXELS = 600_000_000
#: A JPEG that grows clear needs about ten scans; each costs as much as a whole picture.
MAX_SCANS = 100

_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
_COUNTS = {"GIF": count_gif_frames, "WEBP": count_webp_frames}
_DAMAGED = "The picture is damaged: save it again and upload that."


def is_image(head: bytes) -> bool:
    starts = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
    return head.startswith(starts) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def probe_image(file: BinaryIO, size: int) -> Probed:
    if size > MAX_BYTES:
        raise RuleBroken(
            f"The picture weighs {say_size(size)}: save it as a JPEG of less than "
            f"{say_size(MAX_BYTES)}."
        )
    try:
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            _check_pixels(width * height)
            form = image.format
            image.verify()
        file.seek(0)
        _check_inside(form, file.read(), width * height)
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _check_pixels(MAX_PIXELS + 1)
    except UNREADABLE:
        raise RuleBroken(_DAMAGED) from None
    return Probed(_TYPES[form], width, height)


def _check_pixels(count: int) -> None:
    if count > MAX_PIXELS:
        raise RuleBroken("The picture has more than 25 million pixels: make it smaller first.")


def _check_inside(form: str, content: bytes, pixels: int) -> None:
    """What is found out without decoding, before anything is."""
    if _TYPES[form] == "image/jpeg" and count_jpeg_scans(content) > MAX_SCANS:
        raise RuleBroken("The picture comes in far too many layers: save it as a plain JPEG.")
    if form == "GIF":
        width, height = measure_gif(content)
        pixels = max(pixels, width * height)
        _check_pixels(pixels)
    if form in _COUNTS:
        _check_frames(_COUNTS[form](content), pixels)


def _check_frames(count: int, pixels: int) -> None:
    if count > 1 and pixels > MAX_FRAME_PIXELS:
        raise RuleBroken("The picture moves and has more than 8 million pixels: make it smaller.")
    if count > MAX_FRAMES or count * pixels > MAX_MOVING_PIXELS:
        raise RuleBroken(
            f"The picture moves through {count:,} frames: make it shorter, or use a video."
        )
