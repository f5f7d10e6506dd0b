"""Writes down who did what; called by the verb itself, in its transaction."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model

from campaigns.models import AuditEntry


def record(
    verb: str,
    target: Model,
    *,
    by: AbstractBaseUser | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry. `verb` is namespaced ("campaign.launched"); never pass a secret."""
    return AuditEntry.objects.create(
        actor=by,
        verb=verb,
        target_type=target._meta.model_name,
        target_id=str(target.pk),
        target=str(target)[:200],
        before=before or {},
        after=after or {},
    )
