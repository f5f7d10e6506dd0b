"""How a file is made to fit: to which size, which pixels, which rates (reference §7.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from campaigns.rules.media import (
    OBJECT_KINDS,
    SENDABLE,
    MediaKind,
    a_form,
    say_size,
    say_sizes,
    size_key,
)

#: Nearly every phone and carrier takes a file of this size, whatever a channel carries.
MOST = 600_000
#: The box that a picture is made to stand in, upright; one that lies gets it lying.
PICTURE_BOX = (1280, 1920)
LEAST_PICTURE_SIDE = 240
QUALITIES = (88, 80, 70, 60)
_SHRINK = 0.8

FILM_SIDE, SMALL_FILM_SIDE = 480, 320
FILM_FRAMES, SLOW_FILM_FRAMES = 30, 15
#: Below this many bits a second of picture, a smaller and slower film looks better.
MODEST_RATE = 120_000
#: Below this many bits a second in all, nobody can watch it.
LEAST_FILM_RATE = 80_000
MOST_FILM_RATE = 1_500_000
LEAST_SOUND_RATE = 17_000

#: Bits a second that every MP3 player knows; up to 48,000 in one channel.
_SOUND_RATES = (128_000, 96_000, 64_000, 48_000, 40_000, 32_000, 24_000, 16_000)
#: What a container needs: its head, and some bytes for every frame.
_HEAD = 3_000
_BYTES_A_FRAME = 14
#: Rate control may end a little above what it was asked for.
_AIM = 0.95


def target_of(kind: str, mime: str, sizes: Mapping[str, int], total: int) -> int:
    """How many bytes a file may have when it is made to fit, from the sizes of a channel."""
    limit = sizes.get(size_key(kind, mime)) or sizes[kind]
    return min(limit, total, MOST)


def say_need(mime: str, size: int, limit: int, types: frozenset[str]) -> str:
    """Why a file must be made to fit, in one sentence; "" if it goes out as it is."""
    if mime not in types:
        return f"Few phones play or show {a_form(mime)} as it is."
    if size > limit:
        return "It weighs {}; the channel takes {}.".format(*say_sizes(size, limit))
    return ""


def find_obstacle(kind: str, seconds: float | None, target: int) -> str:
    """Why such a file cannot be made to fit, in one sentence; "" if it may be tried."""
    if kind in OBJECT_KINDS:
        return _OBJECTS[MediaKind(kind)]
    if kind == MediaKind.VIDEO:
        return _find_length("video", "it would be unwatchable", seconds, target, LEAST_FILM_RATE)
    if kind == MediaKind.AUDIO:
        return _find_length("sound", "nobody could follow it", seconds, target, LEAST_SOUND_RATE)
    return ""


_OBJECTS = {
    MediaKind.CONTACT: "A contact card is sent as it is: remove its photo to make it smaller.",
    MediaKind.CALENDAR: "A calendar entry is sent as it is: remove its attachments and notes.",
    MediaKind.PDF: "A PDF cannot be made smaller here: export it again for the screen, or with "
    "fewer pictures.",
    MediaKind.EXCEL: "A workbook cannot be made smaller here: remove sheets or pictures from it.",
}


def _find_length(noun: str, fate: str, seconds: float | None, target: int, rate: int) -> str:
    longest = target * 8 / rate
    if not seconds or seconds <= longest:
        return ""
    return (
        f"The {noun} runs {say_seconds(seconds)}: at {say_size(target)} {fate}. "
        f"Cut it to under {_say_at_most(longest)}."
    )


def say_seconds(seconds: float) -> str:
    """A length as people say it: "45 s", "4 minutes", "2 hours"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 100 else f"{minutes / 60:.0f} hours"


def _say_at_most(seconds: float) -> str:
    """The same, never rounded up: a limit has to hold."""
    return f"{int(seconds)} s" if seconds < 120 else f"{int(seconds / 60)} minutes"


def find_no_gain(mime: str, size: int, fitted_size: int) -> str:
    """What to say when fitting gave nothing better; "" when it did."""
    if mime not in SENDABLE or fitted_size < size:
        return ""
    return f"It weighs {say_size(size)} and does not get smaller: it is well made already."


# --- Posters -----------------------------------------------------------------------------------

POSTER_SIDE = 480
POSTER_BYTES = 40_000


def poster_at(seconds: float) -> float:
    """Where in a film its poster is looked for first: films often begin in the dark."""
    return min(1.0, seconds / 10)


# --- Pictures ----------------------------------------------------------------------------------


