"""The watchdog: a cluster that is gone or wedged is started anew."""

from datetime import timedelta
from threading import Event

import pytest
from django.utils import timezone

from campaigns.models import Lease
from campaigns.services import queue, watchdog
from campaigns.services.watchdog import GRACE_LOOKS, Watchdog

pytestmark = pytest.mark.django_db


class FakeCluster:
    """A process that dies when it is told to."""

    def __init__(self):
        self.pid = 999_999_999  # nobody's
        self.returncode = None

    def poll(self):
        return self.returncode

    def wait(self, timeout=None):
        return self.returncode

    def terminate(self):
        self.returncode = 0


@pytest.fixture
def dog(monkeypatch):
    monkeypatch.setenv("CLUSTER_ID", "test-cluster")
    started = []

    def start():
        started.append(FakeCluster())
        return started[-1]

    dog = Watchdog(Event(), start)
    dog.started = started
    return dog


def test_it_starts_a_cluster(dog):
    dog.look()
    assert len(dog.started) == 1


def test_a_cluster_that_ended_is_started_anew(dog):
    dog.look()
    dog.cluster.returncode = -9
    dog.look()
    assert len(dog.started) == 2


def test_a_cluster_that_hears_is_left_alone(dog):
    for _ in range(GRACE_LOOKS + 5):
        queue.beat(timezone.now())
        dog.look()
    assert len(dog.started) == 1


def test_a_wedged_cluster_is_started_anew(dog):
    for _ in range(GRACE_LOOKS + 1):
        dog.look()
    assert len(dog.started) == 1
    dog.look()
    assert len(dog.started) == 2


def test_a_lane_at_work_counts_as_alive(dog):
    Lease.objects.create(name="lane:1", owner="x", until=timezone.now() + timedelta(seconds=90))
    for _ in range(GRACE_LOOKS + 5):
        dog.look()
    assert len(dog.started) == 1


def test_it_rings_for_due_work_that_nobody_does(dog, monkeypatch):
    rung = []
    monkeypatch.setattr(watchdog, "idle_lanes", lambda now: [7])
    monkeypatch.setattr(queue, "ring", lambda *ring: rung.append(ring))
    dog.look()
    assert ("outbox.send_due", 7) in rung


def test_stopping_asks_the_workers_to_finish(dog):
    dog.look()
    dog.stop()
    assert queue.is_stopping(timezone.now())
    assert dog.cluster.returncode == 0


def test_stopping_one_cluster_leaves_the_others(dog, monkeypatch):
    dog.look()
    dog.stop()
    monkeypatch.setenv("CLUSTER_ID", "another")
    assert not queue.is_stopping(timezone.now())


def test_a_lease_is_held_by_one(db):
    now = timezone.now()
    assert queue.take_lease("work", "a", now, 10)
    assert not queue.take_lease("work", "b", now, 10)
    assert queue.take_lease("work", "a", now, 10)
    assert queue.take_lease("work", "b", now + timedelta(seconds=11), 10)


def test_a_lease_that_went_to_another_is_not_released(db):
    now = timezone.now()
    queue.take_lease("work", "b", now, 10)
    queue.release_lease("work", "a")
    assert Lease.objects.get(name="work").owner == "b"
