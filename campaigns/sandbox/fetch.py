"""The door through which media is fetched, by the rules of §2.3."""

import threading
import time
from dataclasses import dataclass
from urllib.parse import urljoin

import requests

SECONDS = 20
CHUNK = 64 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
_local = threading.local()


class NotFetched(Exception):
    """Why a file could not be copied, in words."""


@dataclass(frozen=True)
class Fetched:
    """A file as its host served it; one longer than the limit comes without content."""

    type: str
    size: int
    content: bytes


def fetch(url: str, limit: int, seconds: float = SECONDS) -> Fetched:
    """GET with at most one redirect; raises `NotFetched`."""
    try:
        return _fetch(url, limit, time.monotonic() + seconds)
    except requests.Timeout as error:
        raise NotFetched(f"no answer within {seconds:g} seconds.") from error
    except requests.RequestException as error:
        raise NotFetched(f"the connection failed ({type(error).__name__}).") from error


def _fetch(url: str, limit: int, deadline: float) -> Fetched:
    response = _get(url, deadline)
    if response.status_code in REDIRECTS:
        response.close()
        response = _get(urljoin(url, response.headers.get("Location", "")), deadline)
        if response.status_code in REDIRECTS:
            response.close()
            raise NotFetched("more than one redirect.")
    with response:
        return _read(response, limit, deadline)


def _get(url: str, deadline: float) -> requests.Response:
    if not url.lower().startswith(("http://", "https://")):
        raise NotFetched("not an http:// or https:// address.")
    left = deadline - time.monotonic()
    if left <= 0:
        raise requests.Timeout
    headers = {"Accept-Encoding": "identity"}
    return _session().get(url, stream=True, timeout=left, allow_redirects=False, headers=headers)


def _read(response: requests.Response, limit: int, deadline: float) -> Fetched:
    if response.status_code != 200:
        raise NotFetched(f"status {response.status_code}.")
    if "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        raise NotFetched("Transfer-Encoding: chunked.")
    length = response.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise NotFetched("no Content-Length.")
    mime = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    content = b""
    if int(length) <= limit:
        content = b"".join(_pieces(response, deadline))
    return Fetched(mime, int(length), content)


def _pieces(response: requests.Response, deadline: float) -> list[bytes]:
    pieces = []
    for piece in response.iter_content(CHUNK):
        pieces.append(piece)
        if time.monotonic() > deadline:
            raise requests.Timeout
    return pieces


def _session() -> requests.Session:
    """One per thread: connections are kept, environment and cookies are not looked at."""
    if not hasattr(_local, "session"):
        session = _local.session = requests.Session()
        session.trust_env = False
    return _local.session
