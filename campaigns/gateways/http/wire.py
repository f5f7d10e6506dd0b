"""Requests to providers: sent once, over kept connections."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from campaigns.gateways.errors import Misconfigured, OutcomeUnknown, Unreachable
from campaigns.gateways.http.answers import Response, Whole
from campaigns.gateways.http.connections import (
    BROKEN,
    NotConnected,
    Patience,
    Pool,
    is_late,
)
from campaigns.gateways.http.heads import NotSendable

#: No answer to one message is longer; who asks for more says so. What is longer is no answer.
ANSWER_LIMIT = 64 * 1024


@dataclass(slots=True)  # not frozen: each message has one
class Answer:
    """What a server said. `retry_after` is its wish in seconds, where it has one; `challenge` its
    `WWW-Authenticate` header."""

    status: int
    body: bytes
    seconds: float
    retry_after: float | None = None
    challenge: str = ""


NO_ADDRESS = "The base URL is not an http:// or https:// address: correct it."

NO_HEADERS = "A setting of the channel holds a line break or a sign no header may: type it again."


class Transport(Protocol):
    """What a gateway needs of a `Wire`; tests pass their own."""

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, limit: int = ANSWER_LIMIT
    ) -> Answer: ...

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        limit: int = ANSWER_LIMIT,
    ) -> Answer: ...

    def close(self) -> None: ...


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
        self._patience = Patience(connect_timeout, read_timeout)
        self._verify = verify
        self._clock = clock
        self._pools: dict[tuple[str, str, int | None], Pool] = {}
        self._routes: dict[str, tuple[Pool, str]] = {}

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, limit: int = ANSWER_LIMIT
    ) -> Answer:
        """Send once; raises `Unreachable`, `OutcomeUnknown`, or `Misconfigured` for a bad URL. The
        address is remembered: it is one of few."""
        if url not in self._routes:
            self._routes[url] = self._route(url)
        return self._exchange("POST", *self._routes[url], headers, body, limit)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        limit: int = ANSWER_LIMIT,
    ) -> Answer:
        """The same for any method and any address."""
        return self._exchange(method, *self._route(url), headers, body, limit)

    def _exchange(
        self,
        method: str,
        pool: Pool,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
    ) -> Answer:
        started = self._clock()
        try:
            response = pool.begin(method, path, headers, self._patience, body)
            said, is_all = response.take(limit)
        except NotConnected as error:
            raise Unreachable(_why_not_connected(error)) from error
        except BROKEN as error:
            raise OutcomeUnknown(_why_in_doubt(error)) from error
        except NotSendable as error:
            raise Misconfigured(NO_HEADERS) from error
        if not is_all:
            raise OutcomeUnknown("The answer is too long to be one: it may have gone through.")
        return Answer(
            response.status,
            said,
            self._clock() - started,
            _retry_after(response),
            response.headers.get("WWW-Authenticate", "")[:300],
        )

    def close(self) -> None:
        """Close the kept connections."""
        for pool in self._pools.values():
            pool.close()
        self._pools, self._routes = {}, {}

    def _route(self, url: str) -> tuple[Pool, str]:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"http", "https"}:
            raise Misconfigured(NO_ADDRESS)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return self._pool(parts.scheme, host, port), path

    def _pool(self, scheme: str, host: str, port: int | None) -> Pool:
        if pool := self._pools.get((scheme, host, port)):
            return pool
        try:
            pool = Pool(scheme, host, port, connections=self._connections, verify=self._verify)
        except ValueError as error:  # a host that cannot be one
            raise Misconfigured(NO_ADDRESS) from error
        # Two threads may both come here first: the pool of one of them serves both.
        return self._pools.setdefault((scheme, host, port), pool)


def _retry_after(response: Whole | Response) -> float | None:
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
