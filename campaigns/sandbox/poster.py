"""The door through which callbacks are posted, and the thread that knows which are due (§5.1)."""

import json
import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from campaigns.sandbox.models import Postback, PostbackState
from campaigns.sandbox.schedules import SCHEDULES
from campaigns.sandbox.signing import sign
from campaigns.sandbox.taking import Turns
from campaigns.sandbox.writing import writing

POSTERS = 8
#: Callbacks taken from the table at once; the next ones are taken when half of them are posted.
BATCH = 400
SECONDS = 10
#: A server closes a connection that rests; gunicorn does so after two seconds.
MOST_REST_SECONDS = 1
PAUSE_SECONDS, PAUSE_AFTER_AN_ERROR = 0.1, 1.0
logger = logging.getLogger(__name__)
_local = threading.local()

#: Posts a callback; answers its status, "200", or what went wrong in a few words.
Send = Callable[[Postback], str]


def post(postback: Postback) -> str:
    body = json.dumps(postback.body).encode()
    seal = sign(body, postback.secret) if postback.secret else {}
    try:
        return str(_exchange(postback.url, body, {"Content-Type": "application/json", **seal}))
    except TimeoutError:
        return f"no answer within {SECONDS} s"
    except (OSError, HTTPException) as error:
        return type(error).__name__


def settle(postback: Postback, answer: str, now: datetime) -> None:
    """Write on the row what came of a try, by the habit of its interface."""
    schedule = SCHEDULES[postback.api]
    postback.tries += 1
    postback.answer = answer
    if schedule.is_delivered(answer):
        postback.state = PostbackState.DELIVERED
    elif postback.tries > schedule.most_retries or schedule.is_dropped(answer):
        postback.state = PostbackState.LOST
    else:
        postback.state = PostbackState.RETRYING
        postback.due_at = now + schedule.wait(postback.tries) / settings.SANDBOX_SPEED


def post_due(now: datetime, send: Send = post) -> int:
    """Post what is due, one after the other; answers how many."""
    due = Turns().take(now, BATCH)
    for postback in due:
        settle(postback, send(postback), now)
    _save(due)
    return len(due)


class Poster:
    """Takes due rows, has a few threads post them, and writes the results set-wise.

    It is the only reader of due rows in the only process, so a row in flight is simply remembered;
    after a crash it is posted again, as the real ones now and then are.
    """

    def __init__(self, send: Send = post) -> None:
        self._send = send
        self._flying: set[int] = set()
        self._landed: queue.SimpleQueue[Postback] = queue.SimpleQueue()
        self._unwritten: list[Postback] = []
        self._turns = Turns()
        self._pool = ThreadPoolExecutor(POSTERS, thread_name_prefix="poster")

    def run(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            try:
                pause = 0.0 if self.step(timezone.now()) else PAUSE_SECONDS
            except Exception:  # nothing ends this thread: what is due stays so, and is tried again
                logger.exception("The callbacks could not be read or written.")
                pause = PAUSE_AFTER_AN_ERROR
            if pause:
                stopped.wait(pause)
        self.close()

    def step(self, now: datetime) -> bool:
        """Write what has landed, start what is due; False when there was nothing to do."""
        landed = self._collect()
        room = BATCH - len(self._flying)
        taken = []
        if room >= BATCH // 2:
            taken = self._turns.take(now, BATCH, self._flying)
        for postback in taken:
            self._flying.add(postback.pk)
            self._pool.submit(self._fly, postback)
        return bool(landed or taken)

    def close(self) -> None:
        """Wait for what is in flight."""
        self._pool.shutdown()

    def _fly(self, postback: Postback) -> None:
        try:
            answer = self._send(postback)
        except Exception as error:  # whatever it is, the callback is kept and tried again
            logger.exception("Callback %s could not be posted.", postback.pk)
            answer = type(error).__name__
        settle(postback, answer, timezone.now())
        self._landed.put(postback)

    def _collect(self) -> list[Postback]:
        """Write what has landed; what cannot be written now is written the next time."""
        while not self._landed.empty():
            self._unwritten.append(self._landed.get())
        _save(self._unwritten)
        landed, self._unwritten = self._unwritten, []
        self._flying.difference_update(postback.pk for postback in landed)
        return landed


def start() -> None:
    """Called once, by the WSGI entry."""
    poster = Poster()
    never = threading.Event()
    threading.Thread(target=poster.run, args=[never], name="callbacks", daemon=True).start()


def _save(postbacks: list[Postback]) -> None:
    """One statement for all that were delivered at the first try, one for each of the others."""
    if not postbacks:
        return
    alike = defaultdict(list)
    for postback in postbacks:
        is_retry = postback.state == PostbackState.RETRYING
        due_at = postback.due_at if is_retry else None
        alike[postback.state, postback.tries, postback.answer, due_at].append(postback.pk)
    with writing():
        for (state, tries, answer, due_at), keys in alike.items():
            changed = {"state": state, "tries": tries, "answer": answer}
            if due_at:
                changed["due_at"] = due_at
            Postback.objects.filter(pk__in=keys).update(**changed)


def _exchange(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of a POST, with the bare client: thousands are posted beside thousands of calls.

    A redirect is an answer like any other and is not followed.
    """
    target = urlsplit(url)
    connection = _connect(target.scheme, target.netloc)
    path = f"{target.path or '/'}?{target.query}" if target.query else target.path or "/"
    try:
        connection.request("POST", path, body, headers)
        with connection.getresponse() as response:
            response.read()
    except (OSError, HTTPException):
        connection.close()
        raise
    _local.used_at = time.monotonic()
    return response.status


def _connect(scheme: str, host: str) -> HTTPConnection:
    """This thread's connection, fresh when it rested long enough for the other side to close it."""
    is_rested = time.monotonic() - getattr(_local, "used_at", 0) > MOST_REST_SECONDS
    if is_rested or _local.address != (scheme, host):
        if old := getattr(_local, "connection", None):
            old.close()
        kind = HTTPSConnection if scheme == "https" else HTTPConnection
        _local.connection, _local.address = kind(host, timeout=SECONDS), (scheme, host)
    return _local.connection
