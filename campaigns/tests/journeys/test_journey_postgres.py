"""PostgreSQL is restarted, locked or drops everybody in the middle of a campaign: nobody gets it
twice, nobody is lost."""

import time

import psycopg
import pytest
from engine import Machine, Provider
from running import wait_for

pytestmark = pytest.mark.journey
PEOPLE = 3000
LOCKED_SECONDS = 6


@pytest.fixture
def provider():
    provider = Provider(seconds=0.3)
    yield provider
    provider.stop()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_workers_go_on_after_a_restart(tmp_path, postgres, provider, mode):
    machine = Machine(tmp_path / "machine", DATABASE_URL=postgres.url)
    machine.prepare(provider, people=PEOPLE, rate=150)
    machine.start()
    try:
        for share in (0.1, 0.4):
            wait_for("some to be sent", lambda s=share: len(provider.got) > PEOPLE * s, 120)
            postgres.restart(mode)
        wait_for("all to be sent", lambda: len(provider.got) == PEOPLE, 180)
        wait_for("all to be settled", lambda: set(machine.counts()) == {"ACCEPTED"}, 60)
    finally:
        machine.kill()
    assert max(provider.got.values()) == 1
    assert machine.counts() == {"ACCEPTED": PEOPLE}, machine.log.read_text()


def test_workers_wait_for_a_lock_and_connect_again(tmp_path, postgres, provider):
    """Somebody locks the outbox for longer than anybody looks; then all connections are cut."""
    machine = Machine(tmp_path / "machine", DATABASE_URL=postgres.url)
    machine.prepare(provider, people=PEOPLE // 2, rate=150)
    machine.start()
    try:
        wait_for("some to be sent", lambda: len(provider.got) > PEOPLE * 0.1, 120)
        with psycopg.connect(postgres.url) as connection:
            connection.execute("LOCK TABLE campaigns_message IN ACCESS EXCLUSIVE MODE")
            time.sleep(LOCKED_SECONDS)
        wait_for("more to be sent", lambda: len(provider.got) > PEOPLE * 0.2, 120)
        for _ in range(3):
            cut_all(postgres)
            time.sleep(0.5)
        wait_for("all to be sent", lambda: len(provider.got) == PEOPLE // 2, 180)
        wait_for("all to be settled", lambda: set(machine.counts()) == {"ACCEPTED"}, 60)
    finally:
        machine.kill()
    assert max(provider.got.values()) == 1


def cut_all(postgres):
    others = "pid <> pg_backend_pid() AND datname IS NOT NULL"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
