"""Many opt-outs at once: numbers pasted or from a file, looked at line by line first."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import Channel, Consent, OptOut
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken, check
from campaigns.services.audit import record
from campaigns.services.chunks import in_chunks
from campaigns.services.optouts import IN_FUTURE, move_on, skip_waiting

#: Read while somebody waits; more come in several files.
MOST_LINES = 20_000
MOST_BYTES = 2_000_000
#: So many numbers are written in one transaction.
CHUNK = 1_000
TOO_LONG = "This line is far longer than a number: it was probably joined by mistake."
_ENCODINGS = ("utf-8-sig", "cp1252")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class BadLine:
    number: int
    said: str
    problem: str


@dataclass(slots=True)
class Preview:
    """What the lines say: every line is in exactly one of the counts."""

    new: list[str] = field(default_factory=list)
    known_count: int = 0  # opted out already
    repeated_count: int = 0  # in the same lines before
    bad: list[BadLine] = field(default_factory=list)
    heading: str = ""

    @property
    def line_count(self) -> int:
        return len(self.new) + self.known_count + self.repeated_count + len(self.bad)


def read_text(content: bytes) -> str:
    """A file as text, whatever wrote it."""
    if len(content) > MOST_BYTES:
        raise RuleBroken("The file is larger than 2 MB: split it, and enter the parts.")
    encodings = (*filter(None, [_MARKS.get(content[:2])]), *_ENCODINGS)
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise RuleBroken("The file is not a text: save it as CSV and try again.")


def look_at(text: str, channel: Channel | None = None) -> Preview:
    """What would be opted out, and what is wrong with each other line."""
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip(" \t,;\"'")]
    check(_find_text_problems(lines))
    preview, seen = Preview(), set()
    for number, line in lines:
        try:
            phone = _find_number(line)
        except RuleBroken as problem:
            if number == lines[0][0] and not any(map(str.isdigit, line)):
                preview.heading = line.strip()
            else:
                preview.bad.append(BadLine(number, line.strip()[:80], str(problem)))
            continue
        if phone in seen:
            preview.repeated_count += 1
        else:
            seen.add(phone)
            preview.new.append(phone)
    _part_known(preview, channel)
    return preview


def _find_text_problems(lines: list[tuple[int, str]]) -> Iterator[str]:
    if not lines:
        yield "There is no number in it: paste one number per line, or choose a file."
    if len(lines) > MOST_LINES:
        yield f"These are {len(lines):,} lines; enter at most {MOST_LINES:,} at once."


def _find_number(line: str) -> str:
    """The first cell that is a number; the problem of the first cell when none is."""
    try:
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(_comma(line))), [])]
    except csv.Error:
        raise RuleBroken(TOO_LONG) from None
    first: RuleBroken | None = None
    for cell in filter(None, cells):
        try:
            return normalise(cell)
        except RuleBroken as problem:
            if first is None or any(map(str.isdigit, cell)):
                first = problem
    raise first or RuleBroken("There is no number in this line.")


def _comma(line: str) -> str:
    for delimiter in ("\t", ";"):
        if delimiter in line:
            return line.replace(delimiter, ",")
    return line


def _part_known(preview: Preview, channel: Channel | None) -> None:
    known = set()
    for chunk in in_chunks(preview.new, CHUNK):
        known |= set(_known(chunk, channel).values_list("phone", flat=True))
    preview.known_count = len(known)
    preview.new = [phone for phone in preview.new if phone not in known]


def _known(phones: list[str], channel: Channel | None) -> QuerySet[OptOut]:
    """Those who are left alone there already: on all channels, or on this one."""
    rows = OptOut.objects.on(channel.pk if channel else None).filter(phone__in=phones)
    return rows.exclude(source=OptOut.Source.REVIEW)


# --- Writing -------------------------------------------------------------------------------------


def record_many(
    phones: Iterable[str],
    *,
    source: str,
    evidence: str,
    channel: Channel | None,
    asked_at: datetime,
    by: AbstractBaseUser,
) -> int:
    """Opt these numbers out; how many were not known. Each chunk holds at once."""
    check([] if evidence.strip() else ["Say where these opt-outs come from."])
    check([IN_FUTURE] if asked_at > timezone.now() else [])
    told = {"source": source, "evidence": evidence.strip(), "by": by, "asked_at": asked_at}
    chunks = in_chunks(dict.fromkeys(phones), CHUNK)
    count = sum(_record_chunk(chunk, channel, told) for chunk in chunks)
    if count:
        newest = OptOut.objects.filter(by=by).first()
        record("optout.file", newest, by=by, after={"count": count, "source": evidence[:200]})
    return count


@transaction.atomic
def _record_chunk(phones: list[str], channel: Channel | None, told: dict) -> int:
    asked_at = told["asked_at"]
    rows = list(_known(phones, channel).select_for_update())
    known = {row.phone for row in rows}
    new = [phone for phone in phones if phone not in known]
    repeated = {row.phone: None for row in rows if row.last_asked_at < asked_at}
    move_on([row.pk for row in rows], asked_at)
    _make_sure(new, channel, told)
    OptOut.objects.bulk_create(
        (OptOut(phone=phone, channel=channel, last_asked_at=asked_at, **told) for phone in new),
        ignore_conflicts=True,
    )
    Consent.objects.bulk_create(
        Consent(
            phone=phone,
            kind=Consent.Kind.OPTED_OUT,
            channel=channel,
            source=told["evidence"],
            at=told["asked_at"],
            by=told["by"],
        )
        for phone in (*new, *repeated)
    )
    skip_waiting(phones, channel)
    return len(new)


def _make_sure(phones: list[str], channel: Channel | None, told: dict) -> None:
    """What only waited to be judged is sure; when they last wrote stays known."""
    rows = OptOut.objects.filter(phone__in=phones, channel=channel, source=OptOut.Source.REVIEW)
    doubts = list(rows.values_list("pk", flat=True))
    OptOut.objects.filter(pk__in=doubts).update(**told)
    move_on(doubts, told["asked_at"])
