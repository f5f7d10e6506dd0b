"""What becomes of a message on phones: text and files, as the provider transcodes it
(reference/sinch-conversation-api.md §6; what it does not tell is marked assumed).

An SMS is one text. An MMS is a subject, a text and attached files.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from campaigns.rules.coordinates import map_link, read_coordinates
from campaigns.rules.formats import Choice, ChoiceKind, Format, Place

MMS, SMS = "MMS", "SMS"


@dataclass(frozen=True, slots=True)
class Part:
    """A slide or a card; `media` are addresses."""

    text: str = ""
    media: tuple[str, ...] = ()
    title: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it is handed over."""

    format: str = Format.SLIDES
    parts: tuple[Part, ...] = ()
    subject: str = ""
    choices: tuple[Choice, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a phone shows; `media` are the files that come with it."""

    subject: str = ""
    lines: tuple[str, ...] = ()
    media: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Way:
    """How a format is written on a channel. `subject`: the title becomes it. `attached`: files
    come with it; else their addresses are lines. `numbered`: before the title of a card. `gap`: an
    empty line between the cards, and before choices that stand below all."""

    subject: bool = False
    attached: bool = False
    numbered: bool = False
    gap: bool = False


#: Slides are a card without choices: its title is the subject.
WAYS: dict[tuple[str, str], Way] = {
    (Format.SLIDES, MMS): Way(subject=True, attached=True),
    (Format.TEXT, MMS): Way(attached=True),
    (Format.MEDIA, MMS): Way(attached=True),
    (Format.CARD, MMS): Way(subject=True, attached=True),
    (Format.CHOICE, MMS): Way(attached=True),
    (Format.CAROUSEL, MMS): Way(),
    (Format.LOCATION, MMS): Way(),
    (Format.SLIDES, SMS): Way(gap=True),
    (Format.TEXT, SMS): Way(),
    (Format.MEDIA, SMS): Way(),
    (Format.CARD, SMS): Way(),
    (Format.CHOICE, SMS): Way(gap=True),
    (Format.CAROUSEL, SMS): Way(numbered=True, gap=True),
    (Format.LOCATION, SMS): Way(),
}


def transcode(sent: Sent, channel: str) -> Arrived:
    """What arrives of it on this channel, "MMS" or "SMS"."""
    way = WAYS[sent.format, channel]
    parts = _with_subject(sent)
    subject = parts[0].title if way.subject and parts else ""
    if way.subject and parts:
        parts = (replace(parts[0], title=""), *parts[1:])
    blocks = [tuple(_lines_of(part, number, way)) for number, part in enumerate(parts, 1)]
    blocks.append((*_choice_lines(sent.choices), *_place_lines(sent.place)))
    return Arrived(
        subject=subject,
        lines=tuple(_join(blocks, way)),
        media=tuple(address for part in parts for address in part.media) if way.attached else (),
    )


def _with_subject(sent: Sent) -> tuple[Part, ...]:
    """The parts; a subject is the title of the first, as the provider has no other place for it."""
    if not sent.subject:
        return sent.parts
    first, *rest = sent.parts or (Part(),)
    return (replace(first, title=sent.subject), *rest)


def _lines_of(part: Part, number: int, way: Way) -> Iterator[str]:
    """Title, words, addresses of files, choices: each on its line."""
    if part.title:
        yield f"{number}. {part.title}" if way.numbered else part.title
    if part.text:
        yield part.text
    if not way.attached:
        yield from part.media
    yield from _choice_lines(part.choices)


def _join(blocks: Iterable[tuple[str, ...]], way: Way) -> Iterator[str]:
    for number, block in enumerate(filter(None, blocks)):
        if number and way.gap:
            yield ""
        yield from block


def _choice_lines(choices: Iterable[Choice]) -> Iterator[str]:
    return (f"> {_choice_line(choice)}" for choice in choices)


def _choice_line(choice: Choice) -> str:
    if choice.kind == ChoiceKind.TEXT:
        return choice.title.upper()
    if choice.kind == ChoiceKind.LOCATION and (found := read_coordinates(choice.target)):
        return f"{choice.title}: {map_link(*found)}"
    sign = "+" if choice.kind == ChoiceKind.CALL and choice.target.isdigit() else ""
    return f"{choice.title}: {sign}{choice.target}"


def _place_lines(place: Place | None) -> Iterator[str]:
    """The label does not arrive."""
    if place:
        yield f"{place.title}: {map_link(place.latitude, place.longitude)}"
