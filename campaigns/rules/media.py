"""Kinds of media, their types, sizes and names (reference/sinch-mms-json-api.md §2.1, §7.1)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices


class MediaKind(TextChoices):
    IMAGE = "image", "Image"
    AUDIO = "audio", "Audio"
    VIDEO = "video", "Video"
    CONTACT = "contact", "Contact"
    CALENDAR = "calendar", "Calendar"
    PDF = "pdf", "PDF"
    EXCEL = "excel", "Excel"


#: A slide holds one of these and then no image, audio or video (§2.2).
OBJECT_KINDS = frozenset({MediaKind.CONTACT, MediaKind.CALENDAR, MediaKind.PDF, MediaKind.EXCEL})

#: MIME type as our parsers find it → (kind, extension of the public address).
TYPES: dict[str, tuple[MediaKind, str]] = {
    "image/jpeg": (MediaKind.IMAGE, "jpg"),
    "image/png": (MediaKind.IMAGE, "png"),
    "image/gif": (MediaKind.IMAGE, "gif"),
    "image/webp": (MediaKind.IMAGE, "webp"),
    "audio/mpeg": (MediaKind.AUDIO, "mp3"),
    "audio/wav": (MediaKind.AUDIO, "wav"),
    "audio/amr": (MediaKind.AUDIO, "amr"),
    "audio/aac": (MediaKind.AUDIO, "aac"),
    "audio/mp4": (MediaKind.AUDIO, "m4a"),
    "audio/ogg": (MediaKind.AUDIO, "ogg"),
    "video/mp4": (MediaKind.VIDEO, "mp4"),
    "video/mp4;codecs=hevc": (MediaKind.VIDEO, "mp4"),
    "video/mp4;codecs=av1": (MediaKind.VIDEO, "mp4"),
    "video/mp4;codecs=vp9": (MediaKind.VIDEO, "mp4"),
    "video/3gpp": (MediaKind.VIDEO, "3gp"),
    "video/quicktime": (MediaKind.VIDEO, "mov"),
    "video/webm": (MediaKind.VIDEO, "webm"),
    "video/x-matroska": (MediaKind.VIDEO, "mkv"),
    "text/vcard": (MediaKind.CONTACT, "vcf"),
    "text/calendar": (MediaKind.CALENDAR, "ics"),
    "application/pdf": (MediaKind.PDF, "pdf"),
    "application/vnd.ms-excel": (MediaKind.EXCEL, "xls"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (MediaKind.EXCEL, "xlsx"),
}
#: What the most careful channel carries as it is; the others are kept, and made to fit first.
SENDABLE = frozenset(TYPES) - {
    "image/webp",
    "audio/amr",
    "audio/aac",
    "audio/mp4",
    "audio/ogg",
    "video/mp4;codecs=hevc",
    "video/mp4;codecs=av1",
    "video/mp4;codecs=vp9",
    "video/quicktime",
    "video/webm",
    "video/x-matroska",
}
#: What a file name may end in for each extension of ours: other spellings of the same thing.
SPELLINGS = {"jpg": {"jpg", "jpeg", "jpe", "jfif"}, "vcf": {"vcf", "vcard"}, "ics": {"ics", "ical"}}
_ENDINGS = {extension for _, extension in TYPES.values()}.union(*SPELLINGS.values())

KB = 1024
#: Largest file in bytes by kind, until a channel says otherwise; "gif" goes before "image".
SIZES: Mapping[str, int] = dict.fromkeys([*MediaKind.values, "gif"], 1000 * KB)
NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Probed:
    """What a file really is; pixels as they are shown."""

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


def form_of(mime: str) -> str:
    """What people call a file of this type: JPG, MOV, or HEVC for an MP4 that holds it."""
    codec = mime.partition(";codecs=")[2]
    return (codec or TYPES[mime][1]).upper()


def a_form(mime: str) -> str:
    """The same in a sentence: an HEVC video, a WEBP."""
    form = form_of(mime)
    noun = f"{form} video" if ";" in mime else form
    return f"{'an' if form[0] in 'AEHIMO' else 'a'} {noun}"


def size_key(kind: str, mime: str) -> str:
    """The key of a file in a table of sizes."""
    return "gif" if mime == "image/gif" else kind


def clean_name(name: str) -> str:
    """A file name to show: one line, no slashes, no invisible or direction marks, ≤ 255."""
    visible = "".join(
        " " if char in "/\\" or char.isspace() else char
        for char in unicodedata.normalize("NFC", name)
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    visible = re.sub(r" +", " ", visible).strip(" .") or "file"
    if len(visible) <= NAME_LENGTH:
        return visible
    stem, dot, extension = visible.rpartition(".")
    if not dot or len(extension) > 5:
        return visible[:NAME_LENGTH]
    return f"{stem[: NAME_LENGTH - len(extension) - 1]}.{extension}"


def is_named_as(name: str, extension: str) -> bool:
    """Whether a file name ends as files of this extension do."""
    ending = name.rpartition(".")[2].lower()
    return ending in SPELLINGS.get(extension, {extension})


def name_as(name: str, extension: str) -> str:
    """The same file name, ending as files of this extension do."""
    if is_named_as(name, extension):
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or ending.lower() not in _ENDINGS:
        stem = name
    return f"{stem[: NAME_LENGTH - len(extension) - 1]}.{extension}"


def say_size(size: int) -> str:
    """A number of bytes as people say it: "412 KB", "1 MB", "1.05 MB", "14.2 MB"."""
    if size < 1000:
        return f"{size} bytes"
    if size < 999_500:  # what would be rounded to 1,000 KB is a megabyte
        return f"{size / 1000:.0f} KB"
    digits = 2 if size < 10_000_000 else 1
    return f"{f'{size / 1_000_000:,.{digits}f}'.rstrip('0').rstrip('.')} MB"


def say_sizes(size: int, limit: int) -> tuple[str, str]:
    """Two weights that are compared, told apart by enough digits: "1.10 MB", "1.00 MB"."""
    if max(size, limit) < 1000:
        factor, unit, digits = 1, "bytes", 0
    elif max(size, limit) < 999_500:
        factor, unit, digits = 1000, "KB", 0
    else:
        factor, unit, digits = 1_000_000, "MB", 2
    while True:
        words = [f"{number / factor:,.{digits}f} {unit}" for number in (size, limit)]
        if size == limit or words[0] != words[1]:
            return words[0], words[1]
        digits += 1


def name_fitted(name: str, size: int, extension: str) -> str:
    """What a fitted file is called, so that it is told from its original: "rose, 412 KB.jpg"."""
    stem = name_as(name, extension).rpartition(".")[0]
    weight = f", {say_size(size)}.{extension}"
    stem = _FITTED.sub("", stem)[: NAME_LENGTH - len(weight)]
    return f"{stem}{weight}"


_FITTED = re.compile(r", [\d.]+ (bytes|KB|MB)$")
