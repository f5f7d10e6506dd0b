"""Everything that happened between us and one person, newest first, a page at a time.

Each table is asked for one page of its own by an index; the pages are merged by time. So it
costs the same on the last page as on the first.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, When

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactImport,
    ImportChange,
    InboundMessage,
    Membership,
    Message,
    MessageEvent,
    OptOutReview,
)

PAGE = 50
MERGED = "contact.merged"
#: Where the entry of a merge keeps the imports that made either contact, or changed the other.
MADE_BY, CHANGED_BY = "added by imports", "changed by imports"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which row a page begins: its time, the place of its table, its id."""

    at: datetime
    source: int
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()},{self.source},{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """What `str` wrote; None for anything else."""
        try:
            at, source, pk = text.split(",")
            cursor = cls(datetime.fromisoformat(at), int(source), int(pk))
        except ValueError:
            return None
        return cursor if cursor.at.tzinfo and 0 <= cursor.pk < 2**63 else None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened: `kind` is the name of its source, `row` the row that tells it."""

    at: datetime
    kind: str
    row: object
    source: int
    pk: int

    @property
    def key(self) -> tuple[datetime, int, int]:
        return (self.at, -self.source, self.pk)

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.at, self.source, self.pk)


@dataclass(frozen=True, slots=True)
class Source:
    """A table that tells of a person: the permission it takes, the column of its time, its rows
    (with `happened_at` where the time is no plain column)."""

    kind: str
    permission: str
    time: str
    rows: Callable[[Contact], QuerySet]


@dataclass(frozen=True, slots=True)
class Page:
    entries: tuple[Entry, ...]
    earlier: Cursor | None  # where the next page begins, if there is one


def read_timeline(
    contact: Contact,
    may: Callable[[str], bool],
    before: Cursor | None = None,
    size: int = PAGE,
) -> Page:
    """A page of what happened before; `may` answers for a permission ("view_message")."""
    sources = [(n, s) for n, s in enumerate(SOURCES) if may(s.permission)]
    read = [_read(number, source, contact, before, size + 1) for number, source in sources]
    merged = heapq.merge(*read, key=lambda entry: entry.key, reverse=True)
    entries = tuple(islice(merged, size + 1))
    shown = entries[:size]
    return Page(shown, shown[-1].cursor if len(entries) > size else None)


def _read(
    number: int, source: Source, contact: Contact, before: Cursor | None, size: int
) -> Iterator[Entry]:
    rows = source.rows(contact)
    if before is not None:
        rows = rows.filter(_earlier(number, source.time, before))
    for row in rows.order_by(F(source.time).desc(), "-pk")[:size]:
        yield Entry(getattr(row, source.time), source.kind, row, number, row.pk)


def _earlier(number: int, time: str, before: Cursor) -> Q:
    """Behind the cursor: of one moment, tables stand in their order and newer rows first."""
    if number > before.source:
        return Q(**{f"{time}__lte": before.at})
    earlier = Q(**{f"{time}__lt": before.at})
    if number < before.source:
        return earlier
    return earlier | Q(**{time: before.at, "pk__lt": before.pk})


# --- What tells of a person ----------------------------------------------------------------------


def _messages(contact: Contact) -> QuerySet:
    """To them, or to a number that was merged into theirs."""
    rows = Message.objects.filter(Q(phone=contact.phone) | Q(contact=contact))
    return rows.select_related("campaign", "revision__mms", "channel").defer("merge_values")


def _receipts(contact: Contact) -> QuerySet:
    theirs = Q(message__phone=contact.phone) | Q(message__contact=contact)
    return MessageEvent.objects.filter(theirs).select_related(
        "message__campaign", "message__revision__mms"
    )


def _replies(contact: Contact) -> QuerySet:
    rows = InboundMessage.objects.filter(Q(phone=contact.phone) | Q(contact=contact))
    return rows.select_related("channel").defer("copied_to")


def _ledger(contact: Contact) -> QuerySet:
    rows = Consent.objects.filter(phone=contact.phone)
    return rows.select_related("by", "channel", "contact_import")


def _doubts(contact: Contact) -> QuerySet:
    """Replies that a person has to judge, or judged; what was decided stands in the ledger."""
    return OptOutReview.objects.filter(phone=contact.phone).select_related("reply", "decided_by")


def _imports(contact: Contact) -> QuerySet:
    """Those that made or changed them, also before a merge, as `has_made` tells: an import keeps
    what it changed, each contact once."""
    merges = list(_merges(contact))
    makers = {contact.made_by_import or 0, *(pk for each in merges for pk in each.get(MADE_BY, ()))}
    changers = {pk for each in merges for pk in each.get(CHANGED_BY, ())}
    changed = ImportChange.objects.filter(contact_import=OuterRef("pk"), contact=contact)
    theirs = ContactImport.objects.filter(Q(pk__in=makers | changers) | Exists(changed))
    made = Case(When(pk__in=makers, then=True), default=False, output_field=BooleanField())
    return theirs.exclude(started_at=None).annotate(has_made=made)


def _lists(contact: Contact) -> QuerySet:
    """Put on a list by hand; an import tells of its own list."""
    rows = Membership.objects.filter(contact=contact, made_by_import=None)
    return rows.select_related("contact_list")


def _edits(contact: Contact) -> QuerySet:
    """What people changed, also on contacts that were merged into this one."""
    whose = [str(contact.pk), *_merged_into(contact)]
    return AuditEntry.objects.filter(target_type="contact", target_id__in=whose).select_related(
        "actor"
    )


def _merged_into(contact: Contact) -> list[str]:
    return [str(before.get("contact", "")) for before in _merges(contact)]


def _merges(contact: Contact) -> QuerySet:
    """What was kept of the contacts that were merged into this one."""
    entries = AuditEntry.objects.filter(
        target_type="contact", target_id=str(contact.pk), verb=MERGED
    )
    return entries.values_list("before", flat=True)


#: Of one moment, in this order: what came last stands first.
SOURCES = (
    Source("edit", "view_contact", "at", _edits),
    Source("ledger", "view_consent", "at", _ledger),
    Source("doubt", "view_optoutreview", "created_at", _doubts),
    Source("receipt", "view_messageevent", "received_at", _receipts),
    Source("reply", "view_inboundmessage", "received_at", _replies),
    Source("message", "view_message", "created_at", _messages),
    Source("list", "view_contactlist", "added_at", _lists),
    Source("import", "view_contactimport", "started_at", _imports),
)
