"""What is wrong with a text, a file, a card, a question or a place, and what may disappoint
(reference/sinch-conversation-api.md §4, §5.1, §6)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from campaigns.rules.choices import find_choice_doubts, find_choice_problems
from campaigns.rules.coordinates import read_coordinates
from campaigns.rules.findings import Finding
from campaigns.rules.formats import (
    BECOMES_TEXT,
    FEWEST_CARDS,
    MOST_CARDS,
    MOST_CHOICES,
    Format,
    WrittenPlace,
)
from campaigns.rules.mergefields import fill_in_for_nobody, is_empty_for_somebody
from campaigns.rules.slides import (
    SUBJECT_ADVICE,
    TITLE_ROOM,
    Capacity,
    SlideDraft,
    Wording,
)
from campaigns.rules.smsparts import count_parts

#: How a format is named in the middle of a sentence.
NAMES: Mapping[str, str] = {
    Format.SLIDES: "slides",
    Format.TEXT: "a text",
    Format.MEDIA: "a file alone",
    Format.CARD: "a card",
    Format.CHOICE: "a question with choices",
    Format.CAROUSEL: "cards in a row",
    Format.LOCATION: "a place",
}
NO_CHOICES = "This channel carries no choices."
Slides = tuple[SlideDraft, ...]


# --- Problems ------------------------------------------------------------------------------------


def find_format_problems(slides: Slides, wording: Wording, capacity: Capacity) -> list[Finding]:
    """Why the provider would refuse it in this format; slides themselves are judged apart."""
    return [
        *_about_channel(wording.format, capacity),
        *_about_count(slides, wording),
        *_about_each(slides, wording),
        *_about_choices(slides, wording, capacity),
        *_about_outer(wording),
        *(_about_place(wording.place) if wording.shape.has_place else ()),
    ]


def _about_channel(format: str, capacity: Capacity) -> Iterator[Finding]:
    if format not in capacity.formats:
        yield Finding(
            f"This channel does not carry {NAMES[format]}.",
            "Choose another format, or a channel that carries it.",
            field="format",
        )


def _about_count(slides: Slides, wording: Wording) -> Iterator[Finding]:
    count = len(slides)
    if wording.format != Format.CAROUSEL or FEWEST_CARDS <= count <= MOST_CARDS:
        return
    if count < FEWEST_CARDS:
        yield Finding(
            f"There {'is one card' if count else 'are no cards'}: a row has at least two.",
            "Add a card, or choose the format “Card”." if count else "Add cards.",
        )
    else:
        yield Finding(f"There are {count} cards and {MOST_CARDS} fit.", "Remove some.")


def _about_each(slides: Slides, wording: Wording) -> Iterator[Finding]:
    if wording.format == Format.SLIDES:
        return
    for number, slide in enumerate(slides, 1):
        for found in _about_one(slide, wording):
            yield replace(found, slide=number)


def _about_one(slide: SlideDraft, wording: Wording) -> Iterator[Finding]:
    shape = wording.shape
    if shape.has_title:
        yield from _about_title(slide.title)
        yield from find_choice_problems(slide.choices, MOST_CHOICES)
    elif shape.words:
        yield from _about_words(slide.text, shape.words.lower())
    if wording.format == Format.MEDIA and not slide.media:
        yield Finding(
            "there is no file.", "Upload one, or choose it from the library.", field="files"
        )
    if len(slide.media) > 1:
        yield Finding(
            f"{len(slide.media)} files stand here; a {shape.noun.lower()} has one.",
            "Take the others off.",
            field="media",
        )


def _about_choices(slides: Slides, wording: Wording, capacity: Capacity) -> Iterator[Finding]:
    """Of a format that it carries; of any other one the format itself is the problem."""
    if capacity.choices or wording.format not in capacity.formats:
        return
    if wording.shape.has_choices and any(slide.choices for slide in slides):
        yield Finding(NO_CHOICES, "Take them out, or choose another channel.", field="format")


def _about_title(title: str) -> Iterator[Finding]:
    length = len(fill_in_for_nobody(title))
    if not title.strip():
        yield Finding("the title is missing.", "Write one.", field="title")
    elif is_empty_for_somebody(title):
        yield Finding(
            "the title is empty for who has no value for its merge fields.",
            "Add words, or give the fields a fallback.",
            field="title",
        )
    elif length > TITLE_ROOM:
        yield Finding(
            f"the title has {length} characters; at most {TITLE_ROOM} are allowed.",
            "Shorten it.",
            field="title",
        )
    if "\n" in title or "\r" in title:
        yield Finding("the title is one line.", "Remove the line break.", field="title")


def _about_words(text: str, noun: str) -> Iterator[Finding]:
    if not text.strip():
        yield Finding(f"the {noun} is missing.", "Write it.", field="text")
    elif is_empty_for_somebody(text):
        yield Finding(
            f"the {noun} is empty for who has no value for its merge fields.",
            "Add words, or give the fields a fallback.",
            field="text",
        )


def _about_outer(wording: Wording) -> Iterator[Finding]:
    if wording.format == Format.CHOICE and not wording.choices:
        yield Finding("There is nothing to choose from.", "Add a choice.", field="choices")
    if wording.shape.outer:
        yield from find_choice_problems(wording.choices, wording.shape.outer)


def _about_place(place: WrittenPlace) -> Iterator[Finding]:
    if not place.title.strip():
        yield Finding("The place has no name.", "Write one.", field="place-title")
    if not place.coordinates.strip():
        yield Finding(
            "The place is nowhere yet.",
            "Write its coordinates: 52.5200, 13.4050.",
            field="place-coordinates",
        )
    elif read_coordinates(place.coordinates) is None:
        yield Finding(
            f"“{place.coordinates.strip()[:60]}” is no place on the map.",
            "Write latitude (−90 to 90) and longitude (−180 to 180): 52.5200, 13.4050.",
            field="place-coordinates",
        )


# --- Doubts --------------------------------------------------------------------------------------


def find_format_doubts(slides: Slides, wording: Wording, capacity: Capacity) -> list[Finding]:
    """What is allowed in this format and may still disappoint."""
    doubts = [*_about_becoming_text(slides, wording), *_about_parts(slides, wording)]
    for number, slide in enumerate(slides, 1):
        each = (
            *_about_long_title(slide.title),
            *find_choice_doubts(slide.choices),
            *_about_png(slide, capacity),
        )
        doubts += [replace(found, slide=number) for found in each]
    doubts += find_choice_doubts(wording.choices)
    if wording.shape.has_place and wording.place.label.strip():
        doubts.append(
            Finding(
                "The label does not reach phones: they show the name and the link to the map.",
                "Say in the name what must be read.",
                field="place-label",
            )
        )
    return doubts


#: MMS of the interfaces with SMS go out in these (§5.1); Puerto Rico counts as the United States.
MMS_COUNTRIES = frozenset({"US", "PR", "CA", "AU"})


def find_country_doubts(format: str, country: str, capacity: Capacity) -> Iterator[Finding]:
    """A number of another country, "" where it is not known, carries no MMS there."""
    is_known = format != Format.TEXT and country
    if is_known and country not in MMS_COUNTRIES and not capacity.adds_link:
        yield Finding(
            "On this channel MMS go out in the USA, Canada and Australia only, and the number is "
            "of another country.",
            "Send from a number of theirs, or write a text.",
            field="sender",
        )


def _about_becoming_text(slides: Slides, wording: Wording) -> Iterator[Finding]:
    if wording.format in BECOMES_TEXT:
        what = NAMES[wording.format]
        verb = "arrive" if wording.format == Format.CAROUSEL else "arrives"
        yield Finding(
            f"{what[0].upper()}{what[1:]} {verb} as text: phones have no buttons in an MMS.",
            "Look at the phone: that is what people read.",
        )
    elif any(slide.choices for slide in slides):
        yield Finding(
            "The choices of a card arrive as lines of text: phones have no buttons in an MMS.",
            "Look at the phone: that is what people read.",
        )


def _about_parts(slides: Slides, wording: Wording) -> Iterator[Finding]:
    if wording.format != Format.TEXT or not slides:
        return
    counted = count_parts(fill_in_for_nobody(slides[0].text))
    if counted.parts > 1:
        yield Finding(
            f"The text goes out as {counted.parts} SMS, and each is paid for.",
            "Shorten it.",
            slide=1,
            field="text",
        )


def _about_long_title(title: str) -> Iterator[Finding]:
    length = len(fill_in_for_nobody(title))
    if SUBJECT_ADVICE < length <= TITLE_ROOM:
        yield Finding(
            f"the title has {length} characters; many phones show {SUBJECT_ADVICE}.",
            "Shorten it, or begin with what matters.",
            field="title",
        )


def _about_png(slide: SlideDraft, capacity: Capacity) -> Iterator[Finding]:
    """Where no template converts it, it arrives as it is (§5.1)."""
    if capacity.saves:
        return
    for medium in slide.media:
        if medium.mime == "image/png":
            yield Finding(
                f"“{medium.name}” is a PNG: on this channel a JPEG arrives more safely.",
                "Save it as a JPEG.",
                field="media",
            )
