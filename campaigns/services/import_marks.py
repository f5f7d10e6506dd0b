"""What marks the people of an import as met: list, ledger, and a note for those without either."""

import json
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from campaigns.models import Consent, ContactImport


def listed() -> str:
    """A FROM item `p` with these texts in the column `value`, for one %s parameter."""
    if connection.vendor == "postgresql":
        return "jsonb_array_elements_text(%s::jsonb) AS p(value)"
    return "json_each(%s) p"


def adapt(moment: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def agreed_at_of(contact_import: ContactImport) -> datetime | None:
    """When its people agreed; None when nobody did."""
    if not contact_import.consent_method:
        return None
    return contact_import.consented_at or contact_import.started_at


IS_MET = """c.made_by_import = %s
    OR EXISTS (SELECT 1 FROM campaigns_consent l
        WHERE l.phone = c.phone AND l.contact_import_id = %s AND l.kind = 'given')
    OR EXISTS (SELECT 1 FROM campaigns_membership m
        WHERE m.contact_list_id = %s AND m.contact_id = c.id AND m.made_by_import = %s)
    OR EXISTS (SELECT 1 FROM campaigns_importchange h
        WHERE h.contact_import_id = %s AND h.contact_id = c.id)"""


def put_on_list(
    cursor: CursorWrapper, contact_import: ContactImport, phones: list[str], now: datetime
) -> None:
    cursor.execute(
        f"""INSERT INTO campaigns_membership (contact_list_id, contact_id, added_at, made_by_import)
        SELECT %s, c.id, %s, %s FROM {listed()} CROSS JOIN campaigns_contact c
        WHERE c.phone = p.value ON CONFLICT DO NOTHING""",  # noqa: S608 our own names
        [
            contact_import.contact_list_id,
            adapt(now),
            contact_import.pk,
            json.dumps(phones),
        ],
    )


def note_consent(
    cursor: CursorWrapper, contact_import: ContactImport, phones: list[str], now: datetime
) -> None:
    """One entry of the ledger per person; what they agreed to stands in the import."""
    cursor.execute(
        f"""INSERT INTO campaigns_consent (phone, kind, method, wording, source, at, recorded_at,
            by_id, contact_import_id)
        SELECT p.value, %s, '', '', '', %s, %s, %s, %s FROM {listed()} WHERE true""",  # noqa: S608
        [
            Consent.Kind.GIVEN,
            adapt(agreed_at_of(contact_import)),
            adapt(now),
            contact_import.by_id,
            contact_import.pk,
            json.dumps(phones),
        ],
    )


def mark(cursor: CursorWrapper, contact_import: ContactImport, phones: list[str]) -> None:
    """Without consent nothing would tell of those who were on the list before and stay the same:
    a change of nothing does."""
    cursor.execute(
        f"""INSERT INTO campaigns_importchange (contact_import_id, contact_id, before)
        SELECT %s, c.id, '{{}}' FROM {listed()} CROSS JOIN campaigns_contact c
        WHERE c.phone = p.value AND NOT COALESCE({IS_MET}, false)""",  # noqa: S608 our own names
        [
            contact_import.pk,
            json.dumps(phones),
            *(contact_import.pk, contact_import.pk, contact_import.contact_list_id),
            *(contact_import.pk, contact_import.pk),
        ],
    )
