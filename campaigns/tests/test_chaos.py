"""The kill test's own parts: its dice, its ledger and its verdict; who may import its twins."""

import ast
import json
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from campaigns.management.chaos import backing, fates, victims, watching
from campaigns.management.chaos.fates import fate_of
from campaigns.management.chaos.ledger import Ledger, LedgerFile, hash_of
from campaigns.management.chaos.pacing import Lateness, find_fastest
from campaigns.management.chaos.plan import STOP, draw_plan
from campaigns.management.chaos.verdict import Rows, count_posts_without_row
from campaigns.management.chaos.victims import KINDS
from campaigns.management.chaos.watching import Look
from campaigns.rules.statuses import MessageStatus as S
from campaigns.services.flights import FlightLog
from campaigns.services.journal import keep_post

ROOT = Path(__file__).resolve().parents[2]


def test_a_seed_decides_everything():
    names = [f"chaos1-{number}" for number in range(2000)]
    first = [fate_of(1, 2000, name, 1) for name in names]
    assert first == [fate_of(1, 2000, name, 1) for name in names]
    assert first != [fate_of(2, 2000, name, 1) for name in names]
    drawn = Counter(fate.name for fate in first)
    assert all(drawn[name] for name in (*fates.SHARES, fates.THROTTLED))
    assert drawn[fates.ANSWERED] > 1900

    assert draw_plan(1, 600, 6, ()) == draw_plan(1, 600, 6, ())
    assert draw_plan(1, 600, 6, ()) != draw_plan(2, 600, 6, ())


def test_servers_are_restarted_in_turn():
    plan = [blow.what for blow in draw_plan(1, 600, 16, ("postgres", "redis"))]
    assert [what for what in plan if what.startswith(("postgres", "redis"))] == [
        "postgres fast",
        "redis flush",
        "postgres immediate",
        "redis restart",
    ]
    assert len(plan) == 20


def test_clusters_may_be_asked_to_end_besides():
    plan = [blow.what for blow in draw_plan(1, 600, 6, (), stops=3)]
    assert (len(plan), plan.count(STOP)) == (9, 3)


def test_of_every_kind_five_are_killed():
    for seed in range(5):
        drawn = Counter(blow.what for blow in draw_plan(seed, 20_000, 100, ()))
        assert min(drawn[kind] for kind in KINDS) >= 5
        assert drawn.total() == 100
    assert {blow.what for blow in draw_plan(1, 600, len(KINDS), ())} == set(KINDS)


def test_a_stall_is_told_of_whom_it_followed(monkeypatch):
    now = 100.0
    monkeypatch.setattr(watching.time, "monotonic", lambda: now)
    watch = watching.Watch(1, 10, moved_at=now)
    monkeypatch.setattr(watching.Watch, "_find", lambda self: None)
    watch.note("web")
    now, watch.moved_at = 110.0, 110.0
    watch.note("main")
    now = 112.0
    watch.note("pusher")
    now = 140.0
    watch.look()
    assert watch.gaps == {"main": 30.0, "pusher": 30.0}
    assert watch.longest_stall == 30.0


@pytest.mark.parametrize(
    ("per_second", "late", "too_fast"),
    [(100, 0, False), (102, 0, False), (106, 0, True), (200, 0.1, True), (106, 0.1, False)],
)
def test_no_second_may_hold_more_than_the_rate(per_second, late, too_fast):
    """Unless the provider itself was late: then some of them had come before."""
    times = [number / per_second for number in range(3 * per_second)]
    stalls = [Lateness(number / 2, late) for number in range(8)]
    found = find_fastest(times, stalls, 100)
    assert per_second <= found.requests <= per_second + 1
    assert (found.too_fast > 0) == too_fast


def test_a_burst_after_a_stall_is_no_excuse_an_hour_later():
    burst = [10.0 + number / 1000 for number in range(150)]
    assert find_fastest(burst, [Lateness(10.0, 0.6)], 100).too_fast == 0
    assert find_fastest(burst, [Lateness(3610.0, 0.6)], 100).too_fast > 0


def test_who_has_messages_under_way_is_known_by_what_stands_in_the_journal(settings):
    log = FlightLog("host.mark:4711:aa")
    log.open()
    assert not victims._is_written(log.path)
    log.start([1])
    assert victims._is_written(log.path)
    log.close(is_settled=True)
    assert not victims._is_written(log.path)


