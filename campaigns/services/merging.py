"""Two contacts that are one person: found, shown side by side, and made one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import AuditEntry, Contact, ImportChange, Membership, Message, OptOut
from campaigns.models.audience import FoldedEmail
from campaigns.rules.mergefields import as_text
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.optouts import record_optout
from campaigns.services.timeline import CHANGED_BY, MADE_BY, MERGED
from campaigns.services.waiting import in_preparation, place_waiting, skip_waiting

#: Columns of which one value stays.
FIELDS = ("first_name", "last_name", "email", "time_zone", "state", "postal_code")
#: So many contacts are looked at for one page of likely duplicates.
LOOKED_AT = 1_000
MOST_PAIRS = 50
TO_OLD_NUMBER = "Their number was merged into another contact."
FILLING = "A campaign is being prepared for them at this moment: wait a minute and try again."
CHANGED = "One of the two was changed or deleted meanwhile: look at them again."


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of which the two have different values, neither of them empty."""

    name: str
    kept: str
    other: str
    is_attribute: bool = False


def find_choices(kept: Contact, other: Contact) -> list[Choice]:
    """What a person has to choose; an empty value gives way to the other one by itself."""
    columns = [Choice(n, getattr(kept, n), getattr(other, n)) for n in FIELDS]
    names = dict.fromkeys([*kept.attributes, *other.attributes])
    attributes = [
        Choice(n, as_text(kept.attributes.get(n)), as_text(other.attributes.get(n)), True)
        for n in names
    ]
    both = [c for c in (*columns, *attributes) if c.kept and c.other]
    return [choice for choice in both if choice.kept != choice.other]


def optouts_to_take_over(kept: Contact, other: Contact) -> list[OptOut]:
    """Opt-outs of the other number that do not hold for the kept one."""
    held = {*OptOut.objects.filter(phone=kept.phone).values_list("channel_id", flat=True)}
    if None in held:
        return []
    rows = OptOut.objects.filter(phone=other.phone).select_related("channel")
    return [row for row in rows if row.channel_id not in held]


@transaction.atomic
def merge_contacts(
    kept: Contact,
    other: Contact,
    *,
    take: Iterable[tuple[str, bool]] = (),
    opt_out: bool = True,
    by: AbstractBaseUser,
) -> Contact:
    """Make `other` one with `kept`, whose number stays.

    `take` names the fields whose value is the other's, as (name, is an attribute). What the
    other number said (opt-outs, the ledger) stays with that number; an opt-out is taken over for
    the kept number unless somebody says that it may be written to.
    """
    kept, other = _locked(kept, other)
    if in_preparation().filter(contact__in=(kept, other)).exists():
        raise RuleBroken(FILLING)
    optouts = optouts_to_take_over(kept, other)
    summary = {"contact": str(other.pk), "number": other.phone}
    before = {**_values(kept), **summary, "lists": _names(other), "values": _values(other)}
    before |= _imports_of(kept, other)
    _take_values(kept, other, {*take})
    _move_rows(kept, other)
    if opt_out:
        _take_over(optouts, kept, other, by=by)
    other.delete()
    kept.made_by_import = None  # the undo of an import would delete both
    kept.save()
    place_waiting([kept.pk])
    after = {**_values(kept), "opted out with it": bool(optouts) and opt_out}
    record(MERGED, kept, by=by, before=before, after=after)
    return kept


def _locked(kept: Contact, other: Contact) -> tuple[Contact, Contact]:
    if kept.pk == other.pk:
        raise RuleBroken("This is one contact: choose two.")
    rows = Contact.objects.select_for_update().order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=(kept.pk, other.pk))}
    if len(found) < 2 or any(found[c.pk].phone != c.phone for c in (kept, other)):
        raise RuleBroken(CHANGED)
    return found[kept.pk], found[other.pk]


def _values(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in FIELDS} | contact.attributes


def _imports_of(kept: Contact, other: Contact) -> dict[str, list[int]]:
    """The ids of imports that the timeline of the one contact goes on to tell of."""
    made = {kept.made_by_import, other.made_by_import} - {None}
    changes = ImportChange.objects.filter(contact=other)
    changed = changes.order_by("contact_import_id").values_list("contact_import_id", flat=True)
    return {MADE_BY: sorted(made), CHANGED_BY: list(changed)}


