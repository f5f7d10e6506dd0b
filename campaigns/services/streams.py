"""The one way to open sounds and films: without a name, within bounds, fetching nothing."""

import math
import time
from typing import Any, BinaryIO, NoReturn

import av
from av.container import InputContainer

#: What may be inside; everything that points elsewhere (playlists, lists of parts) is not here.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,mp3,wav,matroska,webm,amr,aac,ogg"
#: What a damaged file or an unknown form makes of opening or reading it.
UNREADABLE = (av.FFmpegError, ValueError, EOFError, OverflowError)
#: Threads of one decoder: each holds a few pictures.
THREADS = 2
_BUFFER = 256 * 1024
#: A frame of 4K. Opening a file decodes its covers, however large they say they are.
MAX_PIXELS = 9_000_000


class Nameless:
    """A file without a name, read within bounds: what has no name is not looked up anywhere."""

    def __init__(self, file: BinaryIO, seconds: float, room: float) -> None:
        self._file = file
        self._room = room
        self._until = time.monotonic() + seconds

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


def open_stream(
    file: BinaryIO, *, seconds: float = math.inf, room: float = math.inf
) -> InputContainer:
    """A sound or a film, to be read for so many seconds and bytes at most."""
    file.seek(0)
    return av.open(
        Nameless(file, seconds, room),
        options={
            "format_whitelist": FORMATS,
            "enable_drefs": "0",
            "max_pixels": str(MAX_PIXELS),
        },
        io_open=_refuse,
        buffer_size=_BUFFER,
    )


def _refuse(*args: Any) -> NoReturn:
    raise OSError("a file opens no other file")


def find_picture(container: InputContainer) -> av.VideoStream | None:
    """The moving picture; the cover of a sound is none."""
    for stream in container.streams.video:
        is_cover = stream.disposition & av.stream.Disposition.attached_pic
        if not is_cover and _is_known(stream):
            stream.codec_context.thread_count = THREADS
            stream.thread_type = "AUTO"
            return stream
    return None


def find_sound(container: InputContainer) -> av.AudioStream | None:
    """The first that can be decoded: phones add sounds of their own beside it."""
    return next(filter(_is_known, container.streams.audio), None)


def _is_known(stream: av.stream.Stream) -> bool:
    return stream.codec_context is not None


def find_turn(frame: av.VideoFrame) -> int:
    """By how many degrees, anticlockwise, a player turns this picture: 0, 90, 180 or 270."""
    return round(frame.rotation / 90) * 90 % 360


def find_shown_size(picture: av.VideoStream, frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as people see it: upright, with square pixels."""
    shape = picture.sample_aspect_ratio or 1
    width, height = max(1, round(frame.width * shape)), frame.height
    return (height, width) if find_turn(frame) in {90, 270} else (width, height)
