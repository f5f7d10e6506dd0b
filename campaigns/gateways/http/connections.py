"""The one door to HTTP: what we send to providers and fetch from addresses we were given."""

import http.client
import io
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import urllib3
from requests.certs import where as certificates_of_requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from campaigns.gateways.errors import Misconfigured, OutcomeUnknown, Unreachable

#: No provider's answer is longer; what is longer is not an answer.
ANSWER_LIMIT = 64 * 1024
#: Servers close a silent connection after five seconds and more. We leave it before they do: a
#: request that meets the closing ends in doubt although nothing went wrong.
IDLE_SECONDS = 4.0

Pool = urllib3.HTTPConnectionPool


# --- Connections that know what was sent, and when to stop listening ----------------------------


class _NotConnected(HTTPError):
    """No connection: surely nothing was sent. The cause is the library's own error."""


class _TooLong(HTTPError):
    """More bytes than we want to hold."""


class _UntilDeadline(io.RawIOBase):
    """Reads a socket until the time set on it is over, however slowly the bytes drip."""

    def __init__(self, sock: Any) -> None:
        self._sock, self._raw = sock, sock.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long.")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Source:
    """A socket as `http.client` reads it."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_UntilDeadline(self._sock))


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(_Source(sock), *args, **options)


class _Careful:
    """What both kinds of connection add to the library's."""

    response_class = _Response
    used_at = 0.0

    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, OSError, ValueError) as error:
            raise _NotConnected(str(error)) from error

    def getresponse(self) -> urllib3.HTTPResponse:
        response = super().getresponse()
        self.used_at = time.monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        """Asked before a connection is used again."""
        return time.monotonic() - self.used_at < IDLE_SECONDS and super().is_connected


class _PlainConnection(_Careful, HTTPConnection):
    pass


class _SecureConnection(_Careful, HTTPSConnection):
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


@lru_cache(maxsize=8)
def _tls(certificates: str) -> ssl.SSLContext:
    """Reading the authorities takes longer than a request: once per file."""
    return ssl.create_default_context(cafile=certificates)


def _open_pool(
    scheme: str, host: str, port: int | None, connections: int, certificates: str, **options: Any
) -> Pool:
    if scheme == "http":
        return _PlainPool(host, port, maxsize=connections, block=True)
    context = _tls(certificates)
    return _SecurePool(host, port, maxsize=connections, block=True, ssl_context=context, **options)


# --- To providers --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. `retry_after` is its wish in seconds, where it has one."""

    status: int
    body: bytes
    seconds: float
    retry_after: float | None = None


class Transport(Protocol):
    """What a gateway needs of a `Wire`; tests pass their own."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


class Wire:
    """Carries requests to one provider over kept connections; safe to use from many threads.

    Drives the connection pool below `requests`: the session's own work per call costs more than
    the call. Nothing is taken from the environment, no redirect is followed, nothing is repeated.
    `read_timeout` is for the whole answer. `verify` may name a file of certificate authorities.
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
        self._timeout = urllib3.Timeout(connect=connect_timeout, read=read_timeout)
        self._certificates = certificates_of_requests() if verify is True else verify
        self._clock = clock
        self._routes: dict[str, tuple[Pool, str]] = {}

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send once; raises `Unreachable`, `OutcomeUnknown`, or `Misconfigured` for a bad URL."""
        pool, path = self._routes.get(url) or self._route(url)
        started = self._clock()
        try:
            response = pool.urlopen(
                "POST",
                path,
                body,
                headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=self._timeout,
                preload_content=False,
                decode_content=False,
            )
            said = _read_at_most(response, ANSWER_LIMIT)
        except _NotConnected as error:
            raise Unreachable(_why_not_connected(error.__cause__)) from error
        except (HTTPError, http.client.HTTPException, OSError) as error:
            raise OutcomeUnknown(_why_in_doubt(error)) from error
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
            host = port = None
        if not host or parts.scheme not in {"http", "https"}:
            raise Misconfigured("The base URL is not an http:// or https:// address: correct it.")
        pool = _open_pool(parts.scheme, host, port, self._connections, self._certificates)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        # Two threads may both come here first; the pool of one of them serves both.
        return self._routes.setdefault(url, (pool, path))


def _read_at_most(response: urllib3.BaseHTTPResponse, limit: int) -> bytes:
    """The whole body; raises `_TooLong`, or another `HTTPError` when it was cut."""
    try:
        body = response.read(limit + 1)
        if len(body) > limit:
            raise _TooLong(f"longer than {limit} bytes")
        if response.length_remaining:
            raise HTTPError("cut short")
    finally:
        # A body read to its end has given its connection back already; any other connection is
        # in the middle of something and is put back closed.
        response.close()
        response.release_conn()
    return body


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else None


def _why_not_connected(cause: BaseException | None) -> str:
    if isinstance(cause, urllib3.exceptions.NameResolutionError | ValueError):
        return "The provider's address was not found: check the base URL and the DNS."
    if isinstance(cause, ssl.SSLError | urllib3.exceptions.SSLError):
        return "The provider's certificate is not trusted or TLS failed: nothing was sent."
    late = isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError)
    if late and not isinstance(cause, urllib3.exceptions.NewConnectionError):
        return "The provider did not open a connection in time: nothing was sent."
    return "The provider cannot be reached: nothing was sent."


def _why_in_doubt(error: BaseException) -> str:
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return "The provider did not answer in time: the message may have gone."
    if isinstance(error, _TooLong):
        return "The provider's answer is too long to be one: the message may have gone."
    return "The connection broke before the answer was complete: the message may have gone."
