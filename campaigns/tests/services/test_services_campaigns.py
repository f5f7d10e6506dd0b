"""A campaign's life: launched once, steered by whom it may, honest at every step."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import AuditEntry, Campaign, Message, OptOut, SavedMms
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus, SavedStatus
from campaigns.services.campaigns import (
    cancel_campaign,
    fingerprint,
    launch_campaign,
    pause_by_machine,
    pause_campaign,
    resume_campaign,
    save_draft,
)
from campaigns.services.checking import find_campaign_problems
from campaigns.services.filling import fill_outbox
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import count_statuses
from campaigns.services.progress import BAR_ORDER, MEANINGS, measure_progress
from campaigns.services.resending import send_one_again
from campaigns.services.sweep import cancel_stopped
from campaigns.services.trying import send_test
from campaigns.tests.again import send_again

S, C = MessageStatus, CampaignStatus


@pytest.fixture
def launched(make_campaign, marketer):
    campaign = make_campaign(contacts=4)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    return campaign


def test_a_campaign_without_recipients_is_not_launched(make_campaign, marketer):
    with pytest.raises(RuleBroken, match="no recipients"):
        launch_campaign(make_campaign(contacts=0), by=marketer)


def test_every_gap_is_named_at_once(marketer):
    campaign = Campaign.objects.create(name="Empty", key="e")
    problems, _ = find_campaign_problems(campaign, timezone.now())
    assert len(problems) == 3
    assert all(problem.endswith(".") for problem in problems)


def test_everybody_opted_out_means_no_recipients(make_campaign, marketer):
    campaign = make_campaign(contacts=1)
    phone = campaign.lists.get().contacts.get().phone
    OptOut.objects.create(phone=phone, source=OptOut.Source.STAFF)
    with pytest.raises(RuleBroken, match="opted out"):
        launch_campaign(campaign, by=marketer)


def test_a_paused_channel_stops_the_launch(make_campaign, marketer):
    campaign = make_campaign()
    campaign.channel.paused_at = timezone.now()
    campaign.channel.paused_reason = "The key is wrong."
    campaign.channel.save()
    with pytest.raises(RuleBroken, match="The key is wrong"):
        launch_campaign(campaign, by=marketer)


def test_what_was_edited_meanwhile_must_be_seen_first(make_campaign, marketer):
    campaign = make_campaign()
    seen = fingerprint(campaign.mms.head)
    slide = campaign.mms.head.slides.get()
    slide.text = "Half a sent"
    slide.save()
    with pytest.raises(RuleBroken, match="edited while you looked"):
        launch_campaign(campaign, by=marketer, seen=seen)
    launch_campaign(campaign, by=marketer, seen=fingerprint(campaign.mms.head))


def test_an_edit_that_comes_too_late_undoes_no_launch(make_campaign, marketer):
    campaign = make_campaign()
    opened_before = Campaign.objects.get(pk=campaign.pk)
    launch_campaign(campaign, by=marketer)
    with pytest.raises(RuleBroken, match="launched meanwhile"):
        save_draft(opened_before, by=marketer)
    campaign.refresh_from_db()
    assert campaign.status == C.FILLING


def test_who_opted_out_gets_no_test_either(make_channel, make_mms, marketer):
    channel = make_channel()
    OptOut.objects.create(phone="12015550123", source=OptOut.Source.STAFF)
    sender = channel.senders.get()
    with pytest.raises(RuleBroken, match="opted out"):
        send_test(make_mms().head, channel, sender, "12015550123", by=marketer)


def test_after_its_time_nobody_is_sent_to_again(launched, marketer):
    Message.objects.update(status=S.FAILED)
    launched.not_after = timezone.now()
    with pytest.raises(RuleBroken, match="has passed"):
        send_again(launched, S.FAILED, by=marketer)


def test_resuming_does_not_reopen_what_is_done(launched, marketer):
    Campaign.objects.update(status=C.DONE)
    with pytest.raises(RuleBroken, match="cannot be resumed"):
        resume_campaign(launched, by=marketer)


def test_the_second_launch_hears_who_was_first(launched, approver):
    with pytest.raises(RuleBroken, match="already launched by marketer"):
        launch_campaign(launched, by=approver)
    assert AuditEntry.objects.filter(verb="campaign.launched").count() == 1


def test_a_changed_audience_must_be_seen_first(make_campaign, marketer):
    with pytest.raises(RuleBroken, match="3 now, not 5"):
        launch_campaign(make_campaign(contacts=3), by=marketer, expected=5)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_launches_at_once_one_wins(make_campaign, marketer, approver):
    campaign = make_campaign(contacts=3)
    hands = Barrier(10)  # as many at the very same moment; each presses five times

    def launch(number):
        hands.wait(60)
        try:
            by = (marketer, approver)[number % 2]
            launch_campaign(Campaign.objects.get(pk=campaign.pk), by=by)
            return "launched"
        except RuleBroken as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(launch, range(50)))
    refused = [said for said in outcomes if said != "launched"]
    assert len(refused) == 49
    assert all(said.startswith("It was already launched by ") for said in refused)
    assert AuditEntry.objects.filter(verb="campaign.launched").count() == 1
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.count() == 3


def test_the_message_is_frozen_at_launch(launched):
    assert launched.revision == launched.mms.head
    assert launched.revision.frozen_at is not None


def test_a_ready_template_of_this_version_is_used(make_campaign, marketer):
    campaign = make_campaign()
    SavedMms.objects.create(
        revision=campaign.mms.head,
        channel=campaign.channel,
        mms_id="35674",
        status=SavedStatus.READY,
        reference="r",
    )
    launch_campaign(campaign, by=marketer)
    assert campaign.saved_id == "35674"


def test_pause_and_resume_keep_the_rest(launched, marketer):
    pause_campaign(launched, by=marketer)
    assert launched.status == C.PAUSED
    assert "marketer" in launched.status_reason
    resume_campaign(launched, by=marketer)
    assert launched.status == C.SENDING
    assert count_statuses(launched) == {S.QUEUED: 4}


def test_paused_while_filling_it_fills_on_when_resumed(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    launch_campaign(campaign, by=marketer)
    pause_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    assert not Message.objects.exists()
    resume_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.count() == 3


def test_stopping_cancels_who_waits(launched, marketer):
    Message.objects.filter(pk=Message.objects.first().pk).update(status=S.DELIVERED)
    cancel_campaign(launched, by=marketer)
    cancel_stopped(timezone.now())
    assert count_statuses(launched) == {S.DELIVERED: 1, S.CANCELLED: 3}


def test_what_is_stopped_is_not_resumed(launched, marketer):
    cancel_campaign(launched, by=marketer)
    with pytest.raises(RuleBroken, match="“stopped” cannot be resumed"):
        resume_campaign(launched, by=marketer)


def test_the_machine_pauses_only_what_is_sending(launched, marketer):
    cancel_campaign(launched, by=marketer)
    pause_by_machine(launched, "Too late.")
    launched.refresh_from_db()
    assert launched.status == C.CANCELLED


def test_what_may_have_arrived_is_not_sent_again(launched, marketer):
    for status in (S.UNKNOWN, S.SENT, S.DELIVERED, S.ACCEPTED, S.NO_RECEIPT):
        with pytest.raises(RuleBroken, match="may have arrived"):
            send_again(launched, status, by=marketer)


def test_sending_again_opens_a_finished_campaign(launched, marketer):
    Message.objects.update(status=S.FAILED, reason="No.", code="E102")
    Campaign.objects.update(status=C.DONE)
    launched.refresh_from_db()
    assert send_again(launched, S.FAILED, by=marketer) == 4
    launched.refresh_from_db()
    assert launched.status == C.SENDING


def test_who_opted_out_meanwhile_is_not_offered_to_be_sent_to_again(launched, marketer):
    Message.objects.update(status=S.FAILED, reason="No.")
    record_optout(Message.objects.first().phone, source=OptOut.Source.STAFF)
    again = measure_progress(launched, timezone.now()).again
    assert [(row.status, row.count, row.left_alone) for row in again] == [(S.FAILED, 3, 1)]
    assert send_again(launched, S.FAILED, by=marketer) == again[0].count


def test_one_person_can_be_sent_to_again(launched, marketer):
    Message.objects.update(status=S.UNRESOLVED)
    Campaign.objects.update(status=C.DONE)
    message = Message.objects.select_related("campaign").first()
    send_one_again(message, by=marketer)
    message.refresh_from_db()
    launched.refresh_from_db()
    assert (message.status, message.resend_count) == (S.QUEUED, 1)
    assert launched.status == C.SENDING
    assert count_statuses(launched) == {S.QUEUED: 1, S.UNRESOLVED: 3}


def test_one_person_in_doubt_is_not_sent_to_again(launched, marketer):
    Message.objects.update(status=S.UNKNOWN)
    message = Message.objects.select_related("campaign").first()
    with pytest.raises(RuleBroken, match="may have arrived"):
        send_one_again(message, by=marketer)


def test_a_test_message_is_checked_like_a_campaign(make_channel, make_mms, marketer):
    channel, empty = make_channel(), make_mms(text="")
    with pytest.raises(RuleBroken, match="Slide 1"):
        send_test(empty.head, channel, channel.senders.get(), "12015550123", by=marketer)


def test_the_bar_knows_every_state():
    assert set(BAR_ORDER) == set(MEANINGS) == set(MessageStatus)


def test_the_counts_add_up_to_the_total(launched):
    for message, status in zip(Message.objects.all(), [S.FAILED, S.SENT, S.UNKNOWN], strict=False):
        Message.objects.filter(pk=message.pk).update(status=status, reason="Why.", code="E1")
    progress = measure_progress(launched, timezone.now())
    assert sum(part.count for part in progress.parts) == progress.total == 4
    assert round(sum(part.width for part in progress.parts), 6) == 100
    assert {reason.status for reason in progress.reasons} == {S.FAILED, S.UNKNOWN}
    assert not progress.is_over
