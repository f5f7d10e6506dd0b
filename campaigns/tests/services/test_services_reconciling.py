"""Batches whose answer was lost are asked about, and never sent again."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.errors import OutcomeUnknown, Unreachable
from campaigns.gateways.events import DeliveryEvent
from campaigns.gateways.outcomes import Outcome
from campaigns.models import GatewayCall, Message, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services import dispatch, reconciling, slices
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.flights import new_owner
from campaigns.services.outbox import claim, count_statuses
from campaigns.services.queue import take_lease
from campaigns.services.receipts import Report, apply_reports
from campaigns.services.reconciling import MISSING, SEVERAL, reconcile_channel, ring_for_lost
from campaigns.services.sweep import sweep
from campaigns.tests.again import send_again

S = MessageStatus


class Provider:
    """Takes every batch, or those up to `most` people of it, and loses its answer."""

    def __init__(self):
        self.batches, self.sent, self.asked = {}, Counter(), []
        self.most, self.error = 1000, None

    def send(self, batch):
        taken = list(batch)[: self.most]
        self.sent.update(mms.to for mms in taken)
        self.batches[batch[0].batch_reference] = {
            mms.to: f"B{len(self.batches) + 1}" for mms in taken
        }
        doubt = OutcomeUnknown("No answer in time.")
        return [Outcome(mms.reference, error=doubt) for mms in batch]

    def look_up(self, reference):
        self.asked.append(reference)
        if self.error:
            raise self.error
        return self.batches.get(reference, {})

    def close(self):
        """Nothing is open."""


@pytest.fixture
def provider(monkeypatch):
    provider = Provider()
    monkeypatch.setattr(reconciling, "open_gateway", lambda channel: provider)
    monkeypatch.setattr(slices, "LINGER_SECONDS", 0.0)
    return provider


@pytest.fixture
def launch(make_campaign, make_channel, marketer):
    def make(contacts=3):
        channel = make_channel(
            kind="sinch_sms", settings={"service_plan_id": "p"}, secrets={"api_token": "t"}
        )
        channel.requests_per_second = 5000
        channel.save()
        campaign = make_campaign(contacts=contacts, channel=channel)
        launch_campaign(campaign, by=marketer)
        fill_outbox(campaign.pk, timezone.now())
        campaign.refresh_from_db()
        return campaign

    return make


@pytest.fixture
def lost(launch, provider):
    """A campaign of three whose only batch was taken and never answered."""
    campaign = launch()
    dispatch.send_due(campaign.channel_id, gateway=provider)
    assert count_statuses(campaign) == {S.UNKNOWN: 3}
    return campaign


def in_a_minute():
    return timezone.now() + timedelta(minutes=1)


def test_who_is_in_a_batch_is_accepted_under_its_id(lost, provider):
    assert reconcile_channel(lost.channel_id, in_a_minute()) == 3
    assert count_statuses(lost) == {S.ACCEPTED: 3}
    for message in Message.objects.all():
        assert message.provider_id == f"B1/{message.phone}"
        assert (message.reason, message.accepted_at is None) == ("", False)
    assert set(provider.sent.values()) == {1}


def test_who_is_in_none_stays_in_doubt_and_says_so(launch, provider):
    provider.most = 1
    campaign = launch()
    dispatch.send_due(campaign.channel_id, gateway=provider)
    reconcile_channel(campaign.channel_id, in_a_minute())
    assert count_statuses(campaign) == {S.ACCEPTED: 1, S.UNKNOWN: 2}
    doubted = Message.objects.filter(status=S.UNKNOWN)
    assert set(doubted.values_list("reason", flat=True)) == {MISSING}
    sweep(timezone.now())
    dispatch.send_due(campaign.channel_id, gateway=provider)
    assert set(provider.sent.values()) == {1}


def test_asking_does_not_put_off_the_end_of_the_doubt(lost, provider, settings):
    provider.batches.clear()
    reconcile_channel(lost.channel_id, in_a_minute())
    sweep(timezone.now() + settings.UNRESOLVED_AFTER + timedelta(seconds=1))
    assert count_statuses(lost) == {S.UNRESOLVED: 3}
    assert set(Message.objects.values_list("reason", flat=True)) == {MISSING}
    provider.asked.clear()
    reconcile_channel(lost.channel_id, in_a_minute())
    assert provider.asked == []


def test_a_provider_that_was_away_for_long_is_asked_all_the_same(lost, provider, settings):
    """A person may send unresolved ones again: who has got it should not be among them."""
    provider.error = Unreachable("Away.")
    reconcile_channel(lost.channel_id, in_a_minute())
    later = timezone.now() + settings.UNRESOLVED_AFTER + timedelta(seconds=1)
    sweep(later)
    assert count_statuses(lost) == {S.UNRESOLVED: 3}
    provider.error = None
    (found,) = provider.batches.values()
    gone = found.popitem()[0]
    assert reconcile_channel(lost.channel_id, later + timedelta(minutes=1)) == 2
    assert count_statuses(lost) == {S.ACCEPTED: 2, S.UNRESOLVED: 1}
    assert Message.objects.get(phone=gone).reason == MISSING


def test_what_a_killed_worker_had_in_hand_is_found(launch, provider):
    campaign = launch()
    now = timezone.now()
    claimed = claim(
        campaign.channel_id, campaign.pk, 3, owner=new_owner(), now=now, batch_reference="bdead"
    )
    provider.batches["bdead"] = {parcel.phone: "B7" for parcel in claimed[:2]}
    sweep(now)
    assert count_statuses(campaign) == {S.UNKNOWN: 3}
    reconcile_channel(campaign.channel_id, in_a_minute())
    assert count_statuses(campaign) == {S.ACCEPTED: 2, S.UNKNOWN: 1}


def test_a_list_that_lags_is_not_asked_at_once(lost, provider):
    reconcile_channel(lost.channel_id, timezone.now())
    assert provider.asked == []


def test_a_report_is_not_undone(lost, provider):
    phone = Message.objects.first().phone
    post = WebhookPost.objects.create(channel=lost.channel, body=b"{}", received_at=timezone.now())
    reference = next(iter(provider.batches))
    event = DeliveryEvent(
        "k", "0", S.DELIVERED, provider_id=f"B1/{phone}", batch_name=f"{reference}/{phone}"
    )
    look_up = provider.look_up

    def report_while_asked(name):
        apply_reports([Report(post, event, (lost.channel_id,))], timezone.now())
        return look_up(name)

    provider.look_up = report_while_asked
    reconcile_channel(lost.channel_id, in_a_minute())
    assert count_statuses(lost) == {S.ACCEPTED: 2, S.DELIVERED: 1}


def test_what_a_person_sent_again_meanwhile_is_not_touched(lost, provider, marketer):
    Message.objects.update(status=S.UNRESOLVED)
    known = {m.pk: (m.pk, m.provider_id, f"B1/{m.phone}") for m in Message.objects.all()}
    send_again(lost, S.UNRESOLVED, by=marketer)
    reconciling._accept(list(known.values()), timezone.now())
    assert count_statuses(lost) == {S.QUEUED: 3}


@pytest.mark.parametrize("changes", [{"status": S.DELIVERED}, {"provider_id": "b-another/1"}])
def test_what_changed_since_it_was_looked_at_is_not_touched(changes, lost, provider):
    known = [(m.pk, m.provider_id, f"B1/{m.phone}") for m in Message.objects.all()]
    Message.objects.update(**changes)
    before = list(Message.objects.values_list("status", "provider_id"))
    reconciling._accept(known, timezone.now())
    assert list(Message.objects.values_list("status", "provider_id")) == before


def test_who_cannot_be_asked_is_asked_later(lost, provider):
    provider.error = Unreachable("Away.")
    assert reconcile_channel(lost.channel_id, in_a_minute()) == 0
    assert count_statuses(lost) == {S.UNKNOWN: 3}
    assert not Message.objects.filter(reason=MISSING).exists()
    provider.error = None
    assert reconcile_channel(lost.channel_id, in_a_minute()) == 3
    assert not GatewayCall.objects.exclude(channel=lost.channel).exists()


def test_one_at_a_time_asks(lost, provider):
    now = in_a_minute()
    take_lease(f"reconcile:{lost.channel_id}", "another", now, 60)
    assert reconcile_channel(lost.channel_id, now) == 0


def test_the_sweep_rings_for_channels_that_can_be_asked(lost, monkeypatch):
    rung = []
    monkeypatch.setattr(reconciling, "ring", lambda task, *ids: rung.append((task, *ids)))
    ring_for_lost(in_a_minute())
    assert rung == [("outbox.reconcile", lost.channel_id)]
    lost.channel.kind = "sinch_mms"
    lost.channel.save()
    ring_for_lost(in_a_minute())
    assert len(rung) == 1


def test_of_two_replies_to_one_person_only_the_one_that_went_is_found(
    provider, monkeypatch, make_channel, make_mms
):
    channel = make_channel(
        kind="sinch_sms", settings={"service_plan_id": "p"}, secrets={"api_token": "t"}
    )
    for name in ("r1", "r2"):
        Message.objects.create(
            purpose=Message.Purpose.REPLY,
            channel=channel,
            revision=make_mms(name).head,
            sender="12015550100",
            phone="12015550123",
            reference=name,
            place="",
        )
    doubt, requests = OutcomeUnknown("No answer in time."), []

    def send(batch):
        """The first is taken; the second never came there."""
        requests.append(batch[0].batch_reference)
        if len(requests) == 1:
            provider.batches[requests[0]] = {batch[0].to: "B1"}
        return [Outcome(mms.reference, error=doubt) for mms in batch]

    monkeypatch.setattr(provider, "send", send)
    dispatch.send_due(channel.pk, gateway=provider)
    assert len(set(requests)) == 2
    reconcile_channel(channel.pk, in_a_minute())
    assert sorted(Message.objects.values_list("status", flat=True)) == sorted(
        [S.ACCEPTED, S.UNKNOWN]
    )
    assert Message.objects.get(reference=requests[1]).status == S.UNKNOWN


def test_who_is_in_several_batches_is_not_said_to_be_in_none(lost, provider):
    (found,) = provider.batches.values()
    twice = min(found)
    found[twice] = ""
    assert reconcile_channel(lost.channel_id, in_a_minute()) == 2
    message = Message.objects.get(phone=twice)
    assert (message.status, message.reason) == (S.UNKNOWN, SEVERAL)
