"""A web process without a file descriptor left: it refuses, and goes on afterwards (RELIABILITY
F32)."""

import json
import resource
import socket
from contextlib import ExitStack

import pytest
from engine import Machine
from posting import Poster
from running import wait_for
from web import BODIES, Web

pytestmark = pytest.mark.journey
FILES, IDLE = 64, 300


@pytest.fixture
def web(tmp_path, empty_database):
    machine = Machine(tmp_path / "machine", LOG_LEVEL="CRITICAL")
    machine.take(empty_database)
    web = Web(machine)
    web.make_hook()
    web.start()
    yield web
    web.kill()
    machine.kill()


def body(number):
    return json.dumps({"code": "N101", "tracking-id": f"t-{number}"}).encode()


def test_it_goes_on_when_there_are_descriptors_again(web):
    with Poster(web.hook, 20, body) as poster:
        wait_for("answers", lambda: len(poster.answered_200) > 20, 60)
        workers = set(web.workers())
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (FILES, FILES))
        with ExitStack() as held:
            for _ in range(IDLE):
                held.enter_context(socket.create_connection(("127.0.0.1", web.port), 5))
            wait_for("trouble", lambda: any(s != 200 for s, _ in poster.answers.values()), 60)
        before = len(poster.answered_200)
        wait_for("answers again", lambda: len(poster.answered_200) > before + 40, 60)
    assert web.main.poll() is None
    rows = json.loads(web.machine.manage("shell", "-v0", "-c", BODIES))
    assert {each.decode() for each in poster.answered_200} <= set(rows)
