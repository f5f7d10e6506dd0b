"""The table of quiet hours: as the engine reads it, what it starts with, and how it changes."""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from campaigns.models import QuietHours
from campaigns.rules.problems import RuleBroken
from campaigns.rules.quiethours import DayKind, Rule, Table
from campaigns.rules.quiethours_defaults import DEFAULTS, OPEN, SAFE, Line
from campaigns.services.audit import record

PRESETS = {"defaults": DEFAULTS, "safe": SAFE}
STAYS = "This line holds where no other does, so it stays: change its hours instead."


def read_table() -> Table:
    """Every line of the table as it is now."""
    return tuple(
        Rule(row.country, row.state, DayKind(row.day), row.opens_at, row.closes_at)
        for row in QuietHours.objects.all()
    )


def seed_table() -> None:
    """Fill an empty table with what `FIRST_QUIET_HOURS` says; safe to call again."""
    if not QuietHours.objects.exists():
        _fill(OPEN if settings.FIRST_QUIET_HOURS == "open" else DEFAULTS)


def _fill(lines: Iterable[Line]) -> None:
    QuietHours.objects.bulk_create(
        QuietHours(
            country=line.rule.country,
            state=line.rule.state,
            day=line.rule.day,
            opens_at=line.rule.opens_at,
            closes_at=line.rule.closes_at,
            note=line.note,
        )
        for line in lines
    )


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    if using == "default":
        seed_table()


# --- What people change --------------------------------------------------------------------------


@transaction.atomic
def save_line(line: QuietHours, *, by: AbstractBaseUser) -> None:
    """Add or change one line."""
    old = QuietHours.objects.select_for_update().filter(pk=line.pk).first() if line.pk else None
    line.save()
    verb = "quiethours.changed" if old else "quiethours.added"
    record(verb, line, by=by, before=_told([old]) if old else None, after=_told([line]))


@transaction.atomic
def delete_line(line: QuietHours, *, by: AbstractBaseUser) -> None:
    """What the line was about falls back to the next wider one."""
    if line.is_base:
        raise RuleBroken(STAYS)
    record("quiethours.deleted", line, by=by, before=_told([line]))
    line.delete()


@transaction.atomic
def replace_table(preset: str, *, by: AbstractBaseUser) -> None:
    """Throw all lines away and take those of a preset: "defaults" or "safe"."""
    old = list(QuietHours.objects.select_for_update())
    QuietHours.objects.all().delete()
    _fill(PRESETS[preset])
    new = list(QuietHours.objects.all())
    base = next(line for line in new if line.is_base)
    record(f"quiethours.{preset}", base, by=by, before=_told(old), after=_told(new))


def is_open_around_the_clock() -> bool:
    """Whether nobody is left alone at any hour, as in the demo."""
    return set(read_table()) == {line.rule for line in OPEN}


def _told(lines: Iterable[QuietHours]) -> dict[str, str]:
    return {str(line): line.hours for line in lines}
