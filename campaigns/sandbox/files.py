"""Serves files with their true type and length: copies for the phone, files of replies (§6)."""

import mimetypes

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from campaigns.sandbox import copies
from campaigns.sandbox.models import HandsetMessage


def show_copy(request: HttpRequest, name: str) -> FileResponse:
    """What the phone received, as it was fetched."""
    return _serve(name, mimetypes.guess_type(name)[0] or "application/octet-stream")


def show_reply_file(request: HttpRequest, token: str, number: int, ending: str) -> FileResponse:
    """A file of a message that a phone wrote, at the address its callback names."""
    message = get_object_or_404(HandsetMessage, token=token, is_reply=True)
    if message.gone_at and message.gone_at <= timezone.now():
        raise Http404("It was kept for some days and is deleted now.")
    files = message.slides[0]["media"]
    if not 1 <= number <= len(files) or not files[number - 1]["name"].endswith(f".{ending}"):
        raise Http404
    return _serve(files[number - 1]["name"], files[number - 1]["type"])


def show_linked(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of a fallback SMS: the message as it should have arrived."""
    message = get_object_or_404(HandsetMessage, token=token, is_reply=False)
    slides = message.slides[1:] if message.is_sms else message.slides
    return render(request, "sandbox/linked.html", {"message": message, "slides": slides})


def _serve(name: str, mime: str) -> FileResponse:
    path = copies.path_of(name)
    if not path.is_file():
        raise Http404
    charset = "; charset=utf-8" if mime == "text/plain" else ""
    response = FileResponse(path.open("rb"), content_type=mime + charset)
    response["X-Content-Type-Options"] = "nosniff"
    return response
