"""What a person wrote on a phone, before an interface makes its callbacks of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.sandbox.inbound import Picture


@dataclass(frozen=True)
class Written:
    """Text alone is an SMS; pictures or a place make an MMS. `choice` is what was tapped on
    message `answers` of the provider."""

    text: str = ""
    pictures: Sequence[Picture] = ()
    place: dict | None = None
    choice: dict | None = None
    answers: str = ""

    @property
    def is_mms(self) -> bool:
        return bool(self.pictures or self.place)
