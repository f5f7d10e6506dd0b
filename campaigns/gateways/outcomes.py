"""What a provider answers to our requests: what became of messages, templates and dry runs."""

from dataclasses import dataclass

from campaigns.gateways.errors import GatewayError


@dataclass(slots=True)  # not frozen: each message has one
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
