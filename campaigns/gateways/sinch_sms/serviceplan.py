"""A service plan at Sinch: requests with its token, and what their answers say."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import (
    GatewayError,
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Unreachable,
)
from campaigns.gateways.http import Answer, Transport
from campaigns.gateways.outcomes import Exchange
from campaigns.gateways.payload import clean, read_object, text
from campaigns.gateways.sinch_sms.codes import error_of

#: Of a page of replies, or of a rehearsal with the words of each person.
LONG_ANSWER = 16 * 1024 * 1024
_SHORT_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `kept` is what the journal says in place of a long body. `is_about_one`: its
    path names something that may be gone."""

    action: str
    method: str
    path: str
    body: str = ""
    reference: str = ""
    kept: str = ""
    is_about_one: bool = False


Carrier = Callable[[Request, bytes], Answer]


class ServicePlan:
    """Speaks for one service plan; may be used from many threads."""

    def __init__(self, config: ChannelConfig, wire: Transport, hidden: Iterable[str]) -> None:
        """`hidden`: further secrets, which the journal shall not show."""
        self._wire = wire
        self._id = str(config.values.get("service_plan_id") or "").strip()
        self._token = str(config.values.get("api_token") or "").strip()
        self._hidden = tuple(filter(None, (self._token, *hidden)))
        self.url = f"{config.base_url.rstrip('/')}/xms/v1/{quote(self._id, safe='')}/"
        self._headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "Magpie",
        }

    def send(self, request: Request) -> tuple[dict[str, Any], Exchange]:
        """The answer to something that counts. Errors carry their exchange; what cannot be read
        is in doubt."""
        answer, exchange = self._exchange(request, self._post)
        data = _read(answer)
        if not _is_fine(answer) or data is None:
            raise self._error(answer, data or {}, exchange)
        return data, exchange

    def ask(self, request: Request, *, reads: bool = True) -> tuple[dict[str, Any], Exchange]:
        """The same where nothing is at stake and asking again does no harm: no doubts. `reads`:
        an answer without a body is none."""
        try:
            answer, exchange = self._exchange(request, self._request)
            data = _read(answer)
            if _is_fine(answer) and (data is not None or not reads):
                return data or {}, exchange
            if answer.status == 404 and request.is_about_one:
                raise _gone(exchange)
            raise self._error(answer, data or {}, exchange)
        except OutcomeUnknown as error:
            problem = Unreachable(_no_answer(error.exchange.status))
            problem.exchange = error.exchange
            raise problem from error

    def _exchange(self, request: Request, carry: Carrier) -> tuple[Answer, Exchange]:
        said = self._redact(request.kept or request.body or f"{request.method} {request.path}")
        body = request.body.encode("utf-8", "replace")
        started = time.monotonic()
        try:
            self._check_account()
            answer = carry(request, body)
        except GatewayError as error:
            seconds = time.monotonic() - started
            error.exchange = Exchange(request.action, request.reference, said, None, "", seconds)
            raise
        heard = clean(self._redact(answer.body[:8000].decode("utf-8", "replace")), 2000)
        return answer, Exchange(
            request.action, request.reference, said, answer.status, heard, answer.seconds
        )

    def _post(self, request: Request, body: bytes) -> Answer:
        # The answer says again what was asked, perhaps with everything escaped.
        limit = _SHORT_ANSWER + 4 * len(body)
        return self._wire.post(self.url + request.path, self._headers, body, limit=limit)

    def _request(self, request: Request, body: bytes) -> Answer:
        url = self.url + request.path
        return self._wire.request(
            request.method, url, self._headers, body or None, limit=LONG_ANSWER
        )

    def _check_account(self) -> None:
        """A header cannot carry every character, and an error about it would show the token."""
        if not self._id:
            raise Misconfigured("The service plan id is missing: enter it in the channel.")
        if not (self._token and self._token.isascii() and self._token.isprintable()):
            raise Misconfigured("The API token is missing or holds a character no token has.")

    def _error(self, answer: Answer, data: dict[str, Any], exchange: Exchange) -> GatewayError:
        code = text(data, "code", limit=60)
        info = self._redact(text(data, "text", limit=5000))[:300]
        error = error_of(answer.status, code, info, answer.retry_after)
        error.exchange = exchange
        return error

    def _redact(self, words: str) -> str:
        for secret in self._hidden:
            words = words.replace(secret, "•••")
        return words


def in_doubt(exchange: Exchange) -> OutcomeUnknown:
    """Sinch says that it went well, but not what it took."""
    error = OutcomeUnknown("Sinch's answer tells no id: it may have gone through.")
    error.exchange = exchange
    return error


def _gone(exchange: Exchange) -> Refused:
    error = Refused("Sinch does not have it any more, or never had it.")
    error.exchange = exchange
    return error


def _is_fine(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _read(answer: Answer) -> dict[str, Any] | None:
    try:
        return read_object(answer.body)
    except ValueError:
        return None


def _no_answer(status: int | None) -> str:
    said = f" (HTTP {status})" if status else ""
    return f"No readable answer came{said}: check the base URL, or try again in a minute."
