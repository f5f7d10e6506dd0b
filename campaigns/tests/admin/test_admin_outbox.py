"""The outbox: what its filters hold."""

import pytest
from django.urls import reverse

from campaigns.models import Message
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
