"""Requests to providers: sent once, over kept connections."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from campaigns.gateways.errors import Misconfigured, OutcomeUnknown, Unreachable
from campaigns.gateways.http.connections import (
    BROKEN,
    NotConnected,
    Pool,
    Response,
    begin,
    is_late,
    open_pool,
    patience,
    read,
)

#: No provider's answer is longer; what is longer is not an answer.
ANSWER_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. `retry_after` is its wish in seconds, where it has one."""

    status: int
    body: bytes
    seconds: float
    retry_after: float | None = None


NO_ADDRESS = "The base URL is not an http:// or https:// address: correct it."


class Transport(Protocol):
    """What a gateway needs of a `Wire`; tests pass their own."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


class Wire:
    """Carries requests to a provider; may be used from many threads.

    `read_timeout` is for the whole answer; `verify` may name a file of certificate authorities.
    """

    def __init__(
        self,
        connections: int = 5,
        connect_timeout: float = 5,
        read_timeout: float = 60,
        verify: Literal[True] | str = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = connections
        self._timeout = patience(connect_timeout, read_timeout)
        self._verify = verify
        self._clock = clock
        self._routes: dict[str, tuple[Pool, str]] = {}

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send once; raises `Unreachable`, `OutcomeUnknown`, or `Misconfigured` for a bad URL."""
        pool, path = self._routes.get(url) or self._route(url)
        started = self._clock()
        try:
            response = begin(pool, "POST", path, headers, self._timeout, body)
            said, is_all = read(response, ANSWER_LIMIT)
        except NotConnected as error:
            raise Unreachable(_why_not_connected(error)) from error
        except BROKEN as error:
            raise OutcomeUnknown(_why_in_doubt(error)) from error
        if not is_all:
            raise OutcomeUnknown("The answer is too long to be one: it may have gone through.")
        return Answer(response.status, said, self._clock() - started, _retry_after(response))

    def close(self) -> None:
        """Close the kept connections."""
        for pool, _ in self._routes.values():
            pool.close()
        self._routes = {}

    def _route(self, url: str) -> tuple[Pool, str]:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"http", "https"}:
            raise Misconfigured(NO_ADDRESS)
        try:
            pool = open_pool(
                parts.scheme, host, port, connections=self._connections, verify=self._verify
            )
        except ValueError as error:  # a host that cannot be one
            raise Misconfigured(NO_ADDRESS) from error
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # Two threads may both come here first: the pool of one of them serves both.
        return self._routes.setdefault(url, (pool, path))


def _retry_after(response: Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else None


def _why_not_connected(error: NotConnected) -> str:
    if error.is_unknown_host:
        return "The provider's address was not found: check the base URL and the DNS."
    if error.is_tls:
        return "The provider's certificate is not trusted or TLS failed: nothing was sent."
    if error.is_late:
        return "The provider did not open a connection in time: nothing was sent."
    return (
        "No connection to the provider, so nothing was sent: check the base URL, "
        "and whether this machine may connect to it."
    )


def _why_in_doubt(error: BaseException) -> str:
    if is_late(error):
        return "The provider did not answer in time: it may have gone through."
    return "The connection broke before the answer was complete: it may have gone through."
