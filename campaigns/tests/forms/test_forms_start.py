"""When it starts, as people type it: gaps, folds, the past and the far future are refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns.forms.start import MomentField, MoveStartForm
from campaigns.models import Campaign

START = {"start": "at", "late": "tomorrow"}


@pytest.fixture
def eastern(settings):
    settings.TIME_ZONE = "America/New_York"
    with timezone.override("America/New_York"):
        yield


def sent(moment, **fields):
    local = timezone.localtime(moment)
    return {**START, "starts_at_0": f"{local:%Y-%m-%d}", "starts_at_1": f"{local:%H:%M}", **fields}


def form(data, **fields):
    return MoveStartForm(data, instance=Campaign(**fields))


def words(form):
    return " ".join(words for errors in form.errors.values() for words in errors)


def soon(**distance):
    return (timezone.now() + timedelta(**distance)).replace(second=0, microsecond=0)


def test_a_time_is_by_the_clock_of_the_portal(eastern):
    wanted = soon(days=1)
    found = form(sent(wanted))
    assert found.is_valid()
    assert found.cleaned_data["starts_at"] == wanted


def test_the_past_is_refused(eastern):
    assert "has passed" in words(form(sent(soon(minutes=-2))))


def test_more_than_a_year_ahead_is_refused(eastern):
    assert "more than a year" in words(form(sent(soon(days=370))))


def test_a_time_the_clock_jumps_over_is_refused_with_what_to_choose(eastern):
    field = MomentField("Start")
    with pytest.raises(Exception, match=r"02:30 does not exist that night. Choose 03:00 or later"):
        field.clean(["2027-03-14", "02:30"])


def test_of_a_time_that_comes_twice_the_first_is_meant(eastern):
    found = MomentField("Start").clean(["2027-11-07", "01:30"])
    assert found == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


def test_a_start_without_its_inputs_is_refused(eastern):
    assert "on which day" in words(form(START))
    assert "on which day" in words(form({"start": "local", "local_date": "2027-01-01"}))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "tomorrow", "\0"])
def test_no_date_is_too_odd(eastern, day):
    for data in (
        {**START, "starts_at_0": day, "starts_at_1": "10:00"},
        {"start": "local", "local_date": day, "local_time": "10:00"},
    ):
        assert not form(data).is_valid()


def test_a_local_time_that_passed_everywhere_is_refused(eastern):
    day = timezone.localdate() - timedelta(days=3)
    data = {"start": "local", "local_date": f"{day:%Y-%m-%d}", "local_time": "10:00"}
    assert "has passed" in words(form(data))


def test_not_after_must_lie_after_the_start(eastern):
    found = form(sent(soon(days=2)), not_after=soon(days=1))
    assert "Not after" in words(found)


def test_an_unknown_way_to_start_is_refused(eastern):
    assert not form({"start": "yesterday"}).is_valid()


def test_nothing_chosen_is_now(eastern):
    found = form({})
    assert found.is_valid()
    assert found.cleaned_data["start"] == Campaign.Start.NOW


def test_the_clock_says_its_zone(eastern):
    assert form({}).clock.endswith("America/New_York")
