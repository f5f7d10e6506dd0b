"""The answers of a provider for the steps it lacks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from campaigns.gateways.outcomes import Exchange, Rehearsal, Saved, SetupStep
from campaigns.gateways.outgoing import Content, OutgoingMms


class Lacking:
    """Says "nothing" to every step; a gateway says more to those that its provider has."""

    signature_headers: tuple[str, ...] = ()
    regions: Mapping[str, str] = MappingProxyType({})

    def save(self, content: Content, reference: str) -> Saved:
        """There is nothing to save: the message itself is sent each time."""
        return Saved("", ready=True)

    def poll(self, since: datetime, until: datetime) -> Iterator[bytes]:
        """It pushes, and cannot be asked."""
        return iter(())

    def look_up(self, batch_reference: str) -> Mapping[str, str]:
        """It cannot be asked."""
        return {}

    def rehearse(self, batch: Sequence[OutgoingMms]) -> Rehearsal | None:
        """There is no dry run."""
        return None

    def cancel(self, batch_id: str) -> bool:
        """What was handed over goes out."""
        return False

    def tell_received(self, batch_id: str, phones: Sequence[str]) -> None:
        """Nobody wants to know."""

    def plan_setup(self, hook_url: str, sender: str) -> list[SetupStep]:
        """Its configuration is the account manager's."""
        return []

    def apply_setup(self, hook_url: str, sender: str, keys: Sequence[str]) -> list[Exchange]:
        """There is nothing to change."""
        return []
