"""What an answer means: for the message, its campaign, its channel and the pace of its lane."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.models import AuditEntry, Lane, Message, OptOut
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import dispatch, slices
from campaigns.services.outbox import count_statuses
from campaigns.services.sweep import sweep
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
pytestmark = pytest.mark.usefixtures("quick")


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
    monkeypatch.setattr(slices, "LINGER_SECONDS", 5.0)
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
