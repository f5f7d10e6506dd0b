"""The carriers' limits of a sender: kept while sending, by whoever sends, and told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Message, Sender, SenderPace
from campaigns.rules.allowances import carriers_day, next_day_at
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import dispatch, intake, lookout
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.outbox import count_statuses
from campaigns.services.progress import measure_progress
from campaigns.services.senders import SenderLimits, estimate_seconds, flow_of
from campaigns.services.trying import send_test
from campaigns.tests.fakes import FakeGateway

S = MessageStatus


@pytest.fixture(autouse=True)
def _quick(quick):
    """Every lane here has short breaths."""


@pytest.fixture
def launch(make_campaign, marketer):
    def make(contacts=10, **limits):
        campaign = make_campaign(contacts=contacts)
        campaign.channel.requests_per_second = 5000
        campaign.channel.save()
        Sender.objects.filter(pk=campaign.sender_id).update(**limits)
        launch_campaign(campaign, by=marketer)
        fill_outbox(campaign.pk, timezone.now())
        return Campaign.objects.get(pk=campaign.pk)

    return make


def test_no_more_go_out_than_the_sender_may_send_a_day(launch):
    campaign, gateway = launch(per_day=4), FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    dispatch.send_due(campaign.channel_id, gateway=gateway)  # another worker, the same day
    assert sum(gateway.sent.values()) == 4
    assert count_statuses(campaign) == {S.ACCEPTED: 4, S.QUEUED: 6}
    progress = measure_progress(campaign, timezone.now())
    assert (progress.used_up.per_day, progress.used_up.number) == (4, campaign.sender.number)
    assert progress.finish_at > next_day_at(timezone.now())

    SenderPace.objects.update(day=carriers_day(timezone.now()) - timedelta(days=1))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert sum(gateway.sent.values()) == 8


def test_nobody_is_rung_for_what_the_limit_forbids(launch, monkeypatch):
    campaign, rung = launch(per_day=4), []
    monkeypatch.setattr(dispatch, "ring", lambda *bell: rung.append(bell))
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    dispatch.send_due(campaign.channel_id, gateway=FakeGateway())
    assert rung == []


def test_a_limit_a_minute_lets_one_go_after_the_other(launch):
    campaign, gateway = launch(per_minute=2), FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert sum(gateway.sent.values()) == 1
    SenderPace.objects.update(next_slot_at=0)  # the next half minute
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert sum(gateway.sent.values()) == 2


def test_one_sender_at_its_limit_does_not_hold_up_another(launch, make_campaign, marketer):
    limited = launch(per_day=1)
    free = make_campaign(contacts=5, channel=limited.channel)
    other = Sender.objects.create(channel=limited.channel, number="12015550177")
    Campaign.objects.filter(pk=free.pk).update(sender=other)
    free.refresh_from_db()
    launch_campaign(free, by=marketer)
    fill_outbox(free.pk, timezone.now())
    dispatch.send_due(limited.channel_id, gateway=FakeGateway())
    assert count_statuses(limited) == {S.ACCEPTED: 1, S.QUEUED: 9}
    assert count_statuses(free) == {S.ACCEPTED: 5}


def test_a_test_goes_first_and_counts(launch, marketer):
    campaign, gateway = launch(per_day=3), FakeGateway()
    send_test(campaign.revision, campaign.channel, campaign.sender, "12015550199", by=marketer)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert gateway.sent["12015550199"] == 1
    assert count_statuses(campaign) == {S.ACCEPTED: 2, S.QUEUED: 8}


def test_a_limit_that_is_changed_under_way_is_heeded(launch, monkeypatch):
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(intake, "MOST_CLAIMED", 2)
    campaign, read = launch(contacts=30), SenderLimits.read
    gateway = FakeGateway()

    def limit_it_after_some(limits):
        if len(gateway.sent) > 3:
            Sender.objects.update(per_day=1)
        read(limits)

    monkeypatch.setattr(SenderLimits, "read", limit_it_after_some)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert 3 < len(gateway.sent) < 30


def test_what_is_used_is_known_to_the_next_worker(launch):
    campaign = launch(per_day=4, per_minute=600)
    limits, now = SenderLimits(campaign.channel_id), timezone.now()
    limits.take([campaign.sender.number] * 3, now)
    assert SenderLimits(campaign.channel_id).room(campaign.sender.number, now) == 4
    limits.keep()
    assert SenderLimits(campaign.channel_id).room(campaign.sender.number, now) == 1
    tomorrow = now + timedelta(days=1)
    assert SenderLimits(campaign.channel_id).room(campaign.sender.number, tomorrow) == 4


def test_campaigns_of_one_sender_share_what_it_may(launch):
    campaign = launch(per_minute=120)
    now = timezone.now()
    assert flow_of(campaign, now).rate == pytest.approx(1.9)
    twin = Campaign.objects.get(pk=campaign.pk)
    twin.pk, twin.key, twin.status = None, "another-key", CampaignStatus.SENDING
    twin.save()
    assert flow_of(campaign, now).rate == pytest.approx(0.95)
    assert estimate_seconds(campaign, 95, now) == pytest.approx(100)


def test_an_estimate_knows_days_and_nothing_to_send(launch):
    campaign, now = launch(per_day=10), timezone.now()
    assert estimate_seconds(campaign, 0, now) is None
    in_days = estimate_seconds(campaign, 25, now) / 86400
    assert 1 < in_days < 2.1
    assert Message.objects.count() == 10
