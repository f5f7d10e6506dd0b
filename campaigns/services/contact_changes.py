"""Contacts written by people: one by a form, many by a selection. All of it is audited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import AuditEntry, Contact, ContactList, Membership, Message
from campaigns.rules.problems import RuleBroken
from campaigns.services.audience import create_list
from campaigns.services.audit import record
from campaigns.services.consent import record_consent, refresh_consented_at
from campaigns.services.person import find_merged
from campaigns.services.suppression import restore_optouts
from campaigns.services.traces import forget_names
from campaigns.services.waiting import in_preparation, place_waiting, skip_waiting

#: What people write; attributes are compared one by one.
WRITTEN = ("phone", "first_name", "last_name", "email", "time_zone", "state", "postal_code")
#: More are not changed at once by a click.
MOST_AT_ONCE = 10_000
THEY_WERE_DELETED = "They were deleted."
FILLING = (
    "A campaign is being prepared for {who} at this moment: wait until it is ready, or stop it, "
    "and try again."
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How somebody agreed to be written to, as it goes into the ledger."""

    method: str
    wording: str
    source: str
    at: datetime | None = None


@transaction.atomic
def save_contact(
    contact: Contact,
    *,
    by: AbstractBaseUser,
    lists: Iterable[ContactList] | None = None,
    agreement: Agreement | None = None,
) -> None:
    """Keep a new contact or a changed one; `lists` (None: as they are) are all they are on.

    Consents and opt-outs belong to the number: with another one, what is known of that holds.
    """
    known = Contact.objects.select_for_update().filter(pk=contact.pk).first()
    before = _described(known) if known else {}
    # Only what people write: a consent that comes in at this moment is not undone.
    contact.save(update_fields=[*WRITTEN, "attributes", "updated_at"] if known else None)
    if lists is not None:
        before, after = {**before, **_move(contact, lists)}, {"lists": _names(lists)}
    else:
        after = {}
    place_waiting([contact.pk])
    if agreement:
        record_consent(contact.phone, by=by, **_as_fields(agreement))
    if known is None or known.phone != contact.phone:
        restore_optouts([contact.phone])
        refresh_consented_at([contact.phone])
    _audit(contact, before, {**_described(contact), **after}, is_new=known is None, by=by)


def _as_fields(agreement: Agreement) -> dict[str, Any]:
    return {name: getattr(agreement, name) for name in Agreement.__slots__}


def _described(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in WRITTEN} | contact.attributes


def _names(lists: Iterable[ContactList]) -> list[str]:
    return sorted(each.name for each in lists)


def _move(contact: Contact, lists: Iterable[ContactList]) -> dict[str, list[str]]:
    """Put the contact on exactly these lists; those they were on."""
    before = _names(contact.lists.all())
    contact.lists.set(lists)
    return {"lists": before}


def _audit(
    contact: Contact,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    is_new: bool,
    by: AbstractBaseUser,
) -> None:
    """What changed, and nothing else."""
    changed = {n for n in {*before, *after} if (before.get(n) or "") != (after.get(n) or "")}
    if not changed and not is_new:
        return
    record(
        "contact.created" if is_new else "contact.changed",
        contact,
        by=by,
        before={} if is_new else {name: before.get(name, "") for name in sorted(changed)},
        after={name: after.get(name, "") for name in sorted(changed)},
    )


# --- Many at once --------------------------------------------------------------------------------


def check_selection(people: QuerySet[Contact]) -> int:
    """How many were chosen; `RuleBroken` when that is too many."""
    count = people.order_by()[: MOST_AT_ONCE + 1].count()
    if count > MOST_AT_ONCE:
        raise RuleBroken(
            f"More than {MOST_AT_ONCE:,} contacts are chosen: narrow them by a list, a filter or "
            "a search, and go step by step."
        )
    return count


@transaction.atomic
def add_to_list(
    people: QuerySet[Contact], contact_list: ContactList, *, by: AbstractBaseUser
) -> int:
    """Put the chosen people on a list; how many were not on it before."""
    check_selection(people)
    chosen = list(people.order_by().values_list("pk", flat=True))
    members = Membership.objects.filter(contact_list=contact_list)
    on_it = set(members.filter(contact__in=chosen).order_by().values_list("contact_id", flat=True))
    new = [Membership(contact_list=contact_list, contact_id=pk) for pk in chosen if pk not in on_it]
    Membership.objects.bulk_create(new, ignore_conflicts=True, batch_size=1_000)
    if new:
        record("list.joined", contact_list, by=by, after={"contacts": len(new)})
    return len(new)


@transaction.atomic
def take_off_list(
    people: QuerySet[Contact], contact_list: ContactList, *, by: AbstractBaseUser
) -> int:
    """Take the chosen people off a list; how many were on it."""
    check_selection(people)
    chosen = list(people.order_by().values_list("pk", flat=True))
    count, _ = Membership.objects.filter(contact_list=contact_list, contact__in=chosen).delete()
    if count:
        record("list.left", contact_list, by=by, before={"contacts": count})
    return count


@transaction.atomic
def make_list(people: QuerySet[Contact], name: str, *, by: AbstractBaseUser) -> ContactList:
    """A new list with the chosen people on it."""
    check_selection(people)
    contact_list = create_list(name, by=by)
    add_to_list(people, contact_list, by=by)
    return contact_list


@transaction.atomic
def delete_contacts(people: QuerySet[Contact] | Sequence[Contact], *, by: AbstractBaseUser) -> int:
    """Delete them; what was sent and answered stays, and so do opt-outs and the ledger. Nothing
    leads from those to the names in the audit trail: an erasure would not find them any more."""
    chosen = list(people)
    _take_out_of_campaigns([each.pk for each in chosen])
    ids = [str(each.pk) for each in chosen]
    forget_names([*ids, *find_merged(ids)])
    AuditEntry.objects.bulk_create(
        AuditEntry(actor=by, verb="contact.deleted", target_type="contact", target_id=str(each.pk))
        for each in chosen
    )
    Contact.objects.filter(pk__in=[each.pk for each in chosen]).delete()
    return len(chosen)


def _take_out_of_campaigns(contacts: list[int]) -> None:
    """What waits for them is not sent; `RuleBroken` while a campaign is being prepared for them."""
    locked = Contact.objects.select_for_update().order_by("pk")  # nobody writes to them meanwhile
    list(locked.filter(pk__in=contacts).values_list("pk", flat=True))
    count = in_preparation().filter(contact__in=contacts).values("contact").distinct().count()
    if count:
        who = f"{count:,} of them" if len(contacts) > 1 else "them"
        raise RuleBroken(FILLING.format(who=who))
    skip_waiting(Message.objects.filter(contact__in=contacts), THEY_WERE_DELETED)
