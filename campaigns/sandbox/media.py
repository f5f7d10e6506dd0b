"""Judges fetched media: its type, its size, and whether an image is whole (§2.1, §7.1)."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from PIL import Image

from campaigns.sandbox.codes import Refusal
from campaigns.sandbox.models import SandboxAccount

KB = 1024
OPEN_TYPES = {"", "application/octet-stream", "binary/octet-stream"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Kind:
    """One key of a slide: its types, its limits in KB, its codes."""

    types: frozenset[str]
    kilobytes: int
    transcoded_kilobytes: int
    too_big: str
    not_copied: str


KINDS: dict[str, Kind] = {
    "image": Kind(
        frozenset({"image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp"}),
        1000, 3000, "E331", "E351",
    ),
    "audio": Kind(
        frozenset({"audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav"}),
        1000, 10_000, "E332", "E352",
    ),
    "video": Kind(
        frozenset(
            {"video/mp4", "video/3gpp", "video/mpeg", "video/x-msvideo", "video/x-ms-wmv"}
        ),
        1000, 50_000, "E333", "E353",
    ),
    "contact": Kind(frozenset({"text/vcard", "text/x-vcard"}), 1000, 2048, "E335", "E355"),
    "calendar": Kind(frozenset({"text/calendar"}), 1000, 2048, "E336", "E356"),
    "pdf": Kind(frozenset({"application/pdf"}), 1000, 2048, "E337", "E357"),
    "excel": Kind(frozenset({"application/vnd.ms-excel", SHEET}), 1000, 2048, "E339", "E359"),
}  # fmt: skip
#: An animated picture has a limit of its own where transcoding is on.
GIF_KILOBYTES = 1024

#: Extension → type, for what is served as octet-stream.
EXTENSIONS: dict[str, str] = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
    ".webp": "image/webp", ".mp3": "audio/mpeg", ".wav": "audio/wav", ".mp4": "video/mp4",
    ".3gp": "video/3gpp", ".mpeg": "video/mpeg", ".mpg": "video/mpeg", ".avi": "video/x-msvideo",
    ".wmv": "video/x-ms-wmv", ".vcf": "text/vcard", ".ics": "text/calendar",
    ".pdf": "application/pdf", ".xls": "application/vnd.ms-excel", ".xlsx": SHEET,
}  # fmt: skip

#: (offset, first bytes) → the types they may be called.
MAGIC: list[tuple[int, bytes, frozenset[str]]] = [
    (0, b"\xff\xd8\xff", frozenset({"image/jpeg", "image/jpg"})),
    (0, b"\x89PNG\r\n\x1a\n", frozenset({"image/png"})),
    (0, b"GIF8", frozenset({"image/gif"})),
    (8, b"WEBP", frozenset({"image/webp"})),
    (8, b"WAVE", frozenset({"audio/wav", "audio/x-wav"})),
    (8, b"AVI ", frozenset({"video/x-msvideo"})),
    (0, b"ID3", frozenset({"audio/mpeg", "audio/mp3"})),
    (0, b"\xff\xfb", frozenset({"audio/mpeg", "audio/mp3"})),
    (0, b"\xff\xf3", frozenset({"audio/mpeg", "audio/mp3"})),
    (0, b"\xff\xf2", frozenset({"audio/mpeg", "audio/mp3"})),
    (4, b"ftyp", frozenset({"video/mp4", "video/3gpp"})),
    (0, b"\x00\x00\x01\xba", frozenset({"video/mpeg"})),
    (0, b"\x00\x00\x01\xb3", frozenset({"video/mpeg"})),
    (0, b"\x30\x26\xb2\x75", frozenset({"video/x-ms-wmv"})),
    (0, b"BEGIN:VCARD", frozenset({"text/vcard", "text/x-vcard"})),
    (0, b"BEGIN:VCALENDAR", frozenset({"text/calendar"})),
    (0, b"%PDF-", frozenset({"application/pdf"})),
    (0, b"\xd0\xcf\x11\xe0", frozenset({"application/vnd.ms-excel"})),
    (0, b"PK\x03\x04", frozenset({SHEET})),
]
#: Types whose bytes are told by Pillow: what does not open is a broken image, not another type.
IMAGES = KINDS["image"].types


def limit_of(account: SandboxAccount, kind: str, mime: str = "") -> int:
    """Bytes that a file of this kind may have on this account."""
    if kind in account.limits:
        return int(account.limits[kind]) * KB
    if not account.transcodes:
        return KINDS[kind].kilobytes * KB
    return (GIF_KILOBYTES if mime == "image/gif" else KINDS[kind].transcoded_kilobytes) * KB


def type_of(declared: str, url: str) -> str:
    """The declared type, or what the extension tells where the host declared none."""
    if declared not in OPEN_TYPES:
        return declared
    return EXTENSIONS.get(PurePosixPath(urlsplit(url).path).suffix.lower(), "")


def check_type(kind: str, mime: str, content: bytes, number: int) -> None:
    """The type fits the key of the slide, and the bytes fit the type; `E629` if not."""
    if mime not in KINDS[kind].types:
        raise Refusal("E629", number, f"{mime or 'application/octet-stream'} is no {kind}.")
    found = _sniff(content)
    if content and mime not in found and (found or mime not in IMAGES or _is_text(content)):
        raise Refusal("E629", number, f"the content is not {mime}.")


def check_image(content: bytes, number: int) -> None:
    if not _opens(content):
        raise Refusal("E341", number)


def _sniff(content: bytes) -> frozenset[str]:
    head = content.removeprefix(b"\xef\xbb\xbf")[:64]
    for offset, magic, types in MAGIC:
        if head[offset : offset + len(magic)].upper() == magic.upper():
            return types
    return frozenset()


def _is_text(content: bytes) -> bool:
    return content[:64].lstrip().startswith((b"<", b"{"))


@lru_cache(maxsize=64)
def _opens(content: bytes) -> bool:
    """Whether every frame decodes; the verdict on the same bytes is kept."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True
