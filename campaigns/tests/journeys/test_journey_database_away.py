"""PostgreSQL is away while callbacks come: each that was answered with 200 is there once."""

import json
import time

import pytest
from engine import Machine
from posting import Poster
from running import wait_for
from web import BODIES, Web

pytestmark = pytest.mark.journey
RATE, AWAY_SECONDS, DRAINED_SECONDS = 50, 5, 60
#: Who says so while the database is away.
GONE, STOP = "12065550111", 200
OPTED_OUT = """
from campaigns.models import OptOut
print(*OptOut.objects.values_list("phone", flat=True))
"""


@pytest.fixture
def web(tmp_path, postgres):
    machine = Machine(tmp_path / "machine", DATABASE_URL=postgres.url)
    machine.manage("migrate", "-v0")
    web = Web(machine)
    web.make_hook()
    web.start()
    machine.start()
    yield web
    web.kill()
    machine.kill()


def body(number):
    """Reports that name nobody, and among them a STOP."""
    said = {"origin": "MMS_MT", "code": "N102", "tracking-id": f"t-{number}", "to": "12065550199"}
    if number == STOP:
        said |= {"origin": "MMS_MO", "code": "N401", "from": GONE, "message-subject": "STOP"}
    return json.dumps(said).encode()


def test_what_came_meanwhile_is_in_the_table_once(web, postgres):
    spool = web.machine.folder / "spool"
    with Poster(web.hook, RATE, body) as poster:
        wait_for("callbacks to be kept", lambda: len(poster.answered_200) > RATE, 60)
        postgres.crash()
        time.sleep(AWAY_SECONDS)
        waiting = len(list(spool.glob("*.post")))
        postgres.start()
        back_at = time.monotonic()
        time.sleep(1)
    wait_for("the spool to be empty", lambda: is_empty(spool), DRAINED_SECONDS)
    drained_after = time.monotonic() - back_at
    rows = json.loads(web.machine.manage("shell", "-v0", "-c", BODIES))
    assert waiting > RATE * AWAY_SECONDS / 2
    assert {status for status, _ in poster.answers.values()} == {200}
    assert rows == {each.decode(): 1 for each in poster.answered_200}
    assert poster.slowest < 10
    assert drained_after <= DRAINED_SECONDS
    assert GONE in web.machine.manage("shell", "-v0", "-c", OPTED_OUT)


def is_empty(spool):
    return not any(path.suffix in (".post", ".batch") for path in spool.iterdir())
