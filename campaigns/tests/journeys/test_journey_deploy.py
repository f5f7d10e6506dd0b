"""A new release takes over in the middle of a campaign, beside the old one and on another machine.

The old one is the commit before this one, if its tables are the same. `OLD_CODE=<folder>` takes any
other release.
"""

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from engine import ROOT, Machine, Provider
from running import wait_for

pytestmark = pytest.mark.journey
PEOPLE, RATE, WORKERS = 1200, 40, 2
#: What arrives in so many seconds is counted: a busy machine bunches what went out evenly.
WINDOW = 5


@pytest.fixture
def provider():
    provider = Provider(seconds=0.1)
    yield provider
    provider.stop()


@pytest.fixture
def old_code(tmp_path):
    if named := os.environ.get("OLD_CODE"):
        return Path(named)
    if git("diff", "--quiet", "HEAD~1", "HEAD", "--", "campaigns/migrations").returncode:
        pytest.skip("There is no commit before this one, or its tables are others.")
    folder = tmp_path / "old"
    folder.mkdir()
    archive = git("archive", "HEAD~1").stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)


def test_a_release_takes_over_in_the_middle_of_a_campaign(tmp_path, old_code, postgres, provider):
    old = Machine(tmp_path / "old-machine", code=old_code, DATABASE_URL=postgres.url)
    new = Machine(tmp_path / "new-machine", DATABASE_URL=postgres.url)
    old.prepare(provider, people=PEOPLE, rate=RATE)
    try:
        old.start()
        wait_for("the old one to send", lambda: len(provider.got) > PEOPLE * 0.1, 120)
        new.start()
        wait_for("both to send", lambda: len(provider.got) > PEOPLE * 0.6, 120)
        assert connections(postgres) <= 2 * (WORKERS + 3)
        old.main.send_signal(signal.SIGTERM)
        old.wait_for_end()
        assert len(provider.got) < PEOPLE
        wait_for("the new one to send the rest", lambda: len(provider.got) == PEOPLE, 120)
        wait_for("all to be settled", lambda: set(new.counts()) == {"ACCEPTED"}, 60)
    finally:
        old.kill()
        new.kill()
    assert max(provider.got.values()) == 1
    assert new.counts() == {"ACCEPTED": PEOPLE}
    assert most_within(WINDOW, provider.times) < RATE * WINDOW * 1.25


def connections(postgres):
    ours = "datname IS NOT NULL AND pid <> pg_backend_pid()"
    with psycopg.connect(postgres.url) as connection:
        (count,) = connection.execute(
            f"SELECT count(*) FROM pg_stat_activity WHERE {ours}"
        ).fetchone()
    return count


def most_within(seconds, times):
    """The most that came in any window of this length."""
    times = sorted(times)
    most = first = 0
    for last, moment in enumerate(times):
        while moment - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
