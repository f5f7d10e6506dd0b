"""Sending: nobody twice, nobody skipped, every doubt visible."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.models import Campaign, Channel, Message, OptOut
from campaigns.rules.pacing import Pace
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import dispatch, intake, letters, lookout, slices
from campaigns.services.campaigns import cancel_campaign, pause_campaign
from campaigns.services.crew import Crew
from campaigns.services.flights import FlightLog
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import Claimed, claim, count_statuses, lane_name
from campaigns.services.queue import take_lease
from campaigns.services.sweep import cancel_stopped, sweep
from campaigns.services.trying import send_test
from campaigns.tests.again import send_again
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
pytestmark = pytest.mark.usefixtures("quick")


def test_everybody_gets_it_once(launch):
    campaign = launch(contacts=250)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert len(gateway.sent) == 250
    assert set(gateway.sent.values()) == {1}
    assert count_statuses(campaign) == {S.ACCEPTED: 250}
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.SENT


def test_the_provider_id_is_kept(launch):
    campaign = launch(contacts=1)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    message = Message.objects.get(campaign=campaign)
    assert message.provider_id == f"id-{message.reference}"
    assert message.accepted_at is not None


def test_a_paused_campaign_waits_for_the_last_report(launch, marketer):
    campaign = launch(contacts=2)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.PAUSED)
    sweep(timezone.now())
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.PAUSED
    Message.objects.filter(campaign=campaign).update(status=S.DELIVERED)
    sweep(timezone.now())
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.DONE


def test_a_campaign_paused_before_its_rows_are_made_stays_paused(launch):
    campaign = launch(contacts=2)
    Message.objects.filter(campaign=campaign).delete()
    Campaign.objects.update(status=CampaignStatus.PAUSED, filled_at=None)
    sweep(timezone.now())
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.PAUSED


def test_pausing_stops_what_is_not_under_way(launch, marketer, monkeypatch):
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.01)
    campaign = launch(contacts=400, rate=200)
    gateway = FakeGateway()
    inside = slices.LaneRun._turn_over

    def pause_after_some(run, **options):
        inside(run, **options)
        if run.answered_count > 50 and Campaign.objects.get(pk=campaign.pk).status == "sending":
            pause_campaign(campaign, by=marketer)

    monkeypatch.setattr(slices.LaneRun, "_turn_over", pause_after_some)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    counts = count_statuses(campaign)
    assert 50 < counts[S.ACCEPTED] < 300
    assert counts[S.ACCEPTED] + counts[S.QUEUED] == 400
    assert counts[S.ACCEPTED] == sum(gateway.sent.values())


def test_what_was_in_hand_when_a_campaign_was_stopped_is_cancelled(launch, marketer, monkeypatch):
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.01)
    campaign = launch(contacts=60, rate=20)

    inside = slices.LaneRun._turn_over

    def stop_after_one(run, **options):
        inside(run, **options)
        if run.answered_count and Campaign.objects.get(pk=campaign.pk).status == "sending":
            cancel_campaign(campaign, by=marketer)
            cancel_stopped(timezone.now())

    rung = []
    monkeypatch.setattr(slices, "ring", lambda *bell: rung.append(bell))
    monkeypatch.setattr(slices.LaneRun, "_turn_over", stop_after_one)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    assert ("outbox.cancel_stopped", campaign.pk) in rung
    cancel_stopped(timezone.now())
    assert set(count_statuses(campaign)) == {S.ACCEPTED, S.CANCELLED}


def test_only_one_worker_sends_on_a_lane(launch):
    campaign = launch(contacts=3)
    take_lease(lane_name(campaign.channel_id), "somebody else", timezone.now(), 30)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert not gateway.sent


def test_a_claim_is_not_taken_back_while_its_owner_lives(launch):
    campaign = launch(contacts=5)
    now = timezone.now()
    take_lease(lane_name(campaign.channel_id), "alive", now, 30)
    claim(campaign.channel_id, campaign.pk, 5, owner="alive", now=now)
    sweep(now)
    assert count_statuses(campaign) == {S.SENDING: 5}


def test_doubt_becomes_unresolved_when_every_postback_is_overdue(launch):
    campaign = launch(contacts=1)
    long_ago = timezone.now() - timedelta(minutes=46)
    Message.objects.update(status=S.UNKNOWN, changed_at=long_ago)
    sweep(timezone.now())
    assert count_statuses(campaign) == {S.UNRESOLVED: 1}
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.DONE


def test_sent_without_a_receipt_is_called_no_receipt(launch):
    campaign = launch(contacts=2)
    Message.objects.update(status=S.SENT, changed_at=timezone.now() - timedelta(days=5))
    sweep(timezone.now())
    assert count_statuses(campaign) == {S.NO_RECEIPT: 2}


def test_an_optout_between_filling_and_claiming_is_heeded(launch):
    campaign = launch(contacts=2)
    phone = Message.objects.first().phone
    OptOut.objects.create(phone=phone, source=OptOut.Source.STAFF)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    sweep(timezone.now())
    assert phone not in gateway.sent
    assert count_statuses(campaign) == {S.ACCEPTED: 1, S.SKIPPED: 1}


def test_after_its_time_nothing_goes_out(launch):
    campaign = launch(contacts=2)
    Campaign.objects.update(not_after=timezone.now() - timedelta(seconds=1))
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    sweep(timezone.now())
    assert not gateway.sent
    assert count_statuses(campaign) == {S.SKIPPED: 2}


def test_two_campaigns_on_one_channel_share_it(launch, make_campaign, marketer, monkeypatch):
    first = launch(contacts=200, rate=100)
    second = launch(contacts=200, rate=100, channel=first.channel)
    monkeypatch.setattr(slices, "SLICE_SECONDS", 1.5)
    dispatch.send_due(first.channel_id, gateway=FakeGateway())
    sent = [count_statuses(campaign).get(S.ACCEPTED, 0) for campaign in (first, second)]
    assert min(sent) >= max(sent) * 0.5 > 0


def test_a_test_message_goes_before_a_campaign(launch, make_mms, marketer):
    campaign = launch(contacts=5, rate=50)
    revision = make_mms("Other").head
    sender = campaign.channel.senders.get()
    test = send_test(revision, campaign.channel, sender, "12015550199", by=marketer)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    test.refresh_from_db()
    assert test.status == S.ACCEPTED
    assert next(iter(gateway.sent)) == "12015550199"


def test_sending_again_has_a_reference_of_its_own(launch, marketer):
    campaign = launch(contacts=1)
    dispatch.send_due(
        campaign.channel_id, gateway=FakeGateway(lambda mms: errors.Refused("No.", code="E619"))
    )
    campaign.refresh_from_db()
    assert send_again(campaign, S.FAILED, by=marketer) == 1
    seen = []
    dispatch.send_due(
        campaign.channel_id, gateway=FakeGateway(lambda mms: seen.append(mms.reference))
    )
    message = Message.objects.get(campaign=campaign)
    assert seen == [f"{message.reference}.2"]
    assert message.status == S.ACCEPTED


def test_an_error_while_settling_loses_no_answer(launch, monkeypatch):
    campaign = launch(contacts=8)
    inside, calls = slices.settle, []

    def fail_once(results, **options):
        calls.append(results)
        if len([c for c in calls if c]) == 1 and results:
            raise OperationalError("the database went away")
        inside(results, **options)

    monkeypatch.setattr(slices, "settle", fail_once)
    gateway = FakeGateway()
    with pytest.raises(OperationalError):
        dispatch.send_due(campaign.channel_id, gateway=gateway)
    counts = count_statuses(campaign)
    assert counts[S.ACCEPTED] == sum(gateway.sent.values()) > 0
    assert S.SENDING not in counts


def test_content_that_cannot_be_built_leaves_everybody_waiting(launch, monkeypatch):
    campaign = launch(contacts=3)

    def fail(*args, **options):
        raise LookupError("a file is gone")

    monkeypatch.setattr(letters, "letter_of", fail)
    with pytest.raises(LookupError):
        dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    assert count_statuses(campaign) == {S.QUEUED: 3}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_breaks_leaves_doubt_and_no_hanging_lane(launch):
    campaign = launch(contacts=6)
    campaign.channel.connections = 2
    campaign.channel.save()

    def break_down(mms):
        raise ArithmeticError("a bug of ours")

    gateway = FakeGateway(break_down)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert count_statuses(campaign) == {S.UNKNOWN: 2, S.QUEUED: 4}


def test_what_is_paused_is_not_claimed_however_fresh_the_lane_thinks_it_is(launch, marketer):
    campaign = launch(contacts=3)
    pause_campaign(campaign, by=marketer)
    now = timezone.now()
    assert claim(campaign.channel_id, campaign.pk, 3, owner="x", now=now) == []
    Campaign.objects.update(status=CampaignStatus.SENDING)
    Channel.objects.update(paused_at=now)
    assert claim(campaign.channel_id, campaign.pk, 3, owner="x", now=now) == []


def test_few_wait_in_hand_when_the_pace_is_slow(launch, monkeypatch):
    campaign = launch(contacts=200, rate=1)
    campaign.channel.connections = 100
    campaign.channel.save()
    monkeypatch.setattr(slices, "SLICE_SECONDS", 1.5)
    most = []
    inside = intake.Intake.claim

    def count(own, in_hand, free, now):
        claimed = inside(own, in_hand, free, now)
        most.append(len(in_hand) + len(claimed))
        return claimed

    monkeypatch.setattr(intake.Intake, "claim", count)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    assert max(most) <= 3


def test_who_opts_out_while_waiting_in_hand_gets_nothing(launch, monkeypatch):
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.01)
    campaign = launch(contacts=3, rate=100)
    Channel.objects.filter(pk=campaign.channel_id).update(connections=1)
    turn_over, look = slices.LaneRun._turn_over, lookout.Lookout._look_at_optouts
    is_heard, gone = threading.Event(), []

    def answer(mms):
        """The second is under way until the opt-out was heard; there is one connection."""
        if gateway.sent.total() > 1:
            is_heard.wait(30)

    def opt_out_after_the_first(run, **options):
        turn_over(run, **options)
        if run.answered_count and not gone:
            *_, last = run.in_hand.values()  # they wait in this order
            gone.append(last.phone)
            record_optout(last.phone, source=OptOut.Source.REPLY)

    def hear(lane_lookout):
        look(lane_lookout)
        if lane_lookout.crew.revoked_phones:
            is_heard.set()

    gateway = FakeGateway(answer)
    monkeypatch.setattr(slices.LaneRun, "_turn_over", opt_out_after_the_first)
    monkeypatch.setattr(lookout.Lookout, "_look_at_optouts", hear)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert is_heard.is_set()
    assert len(gateway.sent) == 2
    assert gone[0] not in gateway.sent


def test_nothing_goes_out_on_a_lease_that_cannot_be_renewed():
    crew = Crew(FakeGateway(), Pace(rate=1000), FlightLog("me"))
    crew.send_until = 0.0
    parcel = Claimed(1, 1, 1, "12015550123", "12015550100", "r", 0, 0)
    with crew.at_work(1):
        crew.jobs.put([(parcel, None)])
    assert crew.results.get() == [(parcel, None)]
    assert not crew.gateway.sent


def test_who_opted_out_is_not_sent_to_again(launch, marketer):
    campaign = launch(contacts=2)
    Message.objects.update(status=S.FAILED)
    phone = Message.objects.first().phone
    OptOut.objects.create(phone=phone, source=OptOut.Source.PROVIDER)
    OptOut.objects.update(created_at=timezone.now() - timedelta(days=30))
    assert send_again(campaign, S.FAILED, by=marketer) == 1
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    assert count_statuses(campaign) == {S.FAILED: 1, S.ACCEPTED: 1}
