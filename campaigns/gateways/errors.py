"""What can go wrong at a provider, named after what to do next."""

from typing import Any


class GatewayError(Exception):
    """A request to a provider did not succeed.

    `str(error)` is one sentence for people; `code` is the provider's code or ""; `exchange` is
    the `base.Exchange` it came from, where there was one.
    """

    def __init__(self, text: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.retry_after = retry_after
        self.exchange: Any = None


class Unreachable(GatewayError):
    """Nothing was sent: no connection, or the provider asks to come again. Later.

    `about_content`: every other copy would fail alike until somebody mends it.
    """

    def __init__(
        self,
        text: str,
        *,
        code: str = "",
        retry_after: float | None = None,
        about_content: bool = False,
    ) -> None:
        super().__init__(text, code=code, retry_after=retry_after)
        self.about_content = about_content


class Throttled(GatewayError):
    """Nothing was sent: too fast. After `retry_after` seconds, slower."""


class Refused(GatewayError):
    """This message never.

    `about_content`: every other copy would fail alike. `is_blocked`: the recipient is on the
    provider's block list and must not be written to again. `is_template_gone`: the saved template
    it was to show is not there; without one it may be sent.
    """

    def __init__(
        self,
        text: str,
        *,
        code: str = "",
        about_content: bool = False,
        is_blocked: bool = False,
        is_template_gone: bool = False,
    ) -> None:
        super().__init__(text, code=code)
        self.about_content = about_content
        self.is_blocked = is_blocked
        self.is_template_gone = is_template_gone


class Misconfigured(GatewayError):
    """No message at all: the account, key, address or sender is wrong. Pause the channel.

    `is_partial`, of a test: MMS go out all the same, and something else is missing.
    """

    def __init__(self, text: str, *, code: str = "", is_partial: bool = False) -> None:
        super().__init__(text, code=code)
        self.is_partial = is_partial


class OutcomeUnknown(GatewayError):
    """It may have gone. A machine never sends it again."""


def packed(error: GatewayError) -> dict[str, Any]:
    """The error as JSON can keep it, without its exchange; `unpacked` makes it again."""
    kept = {name: value for name, value in vars(error).items() if name != "exchange"}
    return {"kind": type(error).__name__, "text": str(error), **kept}


def unpacked(data: dict[str, Any]) -> GatewayError:
    kinds = {kind.__name__: kind for kind in GatewayError.__subclasses__()}
    error = kinds[data["kind"]](data["text"])
    vars(error).update({name: data[name] for name in vars(error) if name in data})
    return error
