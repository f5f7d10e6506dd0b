"""The evidence of one number: what it agreed to and when it opted out, as a page and as files.

Whether somebody may be written to takes more than that: `services/contacts.explain_reach`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from campaigns.models import Consent, ContactImport, InboundMessage, OptOut
from campaigns.rules.consent import ConsentMethod
from campaigns.services.audit import record
from campaigns.services.consent import standing_consents
from campaigns.services.person import find_person
from campaigns.services.policy import HASH_MARK
from campaigns.services.suppression import find_hash
from campaigns.services.tables import write_csv

Kind = Consent.Kind
NOBODY = (
    "Nobody here knows this number: nothing was agreed, nothing was sent, nothing came from it."
)
NO_ENTRY = "Nothing is known of a consent of theirs"
ERASED = "was erased here since: to be written to, they must agree again"
NO_OPTOUT = "no opt-out"
COLUMNS = (
    *("Entry", "Number", "What", "When they said so", "Written down", "How", "Exact wording"),
    *("Source", "Channel", "Entered by", "File", "Reply"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the ledger with everything it refers to."""

    entry: Consent
    number: str
    method: str
    wording: str
    source: str
    file: ContactImport | None
    reply: InboundMessage | None
    stands: bool  # a consent that was neither taken back nor erased with its person

    @property
    def was_erased(self) -> bool:
        return self.entry.phone.startswith(HASH_MARK)

    @property
    def lost(self) -> str:
        """Why this consent does not count any more; "" for what stands, and what is none."""
        if self.stands or self.entry.kind != Kind.GIVEN:
            return ""
        return "Gone with the erasure" if self.was_erased else "Taken back since"

    @property
    def entered_by(self) -> str:
        by = self.entry.by or (self.file.by if self.file else None)
        return (by.get_full_name() or by.get_username()) if by else "The portal itself"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the ledger says of one number, newest first, and the state in one sentence."""

    phone: str
    sentence: str
    is_known: bool
    agrees: bool  # with a consent that stands, and at most opted out of some channels
    was_erased: bool
    lines: list[Line] = field(default_factory=list)


def find_evidence(phone: str) -> Evidence:
    """Of a number (digits with country code), or of the hash of one that was erased."""
    known = {phone} if phone.startswith(HASH_MARK) else {phone, find_hash(phone)} - {""}
    entries = Consent.objects.filter(phone__in=known).select_related(
        "by", "channel", "contact_import__by", "reply"
    )
    living = [number for number in known if not number.startswith(HASH_MARK)]
    standing = {*standing_consents().filter(phone__in=living).values_list("pk", flat=True)}
    lines = [_line(entry, phone, entry.pk in standing) for entry in entries.order_by("-at", "-pk")]
    optouts = list(OptOut.objects.filter(phone__in=known).select_related("channel"))
    agrees = any(line.stands for line in lines) and all(optout.channel for optout in optouts)
    was_erased = any(line.was_erased for line in lines)
    is_known = bool(lines or optouts or find_person(phone).is_known)
    sentence = _describe(lines, optouts) if is_known else NOBODY
    return Evidence(phone, sentence, is_known, agrees, was_erased, lines)


def _line(entry: Consent, phone: str, stands: bool) -> Line:
    """What an import says of all its people stands in the import."""
    file = entry.contact_import
    method = entry.method or (file.consent_method if file else "")
    is_erased = entry.phone.startswith(HASH_MARK)
    return Line(
        entry=entry,
        number="erased" if is_erased else f"+{entry.phone}",
        method=ConsentMethod(method).label if method else "",
        wording=entry.wording or (file.consent_wording if file else ""),
        source=entry.source or (file.consent_source if file else ""),
        file=file,
        reply=entry.reply,
        stands=stands,
    )


def _describe(lines: Sequence[Line], optouts: Sequence[OptOut]) -> str:
    """Agreed on …; opted out on …"""
    told = [_tell_consent(lines)]
    if optouts:
        told += [_tell_optout(optout) for optout in optouts]
    elif lifted := _newest(lines, Kind.LIFTED):
        told.append(f"opted out, and asked for messages again on {say_time(lifted.entry.at)}")
    else:
        told.append(NO_OPTOUT)
    sentence = "; ".join(told)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _tell_consent(lines: Sequence[Line]) -> str:
    if standing := [line for line in lines if line.stands]:
        return _tell_agreed(standing)
    gone = [line for line in lines if line.was_erased and line.entry.kind == Kind.GIVEN]
    if gone:
        return f"{_tell_agreed(gone)}, but {ERASED}"
    if taken_back := _newest(lines, Kind.WITHDRAWN):
        return f"their consent was taken back by us on {say_time(taken_back.entry.at)}"
    return NO_ENTRY


def _tell_agreed(lines: Sequence[Line]) -> str:
    first = min(lines, key=lambda line: line.entry.at)
    method = f" ({first.method[0].lower()}{first.method[1:]})" if first.method else ""
    return f"agreed on {say_time(first.entry.at)}{method}"


def _tell_optout(optout: OptOut) -> str:
    where = f" of messages from {optout.channel}" if optout.channel else ""
    return f"opted out{where} on {say_time(optout.asked_at)}"


def _newest(lines: Sequence[Line], kind: str) -> Line | None:
    return next((line for line in lines if line.entry.kind == kind), None)


def say_time(moment: datetime) -> str:
    """3 May 2026, 14:05 UTC; 3 May 2026 for a day, which is kept as its first moment."""
    local = timezone.localtime(moment)
    day = f"{local.day} {local:%B %Y}"
    return day if local.time() == time.min else f"{day}, {local:%H:%M %Z}"


# --- As files ----------------------------------------------------------------------------------


def write_table(evidence: Evidence) -> str:
    """The entries as CSV, always alike as long as the ledger is: its SHA-256 is the proof."""
    return "".join(write_csv([COLUMNS, *map(_cells, evidence.lines)]))


def _cells(line: Line) -> tuple[str, ...]:
    entry, reply = line.entry, line.reply
    return (
        str(entry.pk),
        line.number.removeprefix("+"),
        entry.get_kind_display(),
        entry.at.isoformat(timespec="seconds"),
        entry.recorded_at.isoformat(timespec="seconds"),
        line.method,
        line.wording,
        line.source,
        str(entry.channel or ""),
        line.entered_by,
        line.file.file_name if line.file else "",
        f"{reply.received_at.isoformat(timespec='seconds')}: {reply.text}" if reply else "",
    )


def fingerprint(table: str) -> str:
    """The SHA-256 of the file with this text."""
    return hashlib.sha256(table.encode()).hexdigest()


def record_download(evidence: Evidence, what: str, *, by: AbstractBaseUser) -> None:
    """Who took the evidence of a number out of the portal; the number is told by an entry."""
    if evidence.lines:
        entry = evidence.lines[0].entry
        after = {"file": what, "entries": len(evidence.lines)}
        record("consent.evidence_downloaded", entry, by=by, after=after)
