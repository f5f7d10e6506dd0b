"""What stands on the card of a contact, an appointment or a document: read once, never fetched."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import vobject
from django.core.cache import cache
from django.utils import timezone
from pypdf.errors import PyPdfError

from campaigns.models import MediaFile
from campaigns.rules.media import MediaKind

#: What a card says stands in its first lines; the rest is pictures.
_READ_BYTES = 2 * 1024 * 1024
_MAX_PDF_BYTES = 20 * 1024 * 1024
_MAX_WORDS = 200
_CARD_FIELDS = frozenset("BEGIN END VERSION N FN ORG TITLE TEL EMAIL URL".split())
_EVENT_FIELDS = frozenset(
    "BEGIN END VERSION SUMMARY DTSTART DTEND DURATION LOCATION TZID TZOFFSETFROM TZOFFSETTO "
    "TZNAME RRULE".split()
)
_UNREADABLE = (
    vobject.base.VObjectError,
    PyPdfError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    OverflowError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class ContactCard:
    name: str
    organisation: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    monogram: str = ""


@dataclass(frozen=True, slots=True)
class CalendarCard:
    """`zone` is "" for a whole day and for a time that means wherever one is."""

    title: str
    starts: datetime | date | None = None
    ends: datetime | date | None = None
    place: str = ""
    zone: str = ""
    is_whole_day: bool = False


@dataclass(frozen=True, slots=True)
class DocumentCard:
    pages: int


Card = ContactCard | CalendarCard | DocumentCard


def read_card(media: MediaFile) -> Card | None:
    """What its card says; None where nothing can be read: its name and weight still can."""
    read = _READERS.get(media.kind)
    if read is None:
        return None
    key = f"card-{media.sha256}"
    try:
        (found,) = cache.get_or_set(key, lambda: (_try(read, media),), timeout=None)
    except OSError:  # the file is not at hand: perhaps it is the next time
        return None
    return found


def _try(read: Callable[[MediaFile], Card | None], media: MediaFile) -> Card | None:
    try:
        return read(media)
    except _UNREADABLE:
        return None


# --- Contacts ----------------------------------------------------------------------------------


def _read_contact(media: MediaFile) -> ContactCard | None:
    card = _parse(media, _CARD_FIELDS)
    name = _words(card, "fn") or _full_name(card)
    organisation = _organisation(card)
    phones, emails = _all(card, "tel"), _all(card, "email")
    shown = name or organisation or next(iter(phones + emails), "")
    if not shown:
        return None
    return ContactCard(
        shown, organisation if organisation != shown else "", phones, emails, _initials(shown)
    )


def _full_name(card: Any) -> str:
    name = getattr(getattr(card, "n", None), "value", None)
    return _clean(f"{getattr(name, 'given', '')} {getattr(name, 'family', '')}")


def _organisation(card: Any) -> str:
    value = getattr(getattr(card, "org", None), "value", "")
    return _clean(", ".join(filter(None, value)) if isinstance(value, list) else str(value))


def _all(card: Any, field: str) -> tuple[str, ...]:
    values = (_clean(str(line.value).removeprefix("tel:")) for line in card.contents.get(field, []))
    return tuple(dict.fromkeys(filter(None, values)))[:3]


def _initials(name: str) -> str:
    """Wren Gardens → WG; a number or a sign gives none; scripts without capitals one letter."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    if len(letters) < 2 or letters[0].upper() == letters[0].lower():
        return "".join(letters[:1]).upper()
    return letters[0].upper()[0] + letters[-1].upper()[0]


# --- Appointments ------------------------------------------------------------------------------


def _read_event(media: MediaFile) -> CalendarCard | None:
    event = _parse(media, _EVENT_FIELDS).vevent
    start, zone = _moment(getattr(event, "dtstart", None))
    end, _ = _moment(getattr(event, "dtend", None))
    if end is None and hasattr(event, "duration") and start is not None:
        end = start + event.duration.value
    is_whole_day = start is not None and not isinstance(start, datetime)
    if is_whole_day and end is not None:
        end -= timedelta(days=1)  # the file names the first day after it
    title = _words(event, "summary") or "Appointment"
    return CalendarCard(title, start, end, _words(event, "location"), zone, is_whole_day)


def _moment(line: Any) -> tuple[datetime | date | None, str]:
    """A moment and the name of its zone: its own where it names one, else the portal's."""
    value = getattr(line, "value", None)
    if not isinstance(value, datetime):
        return value if isinstance(value, date) else None, ""
    own = _own_zone(line)
    if own:
        moment = value.replace(tzinfo=own)
    elif value.tzinfo is None:
        return value, ""
    elif value.utcoffset() == timedelta() or value.tzname() is None:
        moment = timezone.localtime(value.astimezone(UTC))
    else:
        moment = value
    return moment.replace(tzinfo=None), moment.tzname() or ""


def _own_zone(line: Any) -> ZoneInfo | None:
    names = getattr(line, "params", {}).get("X-VOBJ-ORIGINAL-TZID") or line.params.get("TZID")
    try:
        return ZoneInfo(names[0]) if names else None
    except (ValueError, KeyError, OSError):  # no such zone, or a name that is none
        return None


# --- Documents ---------------------------------------------------------------------------------


def _read_document(media: MediaFile) -> DocumentCard | None:
    if media.size > _MAX_PDF_BYTES:
        return None
    with media.file.open("rb") as file:
        return DocumentCard(len(pypdf.PdfReader(file).pages))


# --- Text files --------------------------------------------------------------------------------


def _parse(media: MediaFile, fields: frozenset[str]) -> Any:
    """The first component, of nothing but the fields that are shown: pictures are left unread."""
    with media.file.open("rb") as file:
        text = file.read(_READ_BYTES).decode("utf-8-sig", errors="replace")
    lines = [
        line for line in re.sub(r"\r?\n[ \t]", "", text).splitlines() if _field(line) in fields
    ]
    text = "\r\n".join(lines) + "\r\n"
    return next(vobject.readComponents(text, ignoreUnreadable=True, allowQP=True), None)


def _field(line: str) -> str:
    """`item1.TEL;TYPE=work:…` → TEL"""
    return re.split(r"[;:]", line, maxsplit=1)[0].rpartition(".")[2].upper()


def _words(component: Any, field: str) -> str:
    return _clean(str(getattr(getattr(component, field, None), "value", "")))


def _clean(words: str) -> str:
    return " ".join(words.split())[:_MAX_WORDS]


_READERS: dict[str, Callable[[MediaFile], Card | None]] = {
    MediaKind.CONTACT: _read_contact,
    MediaKind.CALENDAR: _read_event,
    MediaKind.PDF: _read_document,
}
