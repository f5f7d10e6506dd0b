"""`bench media`: making files fit against bare PyAV and Pillow, and the memory of an upload."""

import io
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from django.contrib.auth.models import User
from django.core.files import File
from django.utils import timezone
from PIL import Image

from campaigns.management.benchmarks.clips import make_clip, make_photo
from campaigns.management.benchmarks.report import Row, more_is_better, under_limit
from campaigns.models import Fitting, MediaFile
from campaigns.rules.fitting import FilmPlan, picture_sizes, plan_film
from campaigns.services.fitting import run_fitting, start_fitting
from campaigns.services.fitting_films import add_film
from campaigns.services.media import store_media

TARGET = 600_000


def run(rounds: int) -> list[Row]:
    """Each round measures ours and the bare library one after the other."""
    with TemporaryDirectory(prefix="magpie-bench-media-") as folder:
        clip, photo = Path(folder) / "clip.mp4", Path(folder) / "photo.jpg"
        make_clip(clip, size="1280x720", seconds=12, rate=4_500_000, noise=22)
        photo.write_bytes(make_photo())
        films = [(time_ours(clip), time_of(lambda: transcode(clip))) for _ in range(rounds)]
        photos = [(time_ours(photo), time_of(lambda: shrink(photo))) for _ in range(rounds)]
        large = Path(folder) / "large.mp4"
        make_clip(large, size="1920x1080", seconds=17, rate=49_000_000, noise=60)
        if not 99e6 < large.stat().st_size < 104.8e6:
            raise RuntimeError(f"The large film weighs {large.stat().st_size:,} bytes.")
        upload, fitting = measure_memory(large)
    return [
        more_is_better("media.fit_video", *_a_minute(films), "clips/min"),
        more_is_better("media.fit_image", *_a_minute(photos), "photos/min"),
        under_limit("media.upload_memory", upload, 300, "MB"),
        under_limit("media.fit_memory", fitting, 300, "MB"),
    ]


def _a_minute(rounds: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [60 / ours for ours, _ in rounds], [60 / bare for _, bare in rounds]


def time_of(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def time_ours(path: Path) -> float:
    """All that a worker does: take it, fit it, look at the result, keep it, write it down."""
    Fitting.objects.all().delete()
    MediaFile.objects.all().delete()
    user, _ = User.objects.get_or_create(username="bench")
    with path.open("rb") as file:
        media = store_media(File(io.BytesIO(file.read()), name=path.name), by=user)
    row = start_fitting(media, None, by=user, target_bytes=TARGET)
    seconds = time_of(lambda: run_fitting(row.pk, timezone.now()))
    row.refresh_from_db()
    if row.result is None or row.result.size > TARGET:
        raise RuntimeError(f"{path.name}: {row.reason}")
    return seconds


def transcode(path: Path) -> None:
    """The least that PyAV needs for the same film: same sizes, same rates, same encoders."""
    with av.open(str(path)) as source, av.open(str(path.with_suffix(".bare.mp4")), "w") as result:
        picture, sound = source.streams.video[0], source.streams.audio[0]
        picture.thread_type, picture.codec_context.thread_count = "AUTO", 2
        seconds = source.duration / av.time_base
        plan = plan_film(picture.width, picture.height, seconds, 30, 2, TARGET)
        film, track = add_film(result, plan, Fraction(30)), _add_sound(result, plan)
        for packet in source.demux(picture, sound):
            for frame in packet.decode():
                if packet.stream is sound:
                    result.mux(track.encode(frame))
                    continue
                small = frame.reformat(plan.width, plan.height, "yuv420p", interpolation="BILINEAR")
                small.pict_type = av.video.frame.PictureType.NONE
                result.mux(film.encode(small))
        result.mux(film.encode(None))
        result.mux(track.encode(None))


def _add_sound(result: av.container.OutputContainer, plan: FilmPlan) -> av.AudioStream:
    stream = result.add_stream("aac", rate=44_100, layout="stereo")
    stream.bit_rate = plan.sound_rate
    return stream


def shrink(path: Path) -> None:
    """The least that Pillow needs: read it, make it as small as we do, write it once."""
    with Image.open(path) as image:
        image.thumbnail(next(picture_sizes(*image.size)), Image.Resampling.LANCZOS)
        image.save(path.with_suffix(".bare.jpg"), quality=88)


def measure_memory(path: Path) -> tuple[float, float]:
    """MB of a process at the highest: after it took the upload, after it made it fit."""
    module = "campaigns.management.benchmarks.media_memory"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, str(path)], capture_output=True, text=True, check=True
    )
    upload, fitting = done.stdout.split()[-2:]
    return float(upload), float(fitting)
