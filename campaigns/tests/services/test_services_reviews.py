"""What becomes of a doubtful reply and of what was skipped for it, also out of order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Contact, InboundMessage, Message, OptOut, OptOutReview, Wave
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.heeding import heed_reply
from campaigns.services.outbox import claim
from campaigns.services.reviews import decide_review, open_reviews
from campaigns.tests.conftest import make_reply

PHONE = "12015550155"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DOUBT = "my lawyer will call you, this is spam"


@pytest.fixture
def write(make_channel):
    """Somebody wrote so many minutes after an hour ago, and it is read now."""
    channel = make_channel()
    start = timezone.now() - timedelta(hours=1)

    def write(said, minutes, phone=PHONE):
        now = timezone.now()
        reply = make_reply(
            channel=channel,
            phone=phone,
            to="12015550100",
            text=said,
            provider_id=f"mo-{InboundMessage.objects.count()}",
            sent_at=start + minutes * MINUTE,
            received_at=now,
        )
        heed_reply(reply, said, now)
        return reply

    return write


@pytest.fixture
def doubted(make_campaign, marketer, write):
    """The one message of a campaign that starts tomorrow; its receiver has written a doubt."""
    campaign = make_campaign(contacts=1, start=Campaign.Start.AT, starts_at=timezone.now() + DAY)
    Contact.objects.update(place="US;NY;America/New_York")
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    message = Message.objects.get()
    write(DOUBT, 0, phone=message.phone)
    return message


# --- A START that is read late -------------------------------------------------------------------


def test_a_start_that_is_older_than_the_doubt_leaves_it_to_be_judged(write):
    write(DOUBT, 20)
    reply = write("START", 10)
    assert open_reviews().exists()
    assert OptOut.objects.get().source == OptOut.Source.REVIEW
    assert reply.answer is None


def test_a_start_between_two_doubts_ends_only_the_first(write, agent):
    first, second = write(DOUBT, 0), write("I never signed up for this", 20)
    write("START", 10)
    assert OptOutReview.objects.get(reply=first).decision == OptOutReview.Decision.NOT_ONE
    assert open_reviews().get().reply == second
    assert OptOut.objects.get().source == OptOut.Source.REVIEW
    decide_review(open_reviews().get(), is_optout=False, by=agent)
    assert not OptOut.objects.exists()


def test_a_start_after_the_doubts_ends_them_all(write):
    write(DOUBT, 0)
    write("I never signed up for this", 5)
    write("START", 10)
    assert not open_reviews().exists()
    assert not OptOut.objects.exists()


def test_a_doubt_that_a_late_stop_settled_is_not_lifted_by_an_older_start(write):
    write(DOUBT, 20)
    write("STOP", 0)
    write("START", 10)
    assert OptOut.objects.get().source == OptOut.Source.REPLY


# --- What was skipped for a doubt ----------------------------------------------------------------


@pytest.mark.parametrize(
    "status",
    [
        CampaignStatus.FILLING,
        CampaignStatus.SCHEDULED,
        CampaignStatus.SENDING,
        CampaignStatus.PAUSED,
    ],
)
def test_not_an_opt_out_gives_the_message_its_turn_back(doubted, status, agent):
    turn = doubted.send_after
    doubted.refresh_from_db()
    assert doubted.status == MessageStatus.SKIPPED
    Campaign.objects.update(status=status)
    decide_review(OptOutReview.objects.get(), is_optout=False, by=agent)
    doubted.refresh_from_db()
    assert doubted.status == MessageStatus.QUEUED
    assert doubted.reason.startswith("Starts ")
    assert doubted.send_after == turn


@pytest.mark.parametrize(
    "status", [CampaignStatus.SENT, CampaignStatus.DONE, CampaignStatus.CANCELLED]
)
def test_nothing_is_given_back_to_a_campaign_that_is_over(doubted, status, agent):
    Campaign.objects.update(status=status)
    decide_review(OptOutReview.objects.get(), is_optout=False, by=agent)
    doubted.refresh_from_db()
    assert doubted.status == MessageStatus.SKIPPED


def test_what_is_given_back_does_not_go_before_its_wave(doubted, agent):
    campaign, now = doubted.campaign, timezone.now()
    Wave.objects.create(
        campaign=campaign, starts_at=now - MINUTE, label="East", people_count=1, started_at=now
    )
    Campaign.objects.update(status=CampaignStatus.SENDING)
    decide_review(OptOutReview.objects.get(), is_optout=False, by=agent)
    assert claim(campaign.channel_id, campaign.pk, 10, owner="w", now=now + MINUTE) == []
