"""The checks: each is well, then worth a look, then broken, and says so in a sentence."""

from collections import namedtuple
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Campaign, Channel, Lane, Message, WebhookPost
from campaigns.rules.health import Health, grade, worst
from campaigns.rules.statuses import MessageStatus
from campaigns.services import health
from campaigns.services.queue import take_lease
from campaigns.tests.fakes import sign_of_life

S = MessageStatus
Kept = WebhookPost.Status
OK, WARN, BAD = Health
Disk = namedtuple("Disk", "total used free")


def examine(name, now=None):
    checks = health.examine(health.take_stock(now or timezone.now()))
    return next(check for check in checks if check.name == name)


def seconds(number):
    return timedelta(seconds=number)


def test_an_empty_portal_with_workers_is_well(db):
    sign_of_life(timezone.now())
    checks = health.examine(health.take_stock(timezone.now()))
    assert [check.state for check in checks] == [OK] * len(health.CHECKS)
    assert len({check.name for check in checks}) == len(health.CHECKS)


# --- Workers -------------------------------------------------------------------------------------


def test_no_worker_is_bad_and_says_what_to_do(db):
    check = examine("workers")
    assert check.state == BAD
    assert "watch_workers" in check.sentence


def test_a_lane_without_a_worker_is_worth_a_look(db):
    take_lease("lane:1", "web-1:1:a", timezone.now(), 30)
    assert examine("workers").state == WARN


def test_a_worker_is_heard_for_a_minute_and_for_a_task(db):
    now = timezone.now()
    sign_of_life(now)
    assert examine("workers", now + seconds(59)).state == OK
    assert examine("workers", now + seconds(61)).state == BAD
    sign_of_life(now, work="outbox.send_due")
    check = examine("workers", now + seconds(119))
    assert check.sentence == "1 worker is there, 1 of them busy."
    assert examine("workers", now + seconds(181)).state == BAD


# --- Sending -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "state"), [(5, OK), (60, WARN), (180, BAD)])
def test_due_messages_that_nobody_sends_alarm(launch, age, state):
    campaign = launch(contacts=2)
    since = AuditEntry.objects.filter(target_type="campaign").first().at
    now = since + seconds(age)
    check = examine("sending", now)
    assert check.state == state
    assert f"{campaign.channel.name} 2 messages are due for {age} s" in check.sentence
    take_lease(f"lane:{campaign.channel_id}", "web-1:1:a", now, 30)
    assert examine("sending", now).state == OK


def test_a_channel_that_is_paused_or_held_says_why(make_channel):
    now = timezone.now()
    held = make_channel("Held")
    Lane.objects.create(channel=held, hold_until=now + seconds(20), trouble="It does not answer.")
    make_channel("Paused", paused_at=now, paused_reason="Its key was revoked.")
    make_channel("Well")
    check = examine("lanes", now)
    assert check.state == WARN
    assert check.sentence == "Held: It does not answer. Paused: Its key was revoked."


# --- Callbacks -----------------------------------------------------------------------------------


def keep(channel, age, now, **fields):
    return WebhookPost.objects.create(
        channel=channel, body=b"{}", received_at=now - seconds(age), **fields
    )


@pytest.mark.parametrize(("age", "state"), [(5, OK), (60, WARN), (180, BAD)])
def test_unread_callbacks_alarm(make_channel, age, state):
    channel, now = make_channel(), timezone.now()
    keep(channel, age, now)
    keep(channel, 1, now)
    check = examine("callbacks", now)
    assert check.state == state
    assert f"2 callbacks are to be read, the oldest for {age} s" in check.sentence


def test_an_early_report_that_waits_for_its_message_is_not_unread(make_channel):
    channel, now = make_channel(), timezone.now()
    keep(channel, 3000, now, status=Kept.WAITING, try_after=now + seconds(60))
    assert examine("callbacks", now).state == OK
    WebhookPost.objects.update(try_after=now - seconds(2))
    assert examine("callbacks", now).state == OK


@pytest.fixture
def accepted(launch):
    """A message that was accepted half an hour ago, and no callback since."""
    campaign, now = launch(contacts=1), timezone.now()
    Message.objects.update(status=S.ACCEPTED, changed_at=now - seconds(1800))
    Lane.objects.create(channel=campaign.channel, last_sent_at=now - seconds(1800))
    return campaign


def test_silence_after_an_accepted_message_alarms(accepted):
    check = examine("reports")
    assert check.state == BAD
    assert f"No report on {accepted.channel.name} for 30 min" in check.sentence


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda now: Message.objects.update(changed_at=now - seconds(700)), WARN),
        (lambda now: Message.objects.update(changed_at=now - seconds(60)), OK),
        (lambda now: Message.objects.update(status=S.DELIVERED), OK),
        (lambda now: Channel.objects.update(last_hook_at=now - seconds(60)), OK),
        (lambda now: Channel.objects.update(last_hook_at=now - seconds(3600)), BAD),
        (lambda now: Channel.objects.update(polls=True), OK),
        (lambda now: Lane.objects.update(last_sent_at=None), OK),
    ],
)
def test_when_silence_is_none(accepted, change, state):
    now = timezone.now()
    change(now)
    assert examine("reports", now).state == state


# --- Doubt and disk ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("doubted", "people", "state"), [(1, 10, OK), (2, 500, OK), (2, 400, WARN), (2, 20, BAD)]
)
def test_a_share_in_doubt_alarms(launch, doubted, people, state):
    campaign = launch(contacts=2)
    ids = list(Message.objects.values_list("pk", flat=True)[:doubted])
    Message.objects.filter(pk__in=ids).update(status=S.UNKNOWN)
    Campaign.objects.update(recipient_count=people)
    check = examine("doubt")
    assert check.state == state
    assert (campaign.name in check.sentence) is (state != OK)


@pytest.mark.parametrize(("free", "state"), [(3e9, OK), (1e9, WARN), (1e8, BAD)])
def test_a_full_disk_alarms(db, monkeypatch, free, state):
    monkeypatch.setattr(
        health.shutil, "disk_usage", lambda path: Disk(1e12, 1e12 - free, int(free))
    )
    check = examine("disk")
    assert check.state == state
    assert f"{free / 1e9:.1f} GB" in check.sentence


def test_more_is_worse_and_the_worst_counts():
    assert [grade(value, 1, 2) for value in (0.9, 1, 1.9, 2)] == [OK, WARN, WARN, BAD]
    assert worst([OK, BAD, WARN]) == BAD
    assert worst([]) == OK
