"""Answers as they come from a socket (RFC 9112): the plain ones read at once, any other with the
standard library's patience."""

import http.client
import io
import socket
import time
from collections.abc import Callable
from typing import Any, Protocol

from campaigns.gateways.http.heads import Head, read_head, split_head

PIECE = 16_384
#: What is longer is not read before somebody asks for it.
LONGEST_WHOLE = 64 * 1024


class CutShort(http.client.HTTPException):
    """The connection ended before the body did."""


class Connected(Protocol):
    sock: socket.socket

    def allow(self, seconds: float) -> None: ...


class Source(io.RawIOBase):
    """Reads a socket until a moment is over, however slowly the bytes drip."""

    def __init__(self, connection: Connected, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline
        #: Read already, and to be read again.
        self.pending = b""

    def receive(self) -> bytes:
        """Some bytes, none at the end."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long.")
        self._connection.allow(left)
        return self._connection.sock.recv(PIECE)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As `http.client` asks for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.pending or self.receive()
        some = data[: len(buffer)]
        self.pending = data[len(some) :]
        buffer[: len(some)] = some
        return len(some)


class Whole:
    """An answer that is here from its first byte to its last. `is_kept`: its connection may be
    used again."""

    __slots__ = ("_body", "headers", "is_kept", "status")

    def __init__(self, status: int, headers: Head, body: bytes, is_kept: bool) -> None:
        self.status, self.headers, self._body, self.is_kept = status, headers, body, is_kept

    def take(self, limit: int) -> tuple[bytes, bool]:
        """At most `limit` bytes of the body, and whether that was all."""
        return self._body[:limit], len(self._body) <= limit

    def leave(self) -> None:
        """Its connection was given back before."""


def find_whole(source: Source, method: str) -> Whole | None:
    """The answer, where it is of the plain kind and short; None where it takes a closer look, with
    what was read pending. Raises `CutShort`, `OSError`."""
    data = source.pending = source.receive()
    if (end := data.find(b"\r\n\r\n")) < 0 or method == "HEAD":
        return None
    found = split_head(data[:end])
    if found is None:
        return None
    status, head = found
    length = dict.get(head, "content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 6):
        return None
    size = end + 4 + int(length)
    if size > LONGEST_WHOLE:
        return None
    while len(data) < size:
        if not (more := source.receive()):
            raise CutShort
        data += more
    is_kept = len(data) == size and "close" not in dict.get(head, "connection", "").lower()
    return Whole(status, head, data[end + 4 : size], is_kept)


class Response(http.client.HTTPResponse):
    """The library's, with a head that is read in a tenth of the time."""

    headers: Head

    def __init__(self, source: Source, method: str, give_back: Callable[[bool], None]) -> None:
        super().__init__(source, method=method)  # type: ignore[arg-type]
        self._give_back: Callable[[bool], None] | None = give_back

    def begin(self) -> None:
        """Read the head; as the library does, but for the headers."""
        version, status, self.reason = self._read_status()
        while status == http.client.CONTINUE:
            read_head(self.fp)
            version, status, self.reason = self._read_status()
        if not version.startswith("HTTP/1"):
            raise http.client.UnknownProtocol(version)
        self.version = 10 if version == "HTTP/1.0" else 11
        self.code = self.status = status
        self.headers = self.msg = head = read_head(self.fp)
        self.chunked = head.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.will_close = self._check_close()
        length = head.get("content-length", "")
        is_told = length.isascii() and length.isdigit() and not self.chunked
        self.length = int(length) if is_told else None
        if self._method == "HEAD" or status < 200 or status in (204, 304):
            self.length = 0
        self.will_close |= not self.chunked and self.length is None

    def take(self, limit: int) -> tuple[bytes, bool]:
        """At most `limit` bytes of the body, and whether that was all; raises one of `BROKEN`."""
        try:
            body = self.read(limit + 1)
            if len(body) <= limit and self.length:
                raise CutShort
        finally:
            self.leave()
        return body[:limit], len(body) <= limit

    def leave(self) -> None:
        """Done with it. Read to its end it gives its connection back to be used again; any other
        connection is in the middle of something, and is closed."""
        is_whole = self.isclosed() and not self.will_close
        self.close()
        if self._give_back is not None:
            self._give_back(is_whole)
        self._give_back = None
