"""Access tokens of channels: fetched by one, used by all threads and processes."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection

from campaigns.gateways.errors import Unreachable
from campaigns.models import AccessToken
from campaigns.services import clock
from campaigns.services.queue import held

#: Nobody begins a request with a token that may end on its way.
MARGIN_SECONDS = 60
#: One process fetches, the others wait for what it got; longer than a request takes at most.
LEASE_SECONDS = 90
LOOK_SECONDS = 0.2
#: So long one waits for another's: a message that waited longer would not go out with it.
PATIENCE_SECONDS = 3
BUSY = (
    "An access token is being asked for and has not come yet, so nothing was sent: it is tried "
    "again in a moment."
)
NO_DATABASE = "The database did not tell the access token, so nothing was sent."


class ChannelTokens:
    """The `TokenStore` of one channel. `key` is what the tokens are got with: those of another
    key are not used. May be asked by threads that have no database connection of their own."""

    def __init__(self, channel_id: int, key: str) -> None:
        self._channel_id = channel_id
        self._key_hash = hashlib.sha256(key.encode()).hexdigest()
        self._token, self._good_until = "", 0.0
        self._lock = threading.Lock()

    def read(self) -> str:
        """A token that is good for a minute at least, or ""."""
        if clock.seconds() < self._good_until:
            return self._token
        with self._to_itself(), _own_connection():
            return self._find()

    def renew(self, refused: str, fetch: Callable[[], tuple[str, float]]) -> str:
        """The token after `refused`; whatever `fetch` raises is raised."""
        with self._to_itself(), _own_connection(), self._turn():
            token = self._find()
            if token and token != refused:
                return token
            token, seconds = fetch()
            self._keep(token, seconds)
            return token

    @contextmanager
    def _to_itself(self) -> Iterator[None]:
        """One thread of this process at a time."""
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise Unreachable(BUSY)
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Whoever comes second waits for the first, whichever process it is. No transaction is
        open meanwhile: the fetch is a request."""
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            with held(f"token:{self._channel_id}", clock.now(), LEASE_SECONDS) as is_ours:
                if is_ours:
                    yield
                    return
            if time.monotonic() >= ends_at:
                raise Unreachable(BUSY)
            time.sleep(LOOK_SECONDS)

    def _find(self) -> str:
        """What the table has, remembered."""
        soon = clock.now() + timedelta(seconds=MARGIN_SECONDS)
        row = AccessToken.objects.filter(
            channel_id=self._channel_id, key_hash=self._key_hash, expires_at__gt=soon
        ).first()
        self._token = row.secret["token"] if row else ""
        self._good_until = row.expires_at.timestamp() - MARGIN_SECONDS if row else 0.0
        return self._token

    def _keep(self, token: str, seconds: float) -> None:
        expires_at = clock.now() + timedelta(seconds=seconds)
        AccessToken.objects.update_or_create(
            channel_id=self._channel_id,
            defaults={
                "secret": {"token": token},
                "key_hash": self._key_hash,
                "expires_at": expires_at,
            },
        )
        self._token, self._good_until = token, expires_at.timestamp() - MARGIN_SECONDS


@contextmanager
def _own_connection() -> Iterator[None]:
    """A thread that only talks to a provider leaves no database connection behind. Without the
    database there is no token, and so nothing was sent."""
    try:
        yield
    except DatabaseError as error:
        raise Unreachable(NO_DATABASE) from error
    finally:
        is_borrowed = threading.current_thread() is not threading.main_thread()
        if is_borrowed and not connection.in_atomic_block:
            connection.close()
