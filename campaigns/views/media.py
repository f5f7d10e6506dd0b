"""Public media: what the provider fetches, exactly as it wants it (reference §2.3)."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotFound,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_safe

from campaigns.models import MediaFile
from campaigns.rules.media import OBJECT_KINDS

_CHUNK = 64 * 1024
#: One range with a start; players ask like this. Everything else gets the whole file.
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


@require_safe
def serve_media(request: HttpRequest, public_name: str) -> HttpResponseBase:
    """A file by its public name: true type and length, never compressed, never a cookie."""
    media = MediaFile.objects.filter(public_name=public_name).first()
    if media is None or not media.file.storage.exists(media.file.name):
        return _nothing()
    response = _answer(request, media)
    is_shown = media.kind not in OBJECT_KINDS
    response["Accept-Ranges"] = "bytes"
    return _harmless(response, media.mime, public_name, "inline" if is_shown else "attachment")


@require_safe
def serve_poster(request: HttpRequest, public_name: str) -> HttpResponseBase:
    """The small picture that stands for the file of this public name."""
    media = MediaFile.objects.filter(public_name=public_name).exclude(poster="").first()
    if media is None or not media.poster.storage.exists(media.poster.name):
        return _nothing()
    response = FileResponse(media.poster.open("rb"))
    name = media.poster.name.rpartition("/")[2]
    return _harmless(response, "image/jpeg", name, "inline")


def _nothing() -> HttpResponse:
    return HttpResponseNotFound("Not found.", content_type="text/plain")


def _harmless(
    response: HttpResponseBase, mime: str, name: str, disposition: str
) -> HttpResponseBase:
    response["Content-Type"] = mime
    response["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _answer(request: HttpRequest, media: MediaFile) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(media.size)})
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None:
        response = FileResponse(media.file.open("rb"))
        response["Content-Length"] = str(media.size)
        return response
    return _answer_range(media, int(asked[1]), int(asked[2] or media.size))


def _answer_range(media: MediaFile, first: int, last: int) -> HttpResponseBase:
    last = min(last, media.size - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{media.size}"})
    response = StreamingHttpResponse(_read(media.file.open("rb"), first, last), status=206)
    response["Content-Range"] = f"bytes {first}-{last}/{media.size}"
    response["Content-Length"] = str(last - first + 1)
    return response


def _read(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    left = last - first + 1
    with file:
        file.seek(first)
        while left and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
