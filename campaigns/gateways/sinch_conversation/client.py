"""Speaks the Conversation API (reference/sinch-conversation-api.md §1–5, §7–8, §13)."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from campaigns.gateways import signature
from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import GatewayError, Misconfigured, OutcomeUnknown, Refused
from campaigns.gateways.events import Event, Seal
from campaigns.gateways.http import Transport
from campaigns.gateways.lacking import Lacking
from campaigns.gateways.outcomes import Exchange, Outcome, SetupStep
from campaigns.gateways.outgoing import Content, OutgoingMms, OwnWords
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_conversation import setup, webhooks
from campaigns.gateways.sinch_conversation.app import check_app, without_doubt
from campaigns.gateways.sinch_conversation.bodies import (
    MEANT_AS_SMS,
    SMS,
    channels_of,
    encode,
    recipient_of,
    shared_fields,
)
from campaigns.gateways.sinch_conversation.calls import Calls
from campaigns.gateways.sinch_conversation.fields import BASE_URLS, FIELDS, LIMITS
from campaigns.gateways.sinch_conversation.wish import wish_of

_is_number = re.compile(r"[1-9][0-9]{6,14}").fullmatch
#: Encodings of contents kept at a time; a lane sends few campaigns at once.
_SHELLS = 32
#: Sinch takes no shorter time than this, and no longer one (§3).
_SHORTEST, _LONGEST = 3, 315_576_000_000
_BAD_NUMBER = "The number is not one with country code, 7 to 15 digits: correct the contact."
_TOO_LATE = "The time until which this message may be sent has passed."
_NO_ID = "Sinch answered without an id of the message: it may have gone through."


class SinchConversation(Lacking):
    """Sinch's Conversation API: MMS, and SMS in its place; one request per recipient."""

    label = "Sinch Conversation API"
    default_base_url = "https://us.conversation.api.sinch.com/"
    regions = BASE_URLS
    fields = FIELDS
    limits = LIMITS
    signature_headers = signature.HEADERS

    def __init__(
        self,
        config: ChannelConfig,
        wire: Transport,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire = wire
        self._values = config.values
        self._calls = Calls(config, wire, steady)
        self._clock = clock
        self._app_id = self._value("app_id")
        self._is_strict = self._value("strict").lower() in {"yes", "true", "on", "1"}
        #: Two while one replaces the other (`Field.overlaps`).
        self._callback_secrets = self._value("callback_secret").split()
        self._shells: dict[int, tuple[Content, tuple[str, ...]]] = {}

    def send(self, batch: Sequence[OutgoingMms]) -> list[Outcome]:
        """Send each message once; never raises a `GatewayError`. Only a call whose token had
        expired, so that nothing was sent, is made again."""
        return [self._send_one(message) for message in batch]

    def check_credentials(self, sender: str) -> Exchange:
        """Raise unless the app is there and its MMS and SMS work; sends nothing."""
        with without_doubt():
            self._calls.check()
            self._calls.access.start_anew()
            return check_app(self._calls, self._app_id)

    def plan_setup(self, hook_url: str, sender: str) -> list[SetupStep]:
        with without_doubt():
            return setup.plan(self._calls, wish_of(self._values, hook_url, sender))

    def apply_setup(self, hook_url: str, sender: str, keys: Sequence[str]) -> list[Exchange]:
        return setup.apply(self._calls, wish_of(self._values, hook_url, sender), keys)

    def close(self) -> None:
        """Let the connections go."""
        self._wire.close()

    def verify_post(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Seal:
        """Genuine as far as it is signed: without a secret in the channel, nothing is."""
        return signature.verify(headers, body, now, self._callback_secrets)

    def parse_post(self, body: bytes) -> list[Event]:
        return webhooks.parse_post(body)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._calls.root!r})"

    def _value(self, name: str) -> str:
        return str(self._values.get(name) or "").strip()

    # --- Sending ---------------------------------------------------------------------------------

    def _send_one(self, message: OutgoingMms) -> Outcome:
        if not _is_number(message.to):
            return Outcome(message.reference, error=Refused(_BAD_NUMBER))
        leave_by = self._calls.leave_by()
        try:
            if message.content.expires_at:
                # A token may be long in coming, and the time left is counted from the request on.
                self._calls.access.prove()
            data, exchange = self._calls.send(message.reference, self._body(message), leave_by)
        except GatewayError as error:
            return Outcome(message.reference, error=error, exchange=error.exchange)
        message_id = text(data, "message_id", limit=128)
        # Without an id it is no answer of theirs, but something took the request.
        error = None if message_id else OutcomeUnknown(_NO_ID)
        return Outcome(message.reference, message_id, error=error, exchange=exchange)

    def _body(self, message: OutgoingMms) -> str:
        """The request: what all copies share is encoded once, the rest is put in."""
        content = message.content
        shell = self._encode(content, message.own) if message.own else self._shell(content)
        is_sms = channels_of(content) == (SMS,)
        metadata = message.reference + (MEANT_AS_SMS if is_sms else "")
        return "".join(
            (
                message.to.join(shell),
                self._ttl(content),
                ',"message_metadata":',
                encode(metadata),
                ',"correlation_id":',
                encode(message.reference),
                "}",
            )
        )

    def _ttl(self, content: Content) -> str:
        if content.expires_at is None:
            return ""
        seconds = int(content.expires_at.timestamp() - self._clock())
        if seconds < _SHORTEST:
            raise Refused(_TOO_LATE)
        return f',"ttl":"{min(seconds, _LONGEST)}s"'

    def _shell(self, content: Content) -> tuple[str, ...]:
        """The encoded content, in pieces between which the number stands. Holding the content
        keeps its id its."""
        known = self._shells.get(id(content))
        if known is None:
            if len(self._shells) >= _SHELLS:
                self._shells = {}
            known = self._shells[id(content)] = content, self._encode(content)
        return known[1]

    def _encode(self, content: Content, own: OwnWords | None = None) -> tuple[str, ...]:
        """The members that all copies share and the recipient, without the closing brace."""
        parts = self._value("max_sms_parts")
        if parts and not (parts.isascii() and parts.isdigit()):
            raise Misconfigured("The longest SMS in parts is not a number: correct the channel.")
        fields = shared_fields(
            content,
            app_id=self._app_id,
            sms_sender=self._value("sms_sender"),
            max_sms_parts=parts,
            is_strict=self._is_strict,
            own=own,
        )
        recipient = encode(recipient_of("1000000", channels_of(content)))
        first, *others = recipient.split("1000000")
        return f'{encode(fields)[:-1]},"recipient":{first}', *others
