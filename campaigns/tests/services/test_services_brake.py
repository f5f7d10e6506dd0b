"""The safety brake: a campaign that goes wrong pauses itself, says why, and goes on when told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Campaign, Channel, Message, OptOut, Policy, WebhookPost
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import brake, dispatch, lookout, slices
from campaigns.services.brake import pull_brakes
from campaigns.services.campaigns import pause_by_machine, pause_campaign, resume_campaign
from campaigns.services.reports import count_needs
from campaigns.services.sweep import sweep
from campaigns.tests.fakes import FakeGateway

S, C = MessageStatus, CampaignStatus
PEOPLE = 130


@pytest.fixture
def sending(launch):
    """A campaign on its way for an hour; nothing of it has left yet."""
    return launched_an_hour_ago(launch(contacts=PEOPLE))


def launched_an_hour_ago(campaign):
    ago = timezone.now() - timedelta(hours=1)
    Campaign.objects.filter(pk=campaign.pk).update(launched_at=ago, filled_at=ago)
    return campaign


def become(campaign, count, status, minutes_ago=1):
    """So many who wait have got so far."""
    ago = timezone.now() - timedelta(minutes=minutes_ago)
    rows = Message.objects.filter(campaign=campaign, status=S.QUEUED).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:count])
    assert len(ids) == count
    Message.objects.filter(pk__in=ids).update(status=status, accepted_at=ago, changed_at=ago)
    return list(Message.objects.filter(pk__in=ids).values_list("phone", flat=True))


def look():
    pull_brakes(Campaign.objects.filter(status=C.SENDING), timezone.now())


def state_of(campaign):
    campaign.refresh_from_db()
    return campaign.status


def opt_out(phones, source=OptOut.Source.REPLY):
    OptOut.objects.bulk_create(OptOut(phone=phone, source=source) for phone in phones)


# --- Failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failed", "state"), [(30, C.SENDING), (31, C.PAUSED)])
@pytest.mark.parametrize("status", [S.FAILED, S.EXPIRED])
def test_more_failures_than_allowed_pause_it(sending, failed, state, status):
    become(sending, failed, status)
    become(sending, 100 - failed, S.DELIVERED)
    look()
    assert state_of(sending) == state


def test_it_says_how_many_and_what_to_do_and_the_audit_has_it(sending):
    become(sending, 40, S.FAILED)
    become(sending, 60, S.SENT)
    look()
    sending.refresh_from_db()
    assert sending.status_reason.startswith("40 of 100 messages failed or expired, more than 30 %")
    assert "resume it" in sending.status_reason
    entry = AuditEntry.objects.get(verb="campaign.paused")
    assert (entry.actor, entry.after["reason"]) == (None, sending.status_reason)


def test_what_waits_or_is_in_doubt_does_not_count(sending):
    become(sending, 30, S.FAILED)
    become(sending, 69, S.SENT)
    become(sending, 20, S.UNKNOWN)
    look()
    assert state_of(sending) == C.SENDING
    become(sending, 1, S.FAILED)
    look()
    assert state_of(sending) == C.PAUSED


def test_an_empty_limit_never_pauses(sending):
    Policy.objects.update_or_create(
        pk=1, defaults={"brake_failures": None, "brake_optouts": None, "brake_silence": None}
    )
    opt_out(become(sending, 100, S.ACCEPTED, minutes_ago=45))
    become(sending, 30, S.FAILED)
    look()
    assert state_of(sending) == C.SENDING


# --- Opt-outs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gone", "state"), [(5, C.SENDING), (6, C.PAUSED)])
def test_more_optouts_than_allowed_pause_it(sending, gone, state):
    opt_out(become(sending, 100, S.DELIVERED)[:gone])
    look()
    assert state_of(sending) == state


def test_optouts_of_others_and_by_other_ways_do_not_count(sending):
    reached = become(sending, 100, S.DELIVERED)
    opt_out(reached[:5])
    opt_out(reached[5:20], source=OptOut.Source.FILE)
    opt_out([str(12015559000 + number) for number in range(20)])
    waiting = Message.objects.filter(campaign=sending, status=S.QUEUED)
    opt_out(waiting.values_list("phone", flat=True))
    look()
    assert state_of(sending) == C.SENDING


def test_who_opted_out_before_the_campaign_does_not_count(sending):
    reached = become(sending, 100, S.DELIVERED)
    opt_out(reached[:20])
    OptOut.objects.update(created_at=timezone.now() - timedelta(hours=2))
    opt_out(reached[20:25])
    look()
    assert state_of(sending) == C.SENDING


# --- Silence -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "minutes", "state"),
    [(20, 31, C.PAUSED), (19, 31, C.SENDING), (20, 29, C.SENDING)],
)
def test_no_report_at_all_pauses_it(sending, count, minutes, state):
    become(sending, count, S.ACCEPTED, minutes_ago=minutes)
    look()
    assert state_of(sending) == state


@pytest.mark.parametrize(("minutes", "state"), [(31, C.PAUSED), (29, C.SENDING)])
def test_a_callback_within_the_time_is_a_sign_of_life(sending, minutes, state):
    become(sending, 20, S.ACCEPTED, minutes_ago=45)
    Channel.objects.update(last_hook_at=timezone.now() - timedelta(minutes=minutes))
    look()
    assert state_of(sending) == state


@pytest.mark.parametrize(("minutes", "state"), [(31, C.PAUSED), (29, C.SENDING)])
def test_what_was_fetched_is_a_sign_of_life_too(sending, minutes, state):
    become(sending, 20, S.ACCEPTED, minutes_ago=45)
    Channel.objects.update(polls=True)
    WebhookPost.objects.create(
        channel=sending.channel,
        body=b"{}",
        is_polled=True,
        received_at=timezone.now() - timedelta(minutes=minutes),
    )
    look()
    assert state_of(sending) == state


def test_a_callback_of_another_channel_is_no_sign_of_life_of_this_one(sending, make_channel):
    become(sending, 20, S.ACCEPTED, minutes_ago=45)
    make_channel("Other", secrets={"x_api_key": "other-key"}, last_hook_at=timezone.now())
    look()
    assert state_of(sending) == C.PAUSED
    assert "No report at all has come back on “Channel 1” for 30 minutes" in sending.status_reason


# --- Going on ------------------------------------------------------------------------------------


def test_after_a_resume_only_what_happens_from_then_on_counts(sending, marketer):
    become(sending, 31, S.FAILED)
    opt_out(become(sending, 69, S.DELIVERED)[:30])
    look()
    assert state_of(sending) == C.PAUSED
    resume_campaign(sending, by=marketer)
    look()
    sweep(timezone.now())
    assert state_of(sending) == C.SENDING


def test_what_was_under_way_at_the_resume_is_judged_by_what_becomes_of_it(launch, marketer):
    campaign = launched_an_hour_ago(launch(contacts=300))
    become(campaign, 60, S.FAILED)
    phones = become(campaign, 120, S.SENT)
    look()
    resume_campaign(campaign, by=marketer)
    rows = Message.objects.filter(campaign=campaign, phone__in=phones)
    for count, state in ((36, C.SENDING), (37, C.PAUSED)):  # of 120, thirty per cent are 36
        rows.filter(phone__in=phones[:count]).update(status=S.FAILED)
        look()
        assert state_of(campaign) == state


def test_a_resumed_campaign_is_paused_again_by_new_failures(launch, marketer):
    campaign = launched_an_hour_ago(launch(contacts=300))
    become(campaign, 100, S.FAILED)
    look()
    resume_campaign(campaign, by=marketer)
    become(campaign, 69, S.DELIVERED)
    become(campaign, 30, S.FAILED)
    look()
    assert state_of(campaign) == C.SENDING
    become(campaign, 1, S.FAILED)
    look()
    assert state_of(campaign) == C.PAUSED
    assert campaign.status_reason.startswith("31 of 100 ")


def test_after_a_resume_only_people_reached_since_count_as_opted_out(launch, marketer):
    campaign = launched_an_hour_ago(launch(contacts=250))
    before = become(campaign, 100, S.DELIVERED)
    opt_out(before[:6])
    look()
    resume_campaign(campaign, by=marketer)
    since = become(campaign, 100, S.DELIVERED, minutes_ago=-1)
    opt_out([*before[6:40], *since[:5]])
    look()
    assert state_of(campaign) == C.SENDING
    opt_out(since[5:6])
    look()
    assert state_of(campaign) == C.PAUSED


def test_silence_is_measured_anew_after_a_resume(sending, marketer):
    become(sending, 20, S.ACCEPTED, minutes_ago=45)
    look()
    assert state_of(sending) == C.PAUSED
    resume_campaign(sending, by=marketer)
    later = timezone.now() + timedelta(minutes=31)
    pull_brakes(Campaign.objects.filter(status=C.SENDING), later)
    assert state_of(sending) == C.SENDING  # what was out before is no reason any more
    become(sending, 20, S.ACCEPTED, minutes_ago=0)
    pull_brakes(Campaign.objects.filter(status=C.SENDING), later)
    assert state_of(sending) == C.PAUSED


def test_a_pause_by_a_person_releases_nothing(sending, marketer):
    become(sending, 30, S.FAILED)
    become(sending, 69, S.DELIVERED)
    pause_campaign(sending, by=marketer)
    resume_campaign(sending, by=marketer)
    become(sending, 1, S.FAILED)
    look()
    assert state_of(sending) == C.PAUSED


def test_who_resumes_while_it_is_counted_wins(sending, marketer, monkeypatch):
    become(sending, 100, S.FAILED)
    inside = brake.find_reason

    def resumed_meanwhile(campaign, policy, now):
        reason = inside(campaign, policy, now)
        pause_by_machine(campaign, "Another look was faster.")
        resume_campaign(Campaign.objects.get(pk=campaign.pk), by=marketer)
        return reason

    monkeypatch.setattr(brake, "find_reason", resumed_meanwhile)
    look()
    assert state_of(sending) == C.SENDING


# --- Whom it concerns ----------------------------------------------------------------------------


def test_a_campaign_of_another_channel_is_left_alone(launch, monkeypatch, quick):
    bad, good = (launched_an_hour_ago(launch(contacts=110)) for _ in range(2))
    become(bad, 100, S.FAILED)
    monkeypatch.setattr(lookout, "BRAKE_SECONDS", 0.0)
    dispatch.send_due(good.channel_id, gateway=FakeGateway())
    assert state_of(bad) == C.SENDING
    assert state_of(good) == C.SENT
    dispatch.send_due(bad.channel_id, gateway=FakeGateway())
    assert state_of(bad) == C.PAUSED


def test_the_lane_that_sends_pauses_it_and_sends_no_more(launch, monkeypatch, quick):
    campaign = launch(contacts=400, rate=200)
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(lookout, "BRAKE_SECONDS", 0.0)
    inside = slices.LaneRun._turn_over

    def and_all_fail(run, **options):
        inside(run, **options)
        accepted = Message.objects.filter(campaign=campaign, status=S.ACCEPTED)
        accepted.update(status=S.FAILED)

    monkeypatch.setattr(slices.LaneRun, "_turn_over", and_all_fail)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert state_of(campaign) == C.PAUSED
    assert 100 <= gateway.sent.total() < 400


def test_it_needs_somebody_until_it_is_resumed(sending, marketer):
    become(sending, 100, S.FAILED)
    sweep(timezone.now())
    assert count_needs().paused_campaigns == [sending]
    resume_campaign(sending, by=marketer)
    assert count_needs().paused_campaigns == []
    pause_campaign(sending, by=marketer)
    assert count_needs().paused_campaigns == []
