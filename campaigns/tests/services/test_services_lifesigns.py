"""Signs of life: what a worker says of itself, and how it is asked to finish."""

import os
import signal
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.signals import post_execute_in_worker, pre_execute

from campaigns.models import Lease
from campaigns.services import lifesigns
from campaigns.services.lifesigns import is_somebody_at_work, signs_of
from campaigns.services.queue import is_stopping, queue_health

pytestmark = pytest.mark.django_db
TASK = {"id": "a task", "func": "campaigns.tasks.outbox.send_due"}


@pytest.fixture(autouse=True)
def _own_worker(monkeypatch):
    """This process is a worker of the cluster "ours"."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("CLUSTER_ID", "ours")
    yield
    signal.signal(signal.SIGTERM, before)
    lifesigns._at_work.clear()
    lifesigns._asked_to_finish.clear()


def begin():
    pre_execute.send(sender="django_q", func=None, task=TASK)


def finish():
    post_execute_in_worker.send(sender="django_q", func=None, task=TASK)


def health():
    return queue_health(timezone.now())


def test_a_worker_says_what_it_does():
    assert not health()["alive"]
    begin()
    ((name, (work, _)),) = signs_of("ours").items()
    assert (name, work) == (f"worker:ours:{os.getpid()}", "outbox.send_due")
    assert is_somebody_at_work(signs_of("ours"))
    assert (health()["alive"], health()["workers"]) == (True, 1)
    finish()
    assert not is_somebody_at_work(signs_of("ours"))
    assert (health()["alive"], health()["workers"]) == (True, 0)


def test_every_task_is_a_sign():
    begin()
    first = signs_of("ours")
    finish()
    begin()
    assert signs_of("ours") != first
    assert signs_of("our") == signs_of("another") == {}


def test_without_a_database_a_worker_goes_on(monkeypatch):
    def fail():
        raise OperationalError("the database is away")

    monkeypatch.setattr(lifesigns.clock, "now", fail)
    begin()
    finish()
    assert not signs_of("ours")


def test_a_cluster_that_was_heard_long_ago_is_not_alive():
    begin()
    finish()
    Lease.objects.update(until=timezone.now() - timedelta(minutes=2))
    assert not health()["alive"]


def test_those_who_are_gone_are_forgotten():
    begin()
    finish()
    lifesigns.forget_the_gone(timezone.now())
    assert signs_of("ours")
    lifesigns.forget_the_gone(timezone.now() + timedelta(hours=2))
    assert not signs_of("ours")


def test_asked_at_work_a_worker_finishes_first(monkeypatch):
    monkeypatch.setattr(lifesigns, "FINISH_SECONDS", 3600)
    lifesigns.listen()
    begin()
    os.kill(os.getpid(), signal.SIGTERM)
    assert is_stopping(timezone.now())
    with pytest.raises(SystemExit):
        finish()
    assert not is_somebody_at_work(signs_of("ours"))


def test_asked_while_it_waits_a_worker_ends_at_once():
    lifesigns.listen()
    with pytest.raises(SystemExit):
        os.kill(os.getpid(), signal.SIGTERM)
    assert not is_stopping(timezone.now())
