"""What an import left behind, and what happened with its people since: what an undo may touch."""

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from campaigns.models import (
    Consent,
    Contact,
    ContactImport,
    ImportChange,
    InboundMessage,
    Membership,
    Message,
    OptOut,
)
from campaigns.services.waiting import in_preparation

#: Why somebody whom an import made stays: key → the words after "kept because they".
KEPT_BECAUSE: dict[str, str] = {
    "written": "were written to since",
    "chosen": "are in a campaign that was launched",
    "replied": "wrote to you",
    "opted_out": "opted out since",
    "agreed": "are in the consent ledger with something newer",
    "listed": "were put on another list",
    "edited": "were changed since",
}


def made_by(contact_import: ContactImport) -> QuerySet[Contact]:
    return Contact.objects.filter(made_by_import=contact_import.pk)


def met_by(contact_import: ContactImport) -> QuerySet[Contact]:
    """Contacts in its file that were there before: the ledger tells of each, or without consent
    the list and the changes."""
    if contact_import.consent_method:
        met = Q(phone__in=consents_of(contact_import).values("phone"))
    else:
        met = Q(pk__in=put_on_list_by(contact_import).values("contact_id"))
        met |= Q(pk__in=contact_import.changes.values("contact_id"))
    return Contact.objects.filter(met).exclude(made_by_import=contact_import.pk)


def put_on_list_by(contact_import: ContactImport) -> QuerySet[Membership]:
    return Membership.objects.filter(
        contact_list=contact_import.contact_list_id, made_by_import=contact_import.pk
    )


def consents_of(contact_import: ContactImport) -> QuerySet[Consent]:
    return Consent.objects.filter(contact_import=contact_import, kind=Consent.Kind.GIVEN)


def is_untouched(contact_import: ContactImport, prefix: str = "") -> Q:
    """Nobody changed the contact since the import ended."""
    return Q(**{f"{prefix}updated_at__lte": contact_import.finished_at})


def changes_of(contact_import: ContactImport) -> QuerySet[ImportChange]:
    """The contacts it changed; the ledger alone says since when they agree."""
    only_consent = Q(before={}) | Q(before={"consented_at": None})
    return contact_import.changes.exclude(only_consent)


def unchanged_since(contact_import: ContactImport) -> QuerySet[ImportChange]:
    """What it changed and can be given its old values back."""
    return changes_of(contact_import).filter(is_untouched(contact_import, "contact__"))


def with_reason(people: QuerySet[Contact], contact_import: ContactImport) -> QuerySet[Contact]:
    """`kept`: a key of KEPT_BECAUSE, the first that holds, or "" when nothing happened since."""
    cases = [When(condition, then=Value(key)) for key, condition in _happened(contact_import)]
    return people.annotate(kept=Case(*cases, default=Value(""), output_field=CharField()))


def _happened(contact_import: ContactImport) -> list[tuple[str, Exists | Q]]:
    since, pk, phone = contact_import.started_at, OuterRef("pk"), OuterRef("phone")
    ledger = Consent.objects.filter(phone=phone, recorded_at__gte=since)
    lists = Membership.objects.filter(contact=pk)
    return [
        ("written", Exists(Message.objects.filter(phone=phone, created_at__gte=since))),
        ("chosen", Exists(in_preparation().filter(contact=pk))),
        ("replied", Exists(InboundMessage.objects.filter(phone=phone, received_at__gte=since))),
        ("opted_out", Exists(OptOut.objects.filter(phone=phone, created_at__gte=since))),
        ("agreed", Exists(ledger.exclude(contact_import=contact_import))),
        ("listed", Exists(lists.exclude(made_by_import=contact_import.pk))),
        ("edited", ~is_untouched(contact_import)),
    ]
