"""The heads of requests and answers (RFC 9112)."""

import http.client
from collections.abc import Mapping
from functools import lru_cache
from io import BufferedReader

MOST_HEADERS = 100
LONGEST_LINE = 65_536
WITH_BODY = {"POST", "PUT", "PATCH"}
#: Headers after which the body is no plain one.
_SELDOM = {"transfer-encoding", ""}


class NotSendable(Exception):
    """A request that cannot be written down: surely nothing was sent."""


class Head(dict[str, str]):
    """Headers by name, in whatever case it is asked for; several of one name are joined."""

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


def read_head(lines: BufferedReader) -> Head:
    """Up to the empty line; raises `HTTPException` where it is cut short or is none."""
    head, name = Head(), ""
    for _ in range(MOST_HEADERS + 1):
        line = lines.readline(LONGEST_LINE + 1)
        if line in (b"\r\n", b"\n"):
            return head
        if not line.endswith(b"\n"):
            raise http.client.HTTPException("The head is cut short, or a line of it is too long.")
        text = line.decode("iso-8859-1")
        if text[0] in " \t":  # the value goes on, as it was written long ago
            if name:
                head[name] = f"{head[name]} {text.strip()}"
            continue
        name, colon, value = text.partition(":")
        if not colon:
            raise http.client.HTTPException("A line of the head is none.")
        name, value = name.strip().lower(), value.strip()
        head[name] = f"{head[name]}, {value}" if name in head else value
    raise http.client.HTTPException("The head has no end.")


def split_head(lines: bytes) -> tuple[int, Head] | None:
    """Status and headers of all lines of a plain head; None where it takes a closer look."""
    first, *others = lines.decode("iso-8859-1").split("\r\n")
    status = first[9:12]
    is_plain = first.startswith("HTTP/1.1 ") and status.isascii() and status.isdigit()
    if not is_plain or first[12:13] not in (" ", "") or status < "200" or status in ("204", "304"):
        return None
    if lines.count(b"\n") != len(others) or len(others) > MOST_HEADERS:
        return None
    head = Head()
    for line in others:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or name in _SELDOM or name.strip() != name or dict.__contains__(head, name):
            return None
        head[name] = value.strip()
    return int(status), head


def request_head(
    method: str, target: str, host: str, headers: Mapping[str, str], body: bytes | None
) -> bytes:
    """The lines before the body; raises `NotSendable` where one of them would be two."""
    lines = _lines(method, target, host, tuple(headers.items()))
    if body is None and method not in WITH_BODY:
        return lines + b"\r\n"
    return lines + b"Content-Length: %d\r\n\r\n" % len(body or b"")


@lru_cache(maxsize=64)
def _lines(method: str, target: str, host: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """All but the length: the same for many."""
    own_host = [] if any(name == "Host" for name, _ in headers) else [("Host", host)]
    all_headers = [*own_host, ("Accept-Encoding", "identity"), *headers]
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers)]
    if any("\n" in line or "\r" in line for line in lines):
        raise NotSendable("A header holds a line break.")
    try:
        return "".join(f"{line}\r\n" for line in lines).encode("iso-8859-1")
    except UnicodeEncodeError as error:
        raise NotSendable("A header holds a sign that none may.") from error
