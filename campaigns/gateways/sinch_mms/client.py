"""Speaks the MMS JSON API (reference/sinch-mms-json-api.md §1–4)."""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from campaigns.gateways.channels import ChannelConfig, Field, Limits
from campaigns.gateways.errors import (
    GatewayError,
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Unreachable,
)
from campaigns.gateways.events import Event, Seal
from campaigns.gateways.http import Answer, Transport
from campaigns.gateways.lacking import Lacking
from campaigns.gateways.outcomes import Exchange, Outcome, Saved
from campaigns.gateways.outgoing import Content, OutgoingMms, OwnWords
from campaigns.gateways.payload import clean, read_object, text
from campaigns.gateways.sinch_mms import webhooks
from campaigns.gateways.sinch_mms.bodies import encode, encode_fields, save_fields, send_fields
from campaigns.gateways.sinch_mms.codes import HTTP_STATUS, error_of_code, error_of_status
from campaigns.rules.media import SENDABLE

_is_number = re.compile(r"[1-9][0-9]{6,14}").fullmatch
_KB = 1024
#: Encodings of contents kept at a time; a lane sends few campaigns at once.
_SHELLS = 32
#: No template has this id, so asking for it sends nothing (`check_credentials`).
NO_TEMPLATE = "0"
#: Of the range that is reserved for fiction: nobody has it.
NOBODY = "12015550123"
#: The API says one of these only when key, address, service id and sender are good. (E110 and
#: what follows is about the number we try with, which is the sender's own.)
FINE = frozenset({"E110", "E114", "E241", "E619", "E620", "E622", "E628"})


