"""The provider border: what every gateway can do, in plain data in and out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from campaigns.gateways.channels import ChannelConfig, Field, Limits
from campaigns.gateways.events import Event, Seal
from campaigns.gateways.http import Transport
from campaigns.gateways.outcomes import Exchange, Outcome, Rehearsal, Saved, SetupStep
from campaigns.gateways.outgoing import Content, OutgoingMms


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
