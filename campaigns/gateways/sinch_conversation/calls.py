"""One call to the Conversation API: authorised, renewed once where its token had expired, told to
the journal without secrets."""

import json
import math
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import GatewayError, Misconfigured, Unreachable
from campaigns.gateways.http import Answer, Transport
from campaigns.gateways.outcomes import Exchange
from campaigns.gateways.payload import clean, read_object
from campaigns.gateways.sinch_conversation.access import Access
from campaigns.gateways.sinch_conversation.codes import error_of
from campaigns.gateways.sinch_conversation.fields import FIELDS, REGIONS

#: Lists of webhooks and an app with many channels are longer than the answer to a message.
LONG = 1024 * 1024
#: So long after it was given to us a message may still leave: whoever gave it looked just before
#: whether it may go at all.
_FRESH_SECONDS = 3.0
_STALE = (
    "Sinch's access token was long in coming, so nothing was sent: it goes out in its next turn."
)
_HIDDEN = "•••"
_is_secret = re.compile(r"secret|token|key|password", re.IGNORECASE).search
_OUR_HOOK = re.compile(r"(/hooks/)[^/\"\s]+")
_SINCHS_HOST = re.compile(r"(?<=//)(?:us|eu|br)(?=\.conversation\.api\.sinch\.com)")


class Calls:
    """The calls of one project, at the address of the app's region."""

    def __init__(
        self, config: ChannelConfig, wire: Transport, steady: Callable[[], float] = time.monotonic
    ) -> None:
        values = config.values
        self.access = Access(config, wire)
        self._wire = wire
        self._steady = steady
        self._project = str(values.get("project_id") or "").strip()
        self._region = str(values.get("region") or "").strip().lower()
        self._app_id = str(values.get("app_id") or "").strip()
        host = _SINCHS_HOST.sub(self._region or r"\g<0>", config.base_url.rstrip("/"))
        self.root = f"{host}/v1/projects/{quote(self._project, safe='')}/"
        told = (str(values.get(item.name) or "") for item in FIELDS if item.secret)
        self._secrets = [part for secret in told for part in (secret, *secret.split()) if part]
        #: The last proof with its headers: one object, so that threads never mix two.
        self._known: tuple[str, dict[str, str]] = "", {}

    def leave_by(self) -> float:
        """Until when, by the steady clock, a message that is ours now may leave."""
        return self._steady() + _FRESH_SECONDS

    def send(self, reference: str, body: str, leave_by: float) -> tuple[dict[str, Any], Exchange]:
        """Send a message, if it is not too late for that; errors carry their exchange."""
        return self._call(
            "messages:send", "POST", "messages:send", reference, body, body, leave_by=leave_by
        )

    def manage(
        self, method: str, path: str, fields: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], Exchange]:
        """A call about the app or its webhooks, whose bodies hold keys of all its channels."""
        body = "" if fields is None else json.dumps(fields, ensure_ascii=False)
        shown = self.redact(conceal(body)) if body else path
        action = f"{method} {path.partition('?')[0]}"
        return self._call(action, method, path, "", body, shown, is_private=True)

    def redact(self, words: str) -> str:
        for secret in self._secrets:
            words = words.replace(secret, _HIDDEN)
        return self.access.redact(words, self._known[0])

    def check(self) -> None:
        """Raise `Misconfigured` where no call can succeed."""
        if not (self._project and self._app_id):
            raise Misconfigured("The project id or the app id is missing: enter it.")
        if self._region not in {"", *REGIONS}:
            raise Misconfigured("The region is none of us, eu and br: correct it.")

    def _call(
        self,
        action: str,
        method: str,
        path: str,
        reference: str,
        body: str,
        shown: str,
        is_private: bool = False,
        leave_by: float = math.inf,
    ) -> tuple[dict[str, Any], Exchange]:
        started = time.monotonic()
        try:
            self.check()
            answer = self._carry(
                method, self.root + path, body.encode("utf-8", "replace"), leave_by
            )
        except GatewayError as error:
            seconds = time.monotonic() - started
            error.exchange = error.exchange or Exchange(action, reference, shown, None, "", seconds)
            raise
        said = answer.body[: LONG if is_private else 8000].decode("utf-8", "replace")
        told = clean(self.redact(conceal(said) if is_private else said), 2000)
        exchange = Exchange(action, reference, shown, answer.status, told, answer.seconds)
        data = _read(answer)
        if not 200 <= answer.status < 300 or data is None:
            error = error_of(answer, data or {}, self.redact)
            error.exchange = exchange
            raise error
        return data, exchange

    def _carry(self, method: str, url: str, body: bytes, leave_by: float) -> Answer:
        """Ask; once more where the token had expired, for then nothing was done (§1)."""
        proof = self.access.prove()
        self._check_is_fresh(leave_by)
        answer = self._ask(method, url, proof, body)
        if answer.status == 401 and "expired" in answer.challenge.lower():
            renewed = self.access.renew(proof)
            if renewed:
                self._check_is_fresh(leave_by)
                answer = self._ask(method, url, renewed, body)
        return answer

    def _check_is_fresh(self, leave_by: float) -> None:
        """A token may be long in coming, and a stop or an opt-out faster."""
        if self._steady() > leave_by:
            raise Unreachable(_STALE)

    def _ask(self, method: str, url: str, proof: str, body: bytes) -> Answer:
        headers = self._headers_with(proof)
        if method == "POST":
            return self._wire.post(url, headers, body)
        return self._wire.request(method, url, headers, body or None, limit=LONG)

    def _headers_with(self, proof: str) -> dict[str, str]:
        known, headers = self._known
        if proof != known:
            headers = {
                "Authorization": proof,
                "Content-Type": "application/json; charset=utf-8",
                "Accept": "application/json",
                "User-Agent": "Magpie",
            }
            self._known = proof, headers
        return headers


def _read(answer: Answer) -> dict[str, Any] | None:
    """The object in the answer; None where it cannot be read."""
    try:
        return read_object(answer.body)
    except ValueError:
        return None


def conceal(said: str) -> str:
    """The same JSON without anybody's keys, nor our own callback address; "" for other text."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return ""
    return _OUR_HOOK.sub(rf"\g<1>{_HIDDEN}", json.dumps(_conceal(found), ensure_ascii=False))


def _conceal(part: Any) -> Any:
    if isinstance(part, list):
        return [_conceal(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _HIDDEN if _is_secret(name) and isinstance(value, str) and value else _conceal(value)
        for name, value in part.items()
    }
