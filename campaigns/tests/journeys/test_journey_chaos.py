"""The kill test in short, and its verdict on bad twins of the product: on each it must fail."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from running import KEPT, wait_for

from campaigns.management.chaos.backing import find_missing
from campaigns.management.chaos.family import marked
from campaigns.management.commands.demo import MANAGE

pytestmark = pytest.mark.journey


@pytest.fixture
def chaos(tmp_path):
    """Runs it in a folder where nothing may be left: its exit code, and what it found."""

    def chaos(messages: int, kills: int, *words: str) -> tuple[int, dict]:
        done = subprocess.run(
            command(messages, kills, *words), env=environment(tmp_path), stdout=subprocess.PIPE
        )
        return done.returncode, json.loads(done.stdout)

    yield chaos
    assert list(tmp_path.iterdir()) == []


def command(messages: int, kills: int, *words: str) -> list[str]:
    asked = ("--messages", str(messages), "--kills", str(kills), "--json", *words)
    return [sys.executable, MANAGE, "chaos", *asked]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"TMPDIR": str(folder)}


def test_nobody_gets_it_twice_and_nobody_is_lost(chaos):
    code, found = chaos(600, 6)
    assert (found["doubled"], found["lost"], found["posts_without_row"]) == (0, 0, 0)
    assert found["problems"] == []
    assert found["kills"] == 6
    assert found["deliveries"] == found["messages"] - found["not_received"]
    assert code == 0


def test_whoever_is_asked_to_end_leaves_nothing_in_doubt(chaos):
    """As for a new version, in the middle of campaigns: what is in doubt, the provider made so."""
    code, found = chaos(600, 0, "--stops", "6")
    assert found["stops"] == 6
    assert found["unknown"] <= found["ambiguous"]
    assert found["posts_refused"] == 0  # eight workers and the web write to one file of SQLite
    assert (found["problems"], code) == ([], 0)


def test_the_same_on_postgresql_and_redis_while_they_are_restarted(chaos):
    if missing := find_missing("postgres", "redis"):
        pytest.skip(missing)
    code, found = chaos(600, 6, "--database", "postgres", "--broker", "redis")
    assert found["problems"] == []
    assert (found["kills"], found["restarts"]) == (6, 2)
    assert code == 0


def test_who_tries_everything_again_is_caught(chaos):
    code, found = chaos(400, 2, "--twin", "naive")
    assert found["doubled"] > 0
    assert code == 1


def test_who_believes_the_last_report_is_caught(chaos):
    code, found = chaos(200, 1, "--twin", "last-write-wins")
    assert found["misjudged"] > 0
    assert (found["doubled"], found["lost"], code) == (0, 0, 1)


def test_who_keeps_the_pace_alone_is_caught(chaos):
    """Two clusters, and each thinks that the provider is all its own."""
    code, found = chaos(400, 0, "--twin", "own-pace")
    assert found["fastest_second"] > 1.5 * found["rate"]
    assert found["seconds_too_fast"] > 0
    assert (found["doubled"], found["lost"], code) == (0, 0, 1)


def test_a_queue_that_nobody_watches_is_caught(chaos):
    code, found = chaos(600, 6, "--twin", "qcluster", "--longest-stall", "45")
    assert found["longest_stall"] > 45
    assert found["lost"] > 0
    assert code == 1


def test_asked_to_end_it_leaves_nothing(tmp_path):
    run = subprocess.Popen(command(600, 6), env=environment(tmp_path), stdout=subprocess.DEVNULL)
    folder = wait_for("a folder", lambda: next(tmp_path.glob("magpie-chaos-*"), None))
    wait_for("processes", lambda: len(marked(folder)) > 5, 120)
    run.send_signal(signal.SIGINT)
    assert run.wait() == 130
    assert marked(folder) == []
    assert list(tmp_path.iterdir()) == []
