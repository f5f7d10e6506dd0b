"""Two machines on one database, the clock and the zone of one of them wrong: nobody gets anything
twice, and no work is taken from the living (RELIABILITY F27)."""

import signal

import pytest
from engine import Machine, Provider
from running import wait_for
from test_journey_deploy import most_within

pytestmark = pytest.mark.journey
PEOPLE, RATE, WINDOW = 500, 40, 5
SETTINGS = "campaigns.tests.journeys.wrong_clock_settings"


@pytest.fixture
def provider():
    provider = Provider(seconds=0.1)
    yield provider
    provider.stop()


@pytest.mark.parametrize("hours", [2, -2])
def test_a_machine_whose_clock_is_wrong_does_no_harm(tmp_path, postgres, provider, hours):
    right = Machine(tmp_path / "right", DATABASE_URL=postgres.url)
    off = {"DJANGO_SETTINGS_MODULE": SETTINGS, "CLOCK_WRONG_BY": str(hours * 3600)}
    off |= {"TZ": "Asia/Tokyo", "DATABASE_URL": postgres.url}
    other = Machine(tmp_path / "wrong", **off)
    right.prepare(provider, people=PEOPLE, rate=RATE)
    try:
        right.start()
        other.start()
        wait_for("some to be sent", lambda: len(provider.got) > PEOPLE * 0.3, 120)
        right.main.send_signal(signal.SIGTERM)
        right.wait_for_end()
        assert len(provider.got) < PEOPLE
        wait_for("the other to send the rest", lambda: len(provider.got) == PEOPLE, 120)
        wait_for("all to be settled", lambda: set(right.counts()) == {"ACCEPTED"}, 60)
    finally:
        right.kill()
        other.kill()
    assert max(provider.got.values()) == 1
    assert right.counts() == {"ACCEPTED": PEOPLE}
    assert most_within(WINDOW, provider.times) < RATE * WINDOW * 1.25
