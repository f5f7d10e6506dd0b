"""A service plan is opened by a command, and the thread empties its queue."""

import threading
from io import StringIO

import pytest
from django.core.management import call_command

from campaigns.sandbox.models import SmsPlan
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
