"""Whether the provider can fetch our files: we fetch them as it would (reference §2.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from campaigns.gateways.http import Fetched, FetchRefused, probe
from campaigns.models import MediaFile
from campaigns.rules.media import say_size
from campaigns.services.media import public_url

#: The provider fetches while our request is open: longer than this costs speed.
SLOW_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about reaching a file; `good` when all is well with it."""

    good: bool
    text: str


def check_public(media: MediaFile, *, fetch: Callable[..., Fetched] = probe) -> list[Finding]:
    """Fetch the file as the provider would, and tell what it would say (reference §2.3)."""
    try:
        fetched = fetch(public_url(media), allowed_networks=_allowed_networks())
    except FetchRefused as error:
        return [
            Finding(
                False,
                f"Sinch cannot fetch “{media}”: {error} Set PUBLIC_BASE_URL to the address under "
                "which the internet reaches this portal.",
            )
        ]
    problems = _judge_fetched(fetched, media)
    if problems:
        return [Finding(False, problem) for problem in problems]
    return [
        Finding(
            True,
            f"“{media}” is reachable: {fetched.content_type}, {say_size(fetched.length or 0)}, "
            f"{fetched.seconds:.1f} s.",
        )
    ]


def _allowed_networks() -> list[str]:
    """The pretend provider lives on this machine, so this machine may be looked at."""
    loopback = ["127.0.0.0/8", "::1/128"] if settings.SANDBOX else []
    return [*settings.FETCH_ALLOWED_NETWORKS, *loopback]


def _judge_fetched(fetched: Fetched, media: MediaFile) -> list[str]:
    problems = []
    host = urlsplit(settings.PUBLIC_BASE_URL).netloc
    if fetched.status != 200:
        problems.append(
            f"{host} answers {fetched.status} instead of 200 for “{media}”: is it this portal, and "
            "does a proxy in front of it let /m/ through?"
        )
        return problems
    if fetched.chunked or fetched.length is None:
        problems.append(
            f"The answer for “{media}” has no Content-Length: switch off compression and "
            "buffering tricks of the proxy for /m/."
        )
    elif fetched.length != media.size:
        problems.append(
            f"“{media}” arrives with {fetched.length:,} bytes instead of {media.size:,}: does a "
            "proxy change it?"
        )
    if fetched.content_type.partition(";")[0].strip().lower() != media.mime:
        problems.append(
            f"“{media}” arrives as {fetched.content_type or 'nothing'} instead of {media.mime}: "
            "does a proxy rewrite the type?"
        )
    if fetched.seconds > SLOW_SECONDS:
        problems.append(
            f"It took {fetched.seconds:.0f} s to fetch “{media}”: every send waits for that. "
            "Make the file smaller or the server faster."
        )
    return problems
