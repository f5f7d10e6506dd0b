"""Redis beside the portal: used while it is there, and nothing is lost without it."""

import logging
import pickle

import pytest
from django.core.cache import caches
from django.db import OperationalError, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from redis import Redis

from campaigns.models import Channel
from campaigns.services import queue, redis_server
from campaigns.services.queue import BEAT, Doorbell, queue_health, ring, ring_if_heard
from campaigns.tests.own_redis import OwnRedis

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "campaigns.services.redis_server.SparableCache"


@pytest.fixture
def redis(settings, tmp_path, monkeypatch):
    """One that runs, and the portal set up for it."""
    server = OwnRedis(tmp_path)
    settings.REDIS_URL = server.url
    settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": server.url}}
    monkeypatch.setattr(Conf, "BROKER_CLASS", "campaigns.services.queue.Doorbell")
    monkeypatch.setattr(Conf, "POLL", 0)
    monkeypatch.setattr(redis_server, "_absence", redis_server._Absence())
    monkeypatch.setattr(redis_server, "_told", redis_server.Seldom(300))
    monkeypatch.setattr(redis_server, "AWAY_SECONDS", 0)  # asked again at once
    server.start()
    yield server
    server.stop()


def waiting():
    return queue_health(timezone.now())["waiting"]


def heard():
    """Every bell that the queue takes, until it finds none; its own beat comes first."""
    bell, tasks = Doorbell(), []
    assert [SignedPackage.loads(task)["func"] for _, task in bell.dequeue()] == [BEAT]
    while found := bell.dequeue():
        for ack_id, task in found:
            tasks.append(task)
            bell.acknowledge(ack_id)
    return len(tasks)


def test_bells_hang_in_redis_and_are_counted_there(redis):
    ring("outbox.beat")
    ring("outbox.send_due", 1)
    assert not OrmQ.objects.exists()
    assert waiting() == 2
    assert heard() == 2
    assert waiting() == 0


def test_without_redis_bells_hang_in_the_table_and_are_heard(redis):
    redis.stop()
    ring("outbox.beat")
    assert OrmQ.objects.count() == 1
    assert waiting() == 1
    assert heard() == 1
    assert waiting() == 0


def test_what_was_rung_meanwhile_is_heard_when_redis_is_back(redis):
    redis.stop()
    ring("outbox.beat")
    redis.start()
    ring("outbox.sweep")
    assert waiting() == 2
    assert heard() == 2


@pytest.mark.parametrize("place", ["in Redis", "in the table"])
def test_bells_that_nobody_hears_do_not_pile_up(redis, monkeypatch, place):
    monkeypatch.setattr(queue, "MOST_UNHEARD", 3)
    if place == "in the table":
        redis.stop()
    for _ in range(5):
        ring_if_heard("outbox.beat")
    assert waiting() == 3
    ring("outbox.sweep")
    assert heard() == 4
    ring_if_heard("outbox.beat")
    assert waiting() == 1


def test_a_redis_that_forgot_everything_rings_on(redis):
    ring("outbox.beat")
    Redis.from_url(redis.url).flushall()
    assert waiting() == 0
    ring("outbox.beat")
    assert heard() == 1


def test_a_restart_is_not_noticed(redis, caplog):
    ring("outbox.beat")
    redis.stop()
    redis.start()
    ring("outbox.beat")
    assert not OrmQ.objects.exists()
    assert not caplog.records


def test_it_is_not_asked_again_for_a_while_and_said_once(redis, monkeypatch, caplog):
    monkeypatch.setattr(redis_server, "AWAY_SECONDS", 3600)
    redis.stop()
    for _ in range(3):
        ring("outbox.beat")
    redis.start()
    ring("outbox.beat")
    assert OrmQ.objects.count() == 4
    said = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(said) == 1


def test_a_bell_that_cannot_be_rung_breaks_nothing(redis, make_channel, monkeypatch, caplog):
    """Neither Redis nor the table can be written."""

    def fail(*_):
        raise OperationalError("the database went away")

    monkeypatch.setattr(queue.ORM, "enqueue", fail)
    monkeypatch.setattr(queue, "_told", queue.Seldom(300))
    redis.stop()
    with transaction.atomic():
        make_channel("Kept")
        ring("outbox.send_due", 1)
        ring("outbox.send_due", 2)
    assert Channel.objects.filter(name="Kept").exists()
    assert sum("doorbell" in record.message for record in caplog.records) == 1


# --- The cache -----------------------------------------------------------------------------------


def test_the_cache_keeps_what_it_is_given(redis):
    cache = caches["default"]
    cache.set("words", ("a", None), 60)
    cache.set("number", -3, 60)
    assert (cache.get("words"), cache.get("number")) == (("a", None), -3)
    assert cache.get_or_set("words", lambda: "b") == ("a", None)
    assert cache.delete("words")
    assert cache.get("words", "gone") == "gone"


def test_a_cache_that_is_away_only_costs_time(redis):
    cache = caches["default"]
    cache.set("a", 1)
    redis.stop()
    assert cache.get("a", "unknown") == "unknown"
    assert cache.get_or_set("b", lambda: "computed") == "computed"
    assert cache.get_many(["a", "b"]) == {}
    assert cache.add("c", 1) is False
    cache.set("a", 2)
    cache.set_many({"a": 2})
    cache.delete("a")
    cache.clear()


@pytest.mark.parametrize(
    "planted",
    [pickle.dumps("evil"), b"", b"x" * 40],
    ids=["a pickle", "nothing", "garbage"],
)
def test_only_what_this_portal_pickled_is_read(redis, planted):
    cache = caches["default"]
    cache.set("a", "ours", 60)
    client = Redis.from_url(redis.url)
    (key,) = client.keys("*a")
    client.set(key, planted)
    assert cache.get("a") is None


def test_what_another_release_pickled_is_not_known(redis, monkeypatch):
    def cannot(data):
        raise AttributeError("Can't get attribute 'Older'")

    cache = caches["default"]
    cache.set("a", "ours", 60)
    monkeypatch.setattr(redis_server.pickle, "loads", cannot)
    assert cache.get("a") is None
