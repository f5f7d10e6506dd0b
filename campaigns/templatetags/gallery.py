"""The cards of the gallery of MMS."""

from collections.abc import Sequence

from django import template

from campaigns.models import Mms
from campaigns.rules.templates import TemplateState
from campaigns.services.gallery import Card, make_cards
from campaigns.templatetags.portal import PILLS

register = template.Library()


@register.simple_tag
def cards(rows: Sequence[Mms]) -> list[Card]:
    """`{% cards cl.result_list as found %}`"""
    return make_cards(rows)


@register.filter
def ribbon_words(state: TemplateState) -> str:
    """What stands on a ribbon; what is saved nowhere is a draft."""
    return "Draft" if state == TemplateState.NONE else str(state.label)


@register.filter
def ribbon_tone(state: TemplateState) -> str:
    """The end of a ribbon's class: that of the pill of the same state."""
    return PILLS[state]
