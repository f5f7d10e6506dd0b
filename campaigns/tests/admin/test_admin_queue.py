"""The queue in words: workers, lanes, who works on what, and nothing to press."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Lane, Lease
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.queue import take_lease
from campaigns.services.sweep import sweep
from campaigns.services.sweep_notes import note_sweep
from campaigns.tests.admin.test_admin_permissions import ROLES
from campaigns.tests.fakes import sign_of_life


@pytest.fixture
def look(administrator, sign_in):
    """The page as text, each run of spaces as one."""
    client = sign_in(administrator)

    def look(name="queue"):
        html = client.get(reverse(f"admin:{name}")).content.decode()
        main = html.split('id="live"')[-1]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())

    return look


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", ["queue", "queue_live"])
def test_it_is_shown_to_administrators_only(role, page, people, sign_in):
    answer = sign_in(people[role]).get(reverse(f"admin:{page}"))
    assert answer.status_code == (200 if role == "administrator" else 403)


def test_without_workers_it_says_what_to_do(look):
    text = look()
    assert "Something stands still and needs somebody." in text
    assert "Start “manage.py watch_workers” on the server." in text
    assert "There is no channel yet." in text
    assert "Nobody is at work at this moment." in text


def test_with_workers_all_is_well(look, make_channel):
    make_channel("Idle one")
    make_channel("Idle two")
    sign_of_life(timezone.now())
    sign_of_life(timezone.now(), process=8, work="outbox.sweep")
    text = look()
    assert "All is well." in text
    assert "2 workers are there, 1 of them busy." in text
    assert "Nothing is due on any channel. Nothing to do: Idle one , Idle two" in text


def test_each_lane_says_what_it_does(look, make_channel):
    now = timezone.now()
    paused = make_channel("P", paused_at=now, paused_reason="Its key was revoked.")
    held, busy, slow = (make_channel(name, requests_per_second=10) for name in "HBS")
    until = now + timedelta(seconds=25)
    Lane.objects.create(channel=held, hold_until=until, trouble="It does not answer.")
    Lane.objects.create(channel=busy, sent_per_second=7.52, last_sent_at=now)
    Lane.objects.create(channel=slow, sent_per_second=2, factor=0.25, last_sent_at=now)
    take_lease(f"lane:{busy.pk}", "web-1:4711:a", now, 30)
    take_lease(f"lane:{slow.pk}", "web-2:4712:b", now, 30)
    text = look("queue_live")
    assert f"{paused} Paused Its key was revoked." in text
    assert f"H Held It does not answer. It is tried again {until:%H:%M:%S} UTC." in text
    assert "B Sending 7.5 a second, of 10" in text
    assert "S Slowed down 2 a second, of 10; slowed down to 2.5 for now" in text
    assert "Sends on B web-1 , process 4711 , until" in text
    assert text.index("Its key was revoked.") < text.index("It does not answer. It is tried")


def test_due_messages_that_nobody_sends_are_told(look, make_campaign, marketer, monkeypatch):
    campaign = make_campaign(contacts=3)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    assert f"{campaign.channel} Due 3 due" in look("queue_live")
    later = timezone.now() + timedelta(minutes=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    text = look("queue_live")
    assert f"{campaign.channel} Nobody sends 3 due" in text
    assert "through about" in text


def test_a_lease_of_nobody_we_know_is_still_shown(look):
    now = timezone.now()
    Lease.objects.create(name="lane:999", owner="m:1:a", until=now + timedelta(seconds=20))
    Lease.objects.create(name="something:new", owner="me", until=now + timedelta(seconds=20))
    text = look()
    assert "Sends on no. 999 m , process 1 ," in text
    assert "something:new" in text


def test_fifty_lanes_cost_no_more_questions_than_one(administrator, sign_in, make_channel):
    client = sign_in(administrator)

    def count():
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("admin:queue_live"))
        return len(asked)

    channels = [make_channel(f"Channel {number}") for number in range(50)]
    for channel in channels[:1]:
        take_lease(f"lane:{channel.pk}", "web-1:1:a", timezone.now(), 30)
    one = count()
    for channel in channels[1:]:
        take_lease(f"lane:{channel.pk}", "web-1:1:a", timezone.now(), 30)
    assert count() <= one


def test_the_last_sweep_is_told(look):
    assert "it has not run yet" in look()
    now = timezone.now()
    sweep(now)
    assert "everything was in order" in look()
    note_sweep({"gave up": 0, "skipped": 1200, "rang": 1}, now)
    assert "skipped 1,200 · rang 1." in look()
