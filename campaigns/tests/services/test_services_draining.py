"""Callbacks from the disk into the table: each once, whoever dies where."""

import json
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection
from django.utils import timezone

from campaigns.models import Lease, OptOut, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services import dispatch, draining, health, journal, posts, queue, spool
from campaigns.services.hook_addresses import hash_token
from campaigns.services.outbox import count_statuses
from campaigns.services.posts import Reader
from campaigns.services.watchdog import Watchdog
from campaigns.tests.fakes import FakeGateway, sign_of_life
from campaigns.tests.gateways.test_sinch_mms_webhooks import INBOUND

S = MessageStatus
TOKEN = "t" * 43
NOW = timezone.now()


@pytest.fixture
def channel(make_channel):
    return make_channel_of(make_channel())


def make_channel_of(channel):
    channel.hook_hash = hash_token(TOKEN)
    channel.save()
    return channel


def spooled(body=b"{}", *, at=NOW, in_doubt=False):
    headers = {"Content-Type": "application/json"}
    spool.keep(spool.Spooled(hash_token(TOKEN), headers, body, at, in_doubt))


def bodies():
    return [bytes(post.body) for post in WebhookPost.objects.order_by("pk")]


def read_all():
    Reader().read_chunk(timezone.now())


def test_they_come_into_the_table_in_the_order_of_their_arrival(channel, monkeypatch):
    monkeypatch.setattr(spool, "BATCH_FILES", 3)
    for number in (3, 1, 0, 2, 4, 6, 5):
        spooled(b"%d" % number, at=NOW + timedelta(seconds=number))
    draining.drain()
    assert bodies() == [b"%d" % number for number in range(7)]
    assert not spool.is_empty()  # nobody has read them


def test_it_is_empty_when_all_of_it_was_read(channel):
    spooled()
    draining.drain()
    draining.drain()
    assert not spool.is_empty()
    read_all()
    draining.drain()
    assert spool.is_empty()
    assert not Lease.objects.filter(name__startswith=draining.PREFIX).exists()
    assert WebhookPost.objects.count() == 1


#: What is done on the way, one after the other: whoever is killed may be killed before each.
STEPS = [
    (spool, "_sync"),
    (draining, "_keep"),
    (draining, "ring"),
    (draining, "_is_unread"),
    (spool, "empty"),
    (draining, "_name"),
    (spool, "forget"),
]


class Killed(BaseException):
    """What no code of ours catches."""


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_killed_anywhere_each_is_there_once(channel, monkeypatch, module, step, turn):
    for number in range(5):
        spooled(b"%d" % number)
    calls = iter(range(1000))

    def die(*args):
        if next(calls) == turn:
            raise Killed
        return original(*args)

    original = getattr(module, step)
    with monkeypatch.context() as patch:
        patch.setattr(module, step, die)
        for _ in range(3):
            try:
                draining.drain()
                read_all()
            except Killed:
                break
    spooled(b"5")
    for _ in range(3):
        draining.drain()
        read_all()
    assert sorted(bodies()) == [b"%d" % number for number in range(6)]
    assert spool.is_empty()
    assert not Lease.objects.filter(name__startswith=draining.PREFIX).exists()


@pytest.mark.parametrize("step", ["_keep_one", "_ids_of", "_is_unread"])
def test_a_database_that_goes_away_again_costs_nothing(channel, monkeypatch, step):
    def fail(*args):
        raise OperationalError("gone")

    spooled(b"1")
    spooled(b"2")
    with monkeypatch.context() as patch:
        patch.setattr(draining, step, fail)
        with pytest.raises(OperationalError):
            draining.drain()
    draining.drain()
    assert sorted(bodies()) == [b"1", b"2"]


def test_what_the_database_took_before_it_fell_silent_is_not_stored_again(channel):
    """The commit was done and nobody heard of it."""
    assert journal.keep_callback(TOKEN, {}, b"1", NOW)
    spooled(b"1", in_doubt=True)
    spooled(b"2", in_doubt=True)
    draining.drain()
    assert bodies() == [b"1", b"2"]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_drain_at_once_one_does(channel):
    for number in range(40):
        spooled(b"%d" % number)

    def drain():
        draining.drain()
        connection.close()

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies()) == len(set(bodies())) == 40


def test_what_cannot_be_stored_stops_no_other_and_is_not_thrown_away(channel, caplog):
    spooled(b"1")
    broken = spool._folder() / f"0-x{spool.POST}"
    broken.write_bytes(b"not what was written")
    spooled(b"2")
    draining.drain()
    assert sorted(bodies()) == [b"1", b"2"]
    assert spool.measure().broken == 1
    assert "set aside" in caplog.text
    read_all()
    draining.drain()
    assert spool.is_empty()


