"""The inbox as a list: threads filtered, searched, and read a page at a time by an index.

Unread ones first, then the newest: each state is a stretch of the same index. Beyond it, a filter
asks either the few rows that it finds, or every thread on the way; which of the two, their number
decides.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Contact, OptOut, Thread, ThreadWord
from campaigns.models.audience import MANY
from campaigns.rules.replywords import fold_words
from campaigns.services.searching import number_begins, search_contacts

PAGE = 50
#: People whose name begins so, of whom threads are looked for.
MOST_PEOPLE = 500
State = Thread.State
#: What is looked at: key → (the words on its tab, the states it shows).
VIEWS: dict[str, tuple[str, tuple[State, ...]]] = {
    "": ("To do", (State.UNREAD, State.OPEN)),
    "unread": ("Unread", (State.UNREAD,)),
    "mine": ("Mine", (State.UNREAD, State.OPEN)),
    "nobody": ("Unassigned", (State.UNREAD, State.OPEN)),
    "done": ("Done", (State.DONE,)),
    "all": ("All", tuple(State)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which threads somebody (`user_id`) asks for; `label` and `channel` are ids."""

    user_id: int
    view: str = ""
    label: int | None = None
    channel: int | None = None
    opted_out: bool = False
    words: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether more than a tab was chosen."""
        return bool(self.label or self.channel or self.opted_out or self.words.strip())


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which thread a page begins."""

    state: int
    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.state},{self.at.isoformat()},{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """What `str` wrote; None for anything else."""
        try:
            state, at, pk = text.split(",")
            cursor = cls(int(state), datetime.fromisoformat(at), int(pk))
        except (ValueError, OverflowError):
            return None
        is_sound = cursor.at.tzinfo and 0 <= cursor.pk < 2**63 and cursor.state in State.values
        return cursor if is_sound else None


@dataclass(frozen=True, slots=True)
class Page:
    threads: tuple[Thread, ...]
    older: Cursor | None  # where the next page begins, if there is one


def read_list(wanted: Wanted, before: Cursor | None = None, size: int = PAGE) -> Page:
    """The threads behind `before`, or the first ones."""
    found = tuple(islice(_walk(wanted, before, size + 1), size + 1))
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return Page(shown, Cursor(last.state, last.last_at, last.pk) if last else None)


def _walk(wanted: Wanted, before: Cursor | None, size: int) -> Iterator[Thread]:
    rows = choose(wanted).select_related("contact", "assigned_to", "channel")
    rows = rows.prefetch_related("labels")
    for state in VIEWS[wanted.view][1]:
        if before and state < before.state:
            continue
        stretch = rows.filter(state=state)
        if before and state == before.state:
            older = Q(last_at__lt=before.at) | Q(last_at=before.at, pk__lt=before.pk)
            stretch = stretch.filter(older, last_at__lte=before.at)
        yield from stretch.order_by("-last_at", "-id")[:size]


def choose(wanted: Wanted) -> QuerySet[Thread]:
    """Every thread that is asked for, in whatever state."""
    threads = Thread.objects.order_by()
    if wanted.view == "mine":
        threads = threads.filter(assigned_to=wanted.user_id)
    if wanted.view == "nobody":
        threads = threads.filter(assigned_to=None)
    if wanted.channel:
        threads = threads.filter(channel=wanted.channel)
    if wanted.label:
        through = Thread.labels.through.objects.filter(threadlabel=wanted.label)
        threads = threads.filter(_among(through, "thread", "pk"))
    if wanted.opted_out:
        threads = threads.filter(_among(OptOut.objects.all(), "phone", "phone"))
    return threads.filter(_says(wanted.words)) if wanted.words.strip() else threads


def _among(rows: QuerySet, column: str, of_thread: str) -> Q:
    """Threads that these rows are about: a few rows lead to them; of many, each thread on the way
    asks for its own."""
    rows = rows.order_by()
    if rows[: MANY + 1].count() <= MANY:
        return Q(**{f"{of_thread}__in": rows.values(column)})
    return Q(Exists(rows.filter(**{column: OuterRef(of_thread)})))


def _says(words: str) -> Q:
    """Whose number begins so, in any spelling; else whose name does, or who wrote all these
    words, each at least by its beginning."""
    number = number_begins("phone", words)
    if number is not None:
        return number
    people = list(search_contacts(Contact.objects.order_by(), words)[:MOST_PEOPLE])
    theirs = Q(contact__in=[each.pk for each in people]) | Q(phone__in=[p.phone for p in people])
    said = fold_words(words)
    if not said:
        return theirs if people else Q(pk__in=())
    written = Q()
    for word in said:
        written &= _among(ThreadWord.objects.filter(word__begins=word), "thread", "pk")
    return theirs | written if people else written


# --- What stands in a line -----------------------------------------------------------------------


def find_opted_out(threads: Iterable[Thread]) -> set[str]:
    """Of these threads the numbers that are to be left alone, on all channels or on theirs."""
    channels = {thread.phone: thread.channel_id for thread in threads}
    rows = OptOut.objects.filter(phone__in=channels).order_by().values_list("phone", "channel")
    return {phone for phone, channel in rows if channel in (None, channels[phone])}


def find_people(threads: Iterable[Thread]) -> dict[str, Contact]:
    """Number → the contact who has it; a contact may be younger than the thread."""
    return {c.phone: c for c in Contact.objects.filter(phone__in=[t.phone for t in threads])}