@pytest.fixture
def ledger(tmp_path):
    """What is read of these lines."""

    def read(*lines: str) -> Ledger:
        file = LedgerFile(tmp_path / "ledger")
        for line in lines:
            file.write(*line.split())
        return Ledger().read(tmp_path / "ledger")

    return read


def rows_of(**statuses: S) -> Rows:
    return Rows({name: (number, status) for number, (name, status) in enumerate(statuses.items())})


def test_who_got_it_twice_is_counted(ledger):
    found = ledger("D a 12015550100", "D a 12015550100", "D b 12015550101")
    assert [phone for phone, count in found.phones.items() if count > 1] == ["12015550100"]


@pytest.mark.parametrize(
    ("statuses", "lost"),
    [
        ({"a": S.DELIVERED, "b": S.UNRESOLVED}, 0),
        ({"a": S.DELIVERED, "b": S.UNKNOWN}, 0),
        ({"a": S.DELIVERED, "b": S.ACCEPTED}, 1),  # and the provider has nothing of it
        ({"a": S.DELIVERED, "b": S.QUEUED}, 1),
        ({"a": S.DELIVERED, "b": S.SENDING}, 1),
        ({"a": S.DELIVERED, "b": S.SKIPPED}, 1),
        ({"a": S.DELIVERED}, 1),  # one has no row at all
    ],
)
def test_whoever_is_not_accounted_for_is_lost(ledger, statuses, lost):
    assert rows_of(**statuses).count_lost(ledger("D a 12015550100"), 2) == lost


def test_doubts_are_settled_received_or_neither(ledger):
    rows = rows_of(a=S.DELIVERED, b=S.UNKNOWN, c=S.UNRESOLVED, d=S.DELIVERED)
    found = ledger("D a 1", "D b 2", "D d 4")
    assert rows.doubts({0}, found) == (3, 1, 1)


def test_a_row_must_be_what_was_reported_most_strongly(ledger):
    found = ledger("P x 200 N102 a", "P y 200 N101 a", "P z 503 N102 b", "P v 200 N101 b")
    assert rows_of(a=S.DELIVERED, b=S.SENT).count_misjudged(found) == 0
    assert rows_of(a=S.SENT, b=S.SENT).count_misjudged(found) == 1


@pytest.mark.django_db
def test_every_200_has_its_row(ledger, make_channel):
    name = hash_of(b"{}")
    found = ledger(f"P {name} 200 N101 a", f"P {name} 200 N101 a", f"P {name} 0 N101 a")
    assert count_posts_without_row(found) == 2
    keep_post(make_channel().pk, None, {}, b"{}", timezone.now())
    assert count_posts_without_row(found) == 1


def test_what_this_machine_lacks_is_said_and_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr(backing.shutil, "which", lambda name: None)
    said = StringIO()
    call_command("chaos", broker="redis", json=True, stdout=said)
    assert json.loads(said.getvalue()) == {"skipped": "There is no redis-server on this machine."}
    assert backing.find_missing("sqlite", "orm") == ""


def test_nothing_but_its_own_command_imports_it():
    """Its twins above all: no door of the product leads to them."""
    importers = set()
    for path in [*ROOT.glob("campaigns/**/*.py"), *ROOT.glob("mmsportal/*.py")]:
        if "tests" in path.parts or path.is_relative_to(ROOT / "campaigns/management/chaos"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [getattr(node, "module", None) or ""]
            names += [alias.name for alias in getattr(node, "names", ()) if hasattr(alias, "name")]
            if any(name.startswith("campaigns.management.chaos") for name in names):
                importers.add(path.relative_to(ROOT).as_posix())
    assert importers == {"campaigns/management/commands/chaos.py"}


def test_callbacks_do_not_hide_that_nothing_is_sent():
    def look(waiting, unread, posted):
        seen = (("requests", 9), ("pending", 0), ("posted", posted))
        return Look(10, waiting, unread, seen).progress

    assert look(5, 1, 1) == look(5, 2, 2) != look(4, 2, 2)
    assert look(0, 1, 2) != look(0, 2, 2)
