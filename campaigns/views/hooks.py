"""The callback address: keep first, think later (RELIABILITY §0.3)."""

import logging
import re
import time
from dataclasses import dataclass, field
from threading import Lock

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.request import HttpHeaders
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from campaigns.services import draining, spool
from campaigns.services.hook_addresses import hash_token
from campaigns.services.journal import AWAY, KEPT_HEADERS, keep_callback
from campaigns.services.queue import ring_if_heard
from campaigns.services.seldom import Seldom

log = logging.getLogger(__name__)
MOST_BYTES = 256 * 1024
#: What may be the token of a channel.
_TOKEN = re.compile(r"[\w-]{20,100}", re.ASCII)
#: While the database is away, one callback in so many seconds asks whether it is back.
ASK_AGAIN_SECONDS = 2.0
_told = Seldom(60)
RING_EVERY = 0.5
#: What the server calls a header → its name: `request.headers` would translate all of them.
_HEADERS = {HttpHeaders.to_wsgi_name(name): name for name in KEPT_HEADERS}
_rung_at = float("-inf")
_ring_lock = Lock()


@dataclass
class Absence:
    """Of the database, as this process sees it: while it is away nobody waits for it."""

    ask_at: float | None = None
    lock: Lock = field(default_factory=Lock)

    def is_assumed(self) -> bool:
        with self.lock:
            now = time.monotonic()
            if self.ask_at is None:
                return False
            if now < self.ask_at:
                return True
            self.ask_at = now + ASK_AGAIN_SECONDS
            return False  # whoever is told so asks

    def note(self, is_away: bool) -> None:
        with self.lock:
            self.ask_at = time.monotonic() + ASK_AGAIN_SECONDS if is_away else None


absence = Absence()


class TooLarge(Exception):
    """The body is larger than any callback."""


class NoLength(Exception):
    """Neither a Content-Length nor an end that this server can see."""


class CutShort(Exception):
    """The body is shorter than it said."""


@csrf_exempt
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Store the raw post and answer 200 only after the commit."""
    if request.method == "HEAD":
        return HttpResponse()
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST, HEAD"})
    try:
        return _keep(request, token)
    except TooLarge:
        return _answer(413, "This is larger than any callback.")
    except CutShort:
        return _answer(400, "The body is shorter than its Content-Length.")
    except NoLength:
        return _answer(411, "Send a Content-Length.")
    except (DatabaseError, OSError):
        # The provider tries again in five minutes; a 200 without a row would be a loss.
        return _answer(503, "Cannot be stored just now.")


def _keep(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    headers = {name: request.META[key] for key, name in _HEADERS.items() if key in request.META}
    body = read_body(request)
    asked = not absence.is_assumed()
    if asked:
        try:
            is_ours = keep_callback(token, headers, body, now)
        except AWAY:
            absence.note(is_away=True)
        else:
            absence.note(is_away=False)
            if not is_ours:
                return _answer(404, "Not found.")
            _ring_soon()
            return _answer(200, "OK")
    return _spool(token, spool.Spooled(hash_token(token), headers, body, now, asked))


def _spool(token: str, post: spool.Spooled) -> HttpResponse:
    """Whose it is can be asked later; on the disk, it is as safe as in the table. Raises
    `OSError` where it cannot be written."""
    if not _TOKEN.fullmatch(token):
        return _answer(503, "Cannot be stored just now.")
    if _told.is_due():
        log.error("The database is away: callbacks are kept in %s.", settings.SPOOL_DIR)
    spool.keep(post)
    draining.wake()
    return _answer(200, "OK")


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")


def read_body(request: HttpRequest) -> bytes:
    """The body, byte for byte. Django would show a chunked one as empty: a silent loss."""
    announced = request.META.get("CONTENT_LENGTH")
    if not announced and not request.environ.get("wsgi.input_terminated"):
        raise NoLength
    if not announced:
        body = request.environ["wsgi.input"].read(MOST_BYTES + 1)
    elif int(announced) > MOST_BYTES:
        raise TooLarge
    else:
        body = request.environ["wsgi.input"].read(int(announced))
        if len(body) < int(announced):
            raise CutShort
    if len(body) > MOST_BYTES:
        raise TooLarge
    return body


def _ring_soon() -> None:
    """Ring at most twice a second: whoever reads lingers longer than that."""
    global _rung_at
    with _ring_lock:
        if time.monotonic() - _rung_at < RING_EVERY:
            return
        _rung_at = time.monotonic()
    ring_if_heard("posts.read_posts")
