"""Finds out what a file is. A parser decides, never a name; opening a file fetches nothing."""

from collections.abc import Callable
from typing import BinaryIO

from campaigns.rules.media import Probed
from campaigns.rules.problems import RuleBroken
from campaigns.services.probes_documents import probe_ole, probe_pdf, probe_text, probe_zip
from campaigns.services.probes_images import is_image, probe_image
from campaigns.services.probes_streams import probe_stream

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def probe_file(file: BinaryIO, size: int) -> Probed:
    """What this file is; raises `RuleBroken` when no MMS can be made of it."""
    file.seek(0)
    head = file.read(4096)
    for is_it, probe in _PROBES:
        if is_it(head):
            file.seek(0)
            return probe(file, size)
    _refuse_known_strangers(head)
    return probe_stream(file, size)


def _text_begins(word: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(word)


#: What people try: how it begins → why not.
_STRANGERS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (
        lambda head: head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"msf1"},
        "HEIC pictures do not show on many phones: export it as JPEG.",
    ),
    (
        lambda head: head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"},
        "AVIF pictures do not show on many phones: export it as JPEG.",
    ),
    (_text_begins(b"#EXTM3U"), "This is a playlist, not a video: upload the video itself as MP4."),
    (
        lambda head: b"<svg" in head.lower(),
        "SVG drawings cannot be sent: export it as PNG or JPEG.",
    ),
    (
        lambda head: b"<html" in head.lower() or _text_begins(b"<!DOCTYPE")(head),
        "This is a web page, not a picture or a document that an MMS can carry.",
    ),
)


def _refuse_known_strangers(head: bytes) -> None:
    for is_it, why in _STRANGERS:
        if is_it(head):
            raise RuleBroken(why)


_PROBES: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], Probed]], ...] = (
    (is_image, probe_image),
    (lambda head: b"%PDF-" in head[:1024], probe_pdf),
    (lambda head: head.startswith(b"PK\x03\x04"), probe_zip),
    (lambda head: head.startswith(_OLE), probe_ole),
    (_text_begins(b"BEGIN:VCARD"), probe_text("text/vcard", "VCARD", "contact card")),
    (_text_begins(b"BEGIN:VCALENDAR"), probe_text("text/calendar", "VCALENDAR", "calendar entry")),
)
