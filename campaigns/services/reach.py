"""Whether the provider can fetch our files: we fetch them as it would (reference §2.3)."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from campaigns.gateways.http import (
    Fetched,
    FetchRefused,
    NoAnswer,
    NotPublic,
    NotTrusted,
    RedirectsTooOften,
    TooLate,
    probe,
)
from campaigns.models import MediaFile
from campaigns.rules.findings import Finding
from campaigns.rules.media import MediaKind, say_size
from campaigns.services.media import public_url

#: The provider fetches while our request is open: longer than this costs speed.
SLOW_SECONDS = 5
#: For one file, and for all of them: somebody waits for the answer.
FETCH_SECONDS, ALL_SECONDS = 10.0, 15.0
AT_ONCE = 8

Fetch = Callable[..., Fetched]

_REMEDIES: Mapping[type[FetchRefused], str] = {
    NotPublic: "Set PUBLIC_BASE_URL to the address under which the internet reaches this portal.",
    NotTrusted: "Give the portal a certificate of a public authority, with its whole chain.",
    TooLate: "Look whether the server, or the proxy before it, is busy or blocked.",
    NoAnswer: "Look whether the portal, and the proxy before it, are up at PUBLIC_BASE_URL.",
    RedirectsTooOften: "Set PUBLIC_BASE_URL to the address that the redirects lead to.",
}


@dataclass(frozen=True, slots=True)
class Trip:
    """A file on its way to the provider: what was answered, and what to think of it. `slides`
    are the numbers it stands on; `cause` says why nothing came."""

    media: MediaFile
    slides: tuple[int, ...] = ()
    fetched: Fetched | None = None
    cause: str = ""
    remedy: str = ""
    problems: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def url(self) -> str:
        return public_url(self.media)

    @property
    def tone(self) -> str:
        """ "bad", "warn" or "ok"."""
        return "bad" if self.problems else "warn" if self.warnings else "ok"

    @property
    def is_same(self) -> bool:
        """Whether every byte was seen and is ours."""
        return bool(self.fetched and self.fetched.is_complete) and not self.problems


def fetch_files(
    places: Mapping[MediaFile, tuple[int, ...]],
    *,
    fetch: Fetch = probe,
    seconds: float = ALL_SECONDS,
) -> list[Trip]:
    """Fetch these files at once, each with the slides it stands on; ends after so many seconds,
    whatever is still missing."""
    allowed, ends_at = _allowed_networks(), time.monotonic() + seconds
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        under_way = [
            pool.submit(_fetch, public_url(media), fetch, allowed, ends_at) for media in places
        ]
        wait(under_way, timeout=seconds)
        answers = [_answer(future) for future in under_way]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [
        _judge(media, slides, answer)
        for (media, slides), answer in zip(places.items(), answers, strict=True)
    ]


def _fetch(
    url: str, fetch: Fetch, allowed: Iterable[str], ends_at: float
) -> Fetched | FetchRefused:
    left = ends_at - time.monotonic()
    try:
        return fetch(url, allowed_networks=allowed, timeout=min(FETCH_SECONDS, max(left, 0)))
    except FetchRefused as error:
        return error


def _answer(future: Future) -> Fetched | FetchRefused:
    if not future.done():
        return TooLate("It took too long.")
    return future.result()


def _allowed_networks() -> list[str]:
    """The pretend provider lives on this machine, so this machine may be looked at."""
    loopback = ["127.0.0.0/8", "::1/128"] if settings.SANDBOX else []
    return [*settings.FETCH_ALLOWED_NETWORKS, *loopback]


def _judge(media: MediaFile, slides: tuple[int, ...], answer: Fetched | FetchRefused) -> Trip:
    slide = slides[0] if slides else None
    if isinstance(answer, FetchRefused):
        cause, remedy = str(answer), _REMEDIES.get(type(answer), _REMEDIES[NotPublic])
    elif answer.status != 200:
        cause = f"{urlsplit(answer.final_url).netloc} answers {answer.status} instead of 200."
        remedy = "Is it this portal, and does a proxy before it let /m/ through?"
    else:
        problems = tuple(_find_problems(answer, media, slide))
        warnings = tuple(_find_warnings(answer, media, slide))
        return Trip(media, slides, answer, problems=problems, warnings=warnings)
    finding = Finding(f"Sinch cannot fetch “{media}”. {cause}", remedy, slide)
    fetched = answer if isinstance(answer, Fetched) else None
    return Trip(media, slides, fetched, cause, remedy, problems=(finding,))


def _find_problems(fetched: Fetched, media: MediaFile, slide: int | None) -> Iterator[Finding]:
    """Why the provider would refuse what it fetched."""
    if fetched.chunked or fetched.length is None:
        yield Finding(
            f"The answer for “{media}” has no Content-Length.",
            "Switch off compression and buffering tricks of the proxy for /m/.",
            slide,
        )
    elif fetched.length != media.size:
        yield Finding(
            f"“{media}” arrives with {fetched.length:,} bytes instead of {media.size:,}.",
            "Does a proxy change it? Let it pass /m/ untouched.",
            slide,
        )
    elif fetched.is_complete and hashlib.sha256(fetched.body).hexdigest() != media.sha256:
        yield Finding(
            f"“{media}” arrives with other content than it has here.",
            "Does a proxy change it, or keep an old one? Let it pass /m/ untouched.",
            slide,
        )
    if _type_of(fetched) != media.mime.partition(";")[0]:
        yield Finding(
            f"“{media}” arrives as {_type_of(fetched) or 'nothing'} instead of {media.mime}.",
            "Does a proxy rewrite the type? Let it pass /m/ untouched.",
            slide,
        )


def _find_warnings(fetched: Fetched, media: MediaFile, slide: int | None) -> Iterator[Finding]:
    """What works now and may cost something."""
    if fetched.seconds > SLOW_SECONDS:
        yield Finding(
            f"It took {fetched.seconds:.0f} s to fetch “{media}”: every send waits for that.",
            "Make the file smaller or the server faster.",
            slide,
        )
    if "?" in fetched.final_url and media.kind in {MediaKind.AUDIO, MediaKind.VIDEO}:
        yield Finding(
            f"“{media}” is redirected to an address with a “?”: what follows it may get lost.",
            "Redirect to an address without one, or do not redirect.",
            slide,
        )
    if is_https(public_url(media)) and not is_https(fetched.final_url):
        yield Finding(
            f"“{media}” is redirected from https to http.",
            "Redirect to https, or do not redirect.",
            slide,
        )


def is_https(url: str) -> bool:
    return urlsplit(url).scheme == "https"


def _type_of(fetched: Fetched) -> str:
    return fetched.content_type.partition(";")[0].strip().lower()


# --- In words ------------------------------------------------------------------------------------


def say_trip(trip: Trip) -> str:
    """How a file that is well arrives, in one sentence."""
    seconds = trip.fetched.seconds if trip.fetched else 0
    return (
        f"“{trip.media}” is reachable: {trip.media.mime}, {say_size(trip.media.size)}, "
        f"{_say_seconds(seconds)}."
    )


def _say_seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.05 else "under 0.1 s"


def sum_up(trips: Sequence[Trip]) -> str:
    """All of them in one sentence."""
    came = [trip for trip in trips if not trip.problems]
    if not trips:
        return "There is no file that Sinch would have to fetch."
    if not came:
        return (
            f"None of the {len(trips)} files can be fetched."
            if trips[1:]
            else "The file cannot be fetched."
        )
    slowest = max(trip.fetched.seconds for trip in came if trip.fetched)
    if len(came) < len(trips):
        return f"{len(came)} of {len(trips)} files can be fetched as they should."
    if len(trips) == 1:
        return f"The file can be fetched: it took {_say_seconds(slowest)}."
    return f"All {len(trips)} files can be fetched: the slowest took {_say_seconds(slowest)}."
