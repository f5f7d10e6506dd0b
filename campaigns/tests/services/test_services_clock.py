"""Clocks that jump: nothing is stolen from the living, nothing is given up early."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Lane, Lease, Message
from campaigns.rules.pacing import Pace
from campaigns.rules.statuses import MessageStatus
from campaigns.services import clock, dispatch
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.flights import FlightLog, new_owner
from campaigns.services.lanes import holds, remember, remembered_pace
from campaigns.services.outbox import claim, count_statuses, lane_name
from campaigns.services.queue import lease_of, take_lease
from campaigns.services.recovering import ELSEWHERE, STALLED
from campaigns.services.sweep import idle_lanes, sweep
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
JUMPS = pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(hours=2)], ids=str)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def campaign(make_campaign, marketer):
    made = make_campaign(contacts=4)
    made.channel.requests_per_second = 5000
    made.channel.save()
    launch_campaign(made, by=marketer)
    fill_outbox(made.pk, timezone.now())
    return made


class Wall:
    """A clock on the wall, and the sweeps that look at it once a minute."""

    def __init__(self):
        self.now = timezone.now()
        self.sweep()

    def jump(self, by):
        self.now += by

    def pass_by(self, minutes):
        for _ in range(int(minutes)):
            self.now += MINUTE
            self.sweep()

    def sweep(self):
        sweep(self.now, steady_since=clock.note_sweep(self.now))


@pytest.fixture
def wall(db):
    return Wall()


@JUMPS
def test_doubts_are_given_up_only_after_their_time(campaign, wall, jump):
    wall.pass_by(60)
    Message.objects.update(status=S.UNKNOWN, changed_at=wall.now)
    wall.pass_by(1)
    wall.jump(jump)
    wall.pass_by(44)
    assert count_statuses(campaign) == {S.UNKNOWN: 4}
    wall.pass_by(2 + max(0, -jump / MINUTE))
    assert count_statuses(campaign) == {S.UNRESOLVED: 4}


def test_while_nothing_ran_no_doubt_is_given_up(campaign, wall):
    """Nobody could have received the report meanwhile."""
    Message.objects.update(status=S.UNKNOWN, changed_at=wall.now)
    wall.jump(timedelta(days=1))
    wall.pass_by(44)
    assert count_statuses(campaign) == {S.UNKNOWN: 4}


@JUMPS
def test_reports_that_fail_to_come_are_waited_for(campaign, wall, jump, settings):
    settings.NO_RECEIPT_AFTER = timedelta(minutes=100)
    wall.pass_by(60)
    Message.objects.update(status=S.SENT, changed_at=wall.now)
    wall.jump(jump)
    wall.pass_by(44)
    assert count_statuses(campaign) == {S.SENT: 4}


@JUMPS
def test_another_machine_keeps_its_time_to_find_its_journals(campaign, wall, jump):
    wall.pass_by(60)
    claim(campaign.channel_id, campaign.pk, 4, owner="another.host:17:abcd", now=wall.now)
    wall.jump(jump)
    wall.pass_by(ELSEWHERE / MINUTE)
    assert count_statuses(campaign) == {S.SENDING: 4}
    wall.pass_by(2 + max(0, -jump / MINUTE))
    assert count_statuses(campaign) == {S.UNKNOWN: 4}


@JUMPS
def test_a_lane_is_not_taken_from_the_living(campaign, wall, jump, monkeypatch):
    log = FlightLog(new_owner())
    log.open()
    name, owner = lane_name(campaign.channel_id), log.path.stem
    assert take_lease(name, owner, wall.now, 30)
    claim(campaign.channel_id, campaign.pk, 2, owner=owner, now=wall.now)
    monkeypatch.setattr(timezone, "now", lambda: wall.now)
    wall.jump(jump)
    wall.pass_by(2)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert not gateway.sent
    assert lease_of(name)[0] == owner
    assert count_statuses(campaign) == {S.QUEUED: 2, S.SENDING: 2}
    log.close(is_settled=True)


def test_a_lane_is_taken_from_who_has_stalled(campaign, wall, monkeypatch):
    log = FlightLog(new_owner())
    log.open()
    take_lease(lane_name(campaign.channel_id), log.path.stem, wall.now, 30)
    monkeypatch.setattr(timezone, "now", lambda: wall.now)
    gateway = FakeGateway()
    wall.pass_by(STALLED / MINUTE)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert not gateway.sent
    wall.pass_by(2)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert len(gateway.sent) == 4
    log.close(is_settled=True)


def test_a_hold_does_not_last_longer_because_the_clock_is_set_back(campaign):
    now, lane = timezone.now(), Lane.objects.create(channel=campaign.channel)
    for until, is_held in ((30, True), (7200, False), (-1, False)):
        Lane.objects.update(hold_until=now + timedelta(seconds=until))
        assert (idle_lanes(now) == []) == is_held
        assert Lane.objects.filter(holds(now), pk=lane.pk).exists() == is_held
    gateway = FakeGateway()
    Lane.objects.update(hold_until=now + timedelta(hours=2))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert len(gateway.sent) == 4


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_it_is_as_late_as_the_database_says(db, settings, monkeypatch):
    settings.USE_DATABASE_CLOCK = True
    monkeypatch.setattr(clock, "_known", clock._Known())
    real = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: real + timedelta(hours=2))
    assert abs(clock.now() - real) < MINUTE
    ticks = iter([0.0, clock.KEPT_SECONDS - 1, clock.KEPT_SECONDS + 1])
    monkeypatch.setattr(clock.time, "clock_gettime", lambda _: next(ticks))
    clock._known.moment = None
    first = clock.now()
    assert clock.now() - first == timedelta(seconds=clock.KEPT_SECONDS - 1)
    assert clock.now() - first < timedelta(seconds=clock.KEPT_SECONDS - 1)  # asked again


def test_without_a_server_it_is_as_late_as_on_this_machine(db, settings, monkeypatch):
    settings.USE_DATABASE_CLOCK = connection.vendor != "postgresql"
    moment = timezone.now() + timedelta(hours=5)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert clock.now() == moment


def test_moments_that_are_kept_are_nobodys_leases(wall):
    assert not Lease.objects.alive(wall.now).exists()


def test_the_pace_goes_by_the_clock_of_all_machines(campaign, monkeypatch):
    """Or a machine whose clock is late would wait for the slots of one whose clock is ahead."""
    server = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: server)
    lane, _ = Lane.objects.get_or_create(channel=campaign.channel)
    pace = Pace(rate=1, next_slot_at=time.monotonic() + 0.5)
    told = {"trouble": "", "hold": 0, "sent_per_second": 0, "has_sent": False, "now": server}
    remember(campaign.channel, pace, **told)
    lane.refresh_from_db()
    assert 0 < lane.next_slot_at - server.timestamp() <= 0.5
    assert 0 < remembered_pace(lane, campaign.channel).wait(time.monotonic()) <= 0.5
