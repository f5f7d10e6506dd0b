"""Access tokens: fetched once, shared by threads and processes, renewed when refused."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import Unreachable
from campaigns.gateways.sinch_conversation.client import SinchConversation
from campaigns.models import AccessToken, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import accesstokens, dispatch, slices
from campaigns.services.accesstokens import ChannelTokens
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.flights import is_alive_here, is_of_this_machine
from campaigns.services.outbox import count_statuses
from campaigns.services.queue import lease_of, take_lease
from campaigns.tests.gateways.canned import canned


class Fetch:
    def __init__(self, seconds=3600):
        self.seconds, self.count = seconds, 0

    def __call__(self):
        self.count += 1
        return f"token-{self.count}", self.seconds


@pytest.fixture
def channel(make_channel):
    return make_channel()


@pytest.fixture
def tokens(channel):
    return lambda key="key": ChannelTokens(channel.pk, key)


def test_a_token_is_fetched_once_for_all_processes(tokens):
    fetch, here, there = Fetch(), tokens(), tokens()
    assert here.read() == ""
    assert here.renew("", fetch) == "token-1"
    assert there.renew("", fetch) == "token-1"
    assert (there.read(), here.read(), fetch.count) == ("token-1", "token-1", 1)


def test_a_refused_token_is_renewed_once(tokens):
    fetch, here, there = Fetch(), tokens(), tokens()
    here.renew("", fetch)
    assert here.renew("token-1", fetch) == "token-2"
    assert there.renew("token-1", fetch) == "token-2"
    assert fetch.count == 2


def test_a_token_that_ends_soon_is_not_used(tokens):
    fetch, store = Fetch(seconds=30), tokens()
    store.renew("", fetch)
    assert store.read() == ""
    assert store.renew("", fetch) == "token-2"


def test_another_key_does_not_use_it(tokens):
    tokens("old").renew("", Fetch())
    assert tokens("new").read() == ""


def test_it_is_not_readable_in_the_table(tokens, channel):
    tokens().renew("", Fetch())
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM campaigns_accesstoken")
        assert "token-1" not in str(cursor.fetchone()[0])
    assert AccessToken.objects.get().secret == {"token": "token-1"}


def test_what_the_fetch_raises_is_raised_and_the_turn_is_given_back(tokens, channel):
    def fail():
        raise RuntimeError("away")

    with pytest.raises(RuntimeError):
        tokens().renew("", fail)
    assert take_lease(f"token:{channel.pk}", "me", timezone.now(), 5)


@pytest.mark.django_db(transaction=True)
def test_thirty_threads_fetch_one_token(tokens):
    fetch, store, got = Fetch(), tokens(), []
    threads = [
        threading.Thread(target=lambda: got.append(store.renew("", fetch))) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (set(got), len(got), fetch.count) == ({"token-1"}, 30, 1)


def test_who_waited_for_another_process_takes_what_it_got(tokens, channel, monkeypatch):
    fetch, mine = Fetch(), tokens()
    take_lease(f"token:{channel.pk}", "another process", timezone.now(), 90)

    def the_other_is_done(_seconds):
        AccessToken.objects.create(
            channel=channel,
            secret={"token": "theirs"},
            key_hash=mine._key_hash,
            expires_at=timezone.now() + timedelta(hours=1),
        )
        take_lease(f"token:{channel.pk}", "another process", timezone.now(), -1)

    monkeypatch.setattr("campaigns.services.accesstokens.time.sleep", the_other_is_done)
    assert (mine.renew("", fetch), fetch.count) == ("theirs", 0)


def test_who_waits_too_long_for_another_process_sends_nothing(tokens, channel, monkeypatch):
    fetch = Fetch()
    monkeypatch.setattr(accesstokens, "PATIENCE_SECONDS", 0)
    take_lease(f"token:{channel.pk}", "another process", timezone.now(), 10)
    with pytest.raises(Unreachable, match="nothing was sent"):
        tokens().renew("", fetch)
    take_lease(f"token:{channel.pk}", "another process", timezone.now(), -1)
    assert (tokens().renew("", fetch), fetch.count) == ("token-1", 1)


@pytest.mark.parametrize("step", ["read", "renew"])
@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_for_another_thread_sends_nothing(tokens, monkeypatch, step):
    monkeypatch.setattr(accesstokens, "PATIENCE_SECONDS", 0.01)
    store, asked, may_answer = tokens(), threading.Event(), threading.Event()

    def fetch_slowly():
        asked.set()
        may_answer.wait(10)
        return "late", 3600

    thread = threading.Thread(target=store.renew, args=["", fetch_slowly])
    thread.start()
    asked.wait()
    with pytest.raises(Unreachable, match="nothing was sent"):
        store.read() if step == "read" else store.renew("", Fetch())
    may_answer.set()
    thread.join()
    assert store.read() == "late"


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_a_token_in_vain_waits_its_turn_again(
    make_campaign, make_channel, marketer, monkeypatch
):
    """The next look sees a pause, a stop or an opt-out that came meanwhile."""
    monkeypatch.setattr(accesstokens, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(slices, "LINGER_SECONDS", 0.0)
    channel = make_channel(
        kind="sinch_conversation",
        secrets={"key_secret": "a-secret"},
        settings={"project_id": "p", "app_id": "a", "key_id": "k"},
    )
    campaign = make_campaign(contacts=3, channel=channel)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    take_lease(f"token:{channel.pk}", "another process", timezone.now(), 90)
    wire = canned()
    config = ChannelConfig(
        channel.base_url,
        {**channel.settings, **channel.secrets},
        tokens=ChannelTokens(channel.pk, "key"),
    )
    dispatch.send_due(channel.pk, gateway=SinchConversation(config, wire))
    assert wire.requests == []
    assert count_statuses(campaign) == {MessageStatus.QUEUED: 3}
    assert Message.objects.filter(reason=accesstokens.BUSY).exists()


def test_without_the_database_nothing_was_sent_and_nothing_is_in_doubt(tokens, monkeypatch):
    def breaks(*args, **kwargs):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(AccessToken.objects, "filter", breaks)
    with pytest.raises(Unreachable, match="nothing was sent"):
        tokens().read()
    with pytest.raises(Unreachable, match="nothing was sent"):
        tokens().renew("", Fetch())


def test_whoever_fetches_is_named_by_its_machine(tokens, channel):
    def fetch():
        owner, _ = lease_of(f"token:{channel.pk}")
        assert is_of_this_machine(owner)
        assert is_alive_here(owner)
        return "token", 300.0

    assert tokens().renew("", fetch) == "token"
