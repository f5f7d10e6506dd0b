"""How the ledger is told on pages."""

from datetime import datetime
from typing import Any

from django import template

from campaigns.models import Consent
from campaigns.services.evidence import Evidence, find_evidence, say_time
from campaigns.templatetags.portal import pill

register = template.Library()

#: kind → the end of its pill's class.
TONES = {
    Consent.Kind.GIVEN: "ok",
    Consent.Kind.OPTED_OUT: "bad",
    Consent.Kind.LIFTED: "ok",
    Consent.Kind.NOT_AN_OPTOUT: "wait",
    Consent.Kind.WITHDRAWN: "warn",
}


@register.simple_tag
def evidence_of(phone: str) -> Evidence:
    """`{% evidence_of contact.phone as evidence %}`"""
    return find_evidence(phone)


@register.filter
def said_at(moment: datetime) -> str:
    """When they said so: a day without a time, where only the day is known."""
    return say_time(moment)


@register.filter
def kind_pill(entry: Consent) -> Any:
    return pill(entry.get_kind_display(), TONES[entry.kind])
