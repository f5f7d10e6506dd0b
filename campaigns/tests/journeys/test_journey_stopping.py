"""Workers that are asked to end in the middle of a campaign: nothing is lost, nothing in doubt."""

import os
import signal

import pytest
from engine import Machine, Provider
from running import wait_for

pytestmark = pytest.mark.journey
PEOPLE = 4000


@pytest.fixture
def provider():
    provider = Provider(seconds=4)
    yield provider
    provider.stop()


@pytest.fixture
def machine(tmp_path, provider, empty_database):
    machine = Machine(tmp_path / "machine")
    machine.prepare(provider, people=PEOPLE, rate=200, empty=empty_database)
    yield machine
    machine.kill()


def ask_main(machine):
    machine.main.send_signal(signal.SIGTERM)


def interrupt_main(machine):
    machine.main.send_signal(signal.SIGINT)


def ask_all(machine):
    """As systemd does with `KillMode=control-group`."""
    for process in machine.processes():
        os.kill(process, signal.SIGTERM)


@pytest.mark.parametrize("ask", [ask_main, interrupt_main, ask_all])
def test_workers_bring_home_what_is_under_way(machine, provider, ask):
    machine.start()
    wait_for("requests under way", lambda: len(provider.got) > 30, 60)
    ask(machine)
    machine.wait_for_end()
    counts = machine.counts()
    assert set(counts) == {"ACCEPTED", "QUEUED"}, machine.log.read_text()
    assert counts["ACCEPTED"] == len(provider.got) == provider.answered.total()
    assert max(provider.got.values()) == 1
    assert sum(counts.values()) == PEOPLE
