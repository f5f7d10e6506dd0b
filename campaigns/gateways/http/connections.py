"""Connections that know whether anything was sent, and when to stop listening.

Sockets, with the standard library's reading of answers and the authorities that `requests` trusts:
what `requests` and urllib3 do per call besides costs several times the call. libcurl, which is as
fast, sends a request again by itself when a kept connection breaks before the answer. Nothing is
taken from the environment here, no redirect is followed, nothing is sent twice.
"""

import http.client
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from queue import SimpleQueue
from typing import Literal
from urllib.parse import quote

from requests.certs import where as trusted_authorities

from campaigns.gateways.http.answers import Response, Source, Whole, find_whole
from campaigns.gateways.http.heads import request_head

#: Servers close a silent connection after five seconds and more. We leave it before they do: a
#: request that meets the closing ends in doubt although nothing went wrong.
IDLE_SECONDS = 4.0
#: Telling a socket its time costs a call of the kernel, so it may be this much too long.
SPARE_SECONDS = 0.05
#: Of an address: what is written as it is.
PLAIN = "%/:?#[]@!$&'()*+,;=~"


class NotConnected(Exception):
    """No connection: surely nothing was sent."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(type(cause).__name__)
        self.is_tls = isinstance(cause, ssl.SSLError)
        # An untrusted certificate is a ValueError, too, and so is a name that cannot be one.
        is_nowhere = isinstance(cause, socket.gaierror | ValueError)
        self.is_unknown_host = is_nowhere and not self.is_tls
        self.is_late = is_late(cause)


#: Everything that can go wrong once a request may have left.
BROKEN = (NotConnected, http.client.HTTPException, OSError)


def is_late(error: BaseException) -> bool:
    """Whether it was time that ran out."""
    return isinstance(error, TimeoutError)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for the connection, for the whole answer, and for both."""

    connect: float
    read: float
    total: float = float("inf")


class _Connection:
    """One socket, connected."""

    __slots__ = ("_poll", "_seconds", "sock", "used_at")

    def __init__(self, pool: "Pool", seconds: float) -> None:
        try:
            self.sock = socket.create_connection((pool.host, pool.port), seconds)
            try:
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if pool.tls is not None:
                    self.sock = pool.tls.wrap_socket(self.sock, server_hostname=pool.known_as)
            except BaseException:
                self.sock.close()
                raise
        except (OSError, ValueError) as error:
            raise NotConnected(error) from error
        self._poll = select.poll()
        self._poll.register(self.sock, select.POLLIN)
        self._seconds = seconds
        self.used_at = time.monotonic()

    def allow(self, seconds: float) -> None:
        """The next call ends within so many, and `SPARE_SECONDS`."""
        if not 0 <= self._seconds - seconds <= SPARE_SECONDS:
            self.sock.settimeout(seconds)
            self._seconds = seconds

    def send(self, data: bytes) -> None:
        sent = self.sock.send(data)
        if sent < len(data):
            self.sock.sendall(data[sent:])

    def is_fresh(self) -> bool:
        """Asked before it is used again: silent connections are left, and so is one that has
        something to say before it was asked, which is that it is closing."""
        if time.monotonic() - self.used_at >= IDLE_SECONDS:
            return False
        return not self._poll.poll(0)


class Pool:
    """Up to so many connections to one server, for any number of threads. `known_as`: the name in
    its certificate where it is not `host`."""

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int | None,
        *,
        connections: int = 1,
        verify: Literal[True] | str = True,
        known_as: str | None = None,
    ) -> None:
        is_secure = scheme == "https"
        self.host = host
        self.port = port or (443 if is_secure else 80)
        self.known_as = known_as or host
        self.tls = _tls(trusted_authorities() if verify is True else verify) if is_secure else None
        name = f"[{host}]" if ":" in host else host
        self.host_header = name if port in (None, 443 if is_secure else 80) else f"{name}:{port}"
        self._free: deque[_Connection] = deque()
        self._places: SimpleQueue[None] = SimpleQueue()
        for _ in range(connections):
            self._places.put(None)
        self._is_closed = False

    def begin(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        patience: Patience,
        body: bytes | None = None,
    ) -> Whole | Response:
        """Send once and read the head of the answer; raises `NotSendable`, `NotConnected` or one
        of `BROKEN`."""
        head = request_head(method, _target(path), self.host_header, headers, body)
        self._places.get()
        ends_at = time.monotonic() + patience.total
        try:
            connection = self._take() or _Connection(self, min(patience.connect, patience.total))
        except BaseException:
            self._places.put(None)
            raise
        try:
            seconds = min(patience.read, ends_at - time.monotonic())
            deadline = time.monotonic() + seconds
            connection.allow(max(seconds, 0.001))
            connection.send(head + body if body else head)
            source = Source(connection, deadline)
            if whole := find_whole(source, method):
                self._give_back(connection, whole.is_kept)
                return whole
            response = Response(
                source, method, lambda is_whole: self._give_back(connection, is_whole)
            )
            response.begin()
        except BaseException:
            self._give_back(connection, False)
            raise
        return response

    def close(self) -> None:
        """Close what is kept; what is under way is closed when it comes back."""
        self._is_closed = True
        while connection := self._pop():
            connection.sock.close()

    def __del__(self) -> None:
        """Whoever forgets to close it, forgets it with all it kept."""
        if hasattr(self, "_free"):  # it was made whole
            self.close()

    def _take(self) -> _Connection | None:
        """The connection used last, of those that may be used again."""
        while connection := self._pop():
            if connection.is_fresh():
                return connection
            connection.sock.close()
        return None

    def _pop(self) -> _Connection | None:
        try:
            return self._free.pop()
        except IndexError:
            return None

    def _give_back(self, connection: _Connection, is_whole: bool) -> None:
        if is_whole and not self._is_closed:
            connection.used_at = time.monotonic()
            self._free.append(connection)
        else:
            connection.sock.close()
        self._places.put(None)


@lru_cache(maxsize=8)
def _tls(authorities: str) -> ssl.SSLContext:
    """Reading the authorities takes longer than a request: once per file."""
    return ssl.create_default_context(cafile=authorities)


@lru_cache(maxsize=1000)
def _target(path: str) -> str:
    return quote(path, safe=PLAIN)
