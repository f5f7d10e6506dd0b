"""Erases one person. That somebody was written to stays, and that they opted out; who it was
does not."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Left, StrIndex

from campaigns.models import (
    Consent,
    Contact,
    ContactImport,
    EarlierSend,
    Message,
    MmsRevision,
    OptOut,
    OptOutReview,
    Sender,
    Slide,
    WebhookPost,
)
from campaigns.rules.places import NOWHERE
from campaigns.rules.problems import check
from campaigns.rules.statuses import MessageStatus
from campaigns.services import traces
from campaigns.services.audit import record
from campaigns.services.person import Person, find_person
from campaigns.services.suppression import hash_number
from campaigns.services.tallies_keeping import compact_tally
from campaigns.services.waiting import in_preparation, skip_waiting

UNKNOWN = "Nothing is known of this number: there is nothing to erase."
IN_FLIGHT = "A message to them is being sent at this moment: wait a minute and try again."
FILLING = "A campaign is being prepared for them at this moment: wait a minute and try again."
UNREAD = "A callback about them has not been read yet: wait a minute and try again."
IMPORTING = "An import is running, and they may be in its file: try again when it is done."
OWN_NUMBER = (
    "This number is one of your senders and stands in every message: remove the sender first."
)
WAITING_SKIPPED = "They were erased."


@dataclass(frozen=True, slots=True)
class Footprint:
    """How much there is of one person."""

    contacts: int
    fields: int
    lists: int
    messages: int
    waiting: int
    replies: int
    files: int
    ledger_entries: int
    optouts: int


def measure(person: Person) -> Footprint:
    """What an erasure takes away, or makes nobody's."""
    contact = person.contact
    return Footprint(
        contacts=int(contact is not None),
        fields=len(contact.attributes) if contact else 0,
        lists=contact.memberships.count() if contact else 0,
        messages=person.messages.count(),
        waiting=person.messages.filter(status=MessageStatus.QUEUED).count(),
        replies=person.replies.count(),
        files=person.media.exclude(file="").count(),
        ledger_entries=person.ledger.count(),
        optouts=person.optouts.count(),
    )


def find_erasure_problems(person: Person) -> list[str]:
    """Why this person cannot be erased at this moment."""
    importing = (ContactImport.Status.RUNNING, ContactImport.Status.UNDOING)
    open_posts = (WebhookPost.Status.NEW, WebhookPost.Status.WAITING)
    unread = WebhookPost.objects.filter(status__in=open_posts)
    reasons = (
        (UNKNOWN, not person.is_known),
        (OWN_NUMBER, Sender.objects.filter(number__in=person.phones).exists()),
        (IN_FLIGHT, person.messages.filter(status=MessageStatus.SENDING).exists()),
        (FILLING, in_preparation().filter(contact=person.contact).exists()),
        (UNREAD, any(unread.holding(phone).exists() for phone in person.phones)),
        (IMPORTING, ContactImport.objects.filter(status__in=importing).exists()),
    )
    return [sentence for sentence, holds in reasons if holds]


def erase_person(phone: str, *, by: AbstractBaseUser) -> Footprint:
    """Take this person out of every table; what was there of them. `RuleBroken` when they are
    being written to or read about at this moment."""
    person = find_person(phone)
    hashes = {number: hash_number(number) for number in sorted(person.phones)}
    who = Contact(pk=person.contact.pk if person.contact else 0)  # without the name
    journal = traces.find_journal(person)  # before: it takes long, and nobody should wait for it
    with transaction.atomic():
        found = measure(person)
        _skip_waiting(person)
        check(find_erasure_problems(person))
        traces.forget_journal(person, journal)
        _forget(person, hashes)
        compact_tally()  # what went wrong with them alone is a text in it, and its count is 0 now
        counts = {**asdict(found), **journal.counts}
        record("person.erased", who, by=by, after={"number": hashes[phone], **counts})
    return found


def _skip_waiting(person: Person) -> None:
    skip_waiting(person.messages.all(), WAITING_SKIPPED)


def _forget(person: Person, hashes: dict[str, str]) -> None:
    """First what is found by the rows of the person, then those rows."""
    traces.forget_groups(person)
    traces.forget_notes(person)
    _forget_replies(person)
    _forget_messages(person)
    for phone, number_hash in hashes.items():
        _forget_ledger(phone, number_hash)
    if person.contact:
        traces.forget_contact(person.contact, person.merged)


def _forget_replies(person: Person) -> None:
    files = [medium.file for medium in person.media.exclude(file="")]
    OptOutReview.objects.filter(phone__in=person.phones).delete()
    person.replies.delete()
    person.threads.delete()
    transaction.on_commit(lambda: _delete_files(files))


def _delete_files(files: Iterable) -> None:
    for file in files:
        file.storage.delete(file.name)


def _forget_messages(person: Person) -> None:
    """The number of each row becomes one that is nobody's, and no other row's. What was written
    to them alone goes."""
    _forget_own_words(person)
    _forget_names_in_batches(person)
    person.messages.update(
        phone=Concat(Value(Message.ERASED), Cast("pk", CharField())),
        contact=None,
        merge_values="",
        shown_to="",
        place=NOWHERE,
    )


def _forget_names_in_batches(person: Person) -> None:
    """There the number is half of the provider's id."""
    EarlierSend.objects.filter(message__in=person.messages.values("pk")).delete()
    batch = Left("provider_id", StrIndex("provider_id", Value("/")))
    nobody = Concat(batch, Value(Message.ERASED), Cast("pk", CharField()))
    for phone in person.phones:
        person.messages.filter(provider_id__endswith=f"/{phone}").update(provider_id=nobody)


def _forget_own_words(person: Person) -> None:
    """Of replies from the inbox; one that showed an MMS of ours told them nothing about them."""
    written = person.messages.filter(purpose=Message.Purpose.REPLY, revision__mms__is_answer=True)
    revisions = list(written.order_by().values_list("revision_id", flat=True))
    Slide.objects.filter(revision__in=revisions).update(text="", title="")
    MmsRevision.objects.filter(pk__in=revisions).update(subject="", fallback_text="")


def _forget_ledger(phone: str, number_hash: str) -> None:
    """Who opted out is known again by the hash; an opt-out that was hashed before stays."""
    Consent.objects.filter(phone=phone).erase(number_hash)
    hashed = OptOut.objects.filter(phone=number_hash)
    for optout in OptOut.objects.filter(phone=phone):
        if hashed.filter(channel=optout.channel).exists():
            optout.delete()
        else:
            OptOut.objects.filter(pk=optout.pk).update(phone=number_hash, evidence="")
