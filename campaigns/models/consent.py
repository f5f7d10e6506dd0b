"""The ledger of consents and opt-outs: rows are added, never changed."""

from typing import Any

from django.conf import settings
from django.db import models

from campaigns.models.channels import Channel
from campaigns.models.imports import ContactImport
from campaigns.models.inbox import InboundMessage
from campaigns.rules.consent import ConsentMethod


class LedgerQuerySet(models.QuerySet):
    """Rows that are added. The database refuses the rest too: `services/guards.py`."""

    def erase(self, number_hash: str) -> int:
        """The one change there is: whose entry it was, and in which words, is forgotten."""
        return super().update(phone=number_hash, wording="", source="")

    def update(self, **fields: Any) -> int:
        raise TypeError("An entry of the ledger is never changed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise TypeError("An entry of the ledger is never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("An entry of the ledger is never deleted.")

    delete.queryset_only = True


class Consent(models.Model):
    """One number, one moment, one statement. After an erasure `phone` is its keyed hash.

    What an import says of all its people (method, wording, source) stands in the import.
    """

    class Kind(models.TextChoices):
        GIVEN = "given", "Agreed"
        OPTED_OUT = "opted_out", "Opted out"
        LIFTED = "lifted", "Wants messages again"
        NOT_AN_OPTOUT = "not_optout", "Judged: not an opt-out"
        WITHDRAWN = "withdrawn", "Consent taken back by us"  # an import that was undone

    phone = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind)
    #: An opt-out of one channel; None: of all.
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, db_index=False)
    method = models.CharField(max_length=12, choices=ConsentMethod, blank=True)
    wording = models.TextField(blank=True)
    source = models.TextField(blank=True)
    at = models.DateTimeField()  # when they said so
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False)
    contact_import = models.ForeignKey(
        ContactImport, models.PROTECT, null=True, db_index=False, related_name="consents"
    )
    reply = models.ForeignKey(InboundMessage, models.SET_NULL, null=True, related_name="consents")

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "ledger entry"
        verbose_name_plural = "consent ledger"
        indexes = [models.Index(fields=["phone"], name="consent_by_phone")]

    def __str__(self) -> str:
        return f"Ledger entry {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("An entry of the ledger is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An entry of the ledger is never deleted.")
