"""The table of quiet hours: what it starts with, and how it changes."""

import pytest

from campaigns.models import AuditEntry, QuietHours
from campaigns.rules.problems import RuleBroken
from campaigns.rules.quiethours import DayKind
from campaigns.rules.quiethours_defaults import DEFAULTS
from campaigns.services.quiethours import (
    delete_line,
    read_table,
    replace_table,
    seed_table,
)

pytestmark = pytest.mark.django_db


def test_tests_send_at_any_hour():
    row = QuietHours.objects.get()
    assert (row.country, row.state, row.day) == ("", "", "every")
    assert (row.opens_at.hour, row.closes_at.hour, row.closes_at.minute) == (0, 23, 59)


def test_an_empty_table_starts_with_the_defaults(settings):
    settings.FIRST_QUIET_HOURS = "defaults"
    QuietHours.objects.all().delete()
    seed_table()
    florida = QuietHours.objects.get(country="US", state="FL")
    assert (florida.opens_at.hour, florida.closes_at.hour) == (8, 20)
    assert "501.616" in florida.note


def test_a_table_that_somebody_made_stays_as_it_is(settings):
    settings.FIRST_QUIET_HOURS = "defaults"
    before = read_table()
    seed_table()
    assert read_table() == before


def test_the_line_that_holds_everywhere_is_not_deleted(administrator):
    base = QuietHours.objects.filter(country="", state="", day=DayKind.EVERY)
    with pytest.raises(RuleBroken, match="change its hours"):
        delete_line(base.get(), by=administrator)
    assert base.exists()


def test_a_preset_replaces_every_line_and_says_so(administrator):
    replace_table("defaults", by=administrator)
    assert set(read_table()) == {line.rule for line in DEFAULTS}
    replace_table("safe", by=administrator)
    assert [line.hours for line in QuietHours.objects.all()] == ["09:00–20:00"]
    entry = AuditEntry.objects.get(verb="quiethours.safe")
    assert entry.before["Florida, every day"] == "08:00–20:00"
    assert entry.before["Alabama, public holiday"] == "closed"
    assert entry.actor == administrator


@pytest.mark.parametrize(
    ("country", "state", "where"),
    [
        ("", "", "Everywhere"),
        ("US", "", "United States"),
        ("US", "TX", "Texas"),
        ("IT", "MS", "Italy, MS"),
        ("AU", "NSW", "Australia, NSW"),
    ],
)
def test_a_line_says_where_it_holds(country, state, where):
    assert QuietHours(country=country, state=state).where == where
