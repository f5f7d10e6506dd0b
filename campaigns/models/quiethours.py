"""When people may be written to: a window of their local day, by country, state and day."""

from django.db import models
from django.db.models import F, Q

from campaigns.rules.countries import name_of
from campaigns.rules.quiethours import DayKind
from campaigns.rules.states import STATES


class QuietHours(models.Model):
    """One line of the table: on these days, there, messages go out between two times only.

    Blank country: everywhere; blank state: all of the country. Without times nothing goes out on
    such a day. Of several lines that fit, the most particular holds (`rules/quiethours.py`).
    """

    country = models.CharField(max_length=2, blank=True)
    state = models.CharField("state or province", max_length=3, blank=True)
    day = models.CharField(max_length=9, choices=DayKind, default=DayKind.EVERY)
    opens_at = models.TimeField("from", null=True, blank=True)
    closes_at = models.TimeField("until", null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["country", "state", "day"]
        verbose_name = "quiet-hour rule"
        verbose_name_plural = "quiet hours"
        constraints = [
            models.UniqueConstraint(
                fields=["country", "state", "day"], name="one_window_per_place_and_day"
            ),
            models.CheckConstraint(
                name="window_is_whole",
                condition=Q(opens_at=None, closes_at=None) | Q(opens_at__lt=F("closes_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.where}, {self.get_day_display().lower()}"

    @property
    def where(self) -> str:
        """“Everywhere”, “United States”, “Florida”."""
        if self.state in STATES and STATES[self.state].country == self.country:
            return STATES[self.state].name
        country = name_of(self.country) if self.country else "Everywhere"
        return f"{country}, {self.state}" if self.state else country

    @property
    def hours(self) -> str:
        """“08:00–20:00”, “around the clock”, “closed”; the end of the day is 24:00."""
        if self.opens_at is None or self.closes_at is None:
            return "closed"
        ends_day = (self.closes_at.hour, self.closes_at.minute) == (23, 59)
        if ends_day and (self.opens_at.hour, self.opens_at.minute) == (0, 0):
            return "around the clock"
        return f"{self.opens_at:%H:%M}–{'24:00' if ends_day else f'{self.closes_at:%H:%M}'}"

    @property
    def is_base(self) -> bool:
        """Holds where no other line does."""
        return not self.country and not self.state and self.day == DayKind.EVERY
