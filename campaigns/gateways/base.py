"""The provider border: plain data in, plain data out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from campaigns.gateways.errors import GatewayError
from campaigns.gateways.http import Transport


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a channel needs from a person. `secret` fields are stored encrypted."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider can carry. Sizes in bytes by `rules.media.MediaKind`, "gif" apart."""

    slides: int
    text: int
    subject: int
    sizes: Mapping[str, int]
    sizes_transcoded: Mapping[str, int]
    total: int
    #: MIME types it takes as they are.
    types: frozenset[str]
    batch: int = 1


@dataclass(frozen=True, slots=True)
class OutgoingMedium:
    """One file of a slide: `kind` is image, audio, video, contact, calendar, pdf or excel."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class OutgoingSlide:
    text: str = ""
    media: tuple[OutgoingMedium, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What all recipients of one campaign share. Hashable: a gateway may cache its encoding."""

    slides: tuple[OutgoingSlide, ...] = ()
    subject: str = ""
    fallback_text: str = ""
    fallback: bool = True
    fallback_link: bool = True
    fallback_link_expires_at: datetime | None = None
    sender: str = ""
    sender_mask: str = ""
    expires_at: datetime | None = None
    cache_content: bool | None = None
    #: The provider's id of a saved template; the slides then stay at home.
    saved_id: str = ""
    #: The internal name of a template to save.
    name: str = ""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What one recipient reads in place of the shared words; None leaves those.

    `texts` holds (1-based number of the slide, its text)."""

    subject: str | None = None
    fallback_text: str | None = None
    texts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OutgoingMms:
    """One message to one recipient. Numbers are digits with country code."""

    to: str
    reference: str
    content: Content
    own: OwnWords | None = None
    #: The other members of a group: displayed, not delivered to.
    shown_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, redacted, for the journal."""

    action: str
    reference: str
    request: str
    status: int | None
    answer: str
    seconds: float


@dataclass(slots=True)
class Outcome:
    """What became of one `OutgoingMms`: `error` is None when the provider accepted it."""

    reference: str
    provider_id: str = ""
    error: GatewayError | None = None
    exchange: Exchange | None = None
    #: The saved template it showed.
    saved_id: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A template the provider took: `ready` is False until a `SavedEvent` says so."""

    saved_id: str
    provider_id: str = ""
    ready: bool = False
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """A report about a message we sent.

    `status` is a `MessageStatus` value, or None where the code changes nothing or is not known;
    `known` tells these two apart. `key` is the same for a repeat of the same report.
    """

    key: str
    code: str
    status: int | None
    reference: str = ""
    provider_id: str = ""
    text: str = ""
    at: datetime | None = None
    sent_as: str = ""
    operator: str = ""
    to: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A message from a person. `media_urls` are files at the provider, soon deleted."""

    key: str
    provider_id: str
    sender: str
    to: str
    subject: str = ""
    text: str = ""
    keyword: str = ""
    operator: str = ""
    media_urls: tuple[str, ...] = ()
    copied_to: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedEvent:
    """A report about a saved template: `ready`, or failed with `text` and the file's `url`, or
    at least its `kind`."""

    key: str
    code: str
    saved_id: str
    ready: bool
    text: str = ""
    url: str = ""
    kind: str = ""
    reference: str = ""
    provider_id: str = ""


Event = DeliveryEvent | InboundEvent | SavedEvent


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """What a gateway knows of a channel: plain values, secrets included, never stored."""

    base_url: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    connections: int = 5


class Gateway(Protocol):
    """One provider. Made per lane; `send` may be called from many threads."""

    label: str
    default_base_url: str
    fields: tuple[Field, ...]
    limits: Limits

    def __init__(self, config: ChannelConfig, wire: Transport) -> None: ...

    def save(self, content: Content, reference: str) -> Saved:
        """Store a template; raises a `GatewayError`."""

    def send(self, batch: Sequence[OutgoingMms]) -> list[Outcome]:
        """Send each message once; never raises a `GatewayError`, never repeats a request."""

    def close(self) -> None:
        """Let the connections go; the gateway is not used any more."""

    def poll(self, since: datetime) -> list[Event]:
        """Events where the provider does not push; else []."""

    def check_credentials(self, sender: str) -> Exchange:
        """Raise a `GatewayError` unless the account would accept messages; sends nothing."""

    def verify_post(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether a callback is genuine, as far as the provider signs it."""

    def parse_post(self, body: bytes) -> list[Event]:
        """The events of a callback; raises `ValueError` on what cannot be read."""
