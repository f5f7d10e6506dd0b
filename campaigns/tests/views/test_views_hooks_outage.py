"""The web server is away while the provider posts: by its schedule, nothing is lost for 25 minutes
(RELIABILITY F43)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import WebhookPost
from campaigns.sandbox import poster
from campaigns.sandbox.models import Postback, PostbackState
from campaigns.services.hook_addresses import hash_token

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)
GAP = timedelta(minutes=5)
TOKEN = "t" * 43


@pytest.fixture
def channel(make_channel):
    channel = make_channel()
    channel.hook_hash = hash_token(TOKEN)
    channel.save()
    return channel


def post_while_away(client, minutes):
    """The provider's own poster, minute by minute; our web is away for so many of them."""
    for minute in range(60):
        poster.post_due(NOW + timedelta(minutes=minute), answer(client, minute < minutes))


def answer(client, is_away):
    def ask(postback):
        if is_away:
            return "connection refused"
        body = json.dumps(postback.body)
        said = client.post(f"/hooks/{TOKEN}/", body, content_type="application/json")
        return str(said.status_code)

    return ask


@pytest.mark.parametrize("gaps", range(7))
def test_what_is_posted_during_an_outage_arrives_up_to_the_last_retry(client, channel, gaps):
    """Away from just before the first post until just after the k-th retry: lost at k = 6 only."""
    Postback.objects.create(url="http://127.0.0.1:9/", body={"code": "N101"}, due_at=NOW)
    post_while_away(client, minutes=gaps * GAP / timedelta(minutes=1) - 1)
    is_lost = gaps == 6
    assert WebhookPost.objects.count() == (0 if is_lost else 1)
    state = PostbackState.LOST if is_lost else PostbackState.DELIVERED
    assert Postback.objects.get().state == state


@pytest.mark.parametrize("minutes", [1, 24, 25])
def test_whenever_it_was_posted_24_minutes_lose_nothing(client, channel, minutes):
    """A post in every minute of the outage and of the quarter of an hour before it."""
    for minute in range(25):
        due_at = NOW + timedelta(minutes=minute)
        Postback.objects.create(url="http://127.0.0.1:9/", body={"n": minute}, due_at=due_at)
    post_while_away(client, minutes)
    assert WebhookPost.objects.count() == 25
    assert not Postback.objects.exclude(state=PostbackState.DELIVERED).exists()
