"""Who must not be written to: append-only evidence."""

from django.conf import settings
from django.db import models


class OptOut(models.Model):
    """One number asked to be left alone, on every channel."""

    class Source(models.TextChoices):
        REPLY = "reply", "Their reply"
        STAFF = "staff", "Entered by staff"
        PROVIDER = "provider", "The provider's block list"

    phone = models.CharField(max_length=15, unique=True)
    source = models.CharField(max_length=10, choices=Source)
    evidence = models.TextField(
        blank=True, help_text="What they said, where and how: the words of the reply, a note."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "opt-out"

    def __str__(self) -> str:
        return f"Opt-out {self.pk}"
