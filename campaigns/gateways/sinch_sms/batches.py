"""Who shares one request (reference/sinch-sms-rest-api.md §4): the same file, subject and words, or
words of their own that a parameter can stand for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from campaigns.gateways.errors import Refused
from campaigns.gateways.outgoing import Content, OutgoingMms, OutgoingSlide, OwnWords
from campaigns.rules.formats import Format

_is_number = re.compile(r"[1-9][0-9]{6,14}").fullmatch

FORMATS = frozenset({Format.SLIDES, Format.TEXT, Format.MEDIA, Format.CARD})
MOST_RECIPIENTS = 1000
#: Characters that a parameter may stand for.
LONGEST_VALUE = 1600

NO_NUMBER = "The number is not one with country code, 7 to 15 digits: correct the contact."
NO_GROUPS = "This channel cannot show the other members of a group: choose another channel."
TWICE = "The same message goes to this number in the same batch: once is enough."
EMPTY = "The message is empty for this person: add a text or a file."
NOT_THIS_FORMAT = "This channel carries texts, files and cards only: choose another format."
ONE_SLIDE = "This channel carries one slide with one file: choose another channel, or shorten it."
NO_CHOICES = "This channel carries no choices: take them out, or choose another channel."


@dataclass(slots=True)
class Batch:
    """One request: number → what that person reads, and where in the call their message is.

    `problem`: why nobody can get it.
    """

    content: Content
    url: str
    subject: str
    reference: str
    problem: str = ""
    words: dict[str, str] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)


def part(messages: Sequence[OutgoingMms]) -> tuple[list[Batch], dict[int, Refused]]:
    """The requests that carry these messages, and what of them cannot go, by its place."""
    refused: dict[int, Refused] = {}
    batches: dict[tuple[Content, str, str], Batch] = {}
    # Those without words of their own are told by their content alone, and nothing is hashed.
    shared: dict[tuple[int, str], tuple[Batch, str]] = {}
    for place, message in enumerate(messages):
        if message.own:
            batch, words = _find_batch(batches, message)
        else:
            key = id(message.content), message.batch_reference
            if key not in shared:
                shared[key] = _find_batch(batches, message)
            batch, words = shared[key]
        if problem := _find_problem(message, batch, words):
            refused[place] = problem
        else:
            batch.words[message.to] = words
            batch.places.append(place)
    return [each for batch in batches.values() for each in _split(batch)], refused


def halve(batch: Batch) -> list[Batch]:
    """The same in two requests."""
    middle, words = len(batch.places) // 2, list(batch.words.items())
    return [
        replace(batch, words=dict(words[part]), places=batch.places[part])
        for part in (slice(middle), slice(middle, None))
    ]


def units(words: str) -> int:
    """Their length as most interfaces count it: a sign outside the basic plane is two."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def _find_batch(
    batches: dict[tuple[Content, str, str], Batch], message: OutgoingMms
) -> tuple[Batch, str]:
    """The batch of a message, a new one if need be, and the words of this person."""
    content, reference = message.content, message.batch_reference
    subject, words = _lay_out(content, message.own)
    key = content, subject, reference
    if key not in batches:
        batches[key] = Batch(
            content,
            _url(content),
            subject,
            reference or message.reference,
            _find_content_problem(content),
        )
    return batches[key], words


def _find_problem(message: OutgoingMms, batch: Batch, words: str) -> Refused | None:
    if not _is_number(message.to):
        return Refused(NO_NUMBER)
    if batch.problem:
        return Refused(batch.problem, about_content=True)
    if message.shown_to:
        return Refused(NO_GROUPS, about_content=True)
    if message.to in batch.words:
        return Refused(TWICE)
    return None if words or batch.url else Refused(EMPTY)


def _find_content_problem(content: Content) -> str:
    if content.format not in FORMATS:
        return NOT_THIS_FORMAT
    if len(content.slides) != 1 or len(content.slides[0].media) > 1:
        return ONE_SLIDE
    return NO_CHOICES if content.choices or content.slides[0].choices else ""


# --- The message of one person -------------------------------------------------------------------


def _slide(content: Content) -> OutgoingSlide:
    return content.slides[0] if content.slides else OutgoingSlide()


def _url(content: Content) -> str:
    return next((medium.url for medium in _slide(content).media), "")


def _lay_out(content: Content, own: OwnWords | None) -> tuple[str, str]:
    """Subject and text. A card's title is its subject; a text without a file is an SMS, which has
    no subject, so that becomes the first line (as `rules/transcoding.py` shows it)."""
    slide, own = _slide(content), own or OwnWords()
    subject = content.subject if own.subject is None else own.subject
    subject = subject or dict(own.titles).get(1, slide.title)
    words = dict(own.texts).get(1, slide.text)
    if slide.media:
        return subject, words
    return "", "\n".join(filter(None, (subject, words)))


# --- As few requests as can be -------------------------------------------------------------------


def _split(batch: Batch) -> Iterator[Batch]:
    """Requests of at most 1,000 people; words too long for a parameter go in one of their own."""
    people = list(zip(batch.words.items(), batch.places, strict=True))
    alone: list[Sequence[tuple[tuple[str, str], int]]] = []
    if len(set(batch.words.values())) > 1:
        alone = [[each] for each in people if not _fits(each[0][1])]
        people = [each for each in people if _fits(each[0][1])]
    steps = range(0, len(people), MOST_RECIPIENTS)
    for some in [*(people[at : at + MOST_RECIPIENTS] for at in steps), *alone]:
        words, places = zip(*some, strict=True)
        yield replace(batch, words=dict(words), places=list(places))


def _fits(words: str) -> bool:
    return 0 < units(words) <= LONGEST_VALUE
