"""Who is at work on what: one row per piece of work that only one may do at a time."""

from django.db import models


class Lease(models.Model):
    """`name` is held by `owner` until `until`; afterwards anybody may take it."""

    name = models.CharField(max_length=60, unique=True)
    owner = models.CharField(max_length=60, blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
