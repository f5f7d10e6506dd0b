"""Choices on a composer's page: how they are posted, and what the buttons beside them do."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from django.http import QueryDict

from campaigns.rules.formats import MOST_CHOICES, Choice, ChoiceKind
from campaigns.rules.problems import RuleBroken
from campaigns.services.drafts import MmsDraft

#: More than any message takes, so that too many are told and not lost.
MOST_READ = 40
Choices = tuple[Choice, ...]


def read_choices(posted: QueryDict, prefix: str = "") -> Choices:
    """The choices in a composer's fields: `choice-<n>-kind`, `-title`, `-target`, `-postback`;
    with a prefix, those of one card."""
    choices = tuple(_read(posted, prefix))
    if len(choices) > MOST_READ:
        raise RuleBroken(f"There are {len(choices)} choices; remove some: {MOST_CHOICES} fit.")
    return choices


def _read(posted: QueryDict, prefix: str) -> Iterator[Choice]:
    number = 0
    while (kind := posted.get(f"{prefix}choice-{number}-kind")) is not None:
        title, target, postback = (
            " ".join(posted.get(f"{prefix}choice-{number}-{part}", "").replace("\0", "").split())
            for part in ("title", "target", "postback")
        )
        kind = kind if kind in ChoiceKind.values else ChoiceKind.TEXT
        yield Choice(kind, title, "" if kind == ChoiceKind.TEXT else target, postback)
        number += 1


# --- Steps ---------------------------------------------------------------------------------------


def change_choices(draft: MmsDraft, verb: str, *numbers: int) -> tuple[MmsDraft, str, int]:
    """(the draft after a step such as "addchoice-2" or "dropchoice-2-0", what happened, the slide
    it happened to). Without a slide it is about the choices below all. Raises `IndexError` or
    `TypeError` for what is not there."""
    is_outer = len(numbers) == (0 if verb == "addchoice" else 1)
    slide, rest = (None, numbers) if is_outer else (numbers[0], numbers[1:])
    choices = draft.choices if slide is None else draft.slides[slide].choices
    most = draft.shape.outer if slide is None else MOST_CHOICES
    choices, note = CHOICE_STEPS[verb](choices, most, *rest)
    if slide is None:
        return replace(draft, choices=choices), note, 0
    changed = replace(draft.slides[slide], choices=choices)
    slides = (*draft.slides[:slide], changed, *draft.slides[slide + 1 :])
    return replace(draft, slides=slides), note, slide


def _add(choices: Choices, most: int) -> tuple[Choices, str]:
    if len(choices) >= most:
        return choices, f"No choice was added: {most} are the most."
    return (*choices, Choice()), f"Choice {len(choices) + 1} added."


def _drop(choices: Choices, most: int, number: int) -> tuple[Choices, str]:
    _ = choices[number]
    return (*choices[:number], *choices[number + 1 :]), f"Choice {number + 1} removed."


def _up(choices: Choices, most: int, number: int) -> tuple[Choices, str]:
    _ = choices[number]
    if number == 0:
        return choices, "It is the first choice already."
    before, moved = choices[number - 1], choices[number]
    note = f"Choice {number + 1} is now choice {number}."
    return (*choices[: number - 1], moved, before, *choices[number + 1 :]), note


def _down(choices: Choices, most: int, number: int) -> tuple[Choices, str]:
    if number == len(choices) - 1:
        return choices, "It is the last choice already."
    choices, _ = _up(choices, most, number + 1)
    return choices, f"Choice {number + 1} is now choice {number + 2}."


CHOICE_STEPS: dict[str, Callable[..., tuple[Choices, str]]] = {
    "addchoice": _add,
    "dropchoice": _drop,
    "upchoice": _up,
    "downchoice": _down,
}
