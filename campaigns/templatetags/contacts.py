"""How the page of a person says things: their number, their edits, their messages."""

from typing import Any

import phonenumbers
from django import template
from phonenumbers import NumberParseException, PhoneNumberFormat

from campaigns.models import AuditEntry, ContactImport, Message, OptOutReview
from campaigns.rules.audit import tell_verb
from campaigns.rules.mergefields import say_name
from campaigns.rules.statuses import MessageStatus
from campaigns.templatetags.portal import masked

register = template.Library()

_FIELDS = {
    "state": "state",
    "postal_code": "postal code",
    "time_zone": "time zone",
    "lists": "lists",
    "phone": "number",
}
_SHOWN = 6
_Purpose = Message.Purpose
_SENDING_WORDS = {
    MessageStatus.QUEUED: "To be sent",
    MessageStatus.SENDING: "Being sent",
    MessageStatus.UNKNOWN: "Perhaps sent",
    MessageStatus.UNRESOLVED: "Perhaps sent",
    MessageStatus.SKIPPED: "Not sent",
    MessageStatus.CANCELLED: "Not sent",
}


@register.filter
def readable(phone: str) -> str:
    """12015550123 → +1 201-555-0123: for who may read numbers."""
    try:
        number = phonenumbers.parse(f"+{phone}")
    except NumberParseException:
        return f"+{phone}"
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


@register.filter
def edit_words(entry: AuditEntry) -> str:
    """What somebody did with a contact: Changed first name and city."""
    if entry.verb == "contact.created":
        return "Added to the contacts"
    if entry.verb == "contact.changed":
        return f"Changed {_listed([*entry.after, *entry.before])}"
    if entry.verb == "contact.merged":
        return f"Merged with the contact of {masked(entry.before.get('number', ''))}"
    return tell_verb(entry.verb)


def _listed(names: list[str]) -> str:
    names = [_FIELDS.get(name) or say_name(name) for name in dict.fromkeys(names)]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more or "nothing"


@register.filter
def sending_words(message: Message) -> str:
    """Whether it was sent: a failed one was when the provider had taken it."""
    if message.status == MessageStatus.FAILED and not message.accepted_at:
        return "Not sent"
    return _SENDING_WORDS.get(MessageStatus(message.status), "Sent")


@register.filter
def subject_of(message: Message) -> str:
    """What it is called: its campaign, what it answers, or the MMS that was tried."""
    if message.campaign:
        return str(message.campaign)
    if message.purpose == _Purpose.TEST:
        return f"{message.revision.mms} (test)"
    if message.purpose == _Purpose.CAMPAIGN:
        return str(message.revision.mms)
    return message.get_purpose_display()


@register.filter
def reason_of(message: Message) -> str:
    """Why it stands there; what a stopped one had waited for says nothing any more."""
    return "" if message.status == MessageStatus.CANCELLED else message.reason


@register.filter
def doubt_words(decision: str) -> str:
    """What stands before the decision about a reply that may be an opt-out."""
    return "May be an opt-out" if decision == OptOutReview.Decision.OPEN else "Their reply judged"


@register.filter
def import_words(row: ContactImport) -> str:
    """Made or changed by an import, as the timeline found it."""
    return "Added by the import" if row.has_made else "Changed by the import"


@register.filter
def name_of_contact(contact: Any) -> str:
    """The name, or that there is none."""
    return f"{contact.first_name} {contact.last_name}".strip() or "No name"
