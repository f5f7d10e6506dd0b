"""Who has a piece of work, by name of machine and process; the dead are missed at once."""

import pytest
from django.utils import timezone

from campaigns.models import Lease
from campaigns.services import filling, polling, reconciling, resending
from campaigns.services.flights import (
    FlightLog,
    is_alive_here,
    is_of_this_machine,
    journals,
    new_owner,
)
from campaigns.services.queue import held, lease_of, take_lease
from campaigns.services.recovering import recover_flights

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_whoever_has_it_is_known_to_be_alive():
    with held("work", NOW, 60) as is_ours:
        owner, _ = lease_of("work")
        assert is_ours
        assert is_of_this_machine(owner)
        assert is_alive_here(owner)
        recover_flights(NOW)
        assert lease_of("work")[0] == owner
    assert lease_of("work") == ("", None)
    assert journals() == []


def test_nobody_else_has_it_meanwhile():
    with held("work", NOW, 60), held("work", NOW, 60) as is_ours:
        assert not is_ours
        assert len(journals()) == 1


def test_what_breaks_gives_it_back():
    with pytest.raises(OSError, match="broken"), held("work", NOW, 60):
        raise OSError("broken")
    assert lease_of("work") == ("", None)
    assert journals() == []


def test_the_work_of_a_dead_process_is_free_before_its_lease_ends():
    owner = new_owner()
    take_lease("work", owner, NOW, 60)
    log = FlightLog(owner)
    log.open()
    log.close(is_settled=False)  # as the kernel does for it
    recover_flights(NOW)
    with held("work", NOW, 60) as is_ours:
        assert is_ours


@pytest.mark.parametrize(
    ("work", "inside", "name"),
    [
        (polling.poll_channel, "_poll", "poll"),
        (reconciling.reconcile_channel, "_reconcile", "reconcile"),
        (filling.fill_outbox, "_fill_for_a_while", "fill"),
        (resending.queue_again, "_queue_for_a_while", "again"),
    ],
)
def test_work_tells_its_machine(make_channel, monkeypatch, work, inside, name):
    number, seen = make_channel().pk, []

    def look(*args):
        seen.append(Lease.objects.get(name=f"{name}:{number}").owner)

    monkeypatch.setattr(f"{work.__module__}.{inside}", look)
    monkeypatch.setattr(f"{work.__module__}.ring", lambda *bell: None)
    work(number, timezone.now())
    assert [is_of_this_machine(owner) for owner in seen] == [True]
