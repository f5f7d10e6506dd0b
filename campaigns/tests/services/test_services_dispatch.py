"""Sending: nobody twice, nobody skipped, every doubt visible."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.models import AuditEntry, Campaign, Channel, Lane, Lease, Message, OptOut
from campaigns.rules.pacing import Pace
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import dispatch
from campaigns.services.campaigns import cancel_campaign, launch_campaign, pause_campaign
from campaigns.services.crew import Crew
from campaigns.services.filling import fill_outbox
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import Claimed, claim, count_statuses, lane_name
from campaigns.services.queue import take_lease
from campaigns.services.resending import send_again
from campaigns.services.sweep import cancel_stopped, sweep
from campaigns.services.trying import send_test
from campaigns.tests.fakes import FakeGateway

S = MessageStatus


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """The same loop, with shorter breaths."""
    monkeypatch.setattr(dispatch, "GATHER_SECONDS", 0.001)
    monkeypatch.setattr(dispatch, "LINGER_SECONDS", 0.0)


@pytest.fixture
def launch(make_campaign, marketer):
    def make(contacts=3, rate=5000, **fields):
        campaign = make_campaign(contacts=contacts, **fields)
        campaign.channel.requests_per_second = rate
        campaign.channel.save()
        launch_campaign(campaign, by=marketer)
        fill_outbox(campaign.pk, timezone.now())
        campaign.refresh_from_db()
        return campaign

    return make


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


def test_an_unknown_outcome_is_never_sent_again_by_a_machine(launch):
    campaign = launch(contacts=3)
    gateway = FakeGateway(lambda mms: errors.OutcomeUnknown("No answer in time."))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    sweep(timezone.now())
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert set(gateway.sent.values()) == {1}
    assert count_statuses(campaign) == {S.UNKNOWN: 3}


def test_throttled_messages_wait_and_the_pace_is_halved(launch):
    campaign = launch(contacts=3)
    gateway = FakeGateway(lambda mms: errors.Throttled("Too fast.", code="E113"))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert count_statuses(campaign) == {S.QUEUED: 3}
    assert Lane.objects.get(channel=campaign.channel).factor < 1
    assert not Message.objects.filter(campaign=campaign, retry_count__gt=0).exists()


def test_throttled_messages_go_out_later(launch, monkeypatch):
    monkeypatch.setattr(dispatch, "LINGER_SECONDS", 5.0)
    campaign = launch(contacts=20)
    seen = set()

    def throttle_first(mms):
        first = mms.to not in seen
        seen.add(mms.to)
        return errors.Throttled("Too fast.", code="E113", retry_after=0.01) if first else None

    dispatch.send_due(campaign.channel_id, gateway=FakeGateway(throttle_first))
    assert count_statuses(campaign) == {S.ACCEPTED: 20}


def test_a_wrong_key_pauses_the_channel_and_loses_nothing(launch):
    campaign = launch(contacts=200)
    gateway = FakeGateway(lambda mms: errors.Misconfigured("The key is wrong.", code="E104"))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    campaign.channel.refresh_from_db()
    assert campaign.channel.paused_reason == "The key is wrong."
    assert sum(gateway.sent.values()) <= campaign.channel.connections
    assert count_statuses(campaign) == {S.QUEUED: 200}
    assert AuditEntry.objects.filter(verb="channel.paused").count() == 1


def test_a_bad_number_fails_alone(launch):
    campaign = launch(contacts=5)
    bad = Message.objects.filter(campaign=campaign).first().phone

    def answer(mms):
        return errors.Refused("Not a number.", code="E110") if mms.to == bad else None

    dispatch.send_due(campaign.channel_id, gateway=FakeGateway(answer))
    assert count_statuses(campaign) == {S.ACCEPTED: 4, S.FAILED: 1}
    failed = Message.objects.get(campaign=campaign, status=S.FAILED)
    assert (failed.phone, failed.reason, failed.code) == (bad, "Not a number.", "E110")


def test_a_blocked_number_is_written_down_as_opted_out(launch):
    campaign = launch(contacts=1)
    answer = errors.Refused("On the block list.", code="E114", is_blocked=True)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway(lambda mms: answer))
    assert OptOut.objects.get().source == OptOut.Source.PROVIDER


def test_three_content_refusals_in_a_row_pause_the_campaign(launch):
    campaign = launch(contacts=300, rate=50)
    answer = errors.Refused("Slide 1 is too big.", code="E331", about_content=True)
    gateway = FakeGateway(lambda mms: answer)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.PAUSED
    assert "Slide 1 is too big." in campaign.status_reason
    assert sum(gateway.sent.values()) < 100


def test_a_paused_campaign_without_anybody_left_is_done_and_says_why(launch):
    campaign = launch(contacts=3)
    answer = errors.Refused("Slide 1 is too big.", code="E331", about_content=True)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway(lambda mms: answer))
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.DONE
    assert campaign.finished_at
    assert campaign.status_reason.startswith("Refused 3 times in a row.")


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


def test_five_doubts_in_a_row_hold_the_lane(launch):
    campaign = launch(contacts=100, rate=100)
    gateway = FakeGateway(lambda mms: errors.OutcomeUnknown("HTML instead of JSON."))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    lane = Lane.objects.get(channel=campaign.channel)
    assert lane.hold_until > timezone.now()
    assert lane.trouble == "HTML instead of JSON."
    counts = count_statuses(campaign)
    assert counts[S.UNKNOWN] < 40
    assert counts[S.UNKNOWN] + counts[S.QUEUED] == 100


def test_after_a_hold_one_message_tries_the_way(launch):
    campaign = launch(contacts=50)
    Lane.objects.update_or_create(
        channel=campaign.channel, defaults={"trouble": "Down.", "hold_until": None}
    )
    gateway = FakeGateway(lambda mms: errors.OutcomeUnknown("Still down."))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert sum(gateway.sent.values()) == 1
    Lane.objects.update(hold_until=None)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    assert count_statuses(campaign) == {S.UNKNOWN: 1, S.ACCEPTED: 49}
    assert Lane.objects.get().trouble == ""


def test_a_picture_that_cannot_be_fetched_is_tried_again_a_few_times(launch):
    campaign = launch(contacts=1)
    answer = errors.Unreachable("Slide 1 cannot be fetched.", code="E351", retry_after=0.001)
    gateway = FakeGateway(lambda mms: answer)
    for _ in range(8):
        Message.objects.update(send_after=timezone.now())
        dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert count_statuses(campaign) == {S.FAILED: 1}
    assert sum(gateway.sent.values()) == 6


def test_pausing_stops_what_is_not_under_way(launch, marketer, monkeypatch):
    monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0.01)
    campaign = launch(contacts=400, rate=2000)
    gateway = FakeGateway()
    inside = dispatch.LaneRun._turn_over

    def pause_after_some(run, **options):
        inside(run, **options)
        if run.answered_count > 50 and Campaign.objects.get(pk=campaign.pk).status == "sending":
            pause_campaign(campaign, by=marketer)

    monkeypatch.setattr(dispatch.LaneRun, "_turn_over", pause_after_some)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    counts = count_statuses(campaign)
    assert 50 < counts[S.ACCEPTED] < 300
    assert counts[S.ACCEPTED] + counts[S.QUEUED] == 400
    assert counts[S.ACCEPTED] == sum(gateway.sent.values())


def test_what_was_in_hand_when_a_campaign_was_stopped_is_cancelled(launch, marketer, monkeypatch):
    monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0.01)
    campaign = launch(contacts=60, rate=20)

    inside = dispatch.LaneRun._turn_over

    def stop_after_one(run, **options):
        inside(run, **options)
        if run.answered_count and Campaign.objects.get(pk=campaign.pk).status == "sending":
            cancel_campaign(campaign, by=marketer)
            cancel_stopped(timezone.now())

    rung = []
    monkeypatch.setattr(dispatch, "ring", lambda *bell: rung.append(bell))
    monkeypatch.setattr(dispatch.LaneRun, "_turn_over", stop_after_one)
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


def test_a_dead_worker_leaves_doubt_and_the_others_go_on(launch):
    campaign = launch(contacts=10)
    now = timezone.now()
    claim(campaign.channel_id, campaign.pk, 4, owner="dead", now=now)
    Lease.objects.create(
        name=lane_name(campaign.channel_id), owner="dead", until=now - timedelta(seconds=1)
    )
    sweep(now)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert count_statuses(campaign) == {S.UNKNOWN: 4, S.ACCEPTED: 6}
    assert sum(gateway.sent.values()) == 6


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


def test_who_opted_out_is_skipped_with_the_reason(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    phone = campaign.lists.get().contacts.first().phone
    OptOut.objects.create(phone=phone, source=OptOut.Source.STAFF)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    skipped = Message.objects.get(status=S.SKIPPED)
    assert (skipped.phone, skipped.reason) == (phone, "They opted out.")


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


def test_filling_twice_makes_one_row_each(launch):
    campaign = launch(contacts=5)
    Campaign.objects.update(status=CampaignStatus.FILLING)
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.filter(campaign=campaign).count() == 5


def test_filling_in_small_chunks_misses_nobody(make_campaign, marketer, monkeypatch):
    monkeypatch.setattr("campaigns.services.filling.CHUNK", 3)
    campaign = make_campaign(contacts=11)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    assert (campaign.recipient_count, campaign.status) == (11, CampaignStatus.SENDING)


def test_who_joins_a_list_after_the_launch_gets_nothing(make_campaign, make_contacts, marketer):
    campaign = make_campaign(contacts=2)
    launch_campaign(campaign, by=marketer)
    make_contacts(5, campaign.lists.get().name)
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.filter(campaign=campaign).count() == 2


def test_two_campaigns_on_one_channel_share_it(launch, make_campaign, marketer, monkeypatch):
    first = launch(contacts=200, rate=100)
    second = launch(contacts=200, rate=100, channel=first.channel)
    monkeypatch.setattr(dispatch, "SLICE_SECONDS", 1.5)
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
    inside, calls = dispatch.settle, []

    def fail_once(results, **options):
        calls.append(results)
        if len([c for c in calls if c]) == 1 and results:
            raise OperationalError("the database went away")
        inside(results, **options)

    monkeypatch.setattr(dispatch, "settle", fail_once)
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

    monkeypatch.setattr(dispatch, "letter_of", fail)
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


def test_asked_to_wait_the_whole_lane_waits(launch):
    campaign = launch(contacts=50, rate=50)
    answer = errors.Throttled("At least 30 seconds between calls.", code="E106", retry_after=30)
    gateway = FakeGateway(lambda mms: answer)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert sum(gateway.sent.values()) <= 2 * campaign.channel.connections
    lane = Lane.objects.get(channel=campaign.channel)
    assert timedelta(seconds=20) < lane.hold_until - timezone.now() < timedelta(seconds=31)


def test_a_media_host_that_is_away_pauses_the_campaign(launch):
    campaign = launch(contacts=50, rate=50)
    answer = errors.Unreachable("Sinch could not fetch an image.", code="E351", about_content=True)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway(lambda mms: answer))
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.PAUSED
    assert "could not fetch" in campaign.status_reason


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
    monkeypatch.setattr(dispatch, "SLICE_SECONDS", 1.5)
    most = []
    inside = dispatch.LaneRun._claim

    def count(run, now):
        claimed = inside(run, now)
        most.append(len(run.in_hand) + len(claimed))
        return claimed

    monkeypatch.setattr(dispatch.LaneRun, "_claim", count)
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    assert max(most) <= 3


def test_who_opts_out_while_waiting_in_hand_gets_nothing(launch, monkeypatch):
    monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0.01)
    campaign = launch(contacts=3, rate=100)
    Channel.objects.filter(pk=campaign.channel_id).update(connections=1)
    turn_over, look = dispatch.LaneRun._turn_over, dispatch.LaneRun._look_at_optouts
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

    def hear(run):
        look(run)
        if run.crew.revoked_phones:
            is_heard.set()

    gateway = FakeGateway(answer)
    monkeypatch.setattr(dispatch.LaneRun, "_turn_over", opt_out_after_the_first)
    monkeypatch.setattr(dispatch.LaneRun, "_look_at_optouts", hear)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert is_heard.is_set()
    assert len(gateway.sent) == 2
    assert gone[0] not in gateway.sent


def test_nothing_goes_out_on_a_lease_that_cannot_be_renewed():
    crew = Crew(FakeGateway(), Pace(rate=1000))
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


def test_filling_goes_on_where_it_ended(make_campaign, marketer, monkeypatch):
    monkeypatch.setattr("campaigns.services.filling.FILL_SECONDS", 0)
    campaign = make_campaign(contacts=4)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.FILLING  # out of time: it rings and goes on
    monkeypatch.setattr("campaigns.services.filling.FILL_SECONDS", 20)
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.filter(campaign=campaign).count() == 4
