"""While a channel is out, what can go as SMS leaves by another one; each person gets one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.models import AuditEntry, Channel, Detour, Lane, Lease, Message, MmsRevision
from campaigns.rules.formats import Format
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import detouring
from campaigns.services.campaigns import cancel_campaign, pause_campaign, resume_campaign
from campaigns.services.channels import pause_channel
from campaigns.services.due import has_due
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import claim, count_statuses
from campaigns.services.sweep import cancel_stopped, sweep
from campaigns.services.tallies_keeping import find_wrong
from campaigns.tests.again import send_again
from campaigns.tests.outages import detour, get_well, go_out, places, send

S = MessageStatus
pytestmark = pytest.mark.usefixtures("quick")


# --- The story -----------------------------------------------------------------------------------


def test_an_outage_from_its_begin_to_its_end(launch, make_mms, make_campaign, texts, marketer):
    """1,000 wait, 400 of them without a text; some go as SMS, once each, and then all as MMS."""
    campaign = launch(contacts=600, rate=5000)
    silent = launch(
        contacts=400, channel=campaign.channel, mms=make_mms("Silent", fallback=False), rate=5000
    )
    go_out(campaign.channel, texts, minutes=4)
    assert detour(campaign) == 0  # a short trouble is none of our business
    go_out(campaign.channel, texts)
    Channel.objects.filter(pk=texts.pk).update(requests_per_second=2)  # 240 in two minutes
    assert detour(campaign) == 240
    assert places(campaign) == {campaign.channel_id: 360, texts.pk: 240}
    assert places(silent) == {campaign.channel_id: 400}
    Channel.objects.filter(pk=texts.pk).update(requests_per_second=5000)
    as_sms = send(texts.pk)
    assert len(as_sms.sent) == 240
    assert {one.content.format for one in as_sms.messages} == {Format.TEXT}
    assert {one.content.slides[0].text for one in as_sms.messages} == {"See our offer:"}
    assert {one.content.sender for one in as_sms.messages} == {"12015550177"}

    as_mms = send(campaign.channel_id)  # one goes through, and all the others follow
    assert Lane.objects.get(channel=campaign.channel).trouble == ""
    assert detour(campaign) == 0
    assert len(as_mms.sent) == 760
    assert not as_mms.sent.keys() & as_sms.sent.keys()
    assert set((as_mms.sent + as_sms.sent).values()) == {1}
    assert count_statuses(campaign) == {S.ACCEPTED: 600}
    assert count_statuses(silent) == {S.ACCEPTED: 400}
    made = Detour.objects.get()
    assert (made.count, made.ended_at is not None) == (240, True)
    verbs = AuditEntry.objects.filter(verb__startswith="campaign.detour").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "campaign.detoured",
        "campaign.detour_ended",
    ]
    assert verbs.last().after == {"went as SMS": 240, "taken back": 0}


def test_merge_fields_are_filled_in(launch, make_mms, texts):
    words = "Hello {{first_name}}, call us."
    campaign = launch(contacts=2, mms=make_mms(fallback_text=words))
    go_out(campaign.channel, texts)
    detour(campaign)
    said = {one.own.texts[0][1] for one in send(texts.pk).messages}
    assert said == {"Hello Ann 0, call us.", "Hello Ann 1, call us."}


@pytest.mark.parametrize(("words", "is_wanted"), [("", True), ("   ", True), ("Hello!", False)])
def test_without_words_it_is_held(launch, make_mms, texts, words, is_wanted):
    campaign = launch(contacts=2, mms=make_mms())
    MmsRevision.objects.update(fallback_text=words, fallback=is_wanted)
    go_out(campaign.channel, texts)
    assert detour(campaign) == 0


def test_nothing_is_moved_before_somebody_has_just_tried(out):
    campaign = out()
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Lane.objects.filter(channel=campaign.channel).update(hold_until=an_hour_ago)
    assert detour(campaign) == 0


def test_without_a_number_that_stands_in_all_is_held(out):
    campaign = out()
    Channel.objects.filter(pk=campaign.channel_id).update(outage_sender=None)
    assert detour(campaign) == 0


def test_the_sweep_sees_to_it(out, monkeypatch):
    campaign, rung = out(), []
    monkeypatch.setattr(detouring, "ring", lambda *bell: rung.append(bell))
    detouring.ring_for_outages(timezone.now())
    assert rung == [("outbox.detour", campaign.channel_id)]


# --- Once ----------------------------------------------------------------------------------------


def test_only_what_waits_and_was_never_sent_is_moved(out):
    campaign = out(contacts=6)
    ids = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    for pk, fields in zip(
        ids,
        (
            {"status": S.SENDING, "owner": "somebody"},
            {"status": S.UNKNOWN},
            {"status": S.ACCEPTED},
            {"resend_count": 1},
            {"send_after": timezone.now() + timedelta(hours=1)},
        ),
        strict=False,
    ):
        Message.objects.filter(pk=pk).update(**fields)
    assert detour(campaign) == 1
    assert Message.objects.get(pk=ids[5]).is_detoured


def test_what_was_moved_is_not_claimed_on_the_old_lane(out, texts):
    campaign = out()
    detour(campaign)
    now = timezone.now()
    assert claim(campaign.channel_id, campaign.pk, 100, owner="a", now=now) == []
    assert not has_due(campaign.channel_id, now)
    assert has_due(texts.pk, now)
    assert len(claim(texts.pk, campaign.pk, 100, owner="b", now=now)) == 30


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_kill_leaves_each_on_one_lane(out, texts, monkeypatch, chunks):
    campaign = out()
    monkeypatch.setattr(detouring, "CHUNK", 10)
    move, done = detouring._move, []

    def die(*args, **fields):
        moved = move(*args, **fields)
        if len(done) == chunks:
            raise KeyboardInterrupt
        done.append(moved)
        return moved

    monkeypatch.setattr(detouring, "_move", die)
    with pytest.raises(KeyboardInterrupt):
        detour(campaign)
    assert places(campaign).get(texts.pk, 0) == 10 * chunks
    assert sum(Detour.objects.values_list("count", flat=True)) == 10 * chunks
    monkeypatch.setattr(detouring, "_move", move)
    Lease.objects.all().delete()
    assert detour(campaign) == 30 - 10 * chunks
    assert len(send(texts.pk).sent) == 30
    assert sum(send(campaign.channel_id).sent.values()) == 0


def test_two_sweeps_at_once_move_no_more_than_one(out, texts, monkeypatch):
    campaign = out()
    Channel.objects.filter(pk=texts.pk).update(requests_per_second=0.1)
    move, second = detouring._move_out, []

    def both(*args):
        second.append(detour(campaign))
        return move(*args)

    monkeypatch.setattr(detouring, "_move_out", both)
    assert detour(campaign) == 12
    assert second == [0]
    assert places(campaign)[texts.pk] == 12


def test_somebody_who_claims_meanwhile_keeps_what_it_claimed(out, texts, monkeypatch):
    campaign = out(contacts=10)
    lock = detouring.lock_in_order

    def claim_some(ids):
        lock(ids)
        claim(campaign.channel_id, campaign.pk, 4, owner="a", now=timezone.now())

    monkeypatch.setattr(detouring, "lock_in_order", claim_some)
    detour(campaign)
    assert places(campaign) == {campaign.channel_id: 4, texts.pk: 6}
    assert Detour.objects.get().count == 6


# --- Still in the hands of people ----------------------------------------------------------------


def test_a_pause_holds_the_detour_too(out, texts, marketer):
    campaign = out()
    detour(campaign)
    pause_campaign(campaign, by=marketer)
    assert not has_due(texts.pk, timezone.now())
    assert send(texts.pk).sent.total() == 0
    resume_campaign(campaign, by=marketer)
    assert send(texts.pk).sent.total() == 30


def test_a_stop_reaches_the_other_lane(out, texts, marketer):
    campaign = out()
    detour(campaign)
    cancel_campaign(campaign, by=marketer)
    assert send(texts.pk).sent.total() == 0
    cancel_stopped(timezone.now())
    assert count_statuses(campaign) == {S.CANCELLED: 30}


@pytest.mark.parametrize("where", ["own", "other", "all"])
def test_an_opt_out_in_the_middle_of_it_counts(out, texts, where):
    campaign = out(contacts=3)
    detour(campaign)
    phone = Message.objects.order_by("pk").first().phone
    channel = {"own": campaign.channel, "other": texts, "all": None}[where]
    record_optout(phone, source="staff", channel=channel)
    assert Message.objects.get(phone=phone).status == S.SKIPPED
    Message.objects.update(status=S.QUEUED)  # as if its row was being moved at that moment
    assert phone not in send(texts.pk).sent
    assert not has_due(texts.pk, timezone.now())
    sweep(timezone.now())
    assert Message.objects.get(phone=phone).status == S.SKIPPED


def test_who_opted_out_of_the_other_number_waits_for_the_mms(out, texts):
    campaign = out(contacts=3)
    phone = Message.objects.order_by("pk").first().phone
    record_optout(phone, source="staff", channel=texts)
    assert detour(campaign) == 2
    get_well(campaign.channel)
    assert phone in send(campaign.channel_id).sent


def test_a_pause_of_its_own_channel_brings_all_back(out, texts, administrator):
    campaign = out()
    detour(campaign)
    channel = campaign.channel
    pause_channel(channel, "Looking into it.", by=administrator)
    assert not has_due(texts.pk, timezone.now())
    assert send(texts.pk).sent.total() == 0
    detour(campaign)
    assert places(campaign) == {channel.pk: 30}
    assert set(Message.objects.values_list("sender", flat=True)) == {"12015550100"}


@pytest.mark.parametrize(("countries", "moved"), [("US,CA", 1), ("us, gb", 2), ("", 3), ("MX", 1)])
def test_whom_the_other_number_does_not_reach_waits_for_the_mms(out, texts, countries, moved):
    texts.senders.update(countries=countries)
    campaign = out(contacts=3)
    places = (";;", "GB;;Europe/London", "FR;;")
    for message, place in zip(Message.objects.order_by("pk"), places, strict=True):
        Message.objects.filter(pk=message.pk).update(place=place)
    assert detour(campaign) == moved


@pytest.mark.parametrize("what", ["paused", "in trouble"])
def test_where_the_other_channel_cannot_nothing_more_is_moved(out, texts, what):
    campaign = out()
    if what == "paused":
        Channel.objects.filter(pk=texts.pk).update(paused_at=timezone.now())
    else:
        Lane.objects.create(channel=texts, trouble="Away, too.")
    assert detour(campaign) == 0


def test_the_day_of_the_other_number_is_not_used_up_twice(out, texts):
    texts.senders.update(per_day=7)
    campaign = out()
    assert detour(campaign) == 7
    assert detour(campaign) == 0
    assert send(texts.pk).sent.total() == 7
    assert detour(campaign) == 0


def test_once_it_is_well_who_has_not_left_goes_as_mms(out, texts):
    campaign = out()
    detour(campaign)
    Message.objects.filter(pk__in=list(Message.objects.values_list("pk", flat=True)[:10])).update(
        status=S.DELIVERED_AS_SMS
    )
    get_well(campaign.channel)
    detour(campaign)
    assert places(campaign) == {campaign.channel_id: 20, texts.pk: 10}
    assert Detour.objects.get().count == 10
    assert send(texts.pk).sent.total() == 0
    assert send(campaign.channel_id).sent.total() == 20


# --- True afterwards -----------------------------------------------------------------------------


def test_the_tally_holds(out, texts):
    campaign = out()
    detour(campaign)
    assert find_wrong(campaign.pk) == {}
    send(texts.pk)
    assert find_wrong(campaign.pk) == {}
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.SENT


def test_what_failed_as_sms_is_sent_again_as_sms(out, texts, marketer):
    campaign = out(contacts=2)
    detour(campaign)
    send(texts.pk, lambda mms: errors.Refused("No such number."))
    get_well(campaign.channel)
    detour(campaign)
    assert send_again(campaign, S.FAILED, by=marketer) == 2
    assert send(campaign.channel_id).sent.total() == 0
    again = send(texts.pk)
    assert {one.content.format for one in again.messages} == {Format.TEXT}
    assert count_statuses(campaign) == {S.ACCEPTED: 2}
