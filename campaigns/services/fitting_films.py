"""Makes films and sounds fit with PyAV: H.264 baseline and AAC in MP4, sounds as MP3."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer, OutputContainer
from av.filter import Graph

from campaigns.models import MediaFile
from campaigns.rules.fitting import FilmPlan, find_obstacle, plan_film, plan_sound
from campaigns.rules.media import MediaKind, say_size
from campaigns.rules.problems import RuleBroken
from campaigns.services.streams import (
    UNREADABLE,
    find_picture,
    find_sound,
    find_turn,
    open_stream,
)

Tell = Callable[[float], None]
_DAMAGED = "The {} cannot be read to its end: export it again and upload that."
_TRIES = 3
#: Seconds by which a film may be longer than it says.
_LATE = 10
#: What every phone plays; the level bounds size and rate for the smallest decoders.
X264 = {"profile": "baseline", "level": "3.0", "preset": "medium"}
#: What is said of the colours, so that every player shows them the same.
_SAID = "colormatrix=smpte170m:colorprim=smpte170m:transfer=smpte170m:range=tv"
#: Numbers of H.273: nothing said of the matrix; the wide primaries of HDR.
_UNSAID, _BT2020 = 2, 9
#: HDR as phones film it (HLG) is near enough to its narrow cousin to be brought home from there.
_NARROW = (
    ("setparams", "color_primaries=bt2020:color_trc=bt2020-10:colorspace=bt2020nc:range=tv"),
    ("colorspace", "all=smpte170m:format=yuv420p"),
)
#: Degrees by which a film stands on its side (anticlockwise) → the filters that set it upright.
_TURNS = {90: ("transpose", "cclock"), 270: ("transpose", "clock"), 180: ("rotate", "PI")}


def fit_film(source: BinaryIO, media: MediaFile, target: int, folder: Path, tell: Tell) -> Path:
    """An MP4 in `target` bytes; where rate control went over, again with a corrected rate."""
    path, plan = folder / "fitted.mp4", None
    for number in range(_TRIES):
        try:
            with open_stream(source) as container:
                plan = plan or _plan(container, media, target)
                _transcode(container, path, plan, media.seconds, _share(tell, number))
        except UNREADABLE:
            raise RuleBroken(_DAMAGED.format("video")) from None
        if (size := path.stat().st_size) <= target:
            return path
        plan = plan.corrected(size, target)
    raise RuleBroken(f"The video does not get below {say_size(target)}: cut it shorter.")


def _share(tell: Tell, number: int) -> Tell:
    """The first try is nearly all of the way; whatever follows is the rest."""
    return (lambda share: tell(0.9 * share)) if number == 0 else (lambda share: tell(0.9))


def _plan(container: InputContainer, media: MediaFile, target: int) -> FilmPlan:
    picture, sound = find_picture(container), find_sound(container)
    rate = picture.average_rate or picture.guessed_rate or 0
    channels = sound.codec_context.channels if sound else 0
    return plan_film(media.width, media.height, media.seconds, float(rate), channels, target)


def _transcode(
    container: InputContainer, path: Path, plan: FilmPlan, seconds: float, tell: Tell
) -> None:
    picture, sound = find_picture(container), find_sound(container)
    begin = Fraction(container.start_time or 0, av.time_base)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as result:
        film = _Film(result, picture, plan)
        track = _add_sound(result, plan) if plan.sound_rate else None
        for packet in container.demux(*filter(None, (picture, sound if track else None))):
            for frame in packet.decode():
                _begin_at_zero(frame, begin)
                if (frame.time or 0) > seconds + _LATE:
                    raise ValueError("a picture of another time: it would be waited for")
                if packet.stream is sound:
                    result.mux(track.encode(frame))
                else:
                    tell(float(frame.time or 0) / seconds)
                    film.add(frame)
        film.end()
        if track:
            result.mux(track.encode(None))


def _begin_at_zero(frame: av.VideoFrame | av.AudioFrame, begin: Fraction) -> None:
    if frame.pts is not None and frame.time_base:
        frame.pts -= int(begin / frame.time_base)


class _Film:
    """The picture of the result: frames go through the filters, the encoder, into the file."""

    def __init__(self, result: OutputContainer, picture: av.VideoStream, plan: FilmPlan) -> None:
        self._result = result
        self._picture = picture
        self._plan = plan
        self._frames = Fraction(plan.frames).limit_denominator(1001)
        self._graph: Graph | None = None
        self._stream = add_film(result, plan, self._frames)

    def add(self, frame: av.VideoFrame) -> None:
        if self._graph is None:
            self._graph = _build(self._picture, frame, self._plan, self._frames)
        self._graph.vpush(frame)
        self._drain()

    def end(self) -> None:
        if self._graph is None:
            raise ValueError("there is no picture in it")
        self._graph.vpush(None)
        self._drain()
        self._result.mux(self._stream.encode(None))

    def _drain(self) -> None:
        for frame in _pull(self._graph):
            frame.pict_type = av.video.frame.PictureType.NONE
            self._result.mux(self._stream.encode(frame))


def _pull(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (BlockingIOError, EOFError):
            return


def _build(
    picture: av.VideoStream, frame: av.VideoFrame, plan: FilmPlan, frames: Fraction
) -> Graph:
    """Even frames, made smaller, in the colours of small films, then set upright."""
    graph = Graph()
    turn = find_turn(frame)
    wide, high = (plan.height, plan.width) if turn in {90, 270} else (plan.width, plan.height)
    chain = [
        graph.add_buffer(template=picture, time_base=picture.time_base),
        graph.add("fps", f"fps={frames}:start_time=0"),
        graph.add("scale", f"{wide}:{high}:flags=bilinear:{_colours(frame)}"),
        *([graph.add(*part) for part in _NARROW] if frame.color_primaries == _BT2020 else []),
        *([graph.add(*_TURNS[turn])] if turn in _TURNS else []),
        graph.add("setsar", "1"),
        graph.add("format", "pix_fmts=yuv420p"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*chain).configure()
    return graph


def _colours(frame: av.VideoFrame) -> str:
    """Players take small films for BT.601 and large ones for BT.709 where nothing is said."""
    if frame.color_primaries == _BT2020:
        return "out_range=tv"
    is_large = frame.colorspace == _UNSAID and frame.height >= 720
    given = "bt709" if is_large else "auto"
    return f"in_color_matrix={given}:out_color_matrix=bt601:out_range=tv"


def add_film(result: OutputContainer, plan: FilmPlan, frames: Fraction) -> av.VideoStream:
    """A stream of H.264 as every phone plays it, held to its rate within two seconds."""
    options = {
        **X264,
        "x264-params": _SAID,
        "maxrate": str(int(plan.rate * 1.2)),
        "bufsize": str(plan.rate * 2),
    }
    stream = result.add_stream("libx264", rate=frames, options=options)
    stream.width, stream.height, stream.pix_fmt = plan.width, plan.height, "yuv420p"
    stream.bit_rate = plan.rate
    stream.codec_context.time_base = 1 / frames
    return stream


def _add_sound(result: OutputContainer, plan: FilmPlan) -> av.AudioStream:
    layout = "stereo" if plan.channels == 2 else "mono"
    stream = result.add_stream("aac", rate=44_100 if plan.sound_rate > 32_000 else 22_050)
    stream.layout, stream.bit_rate = layout, plan.sound_rate
    return stream


def fit_sound(source: BinaryIO, media: MediaFile, target: int, folder: Path, tell: Tell) -> Path:
    """An MP3 in `target` bytes. Its rate is constant, so only a sound that is longer than it
    said comes out too heavy; then it is known how long it is."""
    path, seconds = folder / "fitted.mp3", media.seconds
    for _ in range(2):
        try:
            with open_stream(source) as container:
                seconds = _encode_mp3(container, path, seconds, target, tell)
        except UNREADABLE:
            raise RuleBroken(_DAMAGED.format("sound")) from None
        if path.stat().st_size <= target:
            return path
    raise RuleBroken(
        find_obstacle(MediaKind.AUDIO, seconds, target)
        or f"The sound does not get below {say_size(target)}: cut it shorter."
    )


def _encode_mp3(
    container: InputContainer, path: Path, seconds: float, target: int, tell: Tell
) -> float:
    """Returns how many seconds it really is."""
    sound = find_sound(container)
    plan = plan_sound(seconds, sound.codec_context.channels, target)
    with av.open(str(path), "w", format="mp3", options={"id3v2_version": "0"}) as result:
        stream = result.add_stream("libmp3lame", rate=plan.samples)
        stream.layout = "stereo" if plan.channels == 2 else "mono"
        stream.bit_rate = plan.rate
        heard = 0.0
        for frame in container.decode(sound):
            heard += frame.samples / frame.sample_rate
            tell(heard / seconds)
            result.mux(stream.encode(frame))
        result.mux(stream.encode(None))
    return heard
