"""Makes pictures and GIFs fit with Pillow: never larger, upright, without what a camera wrote."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageSequence

from campaigns.models import MediaFile
from campaigns.rules.fitting import (
    QUALITIES,
    GifPlan,
    gif_plans,
    keep_frames,
    picture_sizes,
)
from campaigns.rules.media import say_size
from campaigns.rules.problems import RuleBroken
from campaigns.services.pictures import (
    FORMATS,
    UNREADABLE,
    encode,
    encode_jpeg,
    find_upright_size,
    open_small,
    put_on_white,
)

Tell = Callable[[float], None]
#: A picture of so few colours is a drawing, which PNG keeps sharp.
_FEW_COLOURS = 256
#: Players show a frame that asks for less as if it asked for the usual.
_LEAST_DURATION, _USUAL_DURATION = 20, 100


def fit_picture(source: BinaryIO, media: MediaFile, target: int, folder: Path, tell: Tell) -> Path:
    """A JPEG, a PNG or, of one that moves, a GIF, in `target` bytes."""
    try:
        with Image.open(source, formats=FORMATS) as image:
            moves = image.format in {"GIF", "WEBP"} and image.is_animated
            content = _fit_gif(image, target, tell) if moves else _fit_still(image, target, tell)
    except UNREADABLE:
        raise RuleBroken("The picture is damaged: save it again and upload that.") from None
    path = folder / "fitted"
    path.write_bytes(content)
    return path


# --- Pictures that stand still -----------------------------------------------------------------


def _fit_still(image: Image.Image, target: int, tell: Tell) -> bytes:
    image = open_small(image, next(picture_sizes(*find_upright_size(image))))
    sizes = list(picture_sizes(*image.size))
    for step, size in enumerate(sizes):
        tell(step / len(sizes))
        smaller = image.resize(size, Image.Resampling.LANCZOS) if size != image.size else image
        for content in _encodings(smaller):
            if len(content) <= target:
                return content
    raise RuleBroken(f"The picture does not get below {say_size(target)}: crop it first.")


def _encodings(image: Image.Image) -> Iterator[bytes]:
    """The best first: a drawing as PNG where that is smaller, then JPEG by falling quality."""
    best = encode_jpeg(image, QUALITIES[0])
    if image.getcolors(_FEW_COLOURS):
        drawing = encode(image, "PNG", optimize=True)
        if len(drawing) <= len(best):
            yield drawing
    yield best
    for quality in QUALITIES[1:]:
        yield encode_jpeg(image, quality)


# --- Pictures that move ------------------------------------------------------------------------


def _fit_gif(image: Image.Image, target: int, tell: Tell) -> bytes:
    durations = _durations(image, tell)
    plans = gif_plans(*image.size, len(durations))
    for step, plan in enumerate(plans):
        content = _encode_gif(
            image, plan, durations, lambda share, step=step: tell((step + share) / len(plans))
        )
        if len(content) <= target:
            return content
    raise RuleBroken(
        f"The GIF does not get below {say_size(target)}: make it shorter, or use a video."
    )


def _durations(image: Image.Image, tell: Tell) -> list[int]:
    """How long each frame shows, in milliseconds."""
    durations = []
    for frame in ImageSequence.Iterator(image):
        tell(0)
        frame.load()
        duration = round(frame.info.get("duration", 0))
        durations.append(duration if duration >= _LEAST_DURATION else _USUAL_DURATION)
    return durations


def _encode_gif(image: Image.Image, plan: GifPlan, durations: list[int], tell: Tell) -> bytes:
    kept = dict(keep_frames(durations, plan.keep))
    frames = []
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number in kept:
            tell(number / len(durations))
            frames.append(put_on_white(frame).resize(plan.size, Image.Resampling.LANCZOS))
    colours = _common_colours(frames, plan.colours)
    frames = [frame.quantize(palette=colours, dither=Image.Dither.NONE) for frame in frames]
    loop = {"loop": image.info["loop"]} if "loop" in image.info else {}
    return encode(
        frames[0],
        "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=list(kept.values()),
        optimize=True,
        **loop,
    )


def _common_colours(frames: list[Image.Image], count: int) -> Image.Image:
    """One palette for all frames, from some of them side by side."""
    some = frames[:: -(-len(frames) // 8)]
    side = 120
    sheet = Image.new("RGB", (side * len(some), side))
    for number, frame in enumerate(some):
        sheet.paste(frame.resize((side, side)), (number * side, 0))
    return sheet.quantize(count, method=Image.Quantize.MEDIANCUT)
