"""One batch of an import, written: a few statements for contacts, list, ledger and undo.

It runs inside the caller's short transaction. Everybody an import meets bears its mark (they were
made, put on the list or changed by it, or it noted their consent), so that an earlier line with
the same number is known in every later batch, also after a kill.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from json.encoder import encode_basestring as _quoted
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from campaigns.models import ContactImport, ImportChange
from campaigns.models.rows import as_moment, rows_parameter, rows_sql
from campaigns.rules.contactrows import ContactRow
from campaigns.rules.customfields import Value
from campaigns.rules.people import Derived, derive
from campaigns.services.import_marks import (
    IS_MET,
    adapt,
    agreed_at_of,
    listed,
    mark,
    note_consent,
    put_on_list,
)
from campaigns.services.suppression import restore_optouts
from campaigns.services.waiting import place_waiting

#: What a row can say, and what of it is derived.
_PLAIN = ("first_name", "last_name", "email", "time_zone", "state", "postal_code")
#: What a place follows from, with the number.
_PLACE = {"time_zone", "state", "postal_code"}
_DERIVED = tuple(column.name for column in fields(Derived))
_WRITTEN = {
    **dict.fromkeys(("phone", *_PLAIN, *_DERIVED), "text"),
    "line": "int",
    "attributes": "json",
    "consented_at": "time",
}
_STAMPS = ("created_at", "updated_at")
#: Imports write one after another, so they cannot wait for each other crosswise.
_TURN = 4_711_004


@dataclass(frozen=True, slots=True)
class Known:
    """A contact as the database has it."""

    id: int
    row: ContactRow
    consented_at: datetime | None
    made_by_import: int | None
    is_met: bool  # by an earlier batch of this import


def write_rows(
    contact_import: ContactImport, rows: Sequence[ContactRow], now: datetime
) -> dict[str, int]:
    """Merge these rows into what is known, put the people on the list, note their consent; how
    many were new, updated, or in the file before."""
    lines: dict[str, list[ContactRow]] = defaultdict(list)
    for row in rows:
        lines[row.phone].append(row)
    phones = sorted(lines)  # one order for all who lock
    with connection.cursor() as cursor:
        _take_turn(cursor)
        writer = _Writer(cursor, contact_import, now, lines)
        new = set(writer.write(phones)) - writer.met
        unmet = [phone for phone in phones if phone not in writer.met]
        put_on_list(cursor, contact_import, phones, now)
        if contact_import.consent_method:
            note_consent(cursor, contact_import, unmet, now)
        else:
            mark(cursor, contact_import, unmet)
    restore_optouts(phones)
    return {
        "new_count": len(new),
        "updated_count": len(unmet) - len(new),
        "duplicate_count": len(rows) - len(unmet),
    }


def _take_turn(cursor: CursorWrapper) -> None:
    if connection.vendor == "postgresql":
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])


# --- Contacts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the contacts of one batch. `lines`: number → its rows; `met`: who was in an earlier
    batch."""

    cursor: CursorWrapper
    contact_import: ContactImport
    now: datetime
    lines: dict[str, list[ContactRow]]
    met: set[str] = field(default_factory=set)

    def write(self, phones: list[str]) -> list[str]:
        """Who is new. Again for those whom somebody else made this very moment."""
        known = _lock_known(self.cursor, self.contact_import, phones)
        self.met.update(phone for phone, one in known.items() if one.is_met)
        self._change(known)
        unknown = [phone for phone in phones if phone not in known]
        if not unknown or self._put(unknown, {}, "DO NOTHING") == len(unknown):
            return unknown
        there = _lock_known(self.cursor, self.contact_import, unknown)
        own = self.contact_import.pk
        made = {phone for phone, one in there.items() if one.made_by_import == own}
        return [*made, *self.write([phone for phone in unknown if phone not in made])]

    def _change(self, known: dict[str, Known]) -> None:
        """Write those that say something new, and note what they were before."""
        before = {}
        for phone, one in known.items():
            if difference := self._difference(one, self._merge(phone, one.row)):
                before[phone] = difference
        if before:
            updated = ", ".join(f"{name} = excluded.{name}" for name in (*_WRITTEN, "updated_at"))
            self._put(list(before), known, f"(phone) DO UPDATE SET {updated}")
            place_waiting(known[phone].id for phone, old in before.items() if old.keys() & _PLACE)
        notable = {
            known[phone].id: difference
            for phone, difference in before.items()
            if known[phone].made_by_import != self.contact_import.pk
        }
        _note_changes(self.contact_import, notable)

    def _merge(self, phone: str, known: ContactRow | None) -> ContactRow:
        """What holds after these lines. The first line of the file goes over what is known; the
        others over or under it, as was chosen. So it does not matter where a batch ends."""
        rows = self.lines[phone]
        if known is None and len(rows) == 1:
            return rows[0]
        is_first = self.contact_import.winner == ContactImport.Winner.FIRST
        found = known or ContactRow(phone)
        for number, row in enumerate(rows):
            is_later = number > 0 or phone in self.met
            found = row.under(found) if is_first and is_later else row.over(found)
        return found

    def _difference(self, known: Known, row: ContactRow) -> dict[str, Any]:
        """The old values of what changes."""
        old = known.row
        before = {
            name: getattr(old, name)
            for name in (*_PLAIN, "attributes")
            if getattr(old, name) != getattr(row, name)
        }
        if known.consented_at is None and self.contact_import.consent_method:
            before["consented_at"] = None
        return before

    def _put(self, phones: list[str], known: dict[str, Known], conflict: str) -> int:
        """Insert these contacts, by one statement; how many were written."""
        names = (*_WRITTEN, *_STAMPS, "made_by_import")
        own = (adapt(self.now), adapt(self.now), self.contact_import.pk)
        agreed_at = _as_text(agreed_at_of(self.contact_import))
        is_postgres = connection.vendor == "postgresql"
        # PostgreSQL gets all rows as one JSON text.
        encode, tail = (dict, ()) if is_postgres else (_encode_object, own)
        rows = []
        for phone in phones:
            one = known.get(phone)
            at = _as_text(one.consented_at) if one and one.consented_at else agreed_at
            row = self._merge(phone, one and one.row)
            rows.append((*_columns_of(row), encode(row.attributes), at, *tail))
        into = f"INSERT INTO campaigns_contact ({', '.join(names)})"
        if is_postgres:
            sql = f"""{into} SELECT {", ".join(f"r.{name}" for name in _WRITTEN)}, %s, %s, %s
                FROM {rows_sql(_WRITTEN)} ON CONFLICT {conflict}"""  # noqa: S608 our own names
            self.cursor.execute(sql, [*own, rows_parameter(_WRITTEN, rows)])
        else:  # a prepared statement is thrice as fast there
            marks = ", ".join(["%s"] * len(names))
            self.cursor.executemany(f"{into} VALUES ({marks}) ON CONFLICT {conflict}", rows)
        return self.cursor.rowcount


