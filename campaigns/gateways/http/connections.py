"""Connections that know whether anything was sent, and when to stop listening.

Drives the connection pool below `requests` (urllib3, with the authorities `requests` trusts): the
work of a `requests.Session` per call costs more than the call. Nothing is taken from the
environment, no redirect is followed, nothing is sent twice.
"""

import http.client
import io
import ssl
import time
from collections.abc import Mapping
from email.errors import MissingHeaderBodySeparatorDefect
from functools import lru_cache
from typing import Any, Literal

import urllib3
from requests.certs import where as trusted_authorities
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection

#: Servers close a silent connection after five seconds and more. We leave it before they do: a
#: request that meets the closing ends in doubt although nothing went wrong.
IDLE_SECONDS = 4.0

Pool = urllib3.HTTPConnectionPool
Response = urllib3.BaseHTTPResponse


class NotConnected(exceptions.HTTPError):
    """No connection: surely nothing was sent."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(type(cause).__name__)
        refused = isinstance(cause, exceptions.NewConnectionError)
        nowhere = isinstance(cause, exceptions.NameResolutionError | ValueError)
        self.is_tls = isinstance(cause, ssl.SSLError | exceptions.SSLError)
        # An untrusted certificate is a ValueError, too.
        self.is_unknown_host = nowhere and not self.is_tls
        self.is_late = not refused and is_late(cause)


class CutShort(exceptions.HTTPError):
    """The connection ended before the body did."""


#: Everything that can go wrong once a request may have left.
BROKEN = (exceptions.HTTPError, http.client.HTTPException, OSError)


def is_late(error: BaseException) -> bool:
    """Whether it was time that ran out."""
    return isinstance(error, TimeoutError | exceptions.TimeoutError)


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


class _Reading(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(_Source(sock), *args, **options)

    def begin(self) -> None:
        super().begin()
        if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in self.msg.defects):
            raise http.client.HTTPException("The head is cut short.")


class _Careful:
    """What both kinds of connection add to the library's."""

    response_class = _Reading
    used_at = 0.0

    def connect(self) -> None:
        try:
            super().connect()
        except (exceptions.HTTPError, OSError, ValueError) as error:
            raise NotConnected(error) from error

    def getresponse(self) -> Response:
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
def _tls(authorities: str) -> ssl.SSLContext:
    """Reading the authorities takes longer than a request: once per file."""
    return ssl.create_default_context(cafile=authorities)


def open_pool(
    scheme: str,
    host: str,
    port: int | None,
    *,
    connections: int = 1,
    verify: Literal[True] | str = True,
    known_as: str | None = None,
) -> Pool:
    """Connections to one server. `known_as`: the name in its certificate where it is not `host`."""
    if scheme == "http":
        return _PlainPool(host, port, maxsize=connections, block=True)
    return _SecurePool(
        host,
        port,
        maxsize=connections,
        block=True,
        ssl_context=_tls(trusted_authorities() if verify is True else verify),
        server_hostname=known_as,
    )


def patience(connect: float, read: float, total: float | None = None) -> urllib3.Timeout:
    """Seconds for the connection, for the whole answer, and for both."""
    return urllib3.Timeout(connect=connect, read=read, total=total)


def begin(
    pool: Pool,
    method: str,
    path: str,
    headers: Mapping[str, str],
    timeout: urllib3.Timeout,
    body: bytes | None = None,
) -> Response:
    """Send once and read the head of the answer; raises `NotConnected` or one of `BROKEN`."""
    return pool.urlopen(
        method,
        path,
        body,
        headers,
        retries=False,
        redirect=False,
        assert_same_host=False,
        timeout=timeout,
        preload_content=False,
        decode_content=False,
    )


def read(response: Response, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes of the body, and whether that was all; raises one of `BROKEN`."""
    try:
        body = response.read(limit + 1)
        if len(body) <= limit and response.length_remaining:
            raise CutShort
    finally:
        leave(response)
    return body[:limit], len(body) <= limit


def leave(response: Response) -> None:
    """Done with an answer. One read to its end has given its connection back already; any other
    connection is in the middle of something and goes back closed."""
    response.close()
    response.release_conn()