def picture_sizes(width: int, height: int) -> Iterator[tuple[int, int]]:
    """Pixels to try, largest first; never larger than the picture is."""
    short, long = PICTURE_BOX
    box = (long, short) if width > height else (short, long)
    scale = min(1.0, box[0] / width, box[1] / height)
    while True:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        yield size
        scale *= _SHRINK
        if max(size) * _SHRINK < LEAST_PICTURE_SIDE:
            return


@dataclass(frozen=True, slots=True)
class GifPlan:
    """Pixels, colours, and of how many frames one is kept."""

    size: tuple[int, int]
    colours: int
    keep: int


#: Longest side, colours, share of the frames (1/n): each is lighter than the one before.
_GIF_STEPS = (
    (480, 128, 1),
    (480, 64, 1),
    (400, 64, 1),
    (400, 64, 2),
    (320, 64, 2),
    (320, 32, 2),
    (240, 32, 2),
    (240, 32, 4),
    (160, 32, 4),
    (160, 16, 8),
)
MOST_GIF_FRAMES = 120


def gif_plans(width: int, height: int, frame_count: int) -> list[GifPlan]:
    """What to try, best first."""
    fewest = 1
    while frame_count / fewest > MOST_GIF_FRAMES:
        fewest *= 2
    plans = [
        GifPlan(_within(width, height, side), colours, keep * fewest)
        for side, colours, keep in _GIF_STEPS
        if frame_count >= keep * fewest
    ]
    return list(dict.fromkeys(plans))


def keep_frames(durations: list[int], keep: int) -> list[tuple[int, int]]:
    """(number of a frame that stays, how long it now shows): all of them last as long as before."""
    return [
        (first, sum(durations[first : first + keep])) for first in range(0, len(durations), keep)
    ]


def _within(width: int, height: int, side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


# --- Films and sounds --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """How a film is encoded: rates in bits a second; `sound_rate` 0 means without sound."""

    width: int
    height: int
    frames: float  # a second
    rate: int
    sound_rate: int
    channels: int

    def corrected(self, size: int, target: int) -> "FilmPlan":
        """The same with a rate that makes up for a result of `size` bytes."""
        wanted = (self.rate + self.sound_rate) * target * _AIM / size - self.sound_rate
        rate = min(int(wanted), int(self.rate * _AIM))
        return replace(self, rate=max(_LEAST_PICTURE_RATE, rate))


_LEAST_PICTURE_RATE = 20_000


def plan_film(
    width: int, height: int, seconds: float, frames: float, channels: int, target: int
) -> FilmPlan:
    """A film that stands upright in `width` × `height`, in `target` bytes; `channels` 0 = mute."""
    seconds = max(seconds, 0.5)
    frames = min(frames, FILM_FRAMES) if frames > 0 else FILM_FRAMES
    whole = _rate_for(seconds, frames, channels, target)
    sound = _film_sound(whole) if channels else 0
    rate = whole - sound
    side = FILM_SIDE
    if rate < MODEST_RATE:
        side, frames = SMALL_FILM_SIDE, min(frames, SLOW_FILM_FRAMES)
        rate = _rate_for(seconds, frames, channels, target) - sound
    wide, high = _within(width, height, side)
    return FilmPlan(
        width=_even(wide),
        height=_even(high),
        frames=frames,
        rate=min(max(rate, _LEAST_PICTURE_RATE), MOST_FILM_RATE),
        sound_rate=sound,
        channels=min(channels, 2) if sound > 48_000 else min(channels, 1),
    )


def _rate_for(seconds: float, frames: float, channels: int, target: int) -> int:
    """Bits a second for picture and sound, once the container has its part."""
    a_second = frames + (45 if channels else 0)
    room = target * _AIM - _HEAD - a_second * seconds * _BYTES_A_FRAME
    return int(max(room, target * 0.5) * 8 / seconds)


def _film_sound(whole: int) -> int:
    """What the sound gets of it."""
    for least, sound in ((300_000, 64_000), (150_000, 48_000), (100_000, 32_000)):
        if whole >= least:
            return sound
    return 20_000


def _even(number: int) -> int:
    return max(2, number - number % 2)


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """How a sound is encoded: bits and samples a second."""

    rate: int
    samples: int
    channels: int


def plan_sound(seconds: float, channels: int, target: int) -> SoundPlan:
    """A sound in `target` bytes."""
    room = (target * 0.98 - _HEAD) * 8 / max(seconds, 0.5)
    rate = next((rate for rate in _SOUND_RATES if rate <= room), _SOUND_RATES[-1])
    if rate > 48_000:
        return SoundPlan(rate, 44_100, max(1, min(channels, 2)))
    return SoundPlan(rate, 22_050, 1)
