"""A service plan is opened by a command, and the thread empties its queue."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from campaigns.sandbox.models import SmsBatch, SmsPlan
from campaigns.sandbox.sms import dispatch

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def open_plan(token):
    options = ["--plan=p", f"--token={token}", "--sender=28444", "--sender=12015550100"]
    options += ["--callback-url=http://127.0.0.1:9/", "--callback-secret=shared"]
    call_command("sandbox_sms_plan", *options, stdout=StringIO())


def test_the_command_opens_a_plan_and_then_changes_it():
    open_plan("old")
    SmsPlan.objects.update(loses_an_item=True)
    open_plan("new")
    plan = SmsPlan.objects.get()
    assert (plan.token, plan.callback_secret, plan.rate) == ("new", "shared", 500)
    assert plan.senders == ["28444", "12015550100"]
    assert plan.loses_an_item
    assert not plan.repeats_references


def test_the_command_sets_up_that_replies_repeat_references():
    call_command(
        "sandbox_sms_plan", "--plan=p", "--token=t", "--sender=28444", "--repeat-references",
        stdout=StringIO(),
    )  # fmt: skip
    assert SmsPlan.objects.get().repeats_references


@pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
def test_the_thread_takes_out_what_is_put_in(sms_call, text_batch, monkeypatch):
    stopped, sent = threading.Event(), threading.Event()
    send_batch = dispatch.send_batch

    def send_and_tell(batch, now):
        send_batch(batch, now)
        sent.set()

    monkeypatch.setattr(dispatch, "send_batch", send_and_tell)
    thread = threading.Thread(target=dispatch.run, args=[stopped])
    thread.start()
    answer = sms_call("POST", "batches", text_batch()).json()
    assert sent.wait(5)
    stopped.set()
    dispatch.ring()
    thread.join()
    report = sms_call("GET", f"batches/{answer['id']}/delivery_report").json()
    assert report["total_message_count"] == 1


@pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
def test_a_batch_that_breaks_is_kept_and_the_others_go_out(
    sms_call, text_batch, sms_plan, monkeypatch, caplog
):
    send_batch = dispatch.send_batch
    first, _ = (sms_call("POST", "batches", text_batch()).json()["id"] for _ in range(2))

    def break_first(batch, now):
        if batch.batch_id == first:
            raise ZeroDivisionError
        send_batch(batch, now)

    monkeypatch.setattr(dispatch, "send_batch", break_first)
    now = timezone.now()
    dispatch.send_due(now)
    assert f"Batch {first} could not be sent" in caplog.text
    left = SmsBatch.objects.filter(dispatched_at=None)
    assert [batch.batch_id for batch in left] == [first]
    assert dispatch.send_due(now + timedelta(seconds=59)) == 0
    monkeypatch.setattr(dispatch, "send_batch", send_batch)
    assert dispatch.send_due(now + timedelta(minutes=1)) == 1
    assert not left.all().exists()


@pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
@pytest.mark.parametrize("error", [OperationalError, RuntimeError])
def test_the_thread_goes_on_after_any_error(sms_call, text_batch, monkeypatch, caplog, error):
    sms_call("POST", "batches", text_batch())
    send_due, rounds = dispatch.send_due, []

    def fail_first(now):
        rounds.append(now)
        if len(rounds) == 1:
            raise error("gone")
        return send_due(now)

    class Stopped:
        @staticmethod
        def is_set():
            return not SmsBatch.objects.filter(dispatched_at=None).exists()

    monkeypatch.setattr(dispatch, "send_due", fail_first)
    monkeypatch.setattr(dispatch, "PAUSE_SECONDS", 0)
    dispatch.run(Stopped)
    assert len(rounds) == 2
    assert "The queues could not be read or written." in caplog.text


def test_a_locked_table_does_not_put_a_batch_off(sms_call, text_batch, monkeypatch):
    sms_call("POST", "batches", text_batch())
    due_at = SmsBatch.objects.get().due_at

    def be_locked(batch, now):
        raise OperationalError("database is locked")

    monkeypatch.setattr(dispatch, "send_batch", be_locked)
    with pytest.raises(OperationalError):
        dispatch.send_due(timezone.now())
    assert SmsBatch.objects.get().due_at == due_at
