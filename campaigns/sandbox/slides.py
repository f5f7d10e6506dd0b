"""The rules of slides, and the code that each breach yields (§2.2)."""

from typing import Any

from campaigns.sandbox.codes import Refusal

MOST_SLIDES = 8
LONGEST_TEXT = 5000
PLAYED = ("image", "audio", "video")
OBJECTS = ("contact", "calendar", "pdf", "excel")


def check_slides(slides: Any) -> None:
    """Raise the first `Refusal` in the order of the reference."""
    if not isinstance(slides, list) or not slides:
        raise Refusal("E312")
    if len(slides) > MOST_SLIDES:
        raise Refusal("E225")
    for number, slide in enumerate(slides, 1):
        if not isinstance(slide, dict):
            raise Refusal("E100", f"slide {number} is not an object")
        _check_slide(slide, number)


def check_text(text: Any) -> None:
    if not isinstance(text, str):
        raise Refusal("E100", "message-text is not a string")
    if len(text) > LONGEST_TEXT:
        raise Refusal("E228", LONGEST_TEXT)


def media_of(slide: dict) -> list[str]:
    """The kinds of media on a slide."""
    return [kind for kind in (*PLAYED, *OBJECTS) if slide.get(kind)]


def _check_slide(slide: dict, number: int) -> None:
    media = media_of(slide)
    objects = [kind for kind in media if kind in OBJECTS]
    if not media and not slide.get("message-text"):
        raise Refusal("E313", number)
    if len(objects) > 1:
        raise Refusal("E223", number)
    if objects and len(media) > 1:
        raise Refusal("E224", number)
    if "video" in media and "image" in media:
        raise Refusal("E227", number)
    if "video" in media and "audio" in media:
        raise Refusal("E226", number)
    check_text(slide.get("message-text", ""))
