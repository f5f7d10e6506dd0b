"""The formats of a message, and the parts that are not slides: choices and places
(reference/sinch-conversation-api.md §4)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import TextChoices

from campaigns.rules.coordinates import read_coordinates

#: Choices of one message or card, cards of a carousel, choices below a carousel.
MOST_CHOICES, MOST_CARDS, MOST_OUTER_CHOICES = 10, 10, 3
#: One card in a row is a card.
FEWEST_CARDS = 2


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
    CALL = "call", "Call"
    LOCATION = "location", "Place"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a format is made of. `slides`: 0 for none, 1 for one, None for as many as fit; `noun`
    names one of them; `words` is what its text is called ("" for no text); `outer` is how many
    choices stand below all of them."""

    about: str
    noun: str = "Slide"
    slides: int | None = 1
    words: str = ""
    has_media: bool = False
    has_subject: bool = False
    has_title: bool = False
    outer: int = 0
    has_place: bool = False

    @property
    def has_choices(self) -> bool:
        """Whether each of its slides has choices of its own: cards do."""
        return self.has_title

    @property
    def is_row(self) -> bool:
        """Whether there may be several."""
        return self.slides is None


SHAPES: Mapping[str, Shape] = {
    Format.SLIDES: Shape(
        "Texts and files, one slide after the other.",
        slides=None,
        words="Text",
        has_media=True,
        has_subject=True,
    ),
    Format.TEXT: Shape("Words alone. It goes out as an SMS.", noun="Text", words="Text"),
    Format.MEDIA: Shape("One file without words.", noun="File", has_media=True),
    Format.CARD: Shape(
        "A title, words, a file and choices.",
        noun="Card",
        words="Description",
        has_media=True,
        has_title=True,
    ),
    Format.CHOICE: Shape(
        "A question, and the answers to choose from.",
        noun="Question",
        words="Question",
        outer=MOST_CHOICES,
    ),
    Format.CAROUSEL: Shape(
        "Two to ten cards beside each other, and choices below them.",
        noun="Card",
        slides=None,
        words="Description",
        has_media=True,
        has_title=True,
        outer=MOST_OUTER_CHOICES,
    ),
    Format.LOCATION: Shape(
        "A place with a link to the map.", noun="Place", slides=0, has_place=True
    ),
}
#: Formats that phones show as text, whatever they were.
BECOMES_TEXT = frozenset({Format.CHOICE, Format.CAROUSEL, Format.LOCATION})


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


@dataclass(frozen=True, slots=True)
class WrittenPlace:
    """A place as it is being written: the coordinates may be anything yet."""

    title: str = ""
    label: str = ""
    coordinates: str = ""

    @property
    def place(self) -> Place | None:
        """The place, once its coordinates can be read."""
        found = read_coordinates(self.coordinates)
        return Place(self.title.strip(), *found, self.label.strip()) if found else None

    def __bool__(self) -> bool:
        return bool(self.title or self.label or self.coordinates)


NOWHERE = WrittenPlace()


def read_choices(stored: list[dict[str, Any]]) -> tuple[Choice, ...]:
    """Choices as a table keeps them."""
    return tuple(Choice(**item) for item in stored)


def read_place(stored: dict[str, Any]) -> Place | None:
    """A place as a table keeps it, written by people or sent by them."""
    if "coordinates" in stored:
        return WrittenPlace(**stored).place
    return Place(**stored) if stored else None


def as_stored(part: Choice | Place | WrittenPlace) -> dict[str, Any]:
    """The form in which a table keeps it."""
    return asdict(part)
