"""`${key}` in a message, with the value of each recipient (§4.2)."""

import re
from collections.abc import Mapping

from campaigns.sandbox.sms.numbers import plain

PLACE = re.compile(r"\$\{([A-Za-z0-9_\-.]{1,16})\}")
Values = Mapping[str, Mapping[str, str]]


class Wording:
    """The text of a batch; asked for one recipient after the other."""

    def __init__(self, text: str, parameters: Values | None = None) -> None:
        self._text = text
        self._keys = set(PLACE.findall(text))
        self._values = {
            key: {plain(number): value for number, value in values.items()}
            for key, values in (parameters or {}).items()
            if key in self._keys
        }

    def text_for(self, recipient: str) -> str | None:
        """None where a place has no value for this recipient: it is not sent (405)."""
        found = {key: self._value(key, recipient) for key in self._keys}
        if None in found.values():
            return None
        return PLACE.sub(lambda place: found[place[1]], self._text)

    def _value(self, key: str, recipient: str) -> str | None:
        values = self._values.get(key, {})
        return values.get(recipient, values.get("default"))
