"""What people may choose from: what is wrong with a choice, and the form in which it goes out
(reference/sinch-conversation-api.md §4)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from campaigns.rules.coordinates import read_coordinates, write_coordinates
from campaigns.rules.findings import Finding
from campaigns.rules.formats import Choice, ChoiceKind
from campaigns.rules.mergefields import find_fields
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken

#: As long as an answer's own mark may be, and what stands on a choice.
POSTBACK_ROOM, CHOICE_ROOM, ADDRESS_ROOM = 1024, 80, 2048


def settle(choice: Choice) -> Choice:
    """The choice as it goes out: a number as digits, a place as "latitude,longitude"."""
    target = choice.target.strip()
    if choice.kind == ChoiceKind.TEXT:
        target = ""
    elif choice.kind == ChoiceKind.LOCATION and (found := read_coordinates(target)):
        target = write_coordinates(*found)
    elif choice.kind == ChoiceKind.CALL:
        target = _digits(target) or target
    return replace(
        choice, title=choice.title.strip(), target=target, postback=choice.postback.strip()
    )


def _digits(number: str) -> str:
    try:
        return normalise(number)
    except RuleBroken:
        return ""


def list_choices(choices: Iterable[Choice]) -> str:
    """Choices as lines: what each says, where it leads, what comes back."""
    return "\n".join(
        " · ".join(filter(None, (choice.title, choice.target, choice.postback)))
        for choice in choices
    )


def find_choice_problems(choices: Iterable[Choice], most: int) -> Iterator[Finding]:
    """What is wrong with each, and whether they are too many."""
    choices = tuple(choices)
    for number, choice in enumerate(choices, 1):
        for found in (*_about_title(choice), *_about_target(choice), *_about_postback(choice)):
            yield replace(found, field=f"choice-{number}-{found.field}")
    if len(choices) > most:
        yield Finding(
            f"there are {len(choices)} choices; at most {most} fit here.",
            "Remove some.",
            field=f"choice-{most + 1}-title",
        )


def find_choice_doubts(choices: Iterable[Choice]) -> Iterator[Finding]:
    """Two answers that read the same: nobody knows which one was chosen."""
    seen: set[str] = set()
    for number, choice in enumerate(choices, 1):
        title = choice.title.strip().casefold()
        if title and title in seen:
            yield Finding(
                f"two choices say “{choice.title.strip()}”.",
                "Word one of them in another way.",
                field=f"choice-{number}-title",
            )
        seen.add(title)


def _about_title(choice: Choice) -> Iterator[Finding]:
    title = choice.title.strip()
    if not title:
        yield Finding("a choice says nothing.", "Write what people read on it.", field="title")
    elif len(title) > CHOICE_ROOM:
        yield Finding(
            f"a choice has {len(title)} characters; at most {CHOICE_ROOM} are allowed.",
            "Shorten it.",
            field="title",
        )
    elif find_fields(title):
        yield Finding(
            "a merge field stands on a choice: all people get the same choices.",
            "Put it into the text.",
            field="title",
        )


def _about_target(choice: Choice) -> Iterator[Finding]:
    if not choice.target.strip() and choice.kind in _MISSING:
        yield Finding(*_MISSING[choice.kind], field="target")
    elif choice.kind in _IS_WRONG and (found := _IS_WRONG[choice.kind](choice.target.strip())):
        yield replace(found, field="target")


_MISSING = {
    ChoiceKind.URL: ("a link leads nowhere.", "Write its address."),
    ChoiceKind.CALL: ("a choice calls nobody.", "Write the number."),
    ChoiceKind.LOCATION: ("a choice shows no place.", "Write its coordinates: 52.5200, 13.4050."),
}


def _judge_address(address: str) -> Finding | None:
    try:
        parts = urlsplit(address)
        is_link = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_link = False
    if not is_link or any(char.isspace() for char in address) or "{{" in address:
        return Finding(
            f"“{address[:60]}” is no address of a page.", "Write it with https:// in front."
        )
    if len(address) > ADDRESS_ROOM:
        return Finding(f"an address has {len(address):,} characters.", f"{ADDRESS_ROOM:,} fit.")
    return None


def _judge_number(number: str) -> Finding | None:
    try:
        normalise(number)
    except RuleBroken as problem:
        return Finding(f"“{number[:40]}” cannot be called.", str(problem))
    return None


def _judge_coordinates(text: str) -> Finding | None:
    if read_coordinates(text) is not None:
        return None
    return Finding(
        f"“{text[:60]}” is no place on the map.",
        "Write latitude and longitude: 52.5200, 13.4050.",
    )


_IS_WRONG = {
    ChoiceKind.URL: _judge_address,
    ChoiceKind.CALL: _judge_number,
    ChoiceKind.LOCATION: _judge_coordinates,
}


def _about_postback(choice: Choice) -> Iterator[Finding]:
    if len(choice.postback) > POSTBACK_ROOM:
        yield Finding(
            f"what comes back has {len(choice.postback):,} characters; {POSTBACK_ROOM:,} fit.",
            "Shorten it.",
            field="postback",
        )
