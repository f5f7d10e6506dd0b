"""The formats of a message, and the parts that are not slides: choices and places
(reference/sinch-conversation-api.md §4)."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import TextChoices

#: Choices of one message or card, cards of a carousel, choices below a carousel.
MOST_CHOICES, MOST_CARDS, MOST_OUTER_CHOICES = 10, 10, 3


class Format(TextChoices):
    """What people write: slides, or one of the Conversation API's messages.

    In all of them a slide is the part that holds words and a file: the one text, the one file, the
    card (with a title and choices), or each card of a carousel. A location has none.
    """

    SLIDES = "slides", "Slides"
    TEXT = "text", "Text"
    MEDIA = "media", "File"
    CARD = "card", "Card"
    CHOICE = "choice", "Question with choices"
    CAROUSEL = "carousel", "Cards in a row"
    LOCATION = "location", "Place"


class ChoiceKind(TextChoices):
    TEXT = "text", "Answer"
    URL = "url", "Link"
    CALL = "call", "Call a number"
    LOCATION = "location", "Show a place"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: `target` is the address, the number (digits), or "latitude,longitude".

    `postback` comes back with the answer; empty, the provider makes one up.
    """

    kind: str = ChoiceKind.TEXT
    title: str = ""
    target: str = ""
    postback: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the map, in degrees."""

    title: str
    latitude: float
    longitude: float
    label: str = ""


def read_choices(stored: list[dict[str, Any]]) -> tuple[Choice, ...]:
    """Choices as a table keeps them."""
    return tuple(Choice(**item) for item in stored)


def read_place(stored: dict[str, Any]) -> Place | None:
    return Place(**stored) if stored else None


def as_stored(part: Choice | Place) -> dict[str, Any]:
    """The form in which a table keeps it."""
    return asdict(part)