def test_half_a_file_is_none_and_goes_in_time(channel, monkeypatch):
    spooled()
    draft = spool._folder() / f"0-x{spool.DRAFT}"
    draft.write_bytes(b"{")
    draining.drain()
    assert draft.exists()
    monkeypatch.setattr(spool, "DRAFTS_KEPT_SECONDS", -1)
    spooled()
    draining.drain()
    assert not draft.exists()


def test_the_signature_is_judged_by_the_time_of_arrival(channel, monkeypatch):
    judged = []

    class Gateway:
        def verify_post(self, headers, body, now):
            judged.append(now)
            raise ValueError("enough")

    monkeypatch.setattr(posts, "open_gateway", lambda channel: Gateway())
    arrived = NOW - timedelta(minutes=20)
    spooled(at=arrived)
    draining.drain()
    read_all()
    assert judged == [arrived]


# --- Before anything more is sent ----------------------------------------------------------------


def test_a_stop_in_the_spool_is_heard_before_the_next_claim(launch, quick):
    campaign = launch(contacts=5, rate=1000)
    make_channel_of(campaign.channel)
    gone = campaign.messages.order_by("pk").first().phone
    stop = {**INBOUND, "from": gone, "message-subject": "Stop", "content": []}
    spooled(json.dumps(stop).encode())
    gateway = FakeGateway()
    for step in (lambda: None, draining.drain, draining.drain):
        step()
        dispatch.send_due(campaign.channel_id, gateway=gateway)
        assert not gateway.sent
    read_all()
    assert OptOut.objects.filter(phone=gone).exists()
    draining.drain()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert gone not in gateway.sent
    assert count_statuses(campaign) == {S.ACCEPTED: 4, S.SKIPPED: 1}


def test_in_the_middle_of_a_slice_it_ends_the_slice(launch, quick):
    campaign = launch(contacts=50, rate=1000)
    make_channel_of(campaign.channel)
    campaign.channel.connections = 1
    campaign.channel.save()
    gateway = FakeGateway(lambda mms: spooled() if gateway.sent.total() == 3 else None)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    statuses = count_statuses(campaign)
    assert statuses[S.QUEUED] > 0
    assert statuses[S.QUEUED] + statuses[S.ACCEPTED] == 50


def test_the_watchdog_drains(channel, monkeypatch):
    """The web process may be dead."""

    class Cluster:
        pid = 0

        def poll(self):
            return None

    monkeypatch.setattr(queue, "queue_health", lambda now: {"waiting": 1000})
    watchdog = Watchdog(threading.Event(), start=lambda name: Cluster())
    spooled()
    watchdog.look()
    assert len(bodies()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_web_process_drains_until_all_was_read(channel, monkeypatch):
    monkeypatch.setattr(draining, "EVERY_SECONDS", 0.01)
    drain, tries = draining.drain, []

    def drain_at_last():
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("still away")
        drain()
        read_all()

    monkeypatch.setattr(draining, "drain", drain_at_last)
    spooled()
    draining.begin()
    draining.wake()
    thread = draining._drainer.thread
    thread.join(20)
    assert spool.is_empty()
    assert draining._drainer.thread is None
    assert len(bodies()) == 1


# --- Where it cannot be written ------------------------------------------------------------------


@pytest.fixture
def unwritable(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "file"
    settings.SPOOL_DIR.write_text("not a folder")


def test_the_web_process_does_not_start_without_a_spool(unwritable):
    with pytest.raises(ImproperlyConfigured, match="Nothing can be written"):
        draining.begin()


def test_no_command_does(unwritable):
    with pytest.raises(SystemCheckError, match=r"campaigns\.E002"):
        call_command("check")


def examine():
    sign_of_life(timezone.now())
    checks = health.examine(health.take_stock(timezone.now()))
    return next(check for check in checks if check.name == "spool")


def test_health_says_so(db, unwritable):
    assert examine().state == "bad"
    assert "Nothing can be written" in examine().sentence


def test_health_tells_what_waits(channel, settings, monkeypatch):
    assert examine().state == "ok"
    spooled()
    assert (examine().state, examine().sentence[:20]) == ("warn", "1 callback is on dis")
    (spool._folder() / f"0{spool.BROKEN}").touch()
    next(spool._folder().glob(f"*{spool.POST}")).unlink()
    assert "cannot be stored" in examine().sentence
    spooled()
    settings.SPOOL_MAX_BYTES = 10
    assert (examine().state, spool.FULL in examine().sentence) == ("bad", True)


def test_what_came_as_itself_is_not_held_up(channel):
    assert journal.keep_callback(TOKEN, {}, b"{}", NOW)
    draining.drain()
    assert spool.is_empty()
