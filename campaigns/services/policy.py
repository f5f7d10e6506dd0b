"""What holds for the whole portal, and the key under which erased numbers are hashed."""

import secrets

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import Consent, OptOut, Policy
from campaigns.services.audit import record

#: How a number that was erased is told from one that was not.
HASH_MARK = "#"
#: What of the policy people edit.
EDITED = (
    "cap_count",
    "cap_days",
    "brake_failures",
    "brake_optouts",
    "brake_silence",
    "brand",
    "contact",
)


def get_policy() -> Policy:
    """The one row; made with what is usual when there is none. Its key is not read with it."""
    policy, _ = Policy.objects.defer("hash_key").get_or_create(pk=1)
    return policy


def lock_policy() -> None:
    """Until the end of the transaction, nobody else freezes an audience."""
    get_policy()
    Policy.objects.select_for_update().only("pk").get(pk=1)


@transaction.atomic
def change_policy(policy: Policy, *, by: AbstractBaseUser) -> None:
    """Save what was edited."""
    known = get_policy()
    before = {name: getattr(known, name) for name in EDITED}
    after = {name: getattr(policy, name) for name in EDITED}
    changed = [name for name in EDITED if before[name] != after[name]]
    if not changed:
        return
    policy.save(update_fields=changed)
    record(
        "policy.changed",
        policy,
        by=by,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def read_hash_key() -> bytes:
    """The key of the hashes; `ImproperlyConfigured` when there is none, or it cannot be read."""
    found = Policy.objects.filter(pk=1).values_list("hash_key", flat=True).first()
    if not found:
        raise ImproperlyConfigured(
            "The key of erased numbers is not in the database: restore the row of the policy."
        )
    return bytes.fromhex(found["key"])


@transaction.atomic
def ready_hash_key() -> bytes:
    """The key of the hashes, made on first use and written anew under the newest of FIELD_KEYS."""
    get_policy()
    policy = Policy.objects.select_for_update().get(pk=1)
    if not policy.hash_key:
        _check_nobody_erased()
        policy.hash_key = {"key": secrets.token_hex(32)}
    policy.save(update_fields=["hash_key"])
    return bytes.fromhex(policy.hash_key["key"])


def _check_nobody_erased() -> None:
    """Another key would not know again whom the lost one hashed."""
    if has_hashes(OptOut.objects.all()) or has_hashes(Consent.objects.all()):
        read_hash_key()


def has_hashes(rows: QuerySet) -> bool:
    """Whether any `phone` is a hash. By the index: the mark comes before all digits."""
    first = rows.order_by("phone").values_list("phone", flat=True).first()
    return bool(first and first.startswith(HASH_MARK))
