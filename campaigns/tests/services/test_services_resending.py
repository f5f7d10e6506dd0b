"""Sending again at size: in chunks, nobody lost, nobody twice."""

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Campaign, EarlierSend, Message, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import resending
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import count_statuses
from campaigns.services.resending import send_again

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

        def queue_and(*args, **kwargs):
            count = queue(*args, **kwargs)
            what()
            return count

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


def test_a_break_down_leaves_the_rest_to_the_next_press(failed, marketer, after_each_chunk):
    def break_down():
        raise ConnectionError

    with pytest.MonkeyPatch.context():
        after_each_chunk(break_down)
        with pytest.raises(ConnectionError):
            send_again(failed, S.FAILED, by=marketer)
    assert count_statuses(failed) == {S.QUEUED: 2, S.FAILED: 5}
    assert AuditEntry.objects.get(verb="campaign.sent_again").after == {"Failed": 2}


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
