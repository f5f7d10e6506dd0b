"""PostgreSQL is restarted in the middle of a campaign: nobody gets it twice, nobody is lost."""

import pytest
from engine import Machine, Provider
from running import wait_for

pytestmark = pytest.mark.journey
PEOPLE = 3000


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
