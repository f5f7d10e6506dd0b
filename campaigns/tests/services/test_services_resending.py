"""Sending again at size: in chunks, nobody lost, nobody twice."""

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Campaign, EarlierSend, Message, OptOut, SendAgain
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import resending
from campaigns.services.brake_base import count_since
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import count_statuses
from campaigns.services.queue import take_lease
from campaigns.tests.again import send_again

S = MessageStatus


@pytest.fixture(autouse=True)
def _chunks_of_two(monkeypatch):
    monkeypatch.setattr(resending, "CHUNK", 2)


@pytest.fixture
def failed(make_campaign, marketer):
    campaign = make_campaign(contacts=7)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    Message.objects.update(status=S.FAILED, reason="No.")
    Campaign.objects.update(status=CampaignStatus.DONE)
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def after_each_chunk(monkeypatch):
    """Something that happens while others still wait to be queued."""

    def happens(what):
        queue = resending._queue_chunk

        def queue_and(asked_id):
            has_more = queue(asked_id)
            what()
            return has_more

        monkeypatch.setattr(resending, "_queue_chunk", queue_and)

    return happens


def test_everybody_is_queued_once(failed, marketer):
    assert send_again(failed, S.FAILED, by=marketer) == 7
    assert count_statuses(failed) == {S.QUEUED: 7}
    assert set(Message.objects.values_list("resend_count", flat=True)) == {1}
    told = AuditEntry.objects.filter(verb="campaign.sent_again")
    assert sum(entry.after["Failed"] for entry in told) == 7


def test_who_fails_once_more_meanwhile_is_not_queued_again(failed, marketer, after_each_chunk):
    after_each_chunk(lambda: Message.objects.filter(status=S.QUEUED).update(status=S.FAILED))
    assert send_again(failed, S.FAILED, by=marketer) == 7
    assert set(Message.objects.values_list("resend_count", flat=True)) == {1}


def test_whose_state_changes_meanwhile_is_left_alone(failed, marketer, after_each_chunk):
    last = Message.objects.order_by("pk").last()
    after_each_chunk(lambda: Message.objects.filter(pk=last.pk).update(status=S.DELIVERED))
    assert send_again(failed, S.FAILED, by=marketer) == 6
    last.refresh_from_db()
    assert (last.status, last.resend_count) == (S.DELIVERED, 0)


def test_whose_state_changed_since_they_were_chosen_is_left_alone(failed):
    ids = list(Message.objects.values_list("pk", flat=True))
    Message.objects.filter(pk=ids[0]).update(status=S.DELIVERED)
    assert resending._queue_again(ids, S.FAILED) == 6
    assert Message.objects.get(pk=ids[0]).status == S.DELIVERED


def test_who_opts_out_meanwhile_is_left_alone(failed, marketer, after_each_chunk):
    last = Message.objects.order_by("pk").last()
    after_each_chunk(lambda: record_optout(last.phone, source=OptOut.Source.STAFF))
    assert send_again(failed, S.FAILED, by=marketer) == 6
    last.refresh_from_db()
    assert last.resend_count == 0


def test_a_stop_meanwhile_ends_it(failed, marketer, after_each_chunk):
    after_each_chunk(lambda: Campaign.objects.update(status=CampaignStatus.CANCELLED))
    assert send_again(failed, S.FAILED, by=marketer) == 2
    assert count_statuses(failed) == {S.QUEUED: 2, S.FAILED: 5}


def test_a_break_down_leaves_the_rest_to_the_next_bell(failed, marketer, monkeypatch):
    rung = []
    monkeypatch.setattr(resending, "ring", lambda *bell: rung.append(bell))
    queue, calls = resending._queue_chunk, []

    def break_down_once(asked_id):
        calls.append(asked_id)
        if len(calls) == 2:
            raise ConnectionError
        return queue(asked_id)

    monkeypatch.setattr(resending, "_queue_chunk", break_down_once)
    with pytest.raises(ConnectionError):
        send_again(failed, S.FAILED, by=marketer)
    assert count_statuses(failed) == {S.QUEUED: 2, S.FAILED: 5}
    assert AuditEntry.objects.get(verb="campaign.sent_again").after == {"Failed": 2}
    rung.clear()
    resending.ring_for_again()
    asked = SendAgain.objects.get()
    assert rung == [("outbox.send_again", asked.pk)]
    resending.queue_again(asked.pk, timezone.now())
    assert count_statuses(failed) == {S.QUEUED: 7}
    assert set(Message.objects.values_list("resend_count", flat=True)) == {1}


def test_the_press_itself_queues_nobody(failed, marketer):
    asked = resending.send_again(failed, S.FAILED, by=marketer)
    assert count_statuses(failed) == {S.FAILED: 7}
    assert resending.under_way(failed) == [asked]


def test_when_its_time_is_over_somebody_goes_on(failed, marketer, monkeypatch):
    monkeypatch.setattr(resending, "SLICE_SECONDS", -1)
    rung = []
    monkeypatch.setattr(resending, "ring", lambda *bell: rung.append(bell))
    asked = resending.send_again(failed, S.FAILED, by=marketer)
    for queued in (2, 4, 6, 7):
        assert rung.pop(0) == ("outbox.send_again", asked.pk)
        resending.queue_again(asked.pk, timezone.now())
        assert count_statuses(failed)[S.QUEUED] == queued
        rung = [bell for bell in rung if bell[0] == "outbox.send_again"]
    resending.queue_again(asked.pk, timezone.now())
    asked.refresh_from_db()
    assert asked.count == 7
    assert asked.ended_at is not None
    assert resending.under_way(failed) == []


def test_the_same_ones_are_not_asked_for_twice_at_once(failed, marketer):
    resending.send_again(failed, S.FAILED, by=marketer)
    with pytest.raises(RuleBroken, match="being queued already"):
        resending.send_again(failed, S.FAILED, by=marketer)


def test_two_workers_do_not_both_do_it(failed, marketer):
    asked = resending.send_again(failed, S.FAILED, by=marketer)
    take_lease(f"again:{asked.pk}", "somebody else", timezone.now(), 60)
    resending.queue_again(asked.pk, timezone.now())
    assert count_statuses(failed) == {S.FAILED: 7}


def test_what_fails_after_it_is_judged_by_the_brake_alone(failed, marketer):
    send_again(failed, S.FAILED, by=marketer)
    failed.refresh_from_db()
    Message.objects.update(status=S.FAILED)
    assert count_since(failed).failed == count_since(failed).gone == 7


def test_each_batch_is_remembered_once(failed, marketer):
    for message in Message.objects.all():
        Message.objects.filter(pk=message.pk).update(provider_id=f"B1/{message.phone}")
    send_again(failed, S.FAILED, by=marketer)
    assert EarlierSend.objects.count() == 7
    assert set(Message.objects.values_list("provider_id", flat=True)) == {""}


def test_nobody_left_is_said(failed, marketer):
    Message.objects.update(status=S.DELIVERED)
    with pytest.raises(RuleBroken, match="Nobody is “Failed” any more"):
        send_again(failed, S.FAILED, by=marketer)