_plain_of, _derived_of = attrgetter(*_PLAIN), attrgetter(*_DERIVED)
_encode = json.JSONEncoder(ensure_ascii=False).encode


def _columns_of(row: ContactRow) -> tuple[Any, ...]:
    """In the order of `_WRITTEN`, as far as they are texts."""
    derived = derive(
        row.phone,
        first_name=row.first_name,
        last_name=row.last_name,
        state=row.state,
        postal_code=row.postal_code,
        time_zone=row.time_zone,
    )
    return (row.phone, *_plain_of(row), *_derived_of(derived))


def _encode_object(attributes: dict[str, Value]) -> str:
    """As JSON. Nearly all hold only texts, and an encoder costs more than they do."""
    if any(type(value) is not str for value in attributes.values()):
        return _encode(attributes)
    pairs = (f"{_quoted(name)}: {_quoted(value)}" for name, value in attributes.items())
    return f"{{{', '.join(pairs)}}}"


def _as_text(moment: datetime | None) -> str | None:
    return None if moment is None else str(adapt(moment))


def _lock_known(
    cursor: CursorWrapper, contact_import: ContactImport, phones: list[str]
) -> dict[str, Known]:
    lock = "ORDER BY c.phone FOR UPDATE OF c" if connection.vendor == "postgresql" else ""
    names = ", ".join(f"c.{name}" for name in ("phone", *_PLAIN, "attributes"))
    own = contact_import.pk
    cursor.execute(
        f"""SELECT c.id, c.consented_at, c.made_by_import, COALESCE({IS_MET}, false), {names}
        FROM {listed()} CROSS JOIN campaigns_contact c WHERE c.phone = p.value {lock}""",  # noqa: S608
        [own, own, contact_import.contact_list_id, own, own, json.dumps(phones)],
    )
    found = {}
    for pk, consented_at, made_by, is_met, *values, attributes in cursor.fetchall():
        row = ContactRow(*values, attributes=json.loads(attributes))
        found[row.phone] = Known(pk, row, as_moment(consented_at), made_by, bool(is_met))
    return found


def _note_changes(contact_import: ContactImport, before: dict[int, dict[str, Any]]) -> None:
    """What contacts were before this import; its earlier batches know that better."""
    if not before:
        return
    earlier = contact_import.changes.filter(contact__in=before)
    noted = dict(earlier.values_list("contact_id", "before"))
    ImportChange.objects.bulk_create(
        (
            ImportChange(
                contact_import=contact_import,
                contact_id=contact_id,
                before={**difference, **noted.get(contact_id, {})},
            )
            for contact_id, difference in before.items()
        ),
        update_conflicts=True,
        unique_fields=["contact_import", "contact"],
        update_fields=["before"],
    )
