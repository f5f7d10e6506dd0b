"""Copies the media of slides: fetched for every request, judged, kept for the phone (§2.3)."""

import threading
import time
from collections import OrderedDict

from campaigns.sandbox import copies, media
from campaigns.sandbox.codes import Refusal
from campaigns.sandbox.fetch import Fetched, NotFetched, fetch
from campaigns.sandbox.models import SandboxAccount
from campaigns.sandbox.slides import media_of

MOST_REMEMBERED = 256


class Remembered:
    """Copies that may be used again instead of fetching: (when, what) by kind and address."""

    def __init__(self) -> None:
        self._copies: OrderedDict[tuple, tuple[float, dict]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: tuple, seconds: float) -> dict | None:
        with self._lock:
            at, copy = self._copies.get(key, (0, None))
        return copy if copy and time.monotonic() - at < seconds else None

    def add(self, key: tuple, copy: dict) -> None:
        with self._lock:
            self._copies[key] = (time.monotonic(), copy)
            if len(self._copies) > MOST_REMEMBERED:
                self._copies.popitem(last=False)


_remembered = Remembered()


def copy_slides(account: SandboxAccount, slides: list[dict], may_reuse: bool) -> list[dict]:
    """The slides as a phone shows them: text, and media by the names of their copies.

    `may_reuse` is `cache-content`: files seen under the same address are not fetched again.
    """
    seconds = float("inf") if may_reuse else account.cache_seconds
    return [
        {
            "text": slide.get("message-text", ""),
            "media": [
                _copy(account, kind, _url_of(slide[kind], kind, number), number, seconds)
                for kind in media_of(slide)
            ],
        }
        for number, slide in enumerate(slides, 1)
    ]


def _url_of(medium: object, kind: str, number: int) -> str:
    url = medium.get("url") if isinstance(medium, dict) else None
    if not isinstance(url, str):
        raise Refusal(media.KINDS[kind].not_copied, number, "it has no url.")
    if kind in {"audio", "video"}:  # the twin platform strips their query (§2.3)
        url = url.partition("?")[0]
    return url


def _copy(account: SandboxAccount, kind: str, url: str, number: int, seconds: float) -> dict:
    key = (account.key, kind, url)
    if seconds and (copy := _remembered.find(key, seconds)):
        return copy
    try:
        fetched = fetch(url, media.limit_of(account, kind))
    except NotFetched as error:
        raise Refusal(media.KINDS[kind].not_copied, number, str(error)) from error
    mime = _judge(account, kind, url, fetched, number)
    name = copies.keep(fetched.content, mime)
    copy = {"kind": kind, "name": name, "type": mime, "size": fetched.size, "url": url}
    _remembered.add(key, copy)
    return copy


def _judge(account: SandboxAccount, kind: str, url: str, fetched: Fetched, number: int) -> str:
    mime = media.type_of(fetched.type, url)
    media.check_type(kind, mime, fetched.content, number)
    if fetched.size > media.limit_of(account, kind, mime):
        raise Refusal(media.KINDS[kind].too_big, number)
    if kind == "image":
        media.check_image(fetched.content, number)
    return mime
