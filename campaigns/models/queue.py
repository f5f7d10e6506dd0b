"""Who is at work on what: one row per piece of work that only one may do at a time."""

from datetime import datetime, timedelta

from django.db import models

#: No lease is longer. One that ends later was taken before the clock was set back.
LONGEST = timedelta(seconds=120)


class LeaseQuerySet(models.QuerySet):
    def alive(self, now: datetime) -> "LeaseQuerySet":
        """Leases that somebody holds."""
        return self.filter(until__gte=now, until__lte=now + LONGEST).exclude(owner="")


class Lease(models.Model):
    """`name` is held by `owner` until `until`; afterwards anybody may take it."""

    name = models.CharField(max_length=60, unique=True)
    owner = models.CharField(max_length=60, blank=True)
    until = models.DateTimeField(null=True)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
