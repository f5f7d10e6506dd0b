"""Finds out what a file is. A parser decides, never a name; opening a file fetches nothing."""

import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import av
import pypdf
import vobject
from PIL import Image
from pypdf.errors import PyPdfError

from campaigns.rules.media import TYPES, MediaKind
from campaigns.rules.problems import RuleBroken

MAX_PIXELS = 25_000_000
#: Cards, calendars, PDFs and workbooks cannot be made smaller, and no channel takes 2 MB of them.
MAX_DOCUMENT = 10 * 1024 * 1024
MAX_PDF_OBJECTS = 50_000
#: A film that has not shown its head after this long, or this many bytes, is not worth waiting for.
PROBE_SECONDS = 5
PROBE_BYTES = 64 * 1024 * 1024

_IMAGES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNREADABLE_IMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError)
_UNREADABLE_PDF = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a file really is."""

    mime: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None

    @property
    def kind(self) -> MediaKind:
        return TYPES[self.mime][0]

    @property
    def extension(self) -> str:
        return TYPES[self.mime][1]


def probe_file(file: BinaryIO, size: int) -> Probed:
    """What this file is; raises `RuleBroken` when it is nothing that an MMS can carry."""
    file.seek(0)
    head = file.read(4096)
    for is_it, probe in _PROBES:
        if is_it(head):
            file.seek(0)
            return probe(file, size)
    _refuse_known_strangers(head)
    return _probe_stream(file, size)


def _is_image(head: bytes) -> bool:
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))


def _probe_image(file: BinaryIO, size: int) -> Probed:
    try:
        with Image.open(file, formats=["JPEG", "PNG", "GIF"]) as image:
            width, height = image.size
            _check_pixels(width * height)
            mime = _IMAGES[image.format]
            image.verify()
        file.seek(0)
        with Image.open(file, formats=["JPEG", "PNG", "GIF"]) as image:
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _check_pixels(MAX_PIXELS + 1)
    except _UNREADABLE_IMAGE:
        raise RuleBroken("The picture is damaged: save it again and upload that.") from None
    return Probed(mime, width, height)


def _check_pixels(count: int) -> None:
    if count > MAX_PIXELS:
        raise RuleBroken("The picture has more than 25 million pixels: make it smaller first.")


def _probe_pdf(file: BinaryIO, size: int) -> Probed:
    _check_document(size)
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted:
            raise RuleBroken("The PDF is protected by a password: save it without one.")
        if not reader.pages:
            raise RuleBroken("The PDF has no pages.")
        acts = any(_acts(item) for item in _pdf_objects(reader))
    except _UNREADABLE_PDF:
        raise RuleBroken("The PDF is damaged: save it again and upload that.") from None
    if acts:
        raise RuleBroken(
            "The PDF contains a program (JavaScript): print it to a new PDF and upload that."
        )
    return Probed("application/pdf")


def _acts(item: Any) -> bool:
    return isinstance(item, dict) and (
        "/JS" in item or item.get("/S") in {"/JavaScript", "/Launch"}
    )


def _pdf_objects(reader: pypdf.PdfReader) -> Iterator[Any]:
    """Everything reachable from the trailer, once."""
    seen: set[int] = set()
    waiting: list[Any] = [reader.trailer]
    count = 0
    while waiting:
        item = waiting.pop()
        if isinstance(item, pypdf.generic.IndirectObject):
            if item.idnum in seen:
                continue
            seen.add(item.idnum)
            item = item.get_object()
        count += 1
        if count > MAX_PDF_OBJECTS:
            raise RuleBroken("The PDF is too intricate: print it to a new PDF and upload that.")
        yield item
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _text_begins(word: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(word)


def _probe_text(mime: str, component: str, noun: str) -> Callable[[BinaryIO, int], Probed]:
    def probe(file: BinaryIO, size: int) -> Probed:
        _check_document(size)
        try:
            found = vobject.readOne(file.read().decode("utf-8-sig"), allowQP=True)
            found.validate(raiseException=True)
        except UnicodeDecodeError:
            raise RuleBroken(f"The {noun} is not written in UTF-8: export it again.") from None
        except (vobject.base.VObjectError, ValueError, AttributeError, IndexError) as error:
            raise RuleBroken(f"The {noun} cannot be read: {error}. Export it again.") from None
        if found.name != component:
            raise RuleBroken(f"The {noun} cannot be read. Export it again.")
        return Probed(mime)

    return probe


def _probe_zip(file: BinaryIO, size: int) -> Probed:
    _check_document(size)
    try:
        names = set(zipfile.ZipFile(file).namelist())
    except (zipfile.BadZipFile, ValueError, struct.error, OSError):
        raise RuleBroken("The file is a damaged archive.") from None
    _check_macros(any(name.endswith("vbaProject.bin") for name in names))
    if {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        return Probed(_XLSX)
    raise RuleBroken("Archives and documents cannot be sent, except Excel workbooks and PDFs.")


def _probe_ole(file: BinaryIO, size: int) -> Probed:
    _check_document(size)
    content = file.read()
    _check_macros("_VBA_PROJECT".encode("utf-16-le") in content)
    if any(name.encode("utf-16-le") + b"\0\0" in content for name in ("Workbook", "Book")):
        return Probed("application/vnd.ms-excel")
    raise RuleBroken("Of the old Office documents only Excel workbooks can be sent.")


def _check_macros(found: bool) -> None:
    if found:
        raise RuleBroken("The workbook contains macros: save it without them.")


def _check_document(size: int) -> None:
    if size > MAX_DOCUMENT:
        raise RuleBroken("The file is far too large for an MMS: stay below 2 MB.")


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
    (
        lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
        "WEBP pictures do not show on many phones: export it as JPEG or PNG.",
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


class _Nameless:
    """A file without a name, read within bounds: what has no name is not looked up anywhere."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._room = PROBE_BYTES
        self._until = time.monotonic() + PROBE_SECONDS

    def read(self, size: int = -1) -> bytes:
        if self._room <= 0 or time.monotonic() > self._until:
            return b""
        content = self._file.read(size)
        self._room -= len(content)
        return content

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _probe_stream(file: BinaryIO, size: int) -> Probed:
    file.seek(0)
    try:
        with av.open(
            _Nameless(file), options={"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,mp3,wav"}
        ) as container:
            probed = _judge_stream(container)
    except (av.FFmpegError, ValueError, EOFError, OverflowError):
        probed = None
    if _is_mp4(file) and (probed is None or _is_cut_short(file, size)):
        raise RuleBroken("The video is damaged or ends too early: export and upload it again.")
    if probed is None:
        raise RuleBroken(
            "This is none of the files that an MMS can carry: JPEG, PNG, GIF, MP3, WAV, MP4, 3GP, "
            "vCard, iCalendar, PDF, Excel."
        )
    return probed


