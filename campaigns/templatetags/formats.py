"""Choices beside a card or a question, and counters that only some formats have."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html

from campaigns.rules.counts import count_subject
from campaigns.rules.formats import MOST_CHOICES, Choice, ChoiceKind
from campaigns.rules.mergefields import fill_in_for_nobody
from campaigns.rules.slides import TITLE_ROOM
from campaigns.rules.smsparts import count_parts

register = template.Library()

#: What a choice leads to: what the field is called, and an example of it.
_TARGETS = {
    ChoiceKind.URL: ("Address", "https://example.net/"),
    ChoiceKind.CALL: ("Number", "+1 201 555 0123"),
    ChoiceKind.LOCATION: ("Coordinates", "52.5200, 13.4050"),
}


@register.inclusion_tag("campaigns/content/_choices.html", takes_context=True)
def choices(
    context: Context,
    choices: Sequence[Choice],
    number: int = 0,
    most: int = MOST_CHOICES,
) -> dict[str, Any]:
    """The choices of card `number`, or those below all: `{% choices slide.choices 2 %}`."""
    name = f"slide-{number - 1}-" if number else ""
    rows = [
        {
            "number": place,
            "name": f"{name}choice-{place - 1}",
            "id": f"slide-{number}-choice-{place}" if number else f"choice-{place}",
            "step": f"{number - 1}-{place - 1}" if number else f"{place - 1}",
            "choice": choice,
            "target": _TARGETS.get(choice.kind),
        }
        for place, choice in enumerate(choices, 1)
    ]
    return {
        "rows": rows,
        "id": f"slide-{number}-choices" if number else "choices-all",
        "add": f"addchoice-{number - 1}" if number else "addchoice",
        "where": f" to card {number}" if number else "",
        "kinds": ChoiceKind.choices,
        "most": most,
        "is_full": len(rows) >= most,
        "may_edit": context.get("may_edit"),
    }


@register.simple_tag
def title_count(title: str) -> str:
    """How much of a card's title fits: `{% title_count slide.title %}`."""
    count = count_subject(fill_in_for_nobody(title), TITLE_ROOM)
    return format_html('<span class="count count--{}">{}</span>', count.tone or "ok", count.words)


@register.simple_tag
def sms_count(text: str) -> str:
    """In how many SMS a text goes out: `{% sms_count slide.text %}`."""
    counted = count_parts(fill_in_for_nobody(text))
    if not counted.parts:
        return ""
    words = f"{counted.parts} SMS · {counted.encoding}: {counted.units} of {counted.room} used"
    return format_html('<span class="count__more">{}</span>', words)
