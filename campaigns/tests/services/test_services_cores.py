"""Who sends has a core of its own, where there is one."""

import os
import threading

import pytest

from campaigns.services.cores import on_one_core

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="This machine has one core, or does not tell.",
)


def cores():
    return os.sched_getaffinity(0)


def cores_of_a_new_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(cores()))
    thread.start()
    thread.join()
    return found[0]


def test_the_thread_and_those_it_begins_stay_on_one_core():
    before = cores()
    with on_one_core():
        assert len(cores()) == 1
        assert cores() < before
        assert cores_of_a_new_thread() == cores()
    assert cores() == before == cores_of_a_new_thread()


def test_an_error_gives_the_other_cores_back():
    before = cores()
    with pytest.raises(ZeroDivisionError), on_one_core():
        raise ZeroDivisionError
    assert cores() == before


def test_two_have_different_cores_and_one_too_many_runs_anywhere():
    all_cores, taken, told = cores(), [], []

    def take_the_next():
        with on_one_core():
            if len(taken) < len(all_cores):
                taken.append(cores())
                take_in_a_thread(take_the_next)
            else:
                told.append(cores())

    def take_in_a_thread(target):
        os.sched_setaffinity(0, all_cores)  # as another process would begin
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()

    take_in_a_thread(take_the_next)
    assert set().union(*taken) == all_cores
    assert [len(each) for each in taken] == [1] * len(all_cores)
    assert told == [all_cores]


def test_where_no_lock_can_be_written_it_runs_anywhere(settings, tmp_path):
    settings.FLIGHTS_DIR = tmp_path / "a file"
    settings.FLIGHTS_DIR.write_text("")
    before = cores()
    with on_one_core():
        assert cores() == before
    assert cores() == before
