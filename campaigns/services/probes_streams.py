"""What sounds and films are: by container and streams, with one picture or sound decoded."""

from typing import BinaryIO

import av
from av.container import InputContainer

from campaigns.rules.boxes import MAX_BOXES, points_elsewhere
from campaigns.rules.media import Probed
from campaigns.rules.problems import RuleBroken
from campaigns.services.streams import (
    MAX_PIXELS,
    UNREADABLE,
    find_picture,
    find_shown_size,
    find_sound,
    open_stream,
)

#: A film that has not shown its head after this long, or this many bytes, is not worth waiting for.
_SECONDS, _ROOM = 5, 64 * 1024 * 1024

_SOUNDS = {"mp3": "audio/mpeg", "wav": "audio/wav", "amr": "audio/amr", "aac": "audio/aac"}
#: What an MP4 may hold and many phones do not play in an MMS.
_HARD = {"hevc", "av1", "vp9"}
#: How a file of QuickTime's family begins: its head, or what older ones have instead.
_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"skip"}
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_ENDS_EARLY = "The video is damaged or ends too early: export and upload it again."
_NOTHING = (
    "This is none of the files that an MMS can be made of: JPEG, PNG, GIF, WEBP, MP3, WAV, AMR, "
    "AAC, M4A, OGG, MP4, MOV, 3GP, WebM, Matroska, vCard, iCalendar, PDF, Excel."
)


def probe_stream(file: BinaryIO, size: int) -> Probed:
    if _is_mov(file):  # before FFmpeg walks through all of its boxes
        _check_references(file, size)
    try:
        with open_stream(file, seconds=_SECONDS, room=_ROOM) as container:
            probed = _judge(container, file)
    except UNREADABLE:
        probed = None
    is_film = _is_mov(file) or _begins(file, _EBML)
    if is_film and (probed is None or _is_cut_short(file, size)):
        raise RuleBroken(_ENDS_EARLY)
    if probed is None:
        raise RuleBroken(_NOTHING)
    return probed


def _check_references(file: BinaryIO, size: int) -> None:
    try:
        is_elsewhere = points_elsewhere(file, size)
    except ValueError:
        raise RuleBroken(_ENDS_EARLY) from None
    if is_elsewhere:
        raise RuleBroken("The video points to another file: export it as one whole file.")


def _judge(container: InputContainer, file: BinaryIO) -> Probed | None:
    """Decodes one picture or sound, so that a mere head does not pass."""
    picture, sound = find_picture(container), find_sound(container)
    if not (picture or sound):
        return None
    if picture and picture.width * picture.height > MAX_PIXELS:
        raise RuleBroken("The video has more pixels than 4K: export it in 4K or less.")
    first = next(container.decode(picture or sound), None)
    seconds = _length(container) or _measure(container)
    if first is None or seconds <= 0:
        return None
    if picture is None:
        return Probed(_type_of_sound(container), seconds=seconds)
    mime = _type_of_film(container, file)
    if mime == "video/mp4" and (codec := picture.codec_context.codec.canonical_name) in _HARD:
        mime = f"{mime};codecs={codec}"
    return Probed(mime, *find_shown_size(picture, first), seconds)


def _length(container: InputContainer) -> float:
    """Seconds, as the file says; Matroska counts from zero, wherever it begins."""
    begin = (container.start_time or 0) if "matroska" in container.format.name else 0
    return max(0, (container.duration or 0) - begin) / av.time_base


def _measure(container: InputContainer) -> float:
    """Seconds up to the last packet: what browsers record does not say how long it is."""
    ends = (
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux()
        if packet.pts is not None
    )
    return max(ends, default=0)


def _type_of_sound(container: InputContainer) -> str:
    name = container.format.name
    if _is_mov_family(name):
        return "audio/mp4"
    if name == "ogg":
        return "audio/ogg"
    if name not in _SOUNDS:
        raise RuleBroken("This sound is in a form few phones play: save it as MP3.")
    return _SOUNDS[name]


def _type_of_film(container: InputContainer, file: BinaryIO) -> str:
    if _is_mov_family(container.format.name):
        brand = container.metadata.get("major_brand", "qt")  # the oldest ones name none
        if brand.startswith("qt"):
            return "video/quicktime"
        return "video/3gpp" if brand.startswith("3g") else "video/mp4"
    if _begins(file, _EBML):
        return "video/webm" if _is_webm(file) else "video/x-matroska"
    raise RuleBroken("This video is in a form few phones play: export it as MP4.")


def _is_mov_family(name: str) -> bool:
    return "mp4" in name.split(",")


def _is_webm(file: BinaryIO) -> bool:
    file.seek(0)
    return b"\x42\x82\x84webm" in file.read(64)


# --- Whether the end is there ------------------------------------------------------------------


def _begins(file: BinaryIO, start: bytes) -> bool:
    file.seek(0)
    return file.read(len(start)) == start


def _is_mov(file: BinaryIO) -> bool:
    file.seek(4)
    return file.read(4) in _MOV_BOXES


def _is_cut_short(file: BinaryIO, size: int) -> bool:
    return _ends_in_segment(file, size) if _begins(file, _EBML) else _ends_in_box(file, size)


def _ends_in_box(file: BinaryIO, size: int) -> bool:
    """Whether the last box of an MP4 promises more than the file holds, or none is the last."""
    at = count = 0
    while at + 8 <= size:
        count += 1
        if count > MAX_BOXES:
            return True
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:  # up to the end
            return False
        at += max(length, 8)
    return at > size


def _ends_in_segment(file: BinaryIO, size: int) -> bool:
    """The same of a Matroska, whose one segment may say how long it is."""
    file.seek(0)
    head = file.read(4096)
    at = head.find(_SEGMENT) + len(_SEGMENT)
    if at < len(_SEGMENT) or at + 8 > len(head):
        return True
    width = 9 - head[at].bit_length()  # the first 1 tells how many bytes the number has
    length = int.from_bytes(head[at : at + width], "big") & ((1 << 7 * width) - 1)
    is_unknown = length == (1 << 7 * width) - 1
    return not is_unknown and at + width + length > size
