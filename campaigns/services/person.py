"""Everything the portal holds of one person, found by a number: to be given out, or erased."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    InboundMedia,
    InboundMessage,
    Message,
    OptOut,
    Thread,
)
from campaigns.services.timeline import MERGED

CHANGED = "contact.changed"


@dataclass(frozen=True, slots=True)
class Person:
    """A number (digits with country code), the contact who has it, the numbers they had before
    (but for those that are somebody else's by now), and the ids of contacts merged into theirs."""

    phone: str
    contact: Contact | None
    phones: frozenset[str]
    merged: frozenset[str] = frozenset()

    @property
    def messages(self) -> QuerySet[Message]:
        return Message.objects.filter(phone__in=self.phones)

    @property
    def replies(self) -> QuerySet[InboundMessage]:
        return InboundMessage.objects.filter(phone__in=self.phones)

    @property
    def threads(self) -> QuerySet[Thread]:
        return Thread.objects.filter(phone__in=self.phones)

    @property
    def media(self) -> QuerySet[InboundMedia]:
        return InboundMedia.objects.filter(message__in=self.replies.order_by())

    @property
    def optouts(self) -> QuerySet[OptOut]:
        return OptOut.objects.filter(phone__in=self.phones)

    @property
    def ledger(self) -> QuerySet[Consent]:
        return Consent.objects.filter(phone__in=self.phones)

    @property
    def is_known(self) -> bool:
        """Whether anything is held of them at all."""
        rows = (self.messages, self.replies, self.optouts, self.ledger)
        return self.contact is not None or any(each.exists() for each in rows)


def find_person(phone: str) -> Person:
    """The person with this number; somebody without a contact may have rows all the same."""
    contact = Contact.objects.filter(phone=phone).first()
    if contact is None:
        return Person(phone, None, frozenset({phone}))
    merged = find_merged([str(contact.pk)])
    earlier = {*contact.messages.order_by().values_list("phone", flat=True).distinct()}
    earlier |= {*contact.inbound.order_by().values_list("phone", flat=True).distinct()}
    earlier |= {*merged.values(), *_edited([str(contact.pk), *merged])}
    others = Contact.objects.filter(phone__in=earlier).exclude(pk=contact.pk)
    phones = {phone, *earlier} - {*others.values_list("phone", flat=True), ""}
    return Person(phone, contact, frozenset(phones), frozenset(merged))


def find_merged(contact_ids: Iterable[str]) -> dict[str, str]:
    """Id → number of every contact that was made one with these, or with one of those."""
    found: dict[str, str] = {}
    asked = {*contact_ids}
    while asked:
        made_one = {
            before["contact"]: before.get("number", "")
            for before in _befores(MERGED, asked)
            if before.get("contact")
        }
        asked = {*made_one} - {*found}
        found |= made_one
    return found


def _edited(contact_ids: Iterable[str]) -> set[str]:
    """The numbers that were written over by another one."""
    return {before.get("phone", "") for before in _befores(CHANGED, contact_ids)}


def _befores(verb: str, contact_ids: Iterable[str]) -> QuerySet[AuditEntry, dict[str, Any]]:
    told = AuditEntry.objects.filter(verb=verb, target_type="contact", target_id__in=contact_ids)
    return told.values_list("before", flat=True)
