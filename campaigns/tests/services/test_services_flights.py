"""The flight journal: what a process that died had begun, and what it knew."""

import errno
import mmap
import os
import signal

import pytest

from campaigns.gateways import errors
from campaigns.gateways.outcomes import Outcome
from campaigns.models import Lease
from campaigns.services import flights
from campaigns.services.flights import (
    FlightLog,
    is_kept_here,
    is_of_this_machine,
    journals,
    left_behind,
    new_owner,
)

ERRORS = (
    errors.Unreachable("No answer.", code="E351", retry_after=2.5, about_content=True),
    errors.Throttled("Too fast.", code="E113", retry_after=1),
    errors.Refused("Blocked:\nnot again.", code="E114", is_blocked=True),
    errors.Refused("The template is gone.", code="E241", is_template_gone=True),
    errors.Misconfigured("The key is revoked.", code="E104"),
    errors.OutcomeUnknown("“Nobody knows”."),
)


@pytest.fixture
def log():
    made = FlightLog(new_owner())
    made.open()
    return made


def read(log):
    with left_behind(log.path) as flights:
        return flights


def test_what_was_begun_and_what_became_of_it_is_found(log):
    log.start([1, 2])
    log.start([3])
    log.end([(1, Outcome("r1", provider_id="P1"))])
    log.close(is_settled=False)
    found = read(log)
    assert found.owner == log.path.name.removesuffix(".flights")
    assert found.started == {1, 2, 3}
    assert found.outcomes == {1: Outcome("", provider_id="P1")}
    assert journals() == []


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_an_error_is_read_as_it_was(log, number):
    error = ERRORS[number]
    log.start([7])
    log.end([(7, Outcome("r7", error=error, saved_id="M1"))])
    log.close(is_settled=False)
    outcome = read(log).outcomes[7]
    assert type(outcome.error) is type(error)
    assert str(outcome.error) == str(error)
    assert vars(outcome.error) == vars(error)
    assert (outcome.reference, outcome.saved_id) == ("r7", "M1")


def test_an_id_of_the_provider_with_a_line_break_is_kept_on_one_line(log):
    log.end([(1, Outcome("r1", provider_id="P\n1"))])
    log.close(is_settled=False)
    assert read(log).outcomes == {1: Outcome("r1", provider_id="P\n1")}


def test_the_journal_of_the_living_is_not_read(log):
    log.start([1])
    assert read(log) is None
    assert journals() == [log.path]


def test_a_settled_journal_is_gone(log):
    log.start([1])
    log.close(is_settled=True)
    assert journals() == []
    assert read(log) is None


def test_a_line_cut_in_the_middle_was_not_written(log):
    log.start([1])
    log.end([(1, Outcome("r1", provider_id="P1"))])
    written = log.path.read_bytes().rstrip(b"\0")
    log.close(is_settled=False)
    log.path.write_bytes(written[:-3] + bytes(100))
    found = read(log)
    assert found.started == {1}
    assert found.outcomes == {}


def test_what_a_killed_process_wrote_is_there():
    owner = new_owner()
    child = os.fork()
    if not child:
        killed = FlightLog(owner)
        killed.open()
        killed.start([1, 2])
        killed.end([(1, Outcome("r1", provider_id="P1"))])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    found = read(FlightLog(owner))
    assert found.started == {1, 2}
    assert found.outcomes == {1: Outcome("", provider_id="P1")}


def test_a_long_journal_grows(monkeypatch):
    monkeypatch.setattr(flights, "GROWTH", mmap.ALLOCATIONGRANULARITY)
    log = FlightLog(new_owner())
    log.open()
    long = Outcome("r", provider_id="P" * 3000)
    for row_id in range(20):
        log.start([row_id])
        log.end([(row_id, long)])
    log.close(is_settled=False)
    found = read(log)
    assert found.started == set(range(20))
    assert {outcome.provider_id for outcome in found.outcomes.values()} == {long.provider_id}
    assert len(found.outcomes) == 20


@pytest.mark.parametrize("when", ["open", "start"])
def test_a_full_disk_is_said_before_a_line_is_written(monkeypatch, when):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(flights, "GROWTH", mmap.ALLOCATIONGRANULARITY)
    log = FlightLog(new_owner())
    if when == "start":
        log.open()
        log.start([1])
    monkeypatch.setattr(os, "pwrite", fail)
    with pytest.raises(OSError, match="No space left"):
        log.start(range(10_000)) if when == "start" else log.open()
    if when == "open":
        assert list(log.path.parent.glob("*.draft")) == journals() == []
        return
    log.start([2])  # there is room for this one
    log.close(is_settled=False)
    assert read(log).started == {1, 2}


def test_a_row_that_comes_once_more_begins_anew(log):
    log.start([1, 2])
    log.end([(n, Outcome(f"r{n}", error=errors.Throttled("Too fast."))) for n in (1, 2)])
    log.claim_again([1, 3])
    log.start([1])
    log.end([(1, Outcome("r1", provider_id="P1"))])
    log.claim_again([2])
    log.close(is_settled=False)
    found = read(log)
    assert found.started == {1}
    assert found.outcomes == {1: Outcome("", provider_id="P1")}


def test_what_is_not_settled_after_an_error_stays(log):
    log.start([1])
    log.close(is_settled=False)
    with pytest.raises(ZeroDivisionError), left_behind(log.path):
        raise ZeroDivisionError
    assert journals() == [log.path]


def test_an_owner_is_known_by_its_machine_and_its_journal(log):
    assert is_of_this_machine(new_owner())
    assert not is_of_this_machine("another.host:17:abc")
    assert is_kept_here(log.path.name.removesuffix(".flights"))
    assert not is_kept_here(new_owner())


def test_two_machines_of_one_name_are_told_apart(settings, tmp_path, log):
    ours = new_owner()
    settings.FLIGHTS_DIR = tmp_path / "another machine"
    assert not is_of_this_machine(ours)
    theirs = new_owner()
    assert is_of_this_machine(theirs)
    settings.FLIGHTS_DIR = log.path.parent
    assert is_of_this_machine(ours)
    assert not is_of_this_machine(theirs)


def test_the_longest_name_of_an_owner_fits(monkeypatch):
    host = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "h" * 64, *host[2:])))
    assert len(new_owner()) <= Lease._meta.get_field("owner").max_length
