"""What a person and one of our numbers wrote to each other, a page at a time from its end.

Theirs and ours stand in two tables. Each is asked for a page of its own by an index, by id; the
newer of the two heads is taken until the page is full. So the end of a thread of any length costs
the same.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from campaigns.models import InboundMedia, InboundMessage, MediaFile, Message, SlideMedium, Thread
from campaigns.rules.formats import Choice, Format, Place, read_choices, read_place
from campaigns.rules.mergefields import fill_in_for_preview
from campaigns.rules.statuses import FINAL, MessageStatus
from campaigns.services.wording import read_values

S = MessageStatus
PAGE = 30
#: New ones fetched at once by an open page; the others follow with its next look.
MOST_NEW = 30
#: The provider deletes files so long after they came (reference/sinch-conversation-api.md §5.2).
KEPT_THERE = timedelta(days=7)
#: The words of an MMS come as a file too; they are shown as words.
WORDS = "text/plain"
_WAITS = (S.QUEUED, S.SENDING)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a thread: an id of theirs and one of ours; None: at the end."""

    theirs: int | None = None
    ours: int | None = None

    def __str__(self) -> str:
        return "-".join("" if pk is None else str(pk) for pk in (self.theirs, self.ours))

    @classmethod
    def read(cls, text: str) -> "Spot | None":
        """What `str` wrote; None for anything else."""
        parts = text.split("-")
        if len(parts) != 2 or not all(p == "" or (p.isascii() and p.isdigit()) for p in parts):
            return None
        theirs, ours = (int(part) if part else None for part in parts)
        return cls(theirs, ours) if max(theirs or 0, ours or 0) < 2**63 else None