class SinchMms(Lacking):
    """Sinch's MMS JSON API: one request per recipient, results by postback."""

    label = "Sinch MMS JSON API"
    default_base_url = "https://api.ci.mblox.com/ep/v2/"
    fields = (
        Field("x_api_key", "API key", secret=True, help="Sinch calls it x-api-key."),
        Field(
            "service_id",
            "Service id",
            required=False,
            help="Only if your account manager gave you one (also called campaign id).",
        ),
        Field(
            "sender_mask",
            "Sender mask",
            required=False,
            help="Letters shown instead of the number. Not in the USA. At most 11 characters.",
        ),
    )
    #: §7.1.
    limits = Limits(
        slides=8,
        text=5000,
        subject=80,
        sizes=MappingProxyType(
            dict.fromkeys(
                ("image", "gif", "audio", "video", "contact", "calendar", "pdf", "excel"),
                1000 * _KB,
            )
        ),
        sizes_transcoded=MappingProxyType(
            {
                "image": 3000 * _KB,
                "gif": 1024 * _KB,
                "audio": 10_000 * _KB,
                "video": 50_000 * _KB,
                "contact": 2048 * _KB,
                "calendar": 2048 * _KB,
                "pdf": 2048 * _KB,
                "excel": 2048 * _KB,
            }
        ),
        total=1_000_000,
        types=SENDABLE,
        saves=True,
    )

    def __init__(self, config: ChannelConfig, wire: Transport) -> None:
        self._wire = wire
        self._url = config.base_url.rstrip("/") + "/"
        self._key = str(config.values.get("x_api_key") or "").strip()
        self._service_id = str(config.values.get("service_id") or "").strip()
        self._sender_mask = str(config.values.get("sender_mask") or "").strip()
        self._headers = {
            "x-api-key": self._key,
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "User-Agent": "Magpie",
        }
        self._shells: dict[int, tuple[Content, str]] = {}

    def send(self, batch: Sequence[OutgoingMms]) -> list[Outcome]:
        """Send each message once; never raises a `GatewayError`, never repeats a request."""
        return [self._send_one(message) for message in batch]

    def save(self, content: Content, reference: str) -> Saved:
        """Store a template; it may be used once a `SavedEvent` says that it is ready (§3.3)."""
        body = encode_fields({**save_fields(content), "client-reference": reference})
        data, exchange = self._request("savemms", reference, body)
        saved_id = text(data, "mms-id", "mmsid", limit=64)
        if not saved_id:
            error = OutcomeUnknown("Sinch saved the template but did not tell its id.")
            error.exchange = exchange
            raise error
        return Saved(saved_id, _tracking_id(data), exchange=exchange)

    def check_credentials(self, sender: str) -> Exchange:
        """Raise unless the account would accept messages: asks for a template nobody has."""
        fields = {
            "action": "sendsavedmms",
            "mms-id": NO_TEMPLATE,
            "service-id": self._service_id,
            "to": sender if _is_number(sender) else NOBODY,
            "from": sender,
            "disable-fallback-sms": True,
        }
        try:
            _, exchange = self._request("sendsavedmms", "", encode_fields(fields))
        except OutcomeUnknown as error:
            # Nothing can have gone, so the error's own words would frighten for nothing.
            problem = Unreachable(_no_answer(error.exchange.status), code=error.code)
            problem.exchange = error.exchange
            raise problem from error
        except GatewayError as error:
            if error.code not in FINE:
                raise
            exchange = error.exchange
        return exchange

    def close(self) -> None:
        """Let the connections go."""
        self._wire.close()

    def verify_post(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Seal:
        """Always genuine: Sinch signs nothing (§5.1). The unguessable address is the proof."""
        return Seal()

    def parse_post(self, body: bytes) -> list[Event]:
        return webhooks.parse_post(body)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    # --- One request -----------------------------------------------------------------------------

    def _send_one(self, message: OutgoingMms) -> Outcome:
        if problem := _number_problem(message):
            return Outcome(message.reference, error=Refused(problem, code="E110"))
        action = "sendsavedmms" if message.content.saved_id else "sendmms"
        try:
            data, exchange = self._request(action, message.reference, self._body(message))
        except GatewayError as error:
            return Outcome(message.reference, error=error, exchange=error.exchange)
        return Outcome(message.reference, _tracking_id(data), exchange=exchange)

    def _request(self, action: str, reference: str, body: str) -> tuple[dict[str, Any], Exchange]:
        """The answer to a successful request; errors carry their exchange."""
        started = time.monotonic()
        try:
            self._check_key()
            answer = self._wire.post(self._url, self._headers, body.encode("utf-8", "replace"))
        except GatewayError as error:
            seconds = time.monotonic() - started
            error.exchange = Exchange(action, reference, body, None, "", seconds)
            raise
        said = self._redact(answer.body[:8000].decode("utf-8", "replace"))
        exchange = Exchange(
            action, reference, body, answer.status, clean(said, 2000), answer.seconds
        )
        data = _read(answer)
        if error := self._find_error(answer, data):
            error.exchange = exchange
            raise error
        return data, exchange

    def _check_key(self) -> None:
        """A header cannot carry every character, and an error about it would show the key."""
        if not (self._key and self._key.isascii() and self._key.isprintable()):
            raise Misconfigured("The API key is missing or holds a character no key has.")

    def _find_error(self, answer: Answer, data: dict[str, Any]) -> GatewayError | None:
        """What went wrong; the body counts before the HTTP status (§3.1)."""
        status = text(data, "status", limit=20).lower()
        if status == "success":
            return None
        code = text(data, "error-code", "errorcode", limit=20).upper()
        is_plain = answer.status < 500 and answer.status not in HTTP_STATUS
        if status == "failure" and (code or is_plain):
            info = self._redact(text(data, "error-info", "errorinfo", limit=5000))
            return error_of_code(code, info[:300])
        return error_of_status(answer.status, answer.retry_after)

    def _redact(self, words: str) -> str:
        return words.replace(self._key, "•••")

    # --- Bodies ----------------------------------------------------------------------------------

    def _body(self, message: OutgoingMms) -> str:
        """The request: what all copies share is encoded once, the rest is put in."""
        shell = (
            self._encode_shell(message.content, message.own)
            if message.own
            else self._shell(message.content)
        )
        parts = [shell, ',"to":"', message.to, '"']
        if message.shown_to:
            parts += ',"to-displayonly":"', ",".join(message.shown_to), '"'
        parts += ',"client-reference":', encode(message.reference), "}"
        return "".join(parts)

    def _shell(self, content: Content) -> str:
        """The encoded content without its closing brace. Holding the content keeps its id its."""
        known = self._shells.get(id(content))
        if known is None:
            if len(self._shells) >= _SHELLS:
                self._shells = {}
            known = self._shells[id(content)] = content, self._encode_shell(content)
        return known[1]

    def _encode_shell(self, content: Content, own: OwnWords | None = None) -> str:
        fields = {
            **send_fields(content, own),
            "service-id": self._service_id,
            "from-mask": content.sender_mask or self._sender_mask,
        }
        return encode_fields(fields)[:-1]


# --- Answers ---------------------------------------------------------------------------------


def _read(answer: Answer) -> dict[str, Any]:
    try:
        return read_object(answer.body)
    except ValueError:
        return {}


def _tracking_id(data: dict[str, Any]) -> str:
    return text(data, "tracking-id", "trackingid", limit=128)


def _no_answer(status: int | None) -> str:
    said = f" (HTTP {status})" if status else ""
    return f"No readable answer came{said}: check the base URL, or try again in a minute."


def _number_problem(message: OutgoingMms) -> str:
    if not _is_number(message.to):
        return "The number is not one with country code, 7 to 15 digits: correct the contact."
    if not all(map(_is_number, message.shown_to)):
        return "A number of the group is not one with country code, 7 to 15 digits: correct it."
    return ""
