"""Fetches the medium of a batch and judges it: for sending, and strictly when asked to (§4)."""

import io
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.conf import settings
from PIL import Image

from campaigns.sandbox import copies
from campaigns.sandbox.fetch import Fetched, NotFetched, fetch
from campaigns.sandbox.sms.problems import broken_rule

SECONDS, SHORTEST_SECONDS = 60, 3
KB = 1024
LARGEST = 10_000 * KB
#: Type → what a phone shows it as, and the most KB of the best practices.
TYPES: dict[str, tuple[str, int]] = {
    "image/jpeg": ("image", 1000),
    "image/png": ("image", 1000),
    "image/gif": ("image", 740),
    "video/mp4": ("video", 10_000),
    "video/quicktime": ("video", 10_000),
    "text/vcard": ("contact", 1000),
    "text/x-vcard": ("contact", 1000),
    "application/pdf": ("pdf", 1000),
}
LONG_SIDE, SHORT_SIDE = 1920, 1080


class BadMedia(Exception):
    """Why a medium cannot go out (414), in words."""


def copy_medium(url: str) -> dict:
    """What a phone shows of it; raises `BadMedia`."""
    fetched, mime = _fetch(url)
    name = copies.keep(fetched.content, mime)
    return {"kind": TYPES[mime][0], "name": name, "type": mime, "size": fetched.size, "url": url}


def check_strictly(url: str) -> None:
    """Refuse what does not follow the best practices."""
    try:
        fetched, mime = _fetch(url)
    except BadMedia as error:
        raise broken_rule(f"body.url: {error}") from error
    kind, most = TYPES[mime]
    if fetched.size >= most * KB:
        raise broken_rule(f"body.url: {mime} of {most} KB or more")
    if kind == "image":
        _check_sides(fetched.content)


def _fetch(url: str) -> tuple[Fetched, str]:
    seconds = max(SHORTEST_SECONDS, SECONDS / settings.SANDBOX_SPEED)
    try:
        fetched = fetch(url, LARGEST, seconds, needs_length=False)
    except NotFetched as error:
        raise BadMedia(f"it could not be fetched: {error}") from error
    if not fetched.type:
        raise BadMedia("its host sends no Content-Type")
    mime = "image/jpeg" if fetched.type == "image/jpg" else fetched.type
    if mime not in TYPES:
        raise BadMedia(f"{mime} of {PurePosixPath(urlsplit(url).path).name} is not supported")
    if fetched.size > LARGEST:
        raise BadMedia("it is too large")
    return fetched, mime


def _check_sides(content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            short, long = sorted(image.size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise broken_rule("body.url: the picture cannot be read") from None
    if long > LONG_SIDE or short > SHORT_SIDE:
        raise broken_rule(f"body.url: the picture is larger than {SHORT_SIDE}×{LONG_SIDE}")
