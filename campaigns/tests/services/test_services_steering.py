"""Pausing, resuming and stopping while others are at work: nobody twice, nobody left out, and
next to nothing after the word was given."""

import random
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Campaign, Channel, Message
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import dispatch, filling, lookout, replanning
from campaigns.services.campaigns import (
    cancel_campaign,
    launch_campaign,
    pause_campaign,
    resume_campaign,
)
from campaigns.services.due import has_due
from campaigns.services.filling import fill_outbox
from campaigns.services.outbox import count_statuses
from campaigns.services.sweep import cancel_stopped
from campaigns.tests.fakes import FakeGateway

S, C = MessageStatus, CampaignStatus
PATIENCE = 60


# --- Sending -------------------------------------------------------------------------------------


class CountingGateway(FakeGateway):
    """Lets others wait for the next sends; the requests after `limit` sends get no answer until
    it is raised."""

    def __init__(self):
        super().__init__()
        self.limit = float("inf")
        self.changed = threading.Condition()

    def _send(self, mms):
        outcome = super()._send(mms)
        with self.changed:
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.sent.total() < self.limit, PATIENCE)
        return outcome

    def wait_for(self, count):
        with self.changed:
            return self.changed.wait_for(lambda: self.sent.total() >= count, PATIENCE)

    def hold_after(self, count):
        """Until `release`; what is under way then are at most as many as there are connections."""
        self.limit = self.sent.total() + count
        return self.limit

    def release(self):
        with self.changed:
            self.limit = float("inf")
            self.changed.notify_all()


class LaneThread(threading.Thread):
    """Hears its bell, and goes on by itself while something is due, as a worker does."""

    def __init__(self, channel_id, gateway):
        super().__init__(daemon=True)
        self.channel_id, self.gateway = channel_id, gateway
        self.bell = threading.Event()
        self.rounds, self.is_over = 0, False
        self.changed = threading.Condition()

    def run(self):
        try:
            while not self.is_over and self.bell.wait(PATIENCE):
                self.bell.clear()
                dispatch.send_due(self.channel_id, gateway=self.gateway)
                with self.changed:
                    self.rounds += 1
                    self.changed.notify_all()
                if has_due(self.channel_id, timezone.now()):
                    self.bell.set()
        finally:
            connection.close()

    def come_round(self):
        """Until what it was at has ended, or it looked once more."""
        with self.changed:
            upto = self.rounds + 1
            self.bell.set()
            assert self.changed.wait_for(lambda: self.rounds >= upto, PATIENCE)

    def __enter__(self):
        self.start()
        self.bell.set()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.bell.set()
        self.join(PATIENCE)


def in_hand(campaign):
    return Message.objects.filter(campaign=campaign, status=S.SENDING).count()


#: At this rate a lane has at most ten in hand beside what is under way.
STORMS, PEOPLE, RATE = 50, 1000, 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("seed", "is_stopped"), [(1, False), (2, True)])
def test_a_storm_of_pauses_sends_to_exactly_the_rest(launch, marketer, quick, seed, is_stopped):
    chance = random.Random(seed)
    campaign = launch(contacts=PEOPLE, rate=RATE)
    gateway = CountingGateway()
    with LaneThread(campaign.channel_id, gateway) as lane:
        for _ in range(STORMS):  # a pause and a resume each
            assert gateway.wait_for(gateway.hold_after(chance.randint(1, 3)))
            pause_campaign(campaign, by=marketer)
            most = gateway.sent.total() + in_hand(campaign)
            gateway.release()
            lane.come_round()
            before = gateway.sent.total()
            assert before <= most  # only what somebody had in hand
            lane.come_round()
            assert gateway.sent.total() == before  # and then nothing at all
            assert in_hand(campaign) == 0
            resume_campaign(campaign, by=marketer)
            lane.bell.set()
        if is_stopped:
            cancel_campaign(campaign, by=marketer)
            lane.come_round()
        else:
            Channel.objects.update(requests_per_second=5000)
            assert gateway.wait_for(PEOPLE)
            lane.come_round()
    cancel_stopped(timezone.now())
    counts = count_statuses(campaign)
    assert set(gateway.sent.values()) == {1}
    assert counts.pop(S.ACCEPTED) == gateway.sent.total()
    rest = PEOPLE - gateway.sent.total()
    assert counts == ({S.CANCELLED: rest} if is_stopped else {})
    assert bool(rest) is is_stopped


@pytest.mark.django_db(transaction=True)
def test_between_two_looks_a_pause_is_heeded_too(launch, marketer, quick, monkeypatch):
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 60.0)
    campaign = launch(contacts=300, rate=200)
    gateway, is_paused = CountingGateway(), threading.Event()
    heed = lookout.Lookout.heed_pauses

    def heed_and_release(own, in_hand):
        may_release = is_paused.is_set()
        heed(own, in_hand)
        if may_release:
            gateway.release()

    monkeypatch.setattr(lookout.Lookout, "heed_pauses", heed_and_release)
    with LaneThread(campaign.channel_id, gateway) as lane:
        assert gateway.wait_for(gateway.hold_after(3))
        assert in_hand(campaign) > 50
        pause_campaign(campaign, by=marketer)
        is_paused.set()
        lane.come_round()
    sent = gateway.sent.total()
    assert sent <= 3 + campaign.channel.connections  # what was under way, and nothing else
    assert count_statuses(campaign) == {S.ACCEPTED: sent, S.QUEUED: 300 - sent}


# --- Preparing -----------------------------------------------------------------------------------


