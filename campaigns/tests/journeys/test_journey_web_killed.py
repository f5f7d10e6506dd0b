"""Web processes killed under a hundred callbacks a second: every 200 has its row."""

import json
import os
import random
import signal

import pytest
from engine import Machine
from posting import Poster
from running import wait_for
from web import BODIES, Web

from campaigns.management.chaos.twins import SETTINGS

pytestmark = pytest.mark.journey
RATE = 100
#: The goal sheet's number is 200: `WEB_KILLS=200 pytest …`.
KILLS = int(os.environ.get("WEB_KILLS", "10"))
#: Answered in between, so that each kill finds something under way.
BETWEEN = 20


@pytest.fixture
def make_web(tmp_path, empty_database):
    made = []

    def make(settings="mmsportal.settings"):
        machine = Machine(tmp_path / "machine", LOG_LEVEL="ERROR")
        machine.take(empty_database)
        made.append(Web(machine, settings))
        made[-1].make_hook()
        made[-1].start()
        return made[-1]

    yield make
    for web in made:
        web.kill()
        web.machine.kill()


def body(number):
    return json.dumps({"code": "N101", "tracking-id": f"t-{number}"}).encode()


def count_lost(web, kills):
    """How many were answered with 200 and have no row; of how many."""
    chance = random.Random(1)
    with Poster(web.hook, RATE, body) as poster:
        for _ in range(kills):
            before = len(poster.answered_200)
            wait_for("answers", lambda b=before: len(poster.answered_200) >= b + BETWEEN, 60)
            if chance.random() < 0.2:
                web.kill()
                web.start()
            elif workers := web.workers():
                os.kill(chance.choice(workers), signal.SIGKILL)
    web.kill()
    rows = json.loads(web.machine.manage("shell", "-v0", "-c", BODIES))
    assert set(rows.values()) == {1}
    return len({each.decode() for each in poster.answered_200} - set(rows)), len(rows)


def test_every_200_has_its_row(make_web):
    lost, kept = count_lost(make_web(), KILLS)
    assert lost == 0
    assert kept >= KILLS * BETWEEN


def test_who_answers_before_it_is_kept_is_caught(make_web):
    """The bad twin."""
    lost, _ = count_lost(make_web(SETTINGS["answers-first"]), 4)
    assert lost > 0
