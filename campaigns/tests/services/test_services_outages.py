"""An outage of the provider: what waits is held, said since when, and goes on by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.models import Lane, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import dispatch, slices
from campaigns.services.lights import find_light
from campaigns.services.outbox import count_statuses
from campaigns.services.progress import measure_progress
from campaigns.services.sweep import idle_lanes
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
pytestmark = pytest.mark.usefixtures("quick")
AWAY = errors.Unreachable("No connection to the provider.")


@pytest.fixture
def campaign(launch):
    return launch(contacts=30, rate=1000)


def send(campaign, answer=None):
    """What a worker does once the hold is over; how many requests that were."""
    Lane.objects.update(hold_until=None)
    Message.objects.update(send_after=timezone.now())
    gateway = FakeGateway(lambda mms: answer)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    return gateway.sent.total()


def lane():
    return Lane.objects.get()


def began(minutes_ago):
    Lane.objects.update(trouble_since=timezone.now() - timedelta(minutes=minutes_ago))
    return lane().trouble_since


@pytest.mark.parametrize(("seconds", "is_out"), [(299, False), (300, True), (301, True)])
def test_trouble_is_an_outage_from_the_fifth_minute_on(seconds, is_out):
    now = timezone.now()
    since = now - timedelta(seconds=seconds)
    assert Lane(trouble="Away.", trouble_since=since).outage_since(now) == (
        since if is_out else None
    )


def test_the_moment_it_began_stays_however_often_somebody_tries(campaign):
    assert send(campaign, AWAY) >= 5
    assert lane().trouble == str(AWAY)
    assert lane().trouble_since is not None
    since = began(minutes_ago=20)
    for _ in range(3):
        assert send(campaign, AWAY) == 1
        assert lane().trouble_since == since
    assert lane().hold_until > timezone.now() + timedelta(seconds=25)
    assert count_statuses(campaign) == {S.QUEUED: 30}


def test_while_one_tries_the_trouble_is_not_forgotten(campaign, monkeypatch):
    send(campaign, AWAY)
    told, remember = [], slices.remember
    monkeypatch.setattr(
        slices, "remember", lambda *a, **k: told.append(k["trouble"]) or remember(*a, **k)
    )
    send(campaign, AWAY)
    assert set(told) == {str(AWAY)}


def test_once_a_message_goes_through_all_the_others_follow(campaign):
    send(campaign, AWAY)
    began(minutes_ago=20)
    assert send(campaign) == 30
    assert count_statuses(campaign) == {S.ACCEPTED: 30}
    assert (lane().trouble, lane().trouble_since) == ("", None)


def test_somebody_rings_again_once_the_hold_is_over(campaign):
    send(campaign, AWAY)
    assert idle_lanes(timezone.now()) == []
    assert idle_lanes(timezone.now() + timedelta(seconds=31)) == [campaign.channel_id]


def test_the_pages_say_since_when_and_what_is_tried(campaign):
    send(campaign, AWAY)
    campaign.channel.refresh_from_db()
    assert find_light(campaign.channel).word == "Slowed down"
    assert measure_progress(campaign, timezone.now()).outage_since is None
    since = began(minutes_ago=20)
    campaign.channel.lane.refresh_from_db()
    light = find_light(campaign.channel)
    assert (light.tone, light.word) == ("bad", "Outage")
    assert "every 30 seconds" in light.detail
    assert str(AWAY) in light.detail
    assert measure_progress(campaign, timezone.now()).outage_since == since
