"""The Redis of this portal: quick while it is there, and never missed.

No truth is in it. Whoever asks goes on without it when it does not answer, and for some seconds
nobody else in this process asks, so that no page waits long for it.
"""

import hmac
import logging
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache.backends.redis import RedisCache, RedisCacheClient, RedisSerializer
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from campaigns.services.seldom import Seldom

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
CONNECT_SECONDS = 1.0
#: Longer than a question waits for its answer on purpose (a second for a doorbell).
ANSWER_SECONDS = 3.0
#: After a failure nobody in this process asks for so long.
AWAY_SECONDS = 5.0


class RedisAway(Exception):
    """There is none, or it could not be asked, now or a moment ago."""


@dataclass
class _Absence:
    until: float = float("-inf")


_absence = _Absence()
_told = Seldom(300)


def ask(question: Callable[[Redis], Answer]) -> Answer:
    """What Redis answers. Raises `RedisAway`."""
    if not settings.REDIS_URL or time.monotonic() < _absence.until:
        raise RedisAway
    try:
        return question(_client(settings.REDIS_URL))
    except (RedisError, OSError) as error:
        _absence.until = time.monotonic() + AWAY_SECONDS
        if _told.is_due():
            log.error("Redis cannot be asked; the portal goes on without it. %s", error)
        raise RedisAway from error


@cache
def _client(url: str) -> Redis:
    """The connections of this process. The second try is for one that a restart closed."""
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )


# --- The cache -----------------------------------------------------------------------------------


class SignedPickles(RedisSerializer):
    """Reading a pickle runs what is in it, so only our own are read; others raise `ValueError`."""

    def dumps(self, obj: Any) -> bytes | int:
        pickled = super().dumps(obj)
        return pickled if isinstance(pickled, int) else _sign(pickled) + pickled

    def loads(self, data: bytes) -> Any:
        if data.lstrip(b"-").isdigit():
            return int(data)
        signature, pickled = data[:32], data[32:]
        if not hmac.compare_digest(signature, _sign(pickled)):
            raise ValueError("It was not signed by this portal.")
        return pickle.loads(pickled)  # noqa: S301


def _sign(pickled: bytes) -> bytes:
    return salted_hmac(__name__, pickled, algorithm="sha256").digest()


#: What another release pickled may not be readable for this one.
UNREADABLE = (ValueError, AttributeError, ImportError, pickle.PickleError)


class SparableClient(RedisCacheClient):
    """Knows nothing and forgets everything while Redis is away."""

    def get_client(self, key: str | None = None, *, write: bool = False) -> Redis:
        return _client(settings.REDIS_URL)

    def get(self, key: str, default: Any) -> Any:
        return _spare(default, super().get, key, default)

    def get_many(self, keys: Sequence[str]) -> dict[str, Any]:
        return _spare({}, super().get_many, keys)

    def has_key(self, key: str) -> bool:
        return _spare(False, super().has_key, key)

    def add(self, key: str, value: Any, timeout: int | None) -> bool:
        return _spare(False, super().add, key, value, timeout)

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        _spare(None, super().set, key, value, timeout)

    def set_many(self, data: Mapping[str, Any], timeout: int | None) -> None:
        _spare(None, super().set_many, data, timeout)

    def touch(self, key: str, timeout: int | None) -> bool:
        return _spare(False, super().touch, key, timeout)

    def incr(self, key: str, delta: int) -> int:
        return _spare(delta, super().incr, key, delta)

    def delete(self, key: str) -> bool:
        return _spare(False, super().delete, key)

    def delete_many(self, keys: Sequence[str]) -> None:
        _spare(None, super().delete_many, keys)

    def clear(self) -> bool:
        return _spare(False, super().clear)


def _spare(otherwise: Answer, method: Callable[..., Answer], *args: Any) -> Answer:
    try:
        return ask(lambda _: method(*args))
    except (RedisAway, *UNREADABLE):
        return otherwise


class SparableCache(RedisCache):
    """Django's, whose loss nobody notices but by the time it takes."""

    @cached_property
    def _cache(self) -> SparableClient:
        return SparableClient(self._servers, serializer=SignedPickles)
