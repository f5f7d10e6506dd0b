"""What a draft would do: waves, late and held people, and when each is through."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from campaigns.models import Campaign, Contact, QuietHours
from campaigns.rules.problems import RuleBroken
from campaigns.services.campaigns import launch_campaign
from campaigns.services.forecast import forecast
from campaigns.services.planning import LATE

EASTERN, CENTRAL = "US;NY;America/New_York", "US;IL;America/Chicago"
NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)  # 12:00 EST, 11:00 CST, a Monday
HOUR = timedelta(hours=1)


@pytest.fixture
def draft(make_campaign):
    """Six people in the east, four in the central zone, two messages a second."""

    def make(**fields):
        campaign = make_campaign(contacts=10, **fields)
        campaign.channel.requests_per_second = 2
        campaign.channel.save()
        ids = list(campaign.lists.get().contacts.order_by("pk").values_list("pk", flat=True))
        Contact.objects.filter(pk__in=ids[:6]).update(place=EASTERN)
        Contact.objects.filter(pk__in=ids[6:]).update(place=CENTRAL)
        return campaign

    return make


def local(at, **fields):
    wanted = {"local_date": date(2026, 11, 23), "local_time": at, **fields}
    return {"start": Campaign.Start.LOCAL, **wanted}


def quiet(opens, closes):
    QuietHours.objects.all().delete()
    QuietHours.objects.create(
        country="", state="", day="every", opens_at=time(opens), closes_at=time(closes)
    )


def test_everybody_at_once_is_simple(draft):
    seen = forecast(draft(), NOON)
    assert seen.is_simple
    assert (seen.people, seen.finish_at) == (10, NOON + timedelta(seconds=5))


def test_waves_come_one_after_the_other(draft):
    seen = forecast(draft(**local(time(14))), NOON)
    assert [(wave.label, wave.people) for wave in seen.waves] == [("ET 14:00", 6), ("CT 14:00", 4)]
    assert [wave.finish_at for wave in seen.waves] == [
        NOON + 2 * HOUR + timedelta(seconds=3),
        NOON + 3 * HOUR + timedelta(seconds=2),
    ]


def test_a_slow_channel_pushes_the_next_wave_back(draft):
    campaign = draft(**local(time(14)))
    campaign.channel.requests_per_second = 6 / 7200  # the first wave takes two hours
    campaign.channel.save()
    first, second = forecast(campaign, NOON).waves
    assert first.finish_at == NOON + 4 * HOUR
    assert second.finish_at > NOON + 5 * HOUR


def test_who_is_late_is_counted_and_goes_tomorrow(draft):
    seen = forecast(draft(**local(time(11, 30))), NOON)
    assert seen.late_people == 6
    assert [(wave.people, wave.late_people) for wave in seen.waves] == [(4, 0), (6, 6)]


def test_who_is_late_is_left_out_with_a_reason(draft):
    seen = forecast(draft(**local(time(11, 30), late=Campaign.Late.SKIP)), NOON)
    assert seen.skipped == [(LATE, 6)]
    assert (seen.people, seen.late_people) == (4, 6)


def test_quiet_hours_hold_and_the_rest_is_cut(draft):
    quiet(13, 20)
    seen = forecast(draft(), NOON)
    assert [wave.held for wave in seen.waves] == [
        ("Quiet hours at their place until Mon 23 Nov, 13:00 EST.",),
        ("Quiet hours at their place until Mon 23 Nov, 13:00 CST.",),
    ]
    assert seen.waves[0].cut_at is None


def test_what_would_not_be_through_before_quiet_hours_is_said(draft):
    quiet(8, 13)
    campaign = draft()
    campaign.channel.requests_per_second = 10 / 7200
    campaign.channel.save()
    assert forecast(campaign, NOON).waves[0].cut_at == NOON + HOUR


def test_all_places_are_counted_by_one_query(draft, django_assert_num_queries):
    campaign = Campaign.objects.select_related("channel", "sender").get(pk=draft().pk)
    forecast(campaign, NOON)  # the policy is read once
    with django_assert_num_queries(8):
        forecast(campaign, NOON)


def test_nobody_is_late_unseen(draft, marketer):
    """The time passed for somebody between the look and the launch."""
    past = datetime.now(UTC) - timedelta(hours=5, minutes=1)  # EST; by EDT it is later still
    campaign = draft(**local(past.time(), local_date=past.date()))
    seen = forecast(campaign, datetime.now(UTC)).late_people
    assert seen
    with pytest.raises(RuleBroken, match="Meanwhile their time has passed"):
        launch_campaign(campaign, by=marketer, late=seen - 1)
    launch_campaign(campaign, by=marketer, late=seen)
