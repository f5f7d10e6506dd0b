"""The watchdog: a cluster that is gone or wedged is started anew."""

import os
from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.models import Lease
from campaigns.services import lifesigns, queue, watchdog
from campaigns.services.flights import FlightLog, new_owner
from campaigns.services.journal import keep_post
from campaigns.services.lifesigns import TASK_SECONDS
from campaigns.services.watchdog import (
    LOOK_SECONDS,
    QUIET_SECONDS,
    START_SECONDS,
    STOP_SECONDS,
    Watchdog,
)

pytestmark = pytest.mark.django_db
NOBODY = 999_999_999


class FakeCluster:
    """A process that dies when it is told to."""

    def __init__(self, name):
        self.pid = 999_999_999  # nobody's
        self.name = name
        self.returncode = None

    def poll(self):
        return self.returncode

    def wait(self, timeout=None):
        return self.returncode

    def terminate(self):
        self.returncode = 0


class Clock:
    """Steady, and moved by the test."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def dog():
    started, clock = [], Clock()

    def start(name):
        started.append(FakeCluster(name))
        return started[-1]

    dog = Watchdog(Event(), start, clock)
    dog.started = started
    return dog


def look_for(dog, seconds, after_each=lambda: None):
    for _ in range(int(seconds / LOOK_SECONDS)):
        dog.clock.seconds += LOOK_SECONDS
        after_each()
        dog.look()


def say(cluster, work="", process=None):
    """A worker says what it does."""
    name = f"worker:{cluster}:{process or os.getpid()}"
    said = {"owner": work, "until": timezone.now()}
    Lease.objects.update_or_create(name=name, defaults=said)


def test_it_starts_a_cluster(dog):
    dog.look()
    assert len(dog.started) == 1


def test_a_cluster_that_ended_is_started_anew(dog):
    dog.look()
    dog.cluster.returncode = -9
    dog.look()
    assert len(dog.started) == 2
    assert dog.started[0].name != dog.started[1].name


def test_a_cluster_that_gives_signs_is_left_alone(dog):
    dog.look()
    look_for(dog, 300, lambda: say(dog.name))
    assert len(dog.started) == 1


def test_a_cluster_that_never_gave_a_sign_is_started_anew(dog):
    dog.look()
    look_for(dog, START_SECONDS)
    assert len(dog.started) == 1
    look_for(dog, LOOK_SECONDS)
    assert len(dog.started) == 2


def test_a_cluster_that_fell_silent_is_started_anew_although_another_is_alive(dog):
    dog.look()
    look_for(dog, 30, lambda: say(dog.name))
    look_for(dog, QUIET_SECONDS, lambda: say("another"))
    assert len(dog.started) == 1
    look_for(dog, LOOK_SECONDS, lambda: say("another"))
    assert len(dog.started) == 2


def test_workers_in_long_tasks_are_not_interrupted(dog, settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 2}
    dog.look()
    for process in (os.getpid(), os.getppid()):
        say(dog.name, "media.fit", process=process)
    look_for(dog, TASK_SECONDS)
    assert len(dog.started) == 1
    look_for(dog, 3 * LOOK_SECONDS)
    assert len(dog.started) == 2


def test_a_long_task_of_one_worker_does_not_hide_that_the_others_are_deaf(dog, settings):
    """Whoever waits for work hears the bell; sending must go on within 90 seconds."""
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 2}
    dog.look()
    say(dog.name, "media.fit")
    look_for(dog, QUIET_SECONDS * 1.5)
    assert len(dog.started) == 1
    look_for(dog, 75 - QUIET_SECONDS * 1.5)
    assert len(dog.started) == 2


def test_a_machine_that_is_slow_to_start_is_given_time(dog):
    dog.look()
    starts = []
    while dog.clock.seconds < 1000 + 15 * START_SECONDS:
        look_for(dog, LOOK_SECONDS)
        if len(dog.started) > len(starts) + 1:
            starts.append(dog.clock.seconds - 1000)
    assert [round(at / START_SECONDS) for at in starts] == [1, 3, 7, 11]
    say(dog.name)
    look_for(dog, LOOK_SECONDS)
    assert dog.patience == 1


def test_a_dead_worker_is_not_in_a_long_task(dog):
    dog.look()
    say(dog.name, "media.fit", process=NOBODY)
    look_for(dog, QUIET_SECONDS + 2 * LOOK_SECONDS)
    assert len(dog.started) == 2


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_jumps_makes_nobody_deaf(dog, hours, monkeypatch):
    dog.look()
    look_for(dog, 30, lambda: say(dog.name))
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(hours=hours))
    look_for(dog, QUIET_SECONDS - LOOK_SECONDS)
    look_for(dog, LOOK_SECONDS, lambda: say(dog.name))
    look_for(dog, QUIET_SECONDS - LOOK_SECONDS)
    assert len(dog.started) == 1


def test_while_the_database_is_away_the_cluster_is_left_alone(dog, monkeypatch):
    def fail(*_):
        dog.clock.seconds += 600
        dog.stopped.set()
        raise OperationalError("the database is away")

    dog.look()
    look_for(dog, 30, lambda: say(dog.name))
    with monkeypatch.context() as patch:
        patch.setattr(lifesigns, "signs_of", fail)
        patch.setattr(watchdog, "close_old_connections", lambda: None)  # the test's stays
        patch.setattr(dog, "stop", lambda: None)
        dog.run()
    dog.look()
    assert len(dog.started) == 1


def test_it_rings_for_due_work_that_nobody_does(dog, monkeypatch):
    rung = []
    monkeypatch.setattr(watchdog, "idle_lanes", lambda now: [7])
    monkeypatch.setattr(queue, "ring", lambda *ring: rung.append(ring))
    dog.look()
    assert ("outbox.send_due", 7) in rung


def test_it_rings_for_callbacks_that_nobody_reads(dog, make_channel, monkeypatch):
    rung = []
    monkeypatch.setattr(queue, "ring", lambda *ring: rung.append(ring))
    keep_post(make_channel().pk, timezone.now(), {}, b"{}", timezone.now())
    dog.look()
    assert ("posts.read_posts",) in rung


def test_a_lane_whose_worker_died_is_free_at_the_next_look(dog):
    log = FlightLog(new_owner())
    log.open()
    queue.take_lease("lane:1", log.path.stem, timezone.now(), 30)
    log.close(is_settled=False)  # as the kernel does it for the killed
    dog.look()
    assert not Lease.objects.alive(timezone.now()).filter(name="lane:1").exists()


def test_stopping_asks_the_workers_to_finish(dog, monkeypatch):
    dog.look()
    dog.stop()
    assert dog.cluster.returncode == 0
    monkeypatch.setenv("CLUSTER_ID", dog.name)
    assert queue.is_stopping(timezone.now())
    monkeypatch.setenv("CLUSTER_ID", "another")
    assert not queue.is_stopping(timezone.now())


def test_stopping_waits_for_workers_whose_main_process_is_gone(dog, monkeypatch):
    """Somebody asked all processes at once."""
    looks = []

    def sleep(seconds):
        looks.append(dog.cluster.poll())
        if len(looks) == 3:
            say(dog.name, "")

    dog.look()
    say(dog.name, "outbox.send_due")
    monkeypatch.setattr(watchdog.time, "sleep", sleep)
    dog.stop()
    assert looks == [0, 0, 0]


def test_stopping_ends_although_the_main_process_hangs(dog, monkeypatch):
    def sleep(seconds):
        dog.clock.seconds += seconds

    dog.look()
    dog.cluster.terminate = lambda: None
    started_at = dog.clock.seconds
    monkeypatch.setattr(watchdog.time, "sleep", sleep)
    dog.stop()
    assert dog.clock.seconds - started_at < STOP_SECONDS
    say(dog.name, "imports.run_import")
    dog.stop()
    assert dog.clock.seconds - started_at > STOP_SECONDS


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
