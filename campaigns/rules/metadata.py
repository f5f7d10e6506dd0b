"""Takes what a camera wrote about a person out of pictures and films, without encoding again."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from campaigns.rules.boxes import Box, walk_boxes

_SOS, _EOI = 0xDA, 0xD9
#: Restart markers and stuffed bytes belong to the picture itself.
_INSIDE_SCAN = {0x00, *range(0xD0, 0xD8)}
#: Markers without a length.
_BARE = {0x01, *range(0xD0, 0xD8)}
#: EXIF and XMP (APP1), editors' notes (APP13), comments.
_ABOUT = {0xE1, 0xED, 0xFE}
_PNG_ABOUT = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_PNG_HEAD = 8
_WEBP_ABOUT = {b"EXIF", b"XMP "}
_WEBP_PROMISES = 0x08 | 0x04
_GIF_PICTURE, _GIF_NOTE, _GIF_END, _GIF_CONTROL = 0x2C, 0x21, 0x3B, 0xF9
#: Comments, texts drawn over the picture.
_GIF_ABOUT = {0xFE, 0x01}
_GIF_LOOPS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
#: Boxes of a film that hold nothing it needs to be played: notes (places in them) and XMP.
_FILM_ABOUT = {b"udta", b"meta"}
_TO_NOTES = {b"": b"moov", b"moov": b"trak"}
_FILM_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_CHUNK = 64 * 1024


def strip_jpeg(content: bytes) -> bytes:
    """The picture without EXIF, XMP, notes and second pictures; colour profiles stay.

    Raises ValueError when the file ends too early.
    """
    kept = bytearray(content[:2])
    for marker, start, end in _jpeg_segments(content):
        about_pictures = marker == 0xE2 and content[start + 4 : start + 8] == b"MPF\0"
        if marker not in _ABOUT and not about_pictures:
            kept += content[start:end]
    return bytes(kept)


def count_jpeg_scans(content: bytes) -> int:
    return sum(marker == _SOS for marker, _, _ in _jpeg_segments(content))


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) up to the end of the first picture; a scan includes its data."""
    at = 2
    while True:
        start = at
        while content[at + 1 : at + 2] == b"\xff":  # fill bytes
            at += 1
        if len(content) < at + 2 or content[at] != 0xFF:
            raise ValueError("the picture ends too early")
        marker = content[at + 1]
        if not marker:
            raise ValueError("the picture is damaged")
        if marker == _EOI:
            yield marker, start, at + 2
            return
        at += 2
        if marker not in _BARE:
            at += int.from_bytes(content[at : at + 2], "big")
        if marker == _SOS:
            at = _end_of_scan(content, at)
        yield marker, start, at


def _end_of_scan(content: bytes, at: int) -> int:
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        if content[at + 1] not in _INSIDE_SCAN:
            return at
        at += 2
    raise ValueError("the picture ends too early")


def strip_png(content: bytes) -> bytes:
    """The picture without texts, EXIF and times, and without what stands behind its end.

    Raises ValueError when the file ends too early.
    """
    kept, at = bytearray(content[:_PNG_HEAD]), _PNG_HEAD
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        name, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            break
        if name not in _PNG_ABOUT:
            kept += content[at:end]
        if name == b"IEND":
            return bytes(kept)
        at = end
    raise ValueError("the picture ends too early")


def strip_webp(content: bytes) -> bytes:
    """The picture without EXIF and XMP, and without what stands behind its end.

    Raises ValueError when the file ends too early.
    """
    kept = bytearray()
    for name, start, end in _webp_chunks(content):
        if name == b"VP8X":  # its flags promise what is taken out
            flags = content[start + 8] & ~_WEBP_PROMISES
            kept += content[start : start + 8] + bytes([flags]) + content[start + 9 : end]
        elif name not in _WEBP_ABOUT:
            kept += content[start:end]
    return b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WEBP" + bytes(kept)


def count_webp_frames(content: bytes) -> int:
    return max(1, sum(name == b"ANMF" for name, _, _ in _webp_chunks(content)))


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of each chunk, padding included."""
    at, stop = 12, 8 + int.from_bytes(content[4:8], "little")
    while at + 8 <= stop:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if at + 8 + length > len(content):
            raise ValueError("the picture ends too early")
        yield content[at : at + 4], at, end
        at = end


def strip_gif(content: bytes) -> bytes:
    """The picture without comments, texts and foreign notes, and without what stands behind it.

    Raises ValueError when the file ends too early.
    """
    kept = bytearray(content[: _end_of_gif_head(content)])
    for kind, start, end in _gif_blocks(content):
        is_foreign = kind == 0xFF and content[start + 3 : start + 14] not in _GIF_LOOPS
        if kind not in _GIF_ABOUT and not is_foreign:
            kept += content[start:end]
    return bytes(kept + b";")


def count_gif_frames(content: bytes) -> int:
    return sum(kind == _GIF_PICTURE for kind, _, _ in _gif_blocks(content))


def measure_gif(content: bytes) -> tuple[int, int]:
    """Width and height that hold every frame: one may reach beyond the first, and the screen."""
    _end_of_gif_head(content)
    width, height = struct.unpack_from("<2H", content, 6)
    for kind, start, _ in _gif_blocks(content):
        if kind == _GIF_PICTURE:
            left, top, wide, high = struct.unpack_from("<4H", content, start + 1)
            width, height = max(width, left + wide), max(height, top + high)
    return width, height


def find_gif_delays(content: bytes) -> list[float]:
    """For how many seconds each frame shows."""
    delays, delay = [], 0.0
    for kind, start, _ in _gif_blocks(content):
        if kind == _GIF_CONTROL:
            delay = int.from_bytes(content[start + 4 : start + 6], "little") / 100
        elif kind == _GIF_PICTURE:
            delays.append(delay)
            delay = 0.0
    return delays


def _end_of_gif_head(content: bytes) -> int:
    end = 13 + _gif_colours(content[10]) if len(content) > 13 else 13
    if end >= len(content):
        raise ValueError("the picture ends too early")
    return end


def _gif_colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _gif_blocks(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(kind, start, end) of each picture and note up to the trailer."""
    at = _end_of_gif_head(content)
    while at < len(content) and content[at] != _GIF_END:
        start, kind = at, content[at]
        if kind == _GIF_PICTURE and at + 10 < len(content):
            at += 11 + _gif_colours(content[at + 9])
        elif kind == _GIF_NOTE and at + 1 < len(content):
            kind, at = content[at + 1], at + 2
        else:
            raise ValueError("the picture is damaged")
        while at < len(content) and content[at]:
            at += 1 + content[at]
        at += 1
        if at > len(content):
            raise ValueError("the picture ends too early")
        yield kind, start, at


def blank_film(file: BinaryIO, size: int) -> None:
    """Overwrite the notes of a film in place; nothing moves, so all offsets stay true.

    Raises ValueError when it is made of far too many boxes.
    """
    for box in [box for box in walk_boxes(file, size, _TO_NOTES) if _is_note(file, box)]:
        file.seek(box.start + 4)
        file.write(b"free")
        file.seek(box.inside)
        for at in range(box.inside, box.end, _CHUNK):
            file.write(bytes(min(_CHUNK, box.end - at)))


def _is_note(file: BinaryIO, box: Box) -> bool:
    if box.name == b"uuid":
        file.seek(box.inside)
        return file.read(16) == _FILM_XMP
    return box.name in _FILM_ABOUT
