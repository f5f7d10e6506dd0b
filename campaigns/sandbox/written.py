"""What a person wrote on a phone, before an interface makes its callbacks of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.sandbox.inbound import Picture


@dataclass(frozen=True)
class Binary:
    """An SMS that is no text: its bytes, and the header that tells a phone what they are, in hex.
    Both together are at most 140 bytes."""

    content: bytes
    udh: str = ""


#: A contact card, for the port where phones expect one (9204).
BINARY_CARD = Binary(
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Wren;Jenny\r\nTEL:+12015550177\r\nEND:VCARD\r\n",
    "06050423F40000",
)


@dataclass(frozen=True)
class Written:
    """Text alone is an SMS, and so is what is binary; pictures or a place make an MMS. `choice` is
    what was tapped on message `answers` of the provider."""

    text: str = ""
    pictures: Sequence[Picture] = ()
    place: dict | None = None
    choice: dict | None = None
    answers: str = ""
    binary: Binary | None = None

    @property
    def is_mms(self) -> bool:
        return bool(self.pictures or self.place)
