"""Numbers that were erased: kept as a keyed hash, so that who opted out stays opted out."""

import hmac
from collections.abc import Iterable
from itertools import islice

from django.db import transaction

from campaigns.models import Consent, OptOut
from campaigns.services.audit import record
from campaigns.services.policy import HASH_MARK, has_hashes, read_hash_key, ready_hash_key

#: So many numbers are looked for at once.
CHUNK = 5_000
#: Up to so many hashes are held in memory instead of asked for.
FEW = 500
CAME_BACK = "This number opted out before it was erased here, and came back."


def hash_number(phone: str) -> str:
    """A number (digits with country code) as an erasure keeps it: "#" and 32 hexadecimal digits."""
    return _hash(ready_hash_key(), phone)


def find_hash(phone: str) -> str:
    """The hash of a number, "" as long as nobody was erased."""
    if not (has_hashes(OptOut.objects.all()) or has_hashes(Consent.objects.all())):
        return ""
    return _hash(read_hash_key(), phone)


def _hash(key: bytes, phone: str) -> str:
    return HASH_MARK + hmac.digest(key, phone.encode(), "sha256").hex()[:32]


def restore_optouts(phones: Iterable[str]) -> set[str]:
    """Opt out again those of these numbers that had opted out and were erased; which they are.

    Called wherever numbers come in. As long as nobody was erased it is one look at an index.
    """
    first = OptOut.objects.order_by("phone").values_list("phone", flat=True)[: FEW + 1]
    hashes = {phone for phone in first if phone.startswith(HASH_MARK)}
    if not hashes:
        return set()
    key, numbers, restored = read_hash_key(), iter(phones), set()
    while chunk := {_hash(key, phone): phone for phone in islice(numbers, CHUNK)}:
        if len(hashes) <= FEW:
            chunk = {each: chunk[each] for each in hashes & chunk.keys()}
        if chunk:
            restored |= _restore(chunk)
    return restored


@transaction.atomic
def _restore(phones: dict[str, str]) -> set[str]:
    """`phones`: hash → number. The rows are new ones: a sender under way looks for those."""
    found = list(OptOut.objects.select_for_update().filter(phone__in=phones))
    OptOut.objects.bulk_create(
        (
            OptOut(
                phone=phones[row.phone],
                channel_id=row.channel_id,
                source=row.source,
                evidence=CAME_BACK,
                asked_at=row.asked_at,
                last_asked_at=row.last_asked_at,
            )
            for row in found
        ),
        ignore_conflicts=True,  # they opted out once more since they came back
    )
    Consent.objects.bulk_create(
        Consent(
            phone=phones[row.phone],
            kind=Consent.Kind.OPTED_OUT,
            channel_id=row.channel_id,
            at=row.asked_at,
            source=CAME_BACK,
        )
        for row in found
    )
    for row in found:
        record("optout.restored", row, by=None, after={"number": row.phone})
    OptOut.objects.filter(pk__in=[row.pk for row in found]).delete()
    return {phones[row.phone] for row in found}
