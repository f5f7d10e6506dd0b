"""Films and photos for benchmarks, made by code: moving test pictures under noise, a tone."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import av
from av.filter import Graph
from PIL import Image

SOUND_RATE = 48_000


def make_clip(path: Path, *, size: str, seconds: int, rate: int, noise: int) -> None:
    """An MP4 as a phone makes it; `rate` in bits a second. 720p: 12 s at 4.5 million are 7 MB."""
    picture = _graph(
        ("testsrc2", f"size={size}:rate=30:duration={seconds}"),
        ("noise", f"alls={noise}:allf=t"),
        ("format", "pix_fmts=yuv420p"),
    )
    sound = _graph(
        ("sine", f"frequency=440:sample_rate={SOUND_RATE}:duration={seconds}"),
        ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
    )
    with av.open(str(path), "w", format="mp4") as result:
        film = result.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        film.width, film.height = map(int, size.split("x"))
        film.pix_fmt, film.bit_rate = "yuv420p", rate
        track = result.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        for stream, graph in ((film, picture), (track, sound)):
            for frame in _pull(graph):
                result.mux(stream.encode(frame))
            result.mux(stream.encode(None))


def _graph(*parts: tuple[str, str]) -> Graph:
    graph = Graph()
    nodes = [graph.add(name, options) for name, options in parts]
    is_film = parts[-1][0] == "format"
    graph.link_nodes(*nodes, graph.add("buffersink" if is_film else "abuffersink")).configure()
    return graph


def _pull(graph: Graph) -> Iterator[av.VideoFrame | av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        if isinstance(frame, av.VideoFrame):
            frame.pict_type = av.video.frame.PictureType.NONE
        yield frame


def make_photo(width: int = 4000, height: int = 3000) -> bytes:
    """A JPEG of 12 million pixels: soft shapes under the noise of a small camera."""
    chance = random.Random(5)
    coarse = Image.frombytes("RGB", (40, 30), chance.randbytes(40 * 30 * 3))
    noise = Image.frombytes(
        "RGB", (width // 2, height // 2), chance.randbytes(width * height * 3 // 4)
    )
    picture = Image.blend(coarse.resize((width, height)), noise.resize((width, height)), 0.15)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()
