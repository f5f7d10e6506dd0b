"""How lanes stand: what is due, in hand, held, and left alone by everybody."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Campaign,
    Channel,
    Lane,
    Message,
    Sender,
    SenderPace,
    Wave,
)
from campaigns.rules.allowances import carriers_day
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.outbox import lane_name
from campaigns.services.queue import take_lease
from campaigns.services.standing import (
    count_in_hand_of_nobody,
    find_finish_at,
    holder_of,
    read_lanes,
    read_leases,
)

S = MessageStatus
HOUR = timedelta(hours=1)


@pytest.fixture
def campaign(launch):
    """Ten messages, one a second. In an hour nobody will have done anything to it."""
    return launch(contacts=10, rate=1)


def in_an_hour():
    return timezone.now() + HOUR


def read(now=None):
    now = now or in_an_hour()
    [lane] = read_lanes(now, read_leases(now))
    return lane


def test_what_is_due_is_counted_with_its_age_and_its_end(campaign):
    now = in_an_hour()
    lane = read(now)
    assert lane.due == 10
    assert HOUR - timedelta(minutes=2) < now - lane.due_since < HOUR + timedelta(minutes=2)
    assert find_finish_at(lane, now) == now + timedelta(seconds=10)


def test_what_waits_for_later_is_told_from_what_is_due(campaign):
    now = in_an_hour()
    ids = list(Message.objects.values_list("pk", flat=True)[:4])
    Message.objects.filter(pk__in=ids).update(send_after=now + HOUR)
    assert (read(now).due, read(now).waiting) == (6, 10)
    assert find_finish_at(read(now), now) == now + timedelta(seconds=6)


def test_what_has_no_campaign_is_due_too(campaign):
    Message.objects.filter(pk=Message.objects.first().pk).update(campaign=None)
    assert read().due == 10


@pytest.mark.parametrize("status", [CampaignStatus.PAUSED, CampaignStatus.CANCELLED])
def test_what_is_not_sending_is_not_due(campaign, status):
    Campaign.objects.update(status=status)
    assert (read().due, read().due_since, read().turns) == (0, None, [])


def test_what_waits_for_its_wave_or_its_morning_is_not_due(campaign):
    now = in_an_hour()
    Wave.objects.create(campaign=campaign, starts_at=now + HOUR, label="10:00", people_count=10)
    assert (read(now).due, read(now).next_at) == (10, now + HOUR)
    Message.objects.update(send_after=now + HOUR)
    assert read(now).due == 0
    Wave.objects.update(starts_at=now - 2 * HOUR)
    Message.objects.update(send_after=now - HOUR)
    assert read(now).due == 0


# --- Left alone ----------------------------------------------------------------------------------


def test_due_and_nobody_sends(campaign):
    lane = read()
    assert lane.unattended_since == lane.due_since


def hold_the_lease(campaign, now):
    take_lease(lane_name(campaign.channel_id), "web-1:1:a", now, 30)


def pause_the_channel(campaign, now):
    Channel.objects.update(paused_at=now, paused_reason="Its key was revoked.")


def hold_the_lane(campaign, now):
    Lane.objects.create(channel=campaign.channel, hold_until=now + HOUR, trouble="It is down.")


def use_up_the_day(campaign, now):
    Sender.objects.update(per_day=1)
    campaign.sender.refresh_from_db()
    SenderPace.objects.create(sender=campaign.sender, day=carriers_day(now), count=1)


@pytest.mark.parametrize(
    "excuse", [hold_the_lease, pause_the_channel, hold_the_lane, use_up_the_day]
)
def test_who_has_an_excuse_is_not_left_alone(campaign, excuse):
    now = in_an_hour()
    excuse(campaign, now)
    assert read(now).due == 10
    assert read(now).unattended_since is None


@pytest.mark.parametrize("kind", ["campaign", "channel"])
def test_what_was_resumed_just_now_is_not_left_alone_for_an_hour(campaign, kind, monkeypatch):
    now = in_an_hour()
    pk = campaign.pk if kind == "campaign" else campaign.channel_id
    monkeypatch.setattr(timezone, "now", lambda: now)
    AuditEntry.objects.create(verb=f"{kind}.resumed", target_type=kind, target_id=str(pk))
    assert read(now).unattended_since == now


def test_a_lane_that_has_just_sent_or_been_held_is_not_left_alone_for_an_hour(campaign):
    now = in_an_hour()
    lane = Lane.objects.create(channel=campaign.channel, last_sent_at=now - timedelta(seconds=9))
    assert now - read(now).unattended_since == timedelta(seconds=9)
    Lane.objects.filter(pk=lane.pk).update(hold_until=now - timedelta(seconds=3))
    assert now - read(now).unattended_since == timedelta(seconds=3)


# --- In hand -------------------------------------------------------------------------------------


def test_what_is_in_hand_is_of_its_lane_or_of_nobody(campaign):
    now = in_an_hour()
    hold_the_lease(campaign, now)
    ids = list(Message.objects.values_list("pk", flat=True)[:5])
    Message.objects.filter(pk__in=ids[:3]).update(status=S.SENDING, owner="web-1:1:a")
    Message.objects.filter(pk__in=ids[3:]).update(status=S.SENDING, owner="web-2:1:gone")
    assert (read(now).in_hand, read(now).owner) == (3, "web-1:1:a")
    assert count_in_hand_of_nobody(read_leases(now)) == 2


def test_a_speed_is_told_while_it_is_fresh(campaign):
    now = in_an_hour()
    Lane.objects.create(channel=campaign.channel, sent_per_second=0.5, factor=0.5, last_sent_at=now)
    assert (read(now).sent_per_second, read(now).share, read(now).allowed) == (0.5, 0.5, 0.5)
    assert read(now + HOUR).sent_per_second == 0


@pytest.mark.parametrize(
    ("owner", "holder"),
    [
        ("web-1:4711:1f0e", ("web-1", "4711")),
        ("4711:1f0e", ("", "4711")),
        ("cluster", ("", "")),
    ],
)
def test_an_owner_says_where_it_is(owner, holder):
    assert holder_of(owner) == holder


# --- Its cost ------------------------------------------------------------------------------------


def count_queries(now):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        read_lanes(now, read_leases(now))
    return len(asked)


def test_idle_channels_cost_no_queries(campaign, make_channel):
    now = in_an_hour()
    few = count_queries(now)
    for number in range(20):
        make_channel(f"Idle {number}")
    assert count_queries(now) == few
