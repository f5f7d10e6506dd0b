"""Fetches what a person or a callback pointed at, without being led behind our own walls."""

import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

from campaigns.gateways.http.answers import CutShort, Response, Whole
from campaigns.gateways.http.connections import (
    BROKEN,
    NotConnected,
    Patience,
    Pool,
    is_late,
)
from campaigns.gateways.http.networks import (
    FetchRefused,
    Resolver,
    Target,
    find_target,
    resolve_host,
)

REDIRECTS = frozenset({301, 302, 303, 307, 308})
CONNECT_SECONDS = 5.0
#: Enough to see what a file is.
PROBE_BYTES = 5 * 1024 * 1024
_HEADERS = {"User-Agent": "Magpie", "Accept": "*/*", "Accept-Encoding": "identity"}


class TooLate(FetchRefused):
    """Time ran out."""


class NotTrusted(FetchRefused):
    """A certificate, or TLS as a whole."""


class NoAnswer(FetchRefused):
    """Nobody is there, or what comes back is no whole answer."""


class RedirectsTooOften(FetchRefused):
    """It leads on and on."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. Header names are in lower case; `length` is what the server announced;
    `is_complete` tells whether `body` is all of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    final_url: str
    redirects: int
    seconds: float
    chunked: bool
    length: int | None
    content_type: str
    is_complete: bool = True


def fetch(
    url: str,
    *,
    max_bytes: int,
    allowed_networks: Iterable[str] = (),
    timeout: float = 10,
    method: str = "GET",
    redirects: int = 1,
    resolve: Resolver = resolve_host,
    verify: Literal[True] | str = True,
) -> Fetched:
    """The whole of `url`, whatever its status; raises `FetchRefused`, a sentence for people.

    `allowed_networks` (such as `127.0.0.0/8`) are exempt from the rules, for trying on a laptop.
    `timeout` is for everything together; `verify` may name a file of certificate authorities.
    """
    allowed = tuple(allowed_networks)
    found = _follow(url, method, redirects, max_bytes, timeout, allowed, resolve, verify)
    if not found.is_complete:
        raise FetchRefused(f"It is larger than {max_bytes:,} bytes.")
    return found


def probe(
    url: str,
    *,
    allowed_networks: Iterable[str] = (),
    timeout: float = 10,
    max_bytes: int = PROBE_BYTES,
    resolve: Resolver = resolve_host,
) -> Fetched:
    """What a provider meets at `url`: a GET that follows one redirect and reads a part."""
    return _follow(url, "GET", 1, max_bytes, timeout, tuple(allowed_networks), resolve)


def _follow(
    url: str,
    method: str,
    redirects: int,
    max_bytes: int,
    timeout: float,
    allowed: tuple[str, ...],
    resolve: Resolver,
    verify: Literal[True] | str = True,
) -> Fetched:
    started = time.monotonic()
    for hop in range(redirects + 1):
        target = find_target(url, allowed, resolve)
        left = started + timeout - time.monotonic()
        response, body, is_complete = _get(target, method, max_bytes, left, verify)
        if response.status not in REDIRECTS or "Location" not in response.headers:
            seconds = time.monotonic() - started
            return _fetched(response, body, is_complete, url, hop, seconds)
        try:
            url = urljoin(url, response.headers["Location"])
        except ValueError as error:
            raise FetchRefused("It redirects to what is no address.") from error
    times = "once" if redirects == 1 else f"{redirects} times"
    raise RedirectsTooOften(f"It redirects more than {times}." if redirects else "It redirects.")


def _get(
    target: Target, method: str, max_bytes: int, seconds: float, verify: Literal[True] | str
) -> tuple[Whole | Response, bytes, bool]:
    """One request to the address that was judged, under the name that was asked for."""
    if seconds <= 0:
        raise TooLate("It took too long.")
    patience = Patience(min(CONNECT_SECONDS, seconds), seconds, total=seconds)
    headers = {**_HEADERS, "Host": target.host_header}
    pool = Pool(target.scheme, target.address, target.port, verify=verify, known_as=target.name)
    with closing(pool):
        try:
            response = pool.begin(method, target.path, headers, patience)
            if response.status in REDIRECTS:
                response.leave()
                return response, b"", True
            return response, *response.take(max_bytes)
        except BROKEN as error:
            raise _why(error) from error


def _fetched(
    response: Whole | Response,
    body: bytes,
    is_complete: bool,
    url: str,
    redirects: int,
    seconds: float,
) -> Fetched:
    headers = {name.lower(): value for name, value in response.headers.items()}
    length = headers.get("content-length", "")
    return Fetched(
        status=response.status,
        headers=headers,
        body=body,
        final_url=url,
        redirects=redirects,
        seconds=seconds,
        chunked="chunked" in headers.get("transfer-encoding", "").lower(),
        length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
        content_type=headers.get("content-type", ""),
        is_complete=is_complete,
    )


def _why(error: BaseException) -> FetchRefused:
    if isinstance(error, NotConnected) and error.is_tls:
        return NotTrusted("Its certificate is not trusted, or TLS failed.")
    if isinstance(error, CutShort):
        return NoAnswer("It broke off before it was complete.")
    if is_late(error) or (isinstance(error, NotConnected) and error.is_late):
        return TooLate("It took too long.")
    if isinstance(error, NotConnected):
        return NoAnswer("Nothing answers at this address.")
    return NoAnswer("The connection broke, or the answer was not HTTP.")
