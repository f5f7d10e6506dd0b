"""Everything that is held of one person, as a ZIP that is written while it is sent."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from campaigns.models import Contact, InboundMedia, InboundMessage, Thread
from campaigns.services.audit import record
from campaigns.services.evidence import Evidence, find_evidence, write_table
from campaigns.services.person import Person
from campaigns.services.suppression import hash_number
from campaigns.services.tables import write_csv
from campaigns.services.transcoding import arriving
from campaigns.services.wording import draft_as_read

PIECE = 64 * 1024
README = """Everything this portal holds of one person, made {at:%Y-%m-%d %H:%M %Z}.

contact.json   the person, their fields and lists
messages.csv   what was sent to them, with its words and what became of it
replies.csv    what they wrote
media/         the files they sent
threads.csv    how their conversations were sorted in the inbox
ledger.csv     what they agreed to, and when they opted out
optouts.csv    the opt-outs that hold
"""


class _Outlet(io.RawIOBase):
    """Takes what `zipfile` writes, and gives it on piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def write_person(person: Person, *, by: AbstractBaseUser) -> Iterator[bytes]:
    """The pieces of the ZIP. That it was taken out is written down before the first of them."""
    who = person.contact.pk if person.contact else 0
    record("person.exported", Contact(pk=who), by=by, after={"number": hash_number(person.phone)})
    return _write(person)


def _write(person: Person) -> Iterator[bytes]:
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in _files(person):
            with archive.open(name, "w", force_zip64=True) as entry:
                for part in parts:
                    entry.write(part)
                    yield outlet.take()
    yield outlet.take()


def _files(person: Person) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "README.txt", [README.format(at=timezone.localtime()).encode()]
    yield "contact.json", [_contact(person)]
    yield "messages.csv", _table(_MESSAGES, _messages(person))
    yield "replies.csv", _table(_REPLIES, map(_reply, person.replies.iterator()))
    yield "threads.csv", _table(_THREADS, map(_thread, _threads(person)))
    yield "ledger.csv", [write_table(_ledger(person)).encode()]
    yield "optouts.csv", _table(_OPTOUTS, map(_optout, person.optouts.select_related("channel")))
    for medium in person.media.exclude(file="").iterator():
        yield f"media/{medium.message_id}-{medium.pk}{_ending(medium)}", _read(medium)


def _contact(person: Person) -> bytes:
    told: dict[str, Any] = {"numbers": sorted(person.phones)}
    if contact := person.contact:
        names = ("first_name", "last_name", "email", "time_zone", "state", "postal_code")
        told |= {name: getattr(contact, name) for name in names}
        told |= {
            "fields": contact.attributes,
            "lists": list(contact.lists.values_list("name", flat=True)),
            "consented_at": contact.consented_at,
            "created_at": contact.created_at,
        }
    return json.dumps(told, indent=2, ensure_ascii=False, default=str).encode()


def _ledger(person: Person) -> Evidence:
    """Of every number they have or had; the sentence is that of the one they have."""
    others = [find_evidence(phone) for phone in person.phones - {person.phone}]
    now = find_evidence(person.phone)
    lines = chain(now.lines, *(other.lines for other in others))
    newest_first = sorted(lines, key=lambda line: (line.entry.at, line.entry.pk), reverse=True)
    return replace(now, lines=newest_first)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    return (line.encode() for line in write_csv(chain([columns], rows)))


_MESSAGES = (
    *("Reference", "Campaign", "Channel", "From", "To", "Made", "State", "Since", "Reason"),
    *("Subject", "Text"),
)


def _messages(person: Person) -> Iterator[Sequence[Any]]:
    """With the texts as this person read them."""
    rows = person.messages.order_by("pk").select_related("campaign", "channel", "revision__mms")
    for row in rows.iterator(1000):
        draft = arriving(draft_as_read(row))
        yield (
            *(row.reference, row.campaign or row.get_purpose_display(), row.channel, row.sender),
            *(row.phone, row.created_at, row.get_status_display(), row.changed_at, row.reason),
            *(draft.subject, "\n".join(slide.text for slide in draft.slides if slide.text)),
        )


_REPLIES = ("Id", "From", "To", "Sent", "Received", "Subject", "Text", "Opted out")
_REPLIES += ("By", "Place", "Chosen")


def _reply(reply: InboundMessage) -> Sequence[Any]:
    return (
        *(reply.pk, reply.phone, reply.to, reply.sent_at, reply.received_at, reply.subject),
        *(reply.text, "yes" if reply.opted_out else "", reply.via),
        *(json.dumps(reply.place) if reply.place else "", reply.postback),
    )


_THREADS = ("Number", "Our number", "State", "Assigned to", "Labels", "Newest message")


def _threads(person: Person) -> Iterable[Thread]:
    return person.threads.select_related("assigned_to").prefetch_related("labels")


def _thread(thread: Thread) -> Sequence[Any]:
    labels = ", ".join(label.name for label in thread.labels.all())
    sorted_as = (thread.get_state_display(), thread.assigned_to or "", labels)
    return (thread.phone, thread.number, *sorted_as, thread.last_at)


_OPTOUTS = ("Number", "Channel", "Asked", "Since", "How we know", "Evidence")


def _optout(optout: Any) -> Sequence[Any]:
    where = optout.channel or "All channels"
    known = (optout.created_at, optout.get_source_display(), optout.evidence)
    return (optout.phone, where, optout.asked_at, *known)


_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "text/plain": ".txt"}


def _ending(medium: InboundMedia) -> str:
    return _ENDINGS.get(medium.mime, ".bin")


def _read(medium: InboundMedia) -> Iterator[bytes]:
    try:
        file = medium.file.open("rb")
    except FileNotFoundError:
        yield b""
        return
    with file:
        yield from iter(lambda: file.read(PIECE), b"")
