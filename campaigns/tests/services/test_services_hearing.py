"""Plain-text replies come by the number's own channel, or by another one with SMS."""

import pytest

from campaigns.models import Sender
from campaigns.services.hearing import find_deaf_senders, find_route_warning, is_heard


@pytest.fixture
def mms(make_channel):
    return make_channel("MMS").senders.get()


def test_an_interface_without_sms_brings_no_texts(mms):
    assert "will not reach this portal" in find_route_warning(mms)
    assert find_deaf_senders() == [mms]


@pytest.mark.parametrize("kind", ["sinch_conversation", "sinch_sms"])
def test_an_interface_with_sms_brings_them_by_itself(kind, make_channel):
    sender = make_channel("Both", kind=kind).senders.get()
    assert is_heard(sender)
    assert find_deaf_senders() == []


def test_the_same_number_on_an_interface_with_sms_brings_them_for_both(mms, make_channel):
    make_channel("SMS", kind="sinch_sms")
    assert find_route_warning(mms) == ""
    assert find_deaf_senders() == []


def test_another_number_there_helps_nobody(mms, make_channel):
    make_channel("SMS", kind="sinch_sms").senders.update(number="12015550101")
    assert find_deaf_senders() == [mms]


def test_another_route_is_taken_at_its_word(mms):
    Sender.objects.update(replies_reach_us=True)
    mms.refresh_from_db()
    assert find_route_warning(mms) == find_route_warning(None) == ""
    assert find_deaf_senders() == []