def _judge_stream(container: Any) -> Probed | None:
    """The type by container and streams; decodes one frame, so that a mere head does not pass."""
    streams = container.streams
    if not streams.video and not streams.audio:
        return None
    next(container.decode(streams.video[0] if streams.video else streams.audio[0]), None)
    seconds = (container.duration or 0) / av.time_base
    name, brand = container.format.name, container.metadata.get("major_brand", "")
    if name in {"mp3", "wav"} and streams.audio and seconds > 0:
        return Probed("audio/mpeg" if name == "mp3" else "audio/wav", seconds=seconds)
    if not streams.video:
        raise RuleBroken("This sound is in a form few phones play: save it as MP3.")
    if brand.startswith("qt"):
        raise RuleBroken("QuickTime videos (.mov) do not play everywhere: export it as MP4.")
    picture = streams.video[0].codec_context
    if seconds <= 0 or not picture.width or not picture.height:
        return None
    mime = "video/3gpp" if brand.startswith("3g") else "video/mp4"
    return Probed(mime, picture.width, picture.height, seconds)


def _is_mp4(file: BinaryIO) -> bool:
    file.seek(4)
    return file.read(4) == b"ftyp"


def _is_cut_short(file: BinaryIO, size: int) -> bool:
    """Whether the last box of an MP4 promises more than the file holds."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:  # up to the end
            return False
        at += max(length, 8)
    return at > size


_PROBES: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], Probed]], ...] = (
    (_is_image, _probe_image),
    (lambda head: b"%PDF-" in head[:1024], _probe_pdf),
    (lambda head: head.startswith(b"PK\x03\x04"), _probe_zip),
    (lambda head: head.startswith(_OLE), _probe_ole),
    (_text_begins(b"BEGIN:VCARD"), _probe_text("text/vcard", "VCARD", "contact card")),
    (_text_begins(b"BEGIN:VCALENDAR"), _probe_text("text/calendar", "VCALENDAR", "calendar entry")),
)