def find_kept(contact_id: str) -> Contact | None:
    """The contact that one of this id was made one with; None when there is none."""
    seen = {contact_id}
    while contact_id:
        merges = AuditEntry.objects.filter(verb=MERGED, before__contact=contact_id)
        contact_id = merges.values_list("target_id", flat=True).first() or ""
        if not contact_id or contact_id in seen:
            return None
        if kept := Contact.objects.filter(pk=contact_id).first():
            return kept
        seen.add(contact_id)
    return None


def _names(contact: Contact) -> list[str]:
    return sorted(contact.lists.values_list("name", flat=True))


def _take_values(kept: Contact, other: Contact, take: set[tuple[str, bool]]) -> None:
    for name in FIELDS:
        if not getattr(kept, name) or ((name, False) in take and getattr(other, name)):
            setattr(kept, name, getattr(other, name))
    for name, value in other.attributes.items():
        is_missing = not as_text(kept.attributes.get(name))
        if is_missing or ((name, True) in take and as_text(value)):
            kept.attributes[name] = value


def _move_rows(kept: Contact, other: Contact) -> None:
    """Lists, messages, replies and threads; what waits for the other number is not sent."""
    theirs = Membership.objects.filter(contact=other)
    on_both = kept.lists.order_by().values_list("pk", flat=True)
    theirs.filter(contact_list__in=list(on_both)).delete()
    theirs.update(contact=kept)
    skip_waiting(Message.objects.filter(phone=other.phone), TO_OLD_NUMBER)
    other.messages.update(contact=kept)
    other.inbound.update(contact=kept)
    other.threads.update(contact=kept)


def _take_over(
    optouts: Sequence[OptOut], kept: Contact, other: Contact, *, by: AbstractBaseUser
) -> None:
    for optout in optouts:
        record_optout(
            kept.phone,
            source=OptOut.Source.STAFF,
            evidence=f"Merged with the number ending in {other.phone[-4:]}, which had opted out.",
            channel=optout.channel,
            asked_at=optout.asked_at,
            by=by,
        )


# --- Likely duplicates ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts that may be one person, and what they share."""

    newer: Contact
    older: Contact
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    pairs: tuple[Pair, ...]
    looked_at: int
    earlier: int | None  # contacts before this id were not looked at


def find_duplicates(before: int | None = None) -> Found:
    """Among the newest contacts (before an id) those who share their e-mail address, or their
    name and postal code, with an older one. So many are looked at, and each by an index."""
    people = Contact.objects.order_by("-pk")
    people = people.filter(pk__lt=before) if before else people
    ids = list(people.values_list("pk", flat=True)[:LOOKED_AT])
    if not ids:
        return Found((), 0, None)
    rows = people.filter(pk__gte=ids[-1], pk__lte=ids[0]).annotate(email_folded=FoldedEmail())
    by_email = Exists(_with_email()) & ~Q(email="")
    by_name = Exists(_with_name()) & ~Q(postal_code="") & ~Q(first_folded="", last_folded="")
    suspects = list(rows.filter(by_email | by_name)[: MOST_PAIRS + 1])
    pairs = [pair for each in suspects[:MOST_PAIRS] if (pair := _pair(each))]
    if len(suspects) > MOST_PAIRS:
        last = suspects[MOST_PAIRS - 1].pk
        return Found(tuple(pairs), sum(pk >= last for pk in ids), last)
    return Found(tuple(pairs), len(ids), ids[-1] if len(ids) == LOOKED_AT else None)


def _with_email() -> QuerySet[Contact]:
    older = Contact.objects.annotate(their_email=FoldedEmail()).order_by()
    return older.filter(their_email=OuterRef("email_folded"), pk__lt=OuterRef("pk"))


def _with_name() -> QuerySet[Contact]:
    same: Mapping[str, OuterRef] = {
        name: OuterRef(name) for name in ("first_folded", "last_folded", "postal_code")
    }
    return Contact.objects.filter(pk__lt=OuterRef("pk"), **same).order_by()


def _pair(newer: Contact) -> Pair | None:
    """The newest older one; the same address tells more than the same name."""
    older = Contact.objects.filter(pk__lt=newer.pk).annotate(their_email=FoldedEmail())
    if newer.email and (found := older.filter(their_email=newer.email_folded).first()):
        return Pair(newer, found, "the same e-mail address")
    same = {n: getattr(newer, n) for n in ("first_folded", "last_folded", "postal_code")}
    found = older.filter(**same).first()
    return Pair(newer, found, "the same name and postal code") if found else None
