"""All workers killed in the middle of a campaign."""

import os
import signal

import pytest
from running import wait_for

pytestmark = pytest.mark.journey
PHONES = [f"1{area}55501{ending:02d}" for area in (305, 501, 503) for ending in range(60)]


def test_a_campaign_survives_its_workers_and_nobody_gets_it_twice(portal, visitor, sender):
    page = visitor.launch("Killed half way", PHONES, sender=sender)
    wait_for("it to go out", lambda: visitor.counts(page).get("Delivered", 0) > 20)
    killed = portal.processes("qcluster")
    for process in killed:
        os.kill(process, signal.SIGKILL)
    assert visitor.counts(page)["Waiting"] > 0
    wait_for("new workers", lambda: set(portal.processes("qcluster")) - set(killed))

    visitor.wait_until_done(page)
    counts = visitor.counts(page)
    assert sum(counts.values()) == len(PHONES)
    assert set(counts) <= {"Delivered", "Unresolved"}
    received = [len(visitor.phone(phone)) for phone in PHONES]
    assert max(received) == 1
    assert sum(received) == counts["Delivered"]
