"""The outbox: what its filters hold."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.gateways.events import NO_USE_AGAIN
from campaigns.models import Message, MessageEvent
from campaigns.rules.statuses import MessageStatus
from campaigns.services.trying import find_last_tests

Purpose = Message.Purpose


@pytest.fixture
def of_no_campaign(make_channel, make_mms):
    """One message of every purpose but a campaign's, all of the same MMS."""
    channel, mms = make_channel(), make_mms()
    for purpose in Purpose.values[1:]:
        Message.objects.create(
            purpose=purpose,
            channel=channel,
            revision=mms.head,
            sender="12015550100",
            phone="12015550101",
            reference=f"reference-{purpose}",
        )
    return mms


def test_answers_are_no_test_messages(of_no_campaign, sign_in, marketer):
    url = reverse("admin:campaigns_message_changelist")
    shown = sign_in(marketer).get(url, {"launched": "test"}).context_data["cl"].result_list
    assert [message.purpose for message in shown] == [Purpose.TEST]


def test_the_last_tests_of_an_mms_are_tests(of_no_campaign):
    assert [test.purpose for test in find_last_tests(of_no_campaign)] == [Purpose.TEST]


# --- The page of one -----------------------------------------------------------------------------


@pytest.fixture
def page_of(make_campaign, sign_in, approver):
    """The page of a message of a campaign in a state, as text."""

    def page_of(status, *, kind="sinch_mms", reported=""):
        campaign = make_campaign(1)
        campaign.channel.kind = kind
        campaign.channel.save(update_fields=["kind"])
        message = Message.objects.create(
            campaign=campaign,
            channel=campaign.channel,
            revision=campaign.mms.head,
            sender="12015550100",
            phone="12015550101",
            reference="reference",
            status=status,
            reason=reported,
        )
        if reported:
            now = timezone.now()
            MessageEvent.objects.create(
                message=message, key="1", code="300", text=reported, received_at=now
            )
        url = reverse("admin:campaigns_message_change", args=[message.pk])
        return sign_in(approver).get(url).content.decode()

    return page_of


@pytest.mark.parametrize(
    ("status", "title"),
    [(MessageStatus.FAILED, "What it said"), (MessageStatus.DELIVERED, "What they read")],
)
def test_only_what_went_was_read(page_of, status, title):
    assert f">{title}</h2>" in page_of(status)


def test_what_is_of_no_use_is_offered_after_saying_so(page_of):
    page = page_of(MessageStatus.FAILED, reported=f"The number is not valid. {NO_USE_AGAIN}")
    told = page.index("By what was reported, sending it again does not help.")
    assert told < page.index('button--quiet">Send it again all the same</button>')


def test_what_may_help_is_offered(page_of):
    page = page_of(MessageStatus.FAILED, reported="The phone was off. Send it again later.")
    assert 'button--primary">Send it again</button>' in page


@pytest.mark.parametrize(("kind", "count"), [("sinch_mms", 1), ("sinch_conversation", 0)])
def test_the_phone_shows_a_link_where_the_channel_adds_one(page_of, kind, count):
    assert page_of(MessageStatus.SENT, kind=kind).count("Sinch adds the link") == count
