"""The four parts of an undo, each for one chunk of rows, inside the caller's transaction."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import Consent, Contact, ContactImport, ImportChange, Membership
from campaigns.rules.people import Derived
from campaigns.services.consent import refresh_consented_at
from campaigns.services.import_traces import (
    changes_of,
    consents_of,
    is_untouched,
    made_by,
    put_on_list_by,
    with_reason,
)
from campaigns.services.waiting import place_waiting

#: What an import may have changed, and what follows from it.
_VALUES = "first_name last_name email time_zone state postal_code attributes".split()
_DERIVED = [column.name for column in fields(Derived)]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows in the order of `key`, and what undoes a chunk of them: it answers what it did."""

    rows: Callable[[ContactImport], QuerySet]
    undo: Callable[[ContactImport, Sequence[Any]], Counter[str]]
    key: str = "id"


def restore(contact_import: ContactImport, changes: Sequence[ImportChange]) -> Counter[str]:
    """Old values for the contacts that nobody changed since."""
    before = {change.contact_id: change.before for change in changes}
    untouched = Contact.objects.filter(is_untouched(contact_import), pk__in=before)
    contacts = list(untouched.select_for_update())
    for contact in contacts:
        for name in before[contact.pk].keys() & _VALUES:
            setattr(contact, name, before[contact.pk][name])
        contact.derive()
    if contacts:
        Contact.objects.bulk_create(
            contacts,
            update_conflicts=True,
            unique_fields=["phone"],
            update_fields=[*_VALUES, *_DERIVED, "updated_at"],
        )
        place_waiting(contact.pk for contact in contacts)
    return Counter(restored=len(contacts), left=len(changes) - len(contacts))


def withdraw(contact_import: ContactImport, consents: Sequence[Consent]) -> Counter[str]:
    """The ledger says that what the import noted does not hold; nothing is taken out of it."""
    now = timezone.now()
    phones = sorted({consent.phone for consent in consents})
    Consent.objects.bulk_create(
        Consent(
            phone=phone,
            kind=Consent.Kind.WITHDRAWN,
            at=now,
            source="The import that noted it was undone.",
            by_id=contact_import.undo.get("by"),
            contact_import=contact_import,
        )
        for phone in phones
    )
    refresh_consented_at(phones)
    return Counter(withdrawn=len(consents))


def remove(contact_import: ContactImport, people: Sequence[Contact]) -> Counter[str]:
    """The contacts it made go, unless something happened with them since."""
    chunk = Contact.objects.filter(pk__in=[contact.pk for contact in people])
    list(chunk.select_for_update().values_list("pk", flat=True))  # nobody writes to them meanwhile
    reasons = dict(with_reason(chunk, contact_import).values_list("pk", "kept"))
    Contact.objects.filter(pk__in=[pk for pk, reason in reasons.items() if not reason]).delete()
    return Counter(reason or "removed" for reason in reasons.values())


def take_off_list(contact_import: ContactImport, rows: Sequence[Membership]) -> Counter[str]:
    """Whoever stays leaves the list, unless they were on it before."""
    Membership.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return Counter(off_list=len(rows))


#: In this order: the ledger first, so that nobody is written to on a consent that does not hold.
PARTS = (
    Part(consents_of, withdraw),
    Part(changes_of, restore),
    Part(made_by, remove),
    Part(put_on_list_by, take_off_list, key="contact_id"),
)
