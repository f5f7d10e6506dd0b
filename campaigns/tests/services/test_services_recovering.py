"""Workers that died: what their journals say is believed, and only the rest is in doubt."""

import errno
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.gateways.outcomes import Outcome
from campaigns.models import Lane, Lease, Message, OptOut
from campaigns.rules.statuses import MessageStatus
from campaigns.services import dispatch, slices
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.flights import FlightLog, journals, new_owner
from campaigns.services.outbox import claim, count_statuses, lane_name
from campaigns.services.queue import take_lease
from campaigns.services.recovering import ELSEWHERE, IN_DOUBT, STALLED, recover_flights
from campaigns.services.sweep import sweep
from campaigns.tests.fakes import FakeGateway

S = MessageStatus


@pytest.fixture
def campaign(make_campaign, marketer):
    made = make_campaign(contacts=6)
    made.channel.requests_per_second = 5000
    made.channel.save()
    launch_campaign(made, by=marketer)
    fill_outbox(made.pk, timezone.now())
    made.refresh_from_db()
    return made


@pytest.fixture
def worker(campaign):
    """One that claimed everything: its journal, and the ids of its rows."""
    log = FlightLog(new_owner())
    log.open()
    owner, now = log.path.stem, timezone.now()
    take_lease(lane_name(campaign.channel_id), owner, now, 30)
    rows = claim(campaign.channel_id, campaign.pk, 6, owner=owner, now=now)
    return log, [parcel.id for parcel in rows]


def test_only_what_was_under_way_is_in_doubt(campaign, worker):
    log, ids = worker
    log.start(ids[:3])
    refused = Outcome("r", error=errors.Refused("No such number.", code="E110"))
    log.end([(ids[0], Outcome("r", provider_id="P0")), (ids[1], refused)])
    log.close(is_settled=False)
    assert recover_flights(timezone.now()) == 6
    rows = Message.objects.in_bulk()
    accepted, failed, doubtful = (rows[pk] for pk in ids[:3])
    assert (accepted.status, accepted.provider_id) == (S.ACCEPTED, "P0")
    assert accepted.accepted_at is not None
    assert (failed.status, failed.code) == (S.FAILED, "E110")
    assert (doubtful.status, doubtful.reason) == (S.UNKNOWN, IN_DOUBT)
    assert count_statuses(campaign)[S.QUEUED] == 3

    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)  # the lane is free at once
    assert set(gateway.sent) == {rows[pk].phone for pk in ids[3:]}
    assert journals() == []


def test_a_block_list_named_in_the_journal_is_heeded(campaign, worker):
    log, ids = worker
    log.start(ids[:1])
    log.end([(ids[0], Outcome("r", error=errors.Refused("Blocked.", is_blocked=True)))])
    log.close(is_settled=False)
    recover_flights(timezone.now())
    assert OptOut.objects.get().phone == Message.objects.get(pk=ids[0]).phone


def test_the_next_worker_finds_the_dead_one_before_its_lease_ends(campaign, worker):
    log, _ = worker
    log.close(is_settled=False)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert len(gateway.sent) == 6


def test_who_is_alive_keeps_what_it_has_although_its_lease_is_over(campaign, worker):
    log, _ = worker
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    sweep(timezone.now())
    assert count_statuses(campaign) == {S.SENDING: 6}
    sweep(timezone.now() + STALLED)
    assert count_statuses(campaign) == {S.UNKNOWN: 6}
    log.close(is_settled=True)


def test_without_its_journal_all_of_it_is_in_doubt(campaign, worker):
    log, _ = worker
    log.close(is_settled=True)
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    sweep(timezone.now())
    assert count_statuses(campaign) == {S.UNKNOWN: 6}
    assert set(Message.objects.values_list("reason", flat=True)) == {IN_DOUBT}


def test_another_machine_has_time_to_find_its_own_journals(campaign):
    now = timezone.now()
    claim(campaign.channel_id, campaign.pk, 6, owner="another.host:17:abcd", now=now)
    sweep(now)
    assert count_statuses(campaign) == {S.SENDING: 6}
    sweep(now + ELSEWHERE)
    assert count_statuses(campaign) == {S.UNKNOWN: 6}


def test_answers_that_could_not_be_written_are_not_lost(campaign, monkeypatch):
    """The database goes away in the middle; the threads have their answers."""
    settle, is_down = slices.settle, []

    def fail(results, **options):
        if results:
            is_down.append(True)
        if is_down:
            raise OperationalError("the database went away")
        settle(results, **options)

    gateway = FakeGateway()
    with monkeypatch.context() as patch:
        patch.setattr(slices, "settle", fail)
        with pytest.raises(OperationalError):
            dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert gateway.sent
    assert set(count_statuses(campaign)) == {S.SENDING}
    recover_flights(timezone.now())
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert count_statuses(campaign) == {S.ACCEPTED: 6}
    assert set(gateway.sent.values()) == {1}
    assert len(gateway.sent) == 6


@pytest.mark.parametrize("when", ["open", "start"])
def test_on_a_full_disk_nothing_is_sent(campaign, monkeypatch, when):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    gateway = FakeGateway()
    with monkeypatch.context() as patch:
        patch.setattr(FlightLog, when, fail)
        dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert not gateway.sent
    assert count_statuses(campaign) == {S.QUEUED: 6}
    lane = Lane.objects.get()
    assert "No space left on device" in lane.trouble
    assert lane.hold_until > timezone.now()
    Lane.objects.update(hold_until=None)
    for _ in range(2):  # one message tries the way first
        dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert count_statuses(campaign) == {S.ACCEPTED: 6}
