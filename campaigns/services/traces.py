"""Where else a person's number stands: in the journal, in groups, in notes. Taken out there."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from campaigns.models import (
    AuditEntry,
    Campaign,
    Channel,
    Contact,
    ContactImport,
    GatewayCall,
    ImportProblem,
    InboundMessage,
    Lane,
    Message,
    MessageEvent,
    WebhookPost,
)
from campaigns.rules.spellings import TAKEN_OUT, spelling_pattern, take_out
from campaigns.services.guards import SOMEBODY
from campaigns.services.person import Person

#: So many rows of the journal are held in memory at once.
CHUNK = 500
#: Texts in which a provider may have named a number: of few rows.
_NOTES: tuple[tuple[type[Model], str], ...] = (
    (Campaign, "status_reason"),
    (Channel, "paused_reason"),
    (Lane, "trouble"),
)


@dataclass(frozen=True, slots=True)
class Journal:
    """The ids of callbacks and requests: with a person's own words, or only with their number."""

    own_posts: list[int]
    posts: list[int]
    own_calls: list[int]
    calls: list[int]

    @property
    def counts(self) -> dict[str, int]:
        posts, calls = {*self.own_posts, *self.posts}, {*self.own_calls, *self.calls}
        return {"callbacks": len(posts), "requests": len(calls)}


def find_journal(person: Person) -> Journal:
    """Looked for in all that is kept: a callback that came twice belongs to no row."""
    posts, calls = set(), set()
    for phone in person.phones:
        posts |= {*WebhookPost.objects.holding(phone).values_list("pk", flat=True)}
        spoken = Q(request__contains=phone) | Q(answer__contains=phone)
        calls |= {*GatewayCall.objects.filter(spoken).values_list("pk", flat=True)}
    replies = person.replies.exclude(post=None).order_by()
    return Journal(
        own_posts=list(replies.values_list("post_id", flat=True)),
        posts=sorted(posts),
        own_calls=list(_own_calls(person).values_list("pk", flat=True)),
        calls=sorted(calls),
    )


def _own_calls(person: Person) -> QuerySet[GatewayCall]:
    """The requests that carried their messages; every send of a row has its own reference."""
    references = []
    for reference, resent in person.messages.order_by().values_list("reference", "resend_count"):
        references += [reference, *(f"{reference}.{number + 1}" for number in range(1, resent + 1))]
    return GatewayCall.objects.filter(reference__in=references).order_by()


def forget_journal(person: Person, journal: Journal) -> None:
    """What carried only their words goes; what tells of others too loses the number."""
    GatewayCall.objects.filter(pk__in=journal.own_calls).delete()
    calls = GatewayCall.objects.filter(pk__in=journal.calls)
    _take_out_of_rows(calls, person, ("request", "answer"))
    WebhookPost.objects.filter(pk__in=journal.own_posts).update(body=b"", reason=SOMEBODY)
    for start in range(0, len(journal.posts), CHUNK):
        posts = list(WebhookPost.objects.filter(pk__in=journal.posts[start : start + CHUNK]))
        for post in posts:
            for phone in person.phones:
                post.body = bytes(post.body).replace(phone.encode(), TAKEN_OUT.encode())
        WebhookPost.objects.bulk_update(posts, ["body"])


def _take_out_of_rows(rows: QuerySet, person: Person, names: tuple[str, ...]) -> None:
    """Write these texts of these rows without the numbers."""
    for row in rows.iterator(CHUNK):
        texts = {name: _without(getattr(row, name), person) for name in names}
        if any(getattr(row, name) != text for name, text in texts.items()):
            rows.model.objects.filter(pk=row.pk).update(**texts)


def _without(value: Any, person: Person) -> Any:
    for phone in person.phones:
        value = take_out(value, phone)
    return value


def forget_groups(person: Person) -> None:
    """Take the numbers out of what others of their groups were shown, or sent copies of."""
    groups = person.messages.exclude(shown_to="").order_by().values("campaign")
    for message in Message.objects.filter(campaign__in=groups).exclude(shown_to=""):
        left = [phone for phone in message.shown_to.split(",") if phone not in person.phones]
        Message.objects.filter(pk=message.pk).update(shown_to=",".join(left))
    copies = InboundMessage.objects.annotate(copies=Cast("copied_to", TextField()))
    for phone in person.phones:
        for reply in copies.filter(copies__contains=phone):
            left = [number for number in reply.copied_to if number not in person.phones]
            InboundMessage.objects.filter(pk=reply.pk).update(copied_to=left)


def forget_notes(person: Person) -> None:
    """Take the numbers out of whatever was written about messages, imports and the work here."""
    _take_out_of_rows(person.messages, person, ("reason",))
    events = MessageEvent.objects.filter(message__in=person.messages.order_by().values("pk"))
    _take_out_of_rows(events, person, ("text",))
    for model, name in _NOTES:
        _take_out_of_rows(model._default_manager.exclude(**{name: ""}), person, (name,))
    for phone in person.phones:
        _forget_imports(phone)
        _forget_audit(phone)
    if person.contact and person.contact.email:
        _forget_refused(person.contact.email)


def _forget_imports(phone: str) -> None:
    """Rows that were refused go whole; a number that was taken for the name of a column, or
    stands in the name of the file, goes."""
    pattern = spelling_pattern(phone)
    rows = ImportProblem.objects.annotate(text=Cast("row", TextField()))
    rows.filter(text__regex=pattern).delete()
    named = ContactImport.objects.annotate(text=Cast("columns", TextField()))
    for each in named.filter(text__regex=pattern):
        columns = [take_out(name, phone) for name in each.columns]
        ContactImport.objects.filter(pk=each.pk).update(columns=columns)
    for each in ContactImport.objects.filter(file_name__regex=pattern):
        name = take_out(each.file_name, phone)
        ContactImport.objects.filter(pk=each.pk).update(file_name=name)


def _forget_refused(email: str) -> None:
    """Rows whose number was too misspelt to be found by it."""
    rows = ImportProblem.objects.annotate(text=Cast("row", TextField()))
    email = email.casefold()
    theirs = [
        problem.pk
        for problem in rows.filter(text__icontains=email).iterator(CHUNK)
        if any(str(cell).strip().casefold() == email for cell in problem.row)
    ]
    ImportProblem.objects.filter(pk__in=theirs).delete()


def _forget_audit(phone: str) -> None:
    """That something was done stays; to whom does not."""
    pattern = spelling_pattern(phone)
    entries = AuditEntry.objects.annotate(
        was=Cast("before", TextField()), became=Cast("after", TextField())
    )
    told = Q(target__regex=pattern) | Q(was__regex=pattern) | Q(became__regex=pattern)
    _blank(
        AuditEntry.objects.filter(pk__in=list(entries.filter(told).values_list("pk", flat=True)))
    )


def _blank(entries: QuerySet[AuditEntry]) -> None:
    entries.update(target=SOMEBODY, before={}, after={})


def forget_contact(contact: Contact, merged: frozenset[str]) -> None:
    """The contact with all that hangs on it, and its names in the audit trail."""
    forget_names([str(contact.pk), *merged])
    contact.delete()


def forget_names(contact_ids: Collection[str]) -> None:
    """Who they were, wherever it stands what people did with these contacts."""
    _blank(AuditEntry.objects.filter(target_type="contact", target_id__in=contact_ids))
    kind = ContentType.objects.get_for_model(Contact)
    LogEntry.objects.filter(content_type=kind, object_id__in=contact_ids).delete()
