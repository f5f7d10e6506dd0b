"""`${key}` in a message, with the value of each recipient (§4.2)."""

import re

from campaigns.sandbox.sms import parts
from campaigns.sandbox.sms.numbers import plain

PLACE = re.compile(r"\$\{([A-Za-z0-9_\-.]{1,16})\}")


class Wording:
    """The text of a batch; asked for one recipient after the other."""

    def __init__(self, fields: dict) -> None:
        body = fields["body"]
        self.template = text = body.get("message", "") if isinstance(body, dict) else body
        self._is_cut = fields.get("truncate_concat", False)
        self._keys = set(PLACE.findall(text))
        self._values = {
            key: {plain(number): value for number, value in values.items()}
            for key, values in fields.get("parameters", {}).items()
            if key in self._keys
        }

    def text_for(self, recipient: str) -> str | None:
        """None where a place has no value for this recipient: it is not sent (405)."""
        found = {key: self._value(key, recipient) for key in self._keys}
        if None in found.values():
            return None
        text = PLACE.sub(lambda place: found[place[1]], self.template)
        return parts.cut_to_one(text) if self._is_cut else text

    def _value(self, key: str, recipient: str) -> str | None:
        values = self._values.get(key, {})
        return values.get(recipient, values.get("default"))
