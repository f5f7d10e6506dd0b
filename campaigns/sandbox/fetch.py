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


def fetch(url: str, limit: int, seconds: float = SECONDS, *, needs_length: bool = True) -> Fetched:
    """GET with at most one redirect; raises `NotFetched`.

    `needs_length`: the MMS JSON API refuses what does not tell its length beforehand.
    """
    deadline = time.monotonic() + seconds
    try:
        with _follow(url, deadline) as response:
            if response.status_code != 200:
                raise NotFetched(f"status {response.status_code}.")
            if needs_length:
                _check_length(response)
            return _read(response, limit, deadline)
    except requests.Timeout as error:
        raise NotFetched(f"no answer within {seconds:g} seconds.") from error
    except requests.RequestException as error:
        raise NotFetched(f"the connection failed ({type(error).__name__}).") from error


def _follow(url: str, deadline: float) -> requests.Response:
    response = _get(url, deadline)
    if response.status_code in REDIRECTS:
        response.close()
        response = _get(urljoin(url, response.headers.get("Location", "")), deadline)
        if response.status_code in REDIRECTS:
            response.close()
            raise NotFetched("more than one redirect.")
    return response


def _get(url: str, deadline: float) -> requests.Response:
    if not url.lower().startswith(("http://", "https://")):
        raise NotFetched("not an http:// or https:// address.")
    left = deadline - time.monotonic()
    if left <= 0:
        raise requests.Timeout
    headers = {"Accept-Encoding": "identity"}
    return _session().get(url, stream=True, timeout=left, allow_redirects=False, headers=headers)


def _check_length(response: requests.Response) -> None:
    if "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        raise NotFetched("Transfer-Encoding: chunked.")
    if not response.headers.get("Content-Length", "").isdecimal():
        raise NotFetched("no Content-Length.")


def _read(response: requests.Response, limit: int, deadline: float) -> Fetched:
    mime = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > limit:
        return Fetched(mime, int(length), b"")
    content = b""
    for piece in response.iter_content(CHUNK):
        content += piece
        if time.monotonic() > deadline:
            raise requests.Timeout
        if len(content) > limit:
            return Fetched(mime, len(content), b"")
    return Fetched(mime, int(length or len(content)), content)


def _session() -> requests.Session:
    """One per thread: connections are kept, environment and cookies are not looked at."""
    if not hasattr(_local, "session"):
        session = _local.session = requests.Session()
        session.trust_env = False
    return _local.session
