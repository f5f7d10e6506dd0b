"""Detours as everybody else sees them: lanes, receipts, the brake, a stop, and what people read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.events import DeliveryEvent
from campaigns.models import (
    Campaign,
    Channel,
    Detour,
    Message,
    MessageEvent,
    Policy,
    Sender,
    WebhookPost,
)
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus
from campaigns.services import recalling
from campaigns.services.brake import pull_brakes
from campaigns.services.campaigns import cancel_campaign, pause_campaign, resume_campaign
from campaigns.services.channels import save_channel
from campaigns.services.detour_words import tell_campaign, tell_channel
from campaigns.services.outbox import count_statuses
from campaigns.services.progress import measure_progress
from campaigns.services.receipts import Report, apply_reports
from campaigns.services.standing import read_lanes, read_leases
from campaigns.services.wording import draft_as_read
from campaigns.tests.outages import detour, get_well, go_out, send

S = MessageStatus
pytestmark = pytest.mark.usefixtures("quick")


def lanes():
    now = timezone.now()
    return {lane.channel.pk: lane for lane in read_lanes(now, read_leases(now))}


# --- Lanes ---------------------------------------------------------------------------------------


def test_what_waits_is_counted_where_it_waits(out, texts):
    campaign = out(contacts=30)
    Channel.objects.filter(pk=texts.pk).update(requests_per_second=0.1)
    detour(campaign)
    there, here = lanes()[texts.pk], lanes()[campaign.channel_id]
    assert (there.waiting, there.due) == (12, 12)
    assert (here.waiting, here.due) == (18, 18)
    [(turn, count)] = there.turns
    assert (turn.pk, turn.channel_id, turn.sender.number, count) == (
        *(campaign.pk, texts.pk, "12015550177"),
        12,
    )


def test_a_resumed_campaign_rings_on_both_lanes(out, texts, marketer, monkeypatch):
    campaign, rung = out(), []
    detour(campaign)
    pause_campaign(campaign, by=marketer)
    monkeypatch.setattr("campaigns.services.detours.ring", lambda *bell: rung.append(bell))
    resume_campaign(campaign, by=marketer)
    assert rung == [("outbox.send_due", campaign.channel_id), ("outbox.send_due", texts.pk)]


# --- Receipts ------------------------------------------------------------------------------------


def hear(channel, status, message):
    post = WebhookPost.objects.create(channel=channel, received_at=timezone.now(), body=b"{}")
    event = DeliveryEvent(key="k", code="D", status=status, reference=message.reference)
    apply_reports([Report(post, event, (channel.pk,))], timezone.now())


def test_a_receipt_of_the_sms_is_none_of_the_mms(out, texts):
    campaign = out(contacts=2)
    detour(campaign)
    send(texts.pk)
    message = Message.objects.order_by("pk").first()
    hear(texts, S.DELIVERED, message)
    assert count_statuses(campaign) == {S.ACCEPTED: 1, S.DELIVERED_AS_SMS: 1}
    assert MessageEvent.objects.get().status == S.DELIVERED_AS_SMS


def test_a_receipt_of_the_mms_stays_one(launch):
    campaign = launch(contacts=1)
    send(campaign.channel_id)
    hear(campaign.channel, S.DELIVERED, Message.objects.get())
    assert count_statuses(campaign) == {S.DELIVERED: 1}


def test_they_are_shown_what_they_read(out, texts):
    campaign = out(contacts=1)
    message = Message.objects.get()
    assert draft_as_read(message).slides[0].text == "20 % off"
    detour(campaign)
    message = Message.objects.get()
    assert draft_as_read(message).slides[0].text == "See our offer:"


# --- The brake, and a stop -----------------------------------------------------------------------


def test_silence_is_asked_of_the_lane_they_went_by(out, texts):
    campaign = out(contacts=120)
    detour(campaign)
    send(texts.pk)
    now, ago = timezone.now(), timezone.now() - timedelta(hours=1)
    Policy.objects.update_or_create(
        pk=1, defaults={"brake_failures": None, "brake_optouts": None, "brake_silence": 30}
    )
    Campaign.objects.update(filled_at=ago, status="sending")
    Message.objects.update(accepted_at=now - timedelta(minutes=40))
    Channel.objects.filter(pk=texts.pk).update(last_hook_at=now)
    assert not pull_brakes(Campaign.objects.sending(now), now)
    Channel.objects.filter(pk=texts.pk).update(last_hook_at=None)
    assert pull_brakes(Campaign.objects.sending(now), now)
    campaign.refresh_from_db()
    assert "Text line" in campaign.status_reason


def test_batches_of_both_lanes_are_stopped(out, texts, marketer, monkeypatch):
    campaign = out(contacts=4)
    Channel.objects.update(kind="sinch_sms")
    now, asked = timezone.now(), []
    for number, message in enumerate(Message.objects.order_by("pk")):
        Message.objects.filter(pk=message.pk).update(
            status=S.ACCEPTED,
            accepted_at=now,
            provider_id=f"B{number}/{message.phone}",
            channel=texts if number % 2 else campaign.channel,
        )

    class Gateway:
        def __init__(self, channel):
            self.name = channel.name

        def cancel(self, batch_id):
            asked.append((self.name, batch_id))
            return True

        def close(self):
            pass

    monkeypatch.setattr(recalling, "open_gateway", Gateway)
    cancel_campaign(campaign, by=marketer)
    recalling.recall(campaign.pk, 0, now)
    own = campaign.channel.name
    assert asked == [(own, "B0"), ("Text line", "B1"), (own, "B2"), ("Text line", "B3")]


# --- Words ---------------------------------------------------------------------------------------


def test_a_campaign_says_what_is_done(out, texts):
    campaign = out(contacts=30)
    Channel.objects.filter(pk=texts.pk).update(requests_per_second=0.1)
    detour(campaign)
    campaign = Campaign.objects.get()
    progress = measure_progress(campaign, timezone.now())
    assert progress.outage_way == (
        "Meanwhile they leave as SMS from +1 201-555-0177 by “Text line”, as fast as that one "
        "sends."
    )
    assert progress.held_by_outage == 18
    [line] = progress.detours
    assert (line.channel, line.count, line.waiting, line.ended_at) == (texts, 12, 12, None)
    assert progress.finish_at is None
    assert "by “Text line”: 12 so far; the rest is held." in tell_channel(
        campaign.channel, timezone.now()
    )


def test_afterwards_it_still_says_what_was(out, texts):
    campaign = out(contacts=3)
    detour(campaign)
    send(texts.pk)
    get_well(campaign.channel)
    detour(campaign)
    [line] = measure_progress(campaign, timezone.now()).detours
    assert (line.count, line.waiting, line.ended_at is not None) == (3, 0, True)


def test_what_came_back_whole_is_not_told(out):
    campaign = out(contacts=3)
    detour(campaign)
    get_well(campaign.channel)
    detour(campaign)
    assert measure_progress(campaign, timezone.now()).detours == []
    assert Detour.objects.get().count == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outage_sender": None}, ""),
        ({"as_group": True}, "group messages"),
        ({"fallback": False}, "no words for an SMS"),
        ({"paused": True}, "“Text line” is paused"),
        ({"in trouble": True}, "nothing goes through there either"),
    ],
)
def test_why_nothing_leaves_as_sms(out, texts, change, said):
    campaign = out(contacts=3)
    if "outage_sender" in change:
        Channel.objects.update(**change)
    if "as_group" in change:
        Campaign.objects.update(**change)
    if "fallback" in change:
        campaign.revision.__class__.objects.update(**change)
    if "paused" in change:
        Channel.objects.filter(pk=texts.pk).update(paused_at=timezone.now())
    if "in trouble" in change:
        go_out(texts, texts)
        Channel.objects.filter(pk=texts.pk).update(outage_sender=None)
    told = tell_campaign(Campaign.objects.get(), timezone.now())
    assert said in told
    assert bool(said) == bool(told)


# --- Setting it up -------------------------------------------------------------------------------


def save(channel, by):
    return save_channel(channel, values={"service_id": "svc"}, secrets={}, by=by)


def test_a_number_that_can_send_sms_may_stand_in(make_channel, texts, administrator):
    channel = make_channel()
    channel.outage_sender = texts.senders.get()
    save(channel, administrator)
    channel.refresh_from_db()
    assert channel.outage_sender.number == "12015550177"


@pytest.mark.parametrize("which", ["its own", "of MMS alone", "paused"])
def test_others_may_not(make_channel, texts, administrator, which):
    channel, other = make_channel(), make_channel("Other")
    if which == "its own":
        channel = texts
        channel.outage_sender = texts.senders.get()
    elif which == "of MMS alone":
        channel.outage_sender = other.senders.get()
    else:
        Channel.objects.filter(pk=texts.pk).update(paused_at=timezone.now())
        channel.outage_sender = Sender.objects.get(number="12015550177")
    with pytest.raises(RuleBroken):
        save(channel, administrator)
