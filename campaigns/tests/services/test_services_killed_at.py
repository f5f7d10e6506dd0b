"""A worker killed at every point of sending, as a real process (RELIABILITY F01, F03, F04)."""

import faulthandler
import os
import signal
from collections import Counter
from random import Random

import pytest
from django.db import connections
from django.utils import timezone

from campaigns.gateways.outcomes import Outcome
from campaigns.management.chaos.twins import naive
from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import dispatch, intake, recovering, slices
from campaigns.services.flights import FlightLog
from campaigns.services.outbox import count_statuses

S = MessageStatus
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]
#: The goal sheet's number is 50: `KILLS_AT_EACH_POINT=50 pytest …`.
KILLS = int(os.environ.get("KILLS_AT_EACH_POINT", "6"))
PEOPLE, CONNECTIONS = KILLS * 20, 2
BEFORE, AFTER = "before", "after"
#: Where a worker is killed: before or after which step of which part.
POINTS = {
    "claimed and not begun": (slices, "jobs_of", BEFORE),
    "before the journal": (FlightLog, "start", BEFORE),
    "in the journal and not sent": (FlightLog, "start", AFTER),
    "sent and not noted": (FlightLog, "end", BEFORE),
    "noted and not settled": (FlightLog, "end", AFTER),
    "settled and not committed": (slices, "settle", AFTER),
    "committed": (slices.LaneRun, "_act_on", BEFORE),
}


class Phones:
    """A gateway that writes down whom it reached, where a kill takes nothing away."""

    def __init__(self, path, before=lambda mms: None):
        self.path = path
        self.before = before

    def send(self, batch):
        return [self._send(mms) for mms in batch]

    def _send(self, mms):
        self.before(mms)
        with self.path.open("a") as file:
            file.write(f"{mms.to}\n")
        return Outcome(mms.reference, provider_id=f"id-{mms.reference}")

    @property
    def reached(self):
        return Counter(self.path.read_text().split()) if self.path.exists() else Counter()


def live(campaign, gateway, prepare=lambda: None):
    """One life of a worker; the signal that ended it, 0 for none."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            faulthandler.disable()  # its death is no news
            prepare()
            dispatch.send_due(campaign.channel_id, gateway=gateway)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def die_at(point, turn):
    """From now on this process is killed at the `turn`-th time that it comes there."""
    owner, name, when = POINTS[point]
    original, turns = getattr(owner, name), iter(range(turn))

    def step(*args, **options):
        is_last = next(turns, None) is None
        if when == BEFORE and is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **options)
        if when == AFTER and is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, step)


def kill_and_finish(campaign, gateway, point):
    """How many were killed before the rest was sent in peace."""
    chance, kills = Random(point), 0
    for _ in range(KILLS):
        turn = chance.randrange(3)
        kills += live(campaign, gateway, lambda t=turn: die_at(point, t)) == signal.SIGKILL
    while Message.objects.filter(status__in=(S.QUEUED, S.SENDING)).exists():
        recovering.recover_flights(timezone.now())
        live(campaign, gateway)
    return kills


@pytest.fixture
def campaign(launch, monkeypatch):
    """Of which a worker takes a few at a time, so that many can be killed in it."""
    monkeypatch.setattr(intake, "MOST_CLAIMED", 8)
    made = launch(contacts=PEOPLE)
    made.channel.connections = CONNECTIONS
    made.channel.save()
    return made


@pytest.mark.parametrize("point", POINTS)
def test_nobody_gets_it_twice_and_nobody_is_lost(campaign, tmp_path, point):
    gateway = Phones(tmp_path / "phones")
    kills = kill_and_finish(campaign, gateway, point)
    rows = {row.phone: row.status for row in Message.objects.all()}
    assert kills >= KILLS * 0.6
    assert max(gateway.reached.values()) == 1
    assert set(rows.values()) <= {S.ACCEPTED, S.UNKNOWN}
    assert {phone for phone, status in rows.items() if status == S.ACCEPTED} <= set(gateway.reached)
    doubted = count_statuses(campaign).get(S.UNKNOWN, 0)
    assert doubted <= kills * CONNECTIONS
    if point in ("claimed and not begun", "committed"):
        assert doubted <= kills  # whoever else had one under way at that instant


def test_who_tries_again_what_nobody_answered_is_caught(campaign, tmp_path, monkeypatch):
    """The bad twin."""
    monkeypatch.setattr(recovering, "_result", naive.try_unanswered_again)
    gateway = Phones(tmp_path / "phones")
    kill_and_finish(campaign, gateway, "sent and not noted")
    assert max(gateway.reached.values()) > 1


def test_a_message_that_always_crashes_its_worker_crashes_one(campaign, tmp_path):
    poison = Message.objects.order_by("pk")[30]

    def crash(mms):
        if mms.to == poison.phone:
            os.abort()

    gateway = Phones(tmp_path / "phones", crash)
    ends = [live(campaign, gateway) for _ in range(4)]
    assert ends.count(signal.SIGABRT) == 1
    recovering.recover_flights(timezone.now())
    poison.refresh_from_db()
    assert poison.status == S.UNKNOWN
    assert count_statuses(campaign)[S.ACCEPTED] >= PEOPLE - CONNECTIONS
    assert max(gateway.reached.values()) == 1


def test_a_worker_without_memory_leaves_doubt_and_the_others_go_out(campaign, tmp_path):
    heavy = Message.objects.order_by("pk")[30]

    def take_too_much(mms):
        if mms.to == heavy.phone:
            bytearray(1 << 46)

    gateway = Phones(tmp_path / "phones", take_too_much)
    for _ in range(3):
        live(campaign, gateway)
    heavy.refresh_from_db()
    assert heavy.status == S.UNKNOWN
    assert count_statuses(campaign) == {S.ACCEPTED: PEOPLE - 1, S.UNKNOWN: 1}
    assert max(gateway.reached.values()) == 1