@dataclass(frozen=True, slots=True)
class Piece:
    """A slide of ours as they read it."""

    title: str
    text: str
    files: tuple[MediaFile, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Theirs:
    """A message from them."""

    row: InboundMessage
    files: tuple[InboundMedia, ...]
    is_ours = False

    @property
    def at(self) -> datetime:
        return self.row.received_at

    @property
    def place(self) -> Place | None:
        return read_place(self.row.place)

    @property
    def text(self) -> str:
        """Their words; the name of a place stands beside its map."""
        is_name = self.place is not None and self.row.text.strip() == self.place.title.strip()
        return "" if is_name else self.row.text

    @property
    def via(self) -> str:
        return self.row.via

    @property
    def kept_until(self) -> datetime:
        """When the provider deletes the files."""
        return self.row.received_at + KEPT_THERE


@dataclass(frozen=True, slots=True)
class Ours:
    """A message to them, as they read it."""

    row: Message
    subject: str
    pieces: tuple[Piece, ...]
    choices: tuple[Choice, ...] = ()
    place: Place | None = None
    is_ours = True

    @property
    def at(self) -> datetime:
        """When it went out; of what waits, when it will."""
        if self.row.status in _WAITS:
            return max(self.row.send_after, self.row.created_at)
        return self.row.accepted_at or self.row.created_at

    @property
    def via(self) -> str:
        """As it was reported; before that, as it is meant to go."""
        if self.row.status == S.DELIVERED_AS_SMS or "SMS" in self.row.sent_as.upper():
            return "SMS"
        if self.row.is_detoured:
            return "SMS"
        is_sms = self.row.revision.format == Format.TEXT and not self.row.sent_as
        return "SMS" if is_sms else "MMS"

    @property
    def is_final(self) -> bool:
        return self.row.status in FINAL

    @property
    def is_reply(self) -> bool:
        return self.row.purpose == Message.Purpose.REPLY

    @property
    def is_held(self) -> bool:
        return self.row.status == S.QUEUED and bool(self.row.reason)


Bubble = Theirs | Ours


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a thread, oldest first; `earlier`: where what came before ends, if anything did;
    `newest`: behind which new ones come."""

    bubbles: tuple[Bubble, ...]
    earlier: Spot | None
    newest: Spot


def read_end(thread: Thread, before: Spot | None = None, size: int = PAGE) -> Stretch:
    """The newest of a thread, or what came before a spot."""
    spot = before or Spot()
    theirs = _before(_theirs(thread), spot.theirs, size)
    ours = _before(_ours(thread), spot.ours, size)
    merged = heapq.merge(theirs, ours, key=_kept_at, reverse=True)
    taken = list(islice(merged, size))
    has_more = len(theirs) + len(ours) > len(taken)
    earlier = Spot(
        min(_ids(taken, InboundMessage), default=spot.theirs),
        min(_ids(taken, Message), default=spot.ours),
    )
    newest = Spot(max(_ids(taken, InboundMessage), default=0), max(_ids(taken, Message), default=0))
    return Stretch(_draw(taken), earlier if has_more else None, newest)


def read_news(thread: Thread, after: Spot) -> Stretch:
    """What came since."""
    theirs = list(_theirs(thread).filter(pk__gt=after.theirs or 0).order_by("id")[:MOST_NEW])
    ours = list(_ours(thread).filter(pk__gt=after.ours or 0).order_by("id")[:MOST_NEW])
    rows = [*theirs, *ours]
    newest = Spot(
        max(_ids(rows, InboundMessage), default=after.theirs or 0),
        max(_ids(rows, Message), default=after.ours or 0),
    )
    return Stretch(_draw(rows), None, newest)


def find_spot_after(reply: InboundMessage) -> Spot:
    """Where a page begins whose end is this reply."""
    later = Message.objects.filter(phone=reply.phone, sender=reply.to)
    later = later.filter(created_at__gt=reply.received_at).order_by("id")
    return Spot(reply.pk + 1, later.values_list("pk", flat=True).first())


def read_one(thread: Thread, message_id: int) -> Ours | None:
    """One message of ours, as it is by now."""
    row = _ours(thread).filter(pk=message_id).first()
    return _our_bubble(row) if row else None


def _theirs(thread: Thread) -> QuerySet[InboundMessage]:
    rows = InboundMessage.objects.filter(thread=thread).prefetch_related("media")
    rows = rows.select_related("channel", "review", "answers__revision__mms", "answers__campaign")
    return rows.defer("copied_to")


def _ours(thread: Thread) -> QuerySet[Message]:
    """What was meant to reach them: not the rows of campaigns that left them out."""
    shown = Prefetch("revision__slides__media", SlideMedium.objects.select_related("media_file"))
    rows = Message.objects.filter(phone=thread.phone, sender=thread.number)
    rows = rows.exclude(
        purpose=Message.Purpose.CAMPAIGN, status__in=(S.SKIPPED, S.CANCELLED)
    ).select_related("campaign", "revision__mms", "written_by", "channel")
    return rows.prefetch_related("revision__slides", shown)


def _before(rows: QuerySet, pk: int | None, size: int) -> list:
    rows = rows if pk is None else rows.filter(pk__lt=pk)
    return list(rows.order_by("-id")[: size + 1])


def _kept_at(row: InboundMessage | Message) -> datetime:
    """In the order of ids; when a message goes out may be much later."""
    return row.received_at if isinstance(row, InboundMessage) else row.created_at


def _ids(rows: Iterable, kind: type) -> list[int]:
    return [row.pk for row in rows if isinstance(row, kind)]


def _draw(rows: Sequence[InboundMessage | Message]) -> tuple[Bubble, ...]:
    bubbles = [
        _their_bubble(row) if isinstance(row, InboundMessage) else _our_bubble(row) for row in rows
    ]
    return tuple(sorted(bubbles, key=lambda bubble: bubble.at))


def _their_bubble(row: InboundMessage) -> Theirs:
    files = (each for each in row.media.all() if not (each.mime == WORDS and row.text))
    return Theirs(row, tuple(files))


def _our_bubble(row: Message) -> Ours:
    revision, values = row.revision, read_values(row.merge_values)
    if row.is_detoured:  # the SMS instead, alone
        return Ours(row, "", (Piece("", fill_in_for_preview(revision.fallback_text, values)),))
    pieces = (
        Piece(
            fill_in_for_preview(slide.title, values),
            fill_in_for_preview(slide.text, values),
            tuple(medium.media_file for medium in slide.media.all()),
            read_choices(slide.choices),
        )
        for slide in revision.slides.all()
    )
    return Ours(
        row,
        fill_in_for_preview(revision.subject, values),
        tuple(pieces),
        read_choices(revision.choices),
        read_place(revision.place),
    )


# --- What was said last --------------------------------------------------------------------------


def find_newest(threads: Sequence[Thread]) -> dict[int, InboundMessage | Message]:
    """Thread id → their newest message, or our reply to it."""
    asked = Thread.objects.filter(pk__in=[thread.pk for thread in threads]).order_by()
    theirs = InboundMessage.objects.filter(thread=OuterRef("pk")).order_by("-id")
    ours = Message.objects.filter(
        phone=OuterRef("phone"), sender=OuterRef("number"), purpose=Message.Purpose.REPLY
    ).order_by("-id")
    ids = asked.values_list(
        "pk", Subquery(theirs.values("pk")[:1]), Subquery(ours.values("pk")[:1])
    )
    ids = list(ids)
    heard = InboundMessage.objects.defer("copied_to").in_bulk([pk for _, pk, _ in ids if pk])
    said = Message.objects.select_related("revision", "written_by").prefetch_related(
        "revision__slides"
    )
    told = said.in_bulk([pk for _, _, pk in ids if pk])
    found = {}
    for thread_id, their_id, our_id in ids:
        pair = [row for row in (heard.get(their_id), told.get(our_id)) if row]
        if pair:
            found[thread_id] = max(pair, key=_kept_at)
    return found
