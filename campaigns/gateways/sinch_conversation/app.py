"""Looks at the app by the management API (reference/sinch-conversation-api.md §7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from campaigns.gateways.errors import Misconfigured, OutcomeUnknown, Unreachable
from campaigns.gateways.outcomes import Exchange
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_conversation.bodies import MMS, SMS
from campaigns.gateways.sinch_conversation.callback import Data, part, parts
from campaigns.gateways.sinch_conversation.calls import Calls

_STATES = {
    "PENDING": "Sinch is still setting up {channel} for the app: try again in some minutes.",
    "FAILING": "{channel} of the app fails at Sinch{why}: correct its credentials there.",
}
_MISSING = {
    MMS: "The app has no MMS: set it up below, or in the Sinch dashboard.",
    SMS: "The app has no SMS, which texts, fallbacks and plain replies (STOP among them) need: "
    "add it in the Sinch dashboard.",
}


@contextmanager
def without_doubt() -> Iterator[None]:
    """Nothing can have gone when we only look: an unreadable answer is a missing one."""
    try:
        yield
    except OutcomeUnknown as error:
        status = error.exchange.status if error.exchange else None
        said = f" (HTTP {status})" if status else ""
        problem = Unreachable(
            f"No readable answer came{said}: check the base URL, or try again in a minute."
        )
        problem.exchange = error.exchange
        raise problem from error


def check_app(calls: Calls, app_id: str) -> Exchange:
    """Raise `Misconfigured` unless the app's MMS and SMS are there and active; it says of each how
    it is."""
    app, exchange = get_app(calls, app_id)
    problems = {channel: _problem_of(app, channel) for channel in (MMS, SMS)}
    if any(problems.values()):
        told = (problem or f"{channel} is ready." for channel, problem in problems.items())
        error = Misconfigured(" ".join(told), is_partial=not problems[MMS])
        error.exchange = exchange
        raise error
    return exchange


def _problem_of(app: Data, channel: str) -> str:
    credentials = credentials_of(app, channel)
    if not credentials:
        return _MISSING[channel]
    state = part(credentials, "state")
    why = text(state, "description", limit=200).rstrip(".")
    words = _STATES.get(text(state, "status", limit=20).upper(), "")
    return words.format(channel=channel, why=f" ({why})" if why else "")


def get_app(calls: Calls, app_id: str) -> tuple[Data, Exchange]:
    return calls.manage("GET", app_path(app_id))


def app_path(app_id: str) -> str:
    return f"apps/{quote(app_id, safe='')}"


def credentials_of(app: Data, channel: str) -> Data:
    found = (
        c for c in parts(app, "channel_credentials") if text(c, "channel", limit=30) == channel
    )
    return next(found, {})


def is_hidden(value: Any) -> bool:
    """Whether Sinch shows stars in place of a secret."""
    return isinstance(value, str) and bool(value) and not value.strip("*•xX. ")