@pytest.fixture
def in_small_chunks(monkeypatch):
    monkeypatch.setattr(filling, "CHUNK", 100)


@pytest.fixture
def filling_campaign(make_campaign, marketer):
    campaign = make_campaign(contacts=1500)
    launch_campaign(campaign, by=marketer)
    return campaign


def elsewhere(verb, campaign, marketer):
    """Somebody presses a button in another process; True when they had their answer."""
    pressed = threading.Event()

    def press():
        try:
            verb(Campaign.objects.get(pk=campaign.pk), by=marketer)
            pressed.set()
        finally:
            connection.close()

    thread = threading.Thread(target=press)
    thread.start()
    thread.join(PATIENCE)
    return pressed.is_set()


def press_after(count, verb, campaign, marketer, monkeypatch):
    """While the chunk after so many is about to be made; how many were made in all."""
    fill_chunk, made = filling._fill_chunk, []

    def press_in_between(*args):
        if len(made) == count:
            assert elsewhere(verb, campaign, marketer)
        made.append(fill_chunk(*args))
        return made[-1]

    monkeypatch.setattr(filling, "_fill_chunk", press_in_between)
    fill_outbox(campaign.pk, timezone.now())
    monkeypatch.setattr(filling, "_fill_chunk", fill_chunk)
    return len(made)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("in_small_chunks")
def test_a_stop_while_the_rows_are_made_ends_it_after_the_chunk_under_way(
    filling_campaign, marketer, monkeypatch
):
    rung = []
    monkeypatch.setattr(filling, "ring", lambda *bell: rung.append(bell))
    made = press_after(7, cancel_campaign, filling_campaign, marketer, monkeypatch)
    assert made == 8
    assert count_statuses(filling_campaign) == {S.QUEUED: 800}
    assert rung == [("outbox.cancel_stopped", filling_campaign.pk)]  # of the last chunk, too
    cancel_stopped(timezone.now())
    assert count_statuses(filling_campaign) == {S.CANCELLED: 800}
    fill_outbox(filling_campaign.pk, timezone.now())
    assert Message.objects.count() == 800


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("in_small_chunks")
def test_a_pause_while_the_rows_are_made_ends_it_and_a_resume_makes_the_rest(
    filling_campaign, marketer, monkeypatch, quick
):
    assert press_after(7, pause_campaign, filling_campaign, marketer, monkeypatch) == 8
    filling_campaign.refresh_from_db()
    resume_campaign(filling_campaign, by=marketer)
    fill_outbox(filling_campaign.pk, timezone.now())
    filling_campaign.refresh_from_db()
    assert filling_campaign.status == C.SENDING
    assert count_statuses(filling_campaign) == {S.QUEUED: 1500}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["_plan", "count_entries", "_skip_newly_gone"])
def test_no_step_of_the_preparation_holds_up_a_pause(filling_campaign, marketer, monkeypatch, step):
    inside, came = getattr(filling, step), []

    def press_meanwhile(*args):
        if not came:
            came.append(elsewhere(pause_campaign, filling_campaign, marketer))
        return inside(*args)

    monkeypatch.setattr(filling, step, press_meanwhile)
    fill_outbox(filling_campaign.pk, timezone.now())
    assert came == [True]
    filling_campaign.refresh_from_db()
    assert filling_campaign.status == C.PAUSED
    resume_campaign(filling_campaign, by=marketer)
    fill_outbox(filling_campaign.pk, timezone.now())
    filling_campaign.refresh_from_db()
    assert filling_campaign.status == C.SENDING
    assert count_statuses(filling_campaign) == {S.QUEUED: 1500}
    assert filling_campaign.ladder["entries"] == 1500


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")
@pytest.mark.django_db(transaction=True)
def test_while_the_audience_is_noted_a_pause_is_heard(filling_campaign, marketer, monkeypatch):
    note, came = filling._note_recipients, []

    def press_meanwhile(*args):
        note(*args)
        came.append(elsewhere(pause_campaign, filling_campaign, marketer))

    monkeypatch.setattr(filling, "_note_recipients", press_meanwhile)
    fill_outbox(filling_campaign.pk, timezone.now())
    assert came == [True]
    filling_campaign.refresh_from_db()
    assert filling_campaign.status == C.PAUSED


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")
@pytest.mark.django_db(transaction=True)
def test_the_rows_are_checked_before_the_campaign_is_locked(filling_campaign):
    with CaptureQueriesContext(connection) as asked:
        fill_outbox(filling_campaign.pk, timezone.now())
    said = [query["sql"] for query in asked]
    checked = next(at for at, sql in enumerate(said) if "SET CONSTRAINTS ALL IMMEDIATE" in sql)
    locked = next(at for at, sql in enumerate(said) if 'SET "frozen_at"' in sql)
    assert checked < locked


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("in_small_chunks")
def test_a_stop_while_turns_are_planned_anew_ends_it(filling_campaign, marketer, monkeypatch):
    fill_outbox(filling_campaign.pk, timezone.now())
    Campaign.objects.update(status=C.FILLING, filled_at=None, planned_at=timezone.now())
    monkeypatch.setattr(replanning, "CHUNK", 100)
    replan_chunk, made = replanning._replan_chunk, []

    def stop_after_three(*args):
        made.append(replan_chunk(*args))
        if len(made) == 3:
            assert elsewhere(cancel_campaign, filling_campaign, marketer)

    monkeypatch.setattr(replanning, "_replan_chunk", stop_after_three)
    fill_outbox(filling_campaign.pk, timezone.now())
    assert len(made) == 3
