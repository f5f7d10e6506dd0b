"""Proves who we are: an access token, or the key itself in trials
(reference/sinch-conversation-api.md §1)."""

import threading
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from campaigns.gateways.channels import ChannelConfig, TokenStore
from campaigns.gateways.errors import (
    GatewayError,
    Misconfigured,
    OutcomeUnknown,
    Throttled,
    Unreachable,
)
from campaigns.gateways.http import Answer, Transport
from campaigns.gateways.outcomes import Exchange
from campaigns.gateways.payload import clean, read_object, text
from campaigns.gateways.sinch_conversation.fields import DEFAULT_AUTH_URL

_REQUEST = "grant_type=client_credentials"
_UNANSWERED = "Sinch gave no access token just now, so nothing was sent"
#: Where an answer does not say how long its token lasts.
_USUAL_SECONDS = 3599.0
#: Whose hosts ask for tokens at `DEFAULT_AUTH_URL`; a key is shown to no other without their own.
_THEIRS = ".sinch.com"
_BEARER, _BASIC = "Bearer ", "Basic "


class MemoryTokens:
    """The `TokenStore` of a gateway that was given none: forgotten with it."""

    def __init__(self) -> None:
        self._token, self._good_until = "", 0.0
        self._lock = threading.Lock()

    def read(self) -> str:
        return self._token if time.monotonic() < self._good_until else ""

    def renew(self, refused: str, fetch: Callable[[], tuple[str, float]]) -> str:
        with self._lock:
            token = self.read()
            if token and token != refused:
                return token
            self._token, seconds = fetch()
            self._good_until = time.monotonic() + seconds - 60
            return self._token


class Access:
    """The value of the `Authorization` header, fetched and renewed as needed."""

    def __init__(self, config: ChannelConfig, wire: Transport) -> None:
        self._wire = wire
        self._id = _value(config, "key_id")
        self._secret = _value(config, "key_secret")
        self._is_basic = _value(config, "auth").lower() == "basic"
        self._url = _value(config, "auth_url") or _token_address(config.base_url)
        self._tokens: TokenStore = config.tokens or MemoryTokens()
        self._basic = _BASIC + b64encode(f"{self._id}:{self._secret}".encode()).decode()

    def prove(self) -> str:
        """Raises a `GatewayError` where no token can be had; nothing was sent then."""
        self._check_key()
        if self._is_basic:
            return self._basic
        return _BEARER + (self._tokens.read() or self._tokens.renew("", self._fetch))

    def renew(self, refused: str) -> str:
        """What to prove it with after `refused`; "" where there is nothing else."""
        if self._is_basic:
            return ""
        return _BEARER + self._tokens.renew(refused.removeprefix(_BEARER), self._fetch)

    def start_anew(self) -> None:
        """A kept token proves nothing about the key: get another with it."""
        self._check_key()
        if not self._is_basic:
            self._tokens.renew(self._tokens.read(), self._fetch)

    def redact(self, words: str, proof: str = "") -> str:
        for secret in (proof.removeprefix(_BEARER), self._basic.removeprefix(_BASIC), self._secret):
            if secret:
                words = words.replace(secret, "•••")
        return words

    def _check_key(self) -> None:
        """An error about a key no header can carry would show it."""
        if not (_is_sane(self._id) and _is_sane(self._secret)):
            raise Misconfigured("The access key is missing or holds a character no key has.")

    def _fetch(self) -> tuple[str, float]:
        """A token and the seconds it lasts. Whatever goes wrong, no message was sent."""
        started = time.monotonic()
        headers = {
            "Authorization": self._basic,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "User-Agent": "Magpie",
        }
        answer: Answer | None = None
        try:
            answer = self._wire.post(self._url, headers, _REQUEST.encode())
            return _read_token(answer)
        except OutcomeUnknown as error:
            problem: GatewayError = Unreachable(f"{_UNANSWERED}: {self._name_address(error)}")
            problem.exchange = self._exchange(answer, started)
            raise problem from error
        except GatewayError as error:
            error.exchange = self._exchange(answer, started)
            error.args = (self._name_address(error),)
            raise

    def _name_address(self, error: GatewayError) -> str:
        """The words about a connection speak of the base URL, but another address was asked."""
        parts = _split(self._url)
        if parts is None:
            return str(error)
        asked = f"token address {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        said = str(error).replace("base URL", "token address").replace("token address", asked)
        return said if asked in said else f"{said} It was asked at the {asked}."

    def _exchange(self, answer: Answer | None, started: float) -> Exchange:
        status = answer.status if answer else None
        # Any other answer may hold a token: it is never kept.
        refused = answer.body[:4000] if answer and 400 <= answer.status < 500 else b""
        said = clean(self.redact(refused.decode("utf-8", "replace")), 1000)
        return Exchange("token", "", _REQUEST, status, said, time.monotonic() - started)


def _token_address(base_url: str) -> str:
    """Sinch's own for its hosts; of any other machine, such as the sandbox, one there."""
    parts = _split(base_url)
    if parts and (parts.hostname or "").lower().endswith(_THEIRS):
        return DEFAULT_AUTH_URL
    return f"{parts.scheme}://{parts.netloc}/oauth2/token" if parts else base_url


def _split(url: str) -> SplitResult | None:
    """None of what is no address."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname else None
    except ValueError:
        return None


def _read_token(answer: Answer) -> tuple[str, float]:
    if answer.status == 429:
        raise Throttled(
            "Sinch gives no access token so often: a pause.", retry_after=answer.retry_after or 2.0
        )
    if answer.status >= 500:
        raise Unreachable(f"{_UNANSWERED} (HTTP {answer.status}).")
    if answer.status >= 300:
        raise Misconfigured(
            "Sinch gives no access token for this key: correct the access key id and secret"
            f"{_why(answer)}.",
            code="UNAUTHENTICATED",
        )
    data = _read(answer)
    token = data.get("access_token")
    if not isinstance(token, str) or not _is_sane(token):
        raise Unreachable(f"{_UNANSWERED}: its answer cannot be read. Check the token address.")
    return token, _seconds(data.get("expires_in"))


def _why(answer: Answer) -> str:
    if answer.status < 400 or answer.status in {404, 405, 410}:
        return f", and the token address (HTTP {answer.status})"
    word = text(_read(answer), "error", limit=40)
    is_word = word.replace("_", "").isalpha()
    return f" (Sinch: {word})" if is_word else f" (HTTP {answer.status})"


def _seconds(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < 10**6 else _USUAL_SECONDS


def _read(answer: Answer) -> dict[str, Any]:
    try:
        return read_object(answer.body)
    except ValueError:
        return {}


def _is_sane(value: str) -> bool:
    """Whether a header can carry it."""
    return value.isascii() and value.isprintable() and 0 < len(value) < 10_000 and " " not in value


def _value(config: ChannelConfig, name: str) -> str:
    return str(config.values.get(name) or "").strip()
