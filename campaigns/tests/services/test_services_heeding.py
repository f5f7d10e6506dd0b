"""What a reply asks for is done at once, once, and the reply says what it did."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    InboundMessage,
    Message,
    Mms,
    OptOut,
    OptOutReview,
    Policy,
    Sender,
)
from campaigns.rules.formats import Format
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import answers, reviews
from campaigns.services.heeding import BLOCKED_THERE, heed_reply
from campaigns.services.optouts import lift_optout, record_optout
from campaigns.services.outbox import OPTED_OUT, claim
from campaigns.services.reviews import UNDER_REVIEW, decide_review
from campaigns.tests.conftest import make_reply

PHONE, OURS = "12015550155", "12015550100"
Heard, Purpose, S = InboundMessage.Heard, Message.Purpose, MessageStatus


@pytest.fixture
def channel(make_channel):
    return make_channel()


@pytest.fixture
def write(channel):
    """Somebody writes; the reply as it is afterwards."""

    def write(said, *, phone=PHONE, to=OURS, at=None, now=None):
        now = now or timezone.now()
        reply = make_reply(
            channel=channel,
            phone=phone,
            to=to,
            text=said,
            provider_id=f"mo-{InboundMessage.objects.count()}",
            sent_at=at,
            received_at=now,
        )
        heed_reply(reply, said, now)
        reply.refresh_from_db()
        return reply

    return write


@pytest.fixture
def waiting(make_campaign, channel):
    now = timezone.now()
    going = {"status": CampaignStatus.SENDING, "launched_at": now, "filled_at": now}

    def make(of=channel, **fields):
        campaign = make_campaign(contacts=0, channel=of, **going)
        contact, _ = Contact.objects.get_or_create(phone=PHONE, defaults={"consented_at": now})
        return Message.objects.create(
            campaign=campaign,
            contact=contact,
            channel=of,
            revision=campaign.mms.head,
            sender=OURS,
            phone=PHONE,
            reference=f"m-{Message.objects.count()}",
            **fields,
        )

    return make


# --- STOP ----------------------------------------------------------------------------------------


def test_stop_opts_out_of_all_channels_skips_what_waits_and_is_confirmed_once(write, waiting):
    message = waiting()
    reply = write("Stop texting me")
    assert (reply.heard, reply.opted_out) == (Heard.STOP, True)
    assert OptOut.objects.get().channel is None
    message.refresh_from_db()
    assert (message.status, message.reason) == (S.SKIPPED, OPTED_OUT)
    assert reply.answer.purpose == Purpose.CONFIRMATION
    assert (reply.answer.phone, reply.answer.sender) == (PHONE, OURS)
    assert write("STOP").answer is None
    assert Message.objects.filter(purpose=Purpose.CONFIRMATION).count() == 1


def test_the_confirmation_may_be_claimed_and_nothing_else(write, waiting, channel):
    reply = write("STOP")
    waiting()
    now = timezone.now()
    claimed = claim(channel.pk, None, 10, owner="w", now=now)
    assert [parcel.id for parcel in claimed] == [reply.answer_id]
    assert claim(channel.pk, reply.answer.campaign_id, 10, owner="w", now=now) == []


def test_the_answer_speaks_the_language_of_the_reply(write):
    for number, (said, word) in enumerate(
        (("STOP", "opted out"), ("no más", "baja"), ("désabonnez-moi", "désabonné"))
    ):
        reply = write(said, phone=f"1201555017{number}")
        assert word in reply.answer.revision.slides.get().text


def test_a_network_that_confirms_is_not_doubled(write, channel):
    Sender.objects.update(network_confirms=True)
    reply = write("STOP")
    assert reply.opted_out
    assert (reply.answer, reply.not_answered) == (None, answers.NETWORK_CONFIRMS)


def test_a_toll_free_number_that_nobody_set_up_confirms_itself(write):
    assert write("STOP", to="18885550100").not_answered == answers.NETWORK_CONFIRMS


def test_a_stop_that_reached_us_late_is_heeded_and_not_confirmed(write):
    now = timezone.now()
    reply = write("STOP", at=now - timedelta(minutes=6), now=now)
    assert reply.opted_out
    assert (reply.answer.status, reply.answer.reason) == (S.SKIPPED, answers.TOO_LATE)


def test_a_confirmation_that_waited_too_long_is_skipped(write):
    now = timezone.now()
    reply = write("STOP", at=now - timedelta(minutes=2), now=now)
    assert answers.skip_late(now + timedelta(minutes=2)) == 0
    assert answers.skip_late(now + timedelta(minutes=3, seconds=1)) == 1
    reply.answer.refresh_from_db()
    assert (reply.answer.status, reply.answer.reason) == (S.SKIPPED, answers.TOO_LATE)


def test_a_name_instead_of_a_number_asks_for_nothing(write):
    assert write("STOP", phone="Carrier").heard == Heard.NOTHING
    assert not OptOut.objects.exists()


# --- HELP ----------------------------------------------------------------------------------------


def test_help_is_answered_with_brand_and_contact_also_after_a_stop(write, channel):
    Policy.objects.update_or_create(pk=1, defaults={"brand": "Bird & Co", "contact": "a@b.ca"})
    write("STOP")
    reply = write("HELP")
    text = reply.answer.revision.slides.get().text
    assert "Bird & Co" in text
    assert "a@b.ca" in text
    claimed = claim(channel.pk, None, 10, owner="w", now=timezone.now())
    assert reply.answer_id in {parcel.id for parcel in claimed}


def test_two_machines_do_not_answer_each_other_for_ever(write):
    now = timezone.now()
    assert write("HELP", now=now).answer
    assert write("HELP", now=now).not_answered == answers.JUST_ANSWERED
    Message.objects.update(created_at=now - timedelta(minutes=61))
    assert write("HELP", now=now).answer


def test_a_number_of_our_own_gets_no_answer(write):
    assert write("HELP", phone=OURS).not_answered == answers.OUR_OWN


def test_one_text_is_one_version_of_an_mms_that_galleries_do_not_show(write):
    first, second = write("HELP"), write("HELP", phone="12015550156")
    assert first.answer.revision == second.answer.revision
    assert first.answer.revision.frozen_at
    assert first.answer.revision.mms.name == "Answer to HELP"
    assert not Mms.objects.exists()


# --- START ---------------------------------------------------------------------------------------


def test_a_channel_that_has_sms_answers_by_sms_with_a_version_of_its_own(write, channel):
    as_mms = write("HELP").answer.revision
    assert (as_mms.format, as_mms.fallback) == (Format.SLIDES, True)
    type(channel).objects.filter(pk=channel.pk).update(kind="sinch_conversation")
    channel.refresh_from_db()
    as_sms = write("HELP", phone="12015550156").answer.revision
    assert (as_sms.format, as_sms.fallback_text) == (Format.TEXT, "")
    assert as_sms.slides.get().text == as_mms.slides.get().text
    assert write("HELP", phone="12015550157").answer.revision == as_sms
    assert as_sms.mms == as_mms.mms


def test_start_lifts_what_they_asked_for_and_is_their_consent(write, marketer):
    contact = Contact.objects.create(phone=PHONE)
    write("STOP")
    reply = write("START")
    assert not OptOut.objects.exists()
    assert reply.answer.purpose == Purpose.WELCOME
    kinds = list(Consent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["opted_out", "lifted", "given"]
    contact.refresh_from_db()
    assert contact.consented_at
    assert AuditEntry.objects.filter(verb="optout.lifted").exists()


def test_start_lifts_what_staff_entered_for_them_and_adds_no_second_consent(write, marketer):
    now = timezone.now()
    Contact.objects.create(phone=PHONE, consented_at=now)
    record_optout(PHONE, source=OptOut.Source.STAFF, evidence="Phoned", by=marketer)
    write("START")
    assert not OptOut.objects.exists()
    assert not Consent.objects.filter(kind="given").exists()


def test_start_leaves_the_block_of_the_provider_and_says_so(write):
    record_optout(PHONE, source=OptOut.Source.PROVIDER)
    reply = write("START")
    assert OptOut.objects.get().source == OptOut.Source.PROVIDER
    assert (reply.answer, reply.not_answered) == (None, BLOCKED_THERE)


def test_start_lifts_only_their_own_and_not_that_of_another_channel(write, make_channel):
    other = make_channel("Other")
    record_optout("12015550199", source=OptOut.Source.REPLY)
    record_optout(PHONE, source=OptOut.Source.REPLY, channel=other)
    write("START")
    assert OptOut.objects.count() == 2


def test_a_start_that_was_overtaken_by_a_later_stop_lifts_nothing(write):
    now = timezone.now()
    write("STOP", at=now - timedelta(seconds=10), now=now)
    write("START", at=now - timedelta(seconds=30), now=now)
    assert OptOut.objects.exists()


def test_a_confirmation_that_a_later_start_overtook_is_not_sent_any_more(write):
    now = timezone.now()
    stop = write("STOP", at=now - timedelta(seconds=90), now=now - timedelta(seconds=80))
    start = write("START", at=now - timedelta(seconds=50), now=now)
    stop.answer.refresh_from_db()
    assert (stop.answer.status, stop.answer.reason) == (S.SKIPPED, answers.OVERTAKEN)
    assert start.answer.status == S.QUEUED


def test_a_start_that_lifts_nothing_leaves_the_confirmation(write):
    now = timezone.now()
    stop = write("STOP", at=now - timedelta(seconds=10), now=now)
    write("START", at=now - timedelta(seconds=30), now=now)
    stop.answer.refresh_from_db()
    assert stop.answer.status == S.QUEUED


def test_a_welcome_that_a_later_stop_overtook_is_not_sent_and_the_next_start_is_answered(write):
    first = write("START").answer
    write("STOP")
    first.refresh_from_db()
    assert (first.status, first.reason) == (S.SKIPPED, OPTED_OUT)
    assert write("START").answer.status == S.QUEUED


def test_a_doubtful_reply_from_before_the_start_that_comes_late_changes_nothing(write):
    now = timezone.now()
    start = write("START", at=now - timedelta(seconds=10), now=now)
    write("lawyer", at=now - timedelta(seconds=30), now=now)
    start.answer.refresh_from_db()
    assert start.answer.status == S.QUEUED
    assert not OptOutReview.objects.exists()


def test_start_after_a_doubt_is_answered_though_one_before_it_was_not_sent(write):
    first = write("START").answer
    write("lawyer")
    first.refresh_from_db()
    assert (first.status, first.reason) == (S.SKIPPED, UNDER_REVIEW)
    assert write("START").answer.status == S.QUEUED


# --- Doubts --------------------------------------------------------------------------------------


def test_a_doubtful_reply_waits_for_a_person_and_its_writer_is_left_alone(write, waiting):
    message = waiting()
    reply = write("I never signed up for this")
    review = OptOutReview.objects.get()
    assert (reply.heard, reply.opted_out, reply.answer) == (Heard.DOUBT, False, None)
    assert (review.said, review.words) == ("I never signed up for this", "never signed")
    message.refresh_from_db()
    assert (message.status, message.reason) == (S.SKIPPED, UNDER_REVIEW)
    assert OptOut.objects.get().source == OptOut.Source.REVIEW
    assert not Consent.objects.exists()


def test_not_an_opt_out_lets_the_campaign_go_on_for_them(write, waiting, agent):
    message = waiting()
    write("We have got to STOP this bill")
    decide_review(OptOutReview.objects.get(), is_optout=False, by=agent)
    message.refresh_from_db()
    assert (message.status, message.reason) == (S.QUEUED, "")
    assert not OptOut.objects.exists()
    assert Consent.objects.get().kind == "not_optout"


def test_what_was_skipped_stays_so_when_its_campaign_is_over(write, waiting, agent):
    message = waiting()
    write("We have got to STOP this bill")
    message.campaign.status = CampaignStatus.DONE
    message.campaign.save()
    decide_review(OptOutReview.objects.get(), is_optout=False, by=agent)
    message.refresh_from_db()
    assert message.status == S.SKIPPED


def test_judged_an_opt_out_it_is_one_since_they_said_so(write, agent):
    reply = write("lawyer")
    decide_review(OptOutReview.objects.get(), is_optout=True, by=agent)
    optout = OptOut.objects.get()
    assert (optout.source, optout.by, optout.asked_at) == ("reply", agent, reply.received_at)
    reply.refresh_from_db()
    assert reply.opted_out
    assert not Message.objects.exists()  # the person is told nothing
    assert AuditEntry.objects.filter(verb="review.decided", actor=agent).exists()


def test_a_reply_is_judged_once(write, agent):
    write("lawyer")
    review = OptOutReview.objects.get()
    decide_review(review, is_optout=True, by=agent)
    with pytest.raises(reviews.RuleBroken, match="already"):
        decide_review(review, is_optout=False, by=agent)
    assert OptOut.objects.exists()


def test_with_two_doubts_one_judgement_is_not_enough(write, agent):
    write("lawyer")
    write("this is spam")
    decide_review(OptOutReview.objects.first(), is_optout=False, by=agent)
    assert OptOut.objects.exists()
    decide_review(OptOutReview.objects.last(), is_optout=False, by=agent)
    assert not OptOut.objects.exists()


def test_their_own_stop_or_start_ends_the_doubt(write, waiting):
    message = waiting()
    write("lawyer")
    write("START")
    message.refresh_from_db()
    assert message.status == S.QUEUED
    assert not OptOut.objects.exists()
    write("lawyer")
    write("STOP")
    assert not reviews.open_reviews().exists()
    assert OptOut.objects.get().source == OptOut.Source.REPLY


def test_who_opted_out_already_is_not_judged(write):
    write("STOP")
    write("I never signed up for this")
    assert not OptOutReview.objects.exists()


@pytest.mark.parametrize("is_optout", [True, False])
def test_who_opted_out_of_one_channel_is_judged_for_the_others(
    write, channel, make_channel, waiting, agent, is_optout
):
    here, there = waiting(), waiting(of=make_channel("Other"))
    record_optout(PHONE, source=OptOut.Source.STAFF, channel=channel)
    write("lawyer")
    there.refresh_from_db()
    assert (there.status, there.reason) == (S.SKIPPED, UNDER_REVIEW)
    decide_review(OptOutReview.objects.get(), is_optout=is_optout, by=agent)
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.status, here.reason) == (S.SKIPPED, OPTED_OUT)
    assert there.status == (S.SKIPPED if is_optout else S.QUEUED)
    assert OptOut.objects.filter(channel=channel).exists()
    assert OptOut.objects.filter(channel=None).exists() == is_optout


def test_a_doubt_after_an_opt_out_is_judged_when_an_older_start_takes_that_back(
    write, waiting, agent
):
    now = timezone.now()
    write("STOP", at=now - timedelta(seconds=90), now=now - timedelta(seconds=85))
    doubt = write("lawyer", at=now - timedelta(seconds=30), now=now - timedelta(seconds=20))
    assert not OptOutReview.objects.exists()
    start = write("START", at=now - timedelta(seconds=60), now=now)
    assert OptOut.objects.get().source == OptOut.Source.REVIEW
    review = reviews.open_reviews().get()
    assert (review.reply, review.said, review.words) == (doubt, "lawyer", "lawyer")
    assert start.answer is None
    decide_review(review, is_optout=False, by=agent)
    assert not OptOut.objects.exists()


def test_a_start_after_the_doubt_takes_back_the_opt_out_and_the_doubt(write):
    now = timezone.now()
    write("STOP", at=now - timedelta(seconds=90), now=now - timedelta(seconds=85))
    write("lawyer", at=now - timedelta(seconds=60), now=now - timedelta(seconds=55))
    start = write("START", at=now - timedelta(seconds=30), now=now)
    assert not OptOut.objects.exists()
    assert not OptOutReview.objects.exists()
    assert start.answer.status == S.QUEUED


def test_a_start_that_takes_nothing_back_lets_nobody_judge(write):
    now = timezone.now()
    record_optout(PHONE, source=OptOut.Source.PROVIDER)
    write("lawyer", at=now - timedelta(seconds=30), now=now - timedelta(seconds=20))
    write("START", at=now - timedelta(seconds=60), now=now)
    assert OptOut.objects.get().source == OptOut.Source.PROVIDER
    assert not OptOutReview.objects.exists()


def test_staff_takes_no_opt_out_back_on_a_consent_older_than_a_doubt(write, administrator):
    now, day = timezone.now(), timedelta(days=1)
    write("STOP", at=now - 9 * day, now=now - 9 * day)
    write("my lawyer will call", at=now - 3 * day, now=now - 3 * day)
    told = {"reason": "Phoned", "method": "phone", "wording": "Yes", "by": administrator}
    with pytest.raises(RuleBroken, match="before they wrote “my lawyer will call”"):
        lift_optout(OptOut.objects.get(), at=now - 5 * day, **told)
    lift_optout(OptOut.objects.get(), at=now - 2 * day, **told)
    assert not OptOut.objects.exists()


# --- Once per reply ------------------------------------------------------------------------------


def test_the_texts_of_a_reply_do_the_same_once_and_nothing_weaker_later(write):
    reply = write("HELP")
    heed_reply(reply, "HELP", timezone.now())
    reply.refresh_from_db()
    assert reply.not_answered == ""
    for said in ("HELP", "STOP", "STOP", "HELP", "lawyer"):
        heed_reply(reply, said, timezone.now())
    reply.refresh_from_db()
    assert reply.heard == Heard.STOP
    assert Message.objects.count() == 2
    assert not OptOutReview.objects.exists()


def test_an_ordinary_reply_does_nothing(write):
    reply = write("How much is it?")
    assert (reply.heard, reply.answer, reply.not_answered) == (Heard.NOTHING, None, "")
