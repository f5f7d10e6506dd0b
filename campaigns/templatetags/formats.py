"""Choices beside a card or a question, and counters that only some formats have."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html

from campaigns.rules.counts import count_subject
from campaigns.rules.formats import MOST_CHOICES, Choice, ChoiceKind, Format
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


#: The sign of each format on the chooser, drawn on 24 × 24.
_SIGNS = {
    Format.SLIDES: "M4 7h11v11H4zM8 7V4h12v11h-5",
    Format.TEXT: "M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12h5",
    Format.MEDIA: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
    Format.CARD: "M4 4h16v16H4zM4 11h16M7 14.5h10M7 17.5h6",
    Format.CHOICE: "M4 4h16v6H4zM4 14h7v5H4zM13 14h7v5h-7z",
    Format.CAROUSEL: "M7 4h10v16H7zM3 7v10M21 7v10M7 12h10",
    Format.LOCATION: "M12 21s-6-6-6-11a6 6 0 0 1 12 0c0 5-6 11-6 11zM12 8.5a1.5 1.5 0 1 1 0 3"
    " 1.5 1.5 0 0 1 0-3",
}


@register.filter
def sign(format: str) -> str:
    """The drawing of a format."""
    return _SIGNS[format]


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
