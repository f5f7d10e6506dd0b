"""The provider border: plain data in, plain data out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from campaigns.gateways.errors import GatewayError
from campaigns.gateways.http import Transport
from campaigns.rules.formats import Choice, Format, Place


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a channel needs from a person. `secret` fields are stored encrypted."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    help: str = ""
    #: After a change the one before is accepted for a while, too: the gateway gets both, new one
    #: first, parted by a space.
    overlaps: bool = False
    #: (value, words) of each answer, where there are only these.
    choices: tuple[tuple[str, str], ...] = ()
    #: It names the account, alone or with others: what has all of them equal is the same one.
    is_account: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider can carry. Sizes in bytes by `rules.media.MediaKind`, "gif" apart.

    `batch`: recipients of one request. `formats`: what people may write for it. `media`: files on
    one slide. `has_sms`: plain-text replies come by the same interface, and texts can go out as
    SMS. `saves`: it keeps templates. `choices`: cards may have some.
    """

    slides: int
    text: int
    subject: int
    sizes: Mapping[str, int]
    sizes_transcoded: Mapping[str, int]
    total: int
    #: MIME types it takes as they are.
    types: frozenset[str]
    batch: int = 1
    formats: frozenset[str] = frozenset({Format.SLIDES})
    media: int = 10
    has_sms: bool = False
    saves: bool = False
    choices: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingMedium:
    """One file of a slide: `kind` is image, audio, video, contact, calendar, pdf or excel."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class OutgoingSlide:
    """A slide; in the formats of `rules.formats` the text, the file, or a card."""

    text: str = ""
    media: tuple[OutgoingMedium, ...] = ()
    title: str = ""
    choices: tuple[Choice, ...] = ()


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
    format: str = Format.SLIDES
    #: Of a question, and those below a carousel.
    choices: tuple[Choice, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What one recipient reads in place of the shared words; None leaves those.

    `texts` holds (1-based number of the slide, its text), `titles` the same of cards."""

    subject: str | None = None
    fallback_text: str | None = None
    texts: tuple[tuple[int, str], ...] = ()
    titles: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)  # not frozen: a million are made, and frozen ones take thrice as long
class OutgoingMms:
    """One message to one recipient. Numbers are digits with country code.

    `batch_reference`: ours, of the request in which it goes with others, where the provider takes
    batches (`Limits.batch`); it comes back with reports.
    """

    to: str
    reference: str
    content: Content
    own: OwnWords | None = None
    #: The other members of a group: displayed, not delivered to.
    shown_to: tuple[str, ...] = ()
    batch_reference: str = ""


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


#: Ends the words of a report after which one more try is of no use.
NO_USE_AGAIN = "Sending it again does not help."


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """A report about a message we sent.

    `status` is a `MessageStatus` value, or None where the code changes nothing or is not known;
    `known` tells these two apart. `key` is the same for a repeat of the same report. Of a batch,
    `provider_id` is its id, a slash, and the number, and `batch_name` the same with our reference
    of the batch. `parts`: of an SMS.
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
    batch_name: str = ""
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A message from a person. `media_urls` are files at the provider, soon deleted.

    `via`: "MMS" or "SMS". `comes_in_parts`: further files of the same message come as events of
    their own, and nothing ties them together. `postback` and `answered_id`: what a chosen answer
    carries, and the provider's id of the message it was offered in.
    """

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
    via: str = "MMS"
    comes_in_parts: bool = False
    postback: str = ""
    answered_id: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """The provider's own list changed: somebody opted out there, or in again."""

    key: str
    phone: str
    opted_out: bool
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeEvent:
    """Something that is kept and changes nothing: `kind` as the provider names it, `text` in
    words; `known` is False for what no reference lists."""

    key: str
    kind: str
    text: str = ""
    known: bool = True


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


Event = DeliveryEvent | InboundEvent | SavedEvent | ConsentEvent | NoticeEvent


@dataclass(frozen=True, slots=True)
class Seal:
    """What the signature of a callback says: why it is not genuine ("" when it is, or when this
    provider signs nothing), and the nonce that must not come twice."""

    problem: str = ""
    nonce: str = ""


class TokenStore(Protocol):
    """Where a gateway keeps the token it was given; threads and processes share it."""

    def read(self) -> str:
        """A token that is good for a minute at least, or ""."""

    def renew(self, refused: str, fetch: Callable[[], tuple[str, float]]) -> str:
        """The token after `refused` ("" for the first): `fetch` gives (token, seconds it lasts)
        and is called by one at a time; who waited gets what was fetched meanwhile."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a batch would become: recipients, messages or SMS parts, and what is wrong with it in
    sentences."""

    recipients: int
    parts: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to change at the provider so that the channel works: `what` in words, as it is
    there now and as it would be."""

    key: str
    what: str
    now: str
    then: str


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """What a gateway knows of a channel: plain values, secrets included, never stored."""

    base_url: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    connections: int = 5
    tokens: TokenStore | None = field(default=None, repr=False)


class Gateway(Protocol):
    """One provider. Made per lane; `send` may be called from many threads."""

    label: str
    default_base_url: str
    fields: tuple[Field, ...]
    limits: Limits
    #: Region → the base URL there; empty where the provider has one for all. The channel's own
    #: region is its setting "region".
    regions: Mapping[str, str]
    #: Headers of a callback that `verify_post` needs.
    signature_headers: tuple[str, ...]

    def __init__(self, config: ChannelConfig, wire: Transport) -> None: ...

    def save(self, content: Content, reference: str) -> Saved:
        """Store a template; raises a `GatewayError`."""

    def send(self, batch: Sequence[OutgoingMms]) -> list[Outcome]:
        """Send each message once; never raises a `GatewayError`, never repeats a request."""

    def close(self) -> None:
        """Let the connections go; the gateway is not used any more."""

    def poll(self, since: datetime, until: datetime) -> Iterator[bytes]:
        """Reports and replies of that time, each as a callback would have brought it; nothing
        where the provider cannot be asked. Raises a `GatewayError`."""

    def look_up(self, batch_reference: str) -> Mapping[str, str]:
        """Number → the provider's id of the batch it is in, for all batches of this reference: what
        became of requests whose answer was lost; "" of who is in several. Empty when it has none,
        or cannot be asked. Raises a `GatewayError`."""

    def rehearse(self, batch: Sequence[OutgoingMms]) -> Rehearsal | None:
        """What sending this would become; None where the provider offers no dry run. Raises a
        `GatewayError`."""

    def cancel(self, batch_id: str) -> bool:
        """Stop what of a batch was not handed over yet; False where that is not possible. Raises
        a `GatewayError`."""

    def tell_received(self, batch_id: str, phones: Sequence[str]) -> None:
        """Feedback: these people have surely got it (they answered). Raises a `GatewayError`."""

    def plan_setup(self, hook_url: str, sender: str) -> list[SetupStep]:
        """What to change at the provider's own configuration; [] when nothing. Raises a
        `GatewayError`."""

    def apply_setup(self, hook_url: str, sender: str, keys: Sequence[str]) -> list[Exchange]:
        """Make these changes of `plan_setup`. Raises a `GatewayError`."""

    def check_credentials(self, sender: str) -> Exchange:
        """Raise a `GatewayError` unless the account would accept messages; sends nothing."""

    def verify_post(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Seal:
        """Whether a callback is genuine, as far as the provider signs it. Header names are
        compared without case."""

    def parse_post(self, body: bytes) -> list[Event]:
        """The events of a callback; raises `ValueError` on what cannot be read."""
