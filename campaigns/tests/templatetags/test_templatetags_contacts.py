"""What the timeline says of a message: whether it was sent, and what it was."""

from datetime import UTC, datetime

import pytest

from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus
from campaigns.templatetags.contacts import doubt_words, reason_of, sending_words, subject_of

Status, Purpose = MessageStatus, Message.Purpose


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.QUEUED, "To be sent"),
        (Status.SENDING, "Being sent"),
        (Status.UNKNOWN, "Perhaps sent"),
        (Status.UNRESOLVED, "Perhaps sent"),
        (Status.SKIPPED, "Not sent"),
        (Status.CANCELLED, "Not sent"),
        (Status.FAILED, "Not sent"),
        (Status.ACCEPTED, "Sent"),
        (Status.NO_RECEIPT, "Sent"),
        (Status.EXPIRED, "Sent"),
        (Status.DELIVERED, "Sent"),
        (Status.DELIVERED_AS_SMS, "Sent"),
    ],
)
def test_only_what_went_out_is_told_as_sent(status, words):
    assert sending_words(Message(status=status)) == words


def test_what_failed_at_the_carrier_was_sent():
    at = datetime(2026, 5, 3, tzinfo=UTC)
    assert sending_words(Message(status=Status.FAILED, accepted_at=at)) == "Sent"


@pytest.mark.parametrize("purpose", [Purpose.HELP, Purpose.CONFIRMATION, Purpose.WELCOME])
def test_an_answer_is_called_by_what_it_answers(purpose):
    assert subject_of(Message(purpose=purpose)) == Purpose(purpose).label


def test_a_stopped_message_does_not_tell_when_it_starts():
    stopped = Message(status=Status.CANCELLED, reason="Starts Mon 23 Nov, 08:00 EST.")
    skipped = Message(status=Status.SKIPPED, reason="They opted out.")
    assert (reason_of(stopped), reason_of(skipped)) == ("", "They opted out.")


def test_a_judged_reply_is_no_doubt_any_more():
    assert doubt_words("open") == "May be an opt-out"
    assert doubt_words("opted_out") == "Their reply judged"
