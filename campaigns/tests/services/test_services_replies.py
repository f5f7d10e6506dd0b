"""Replies from the inbox: whether, by which channel, when; sent once, and seen by others."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    InboundMessage,
    Message,
    Mms,
    OptOut,
    QuietHours,
    Thread,
)
from campaigns.rules.formats import Format
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus as S
from campaigns.services import replies
from campaigns.services.hours import OpenHours
from campaigns.services.outbox import claim
from campaigns.services.replies import Wording, send_reply, take_back
from campaigns.services.reply_routes import JUDGE, find_route
from campaigns.tests.conftest import agreeing, make_reply

PHONE, NUMBER = "12015550123", "12015550100"
#: Three in the morning in New Jersey.
NIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(make_channel):
    return make_channel()


@pytest.fixture
def thread(channel):
    return make_reply(
        channel=channel,
        phone=PHONE,
        text="Is it open?",
        provider_id="mo-1",
        received_at=timezone.now() - timedelta(minutes=5),
    ).thread


@pytest.fixture
def send(thread, agent):
    def send(text="Yes!", token="a" * 16, seen=0, by=agent, now=None, **fields):
        hurry = fields.pop("hurry", False)
        return send_reply(
            thread,
            Wording(text, **fields),
            token=token,
            seen=seen,
            hurry=hurry,
            by=by,
            now=now or timezone.now(),
        )

    return send


@pytest.fixture
def quiet_nights():
    """From 8 to 21 everywhere."""
    QuietHours.objects.update(opens_at=time(8), closes_at=time(21))


def words_of(message):
    return [slide.text for slide in message.revision.slides.all()]


# --- What goes out -------------------------------------------------------------------------------


def test_a_reply_goes_from_the_number_they_wrote_to_by_the_channel_they_used(send, thread, agent):
    message = send()
    assert (message.purpose, message.sender, message.phone) == (replies.REPLY, NUMBER, PHONE)
    assert (message.channel, message.written_by, message.campaign) == (thread.channel, agent, None)
    assert words_of(message) == ["Yes!"]
    assert message.revision.frozen_at


def test_words_of_a_reply_are_nowhere_among_the_mms(send):
    send()
    assert not Mms.objects.exists()


def test_where_words_can_go_as_an_sms_they_do(send, channel):
    assert send().revision.format == Format.SLIDES
    type(channel).objects.update(kind="sinch_conversation")
    assert send(token="b" * 16).revision.format == Format.TEXT


def test_an_mms_of_ours_is_filled_with_what_is_known_of_them(send, make_mms):
    contact = agreeing(PHONE, first_name="Ann")
    contact.save()
    mms = make_mms(text="Hello {{ first_name|there }}")
    message = send("", mms=mms)
    assert message.revision == mms.head
    assert message.merge_values == '{"first_name": "Ann"}'
    assert mms.head.frozen_at


def test_a_field_of_which_nothing_is_known_stops_it(send, make_mms):
    with pytest.raises(RuleBroken, match="Nothing is known for “City”"):
        send("", mms=make_mms(text="Hello {{ City }}"))


@pytest.mark.parametrize("text", ["", "   "[:0]])
def test_nothing_is_not_sent(send, text):
    with pytest.raises(RuleBroken, match="Write something"):
        send(text)


def test_a_template_and_words_are_not_mixed(send, make_mms):
    with pytest.raises(RuleBroken, match="not both"):
        send("And this", mms=make_mms())


def test_too_many_words_are_told_as_in_the_composer(send):
    with pytest.raises(RuleBroken, match="characters"):
        send("x" * 5001)


def test_answering_reads_and_is_the_newest(send, thread, agent):
    message = send()
    thread.refresh_from_db()
    assert (thread.state, thread.unread_count) == (Thread.State.OPEN, 0)
    assert thread.last_at >= message.created_at - timedelta(seconds=5)
    assert not InboundMessage.objects.filter(read_at=None).exists()
    entry = AuditEntry.objects.get(verb="thread.replied")
    assert (entry.actor, entry.after["message"]) == (agent, message.reference)


# --- Once ----------------------------------------------------------------------------------------


def test_a_double_click_sends_one(send):
    assert send().pk == send().pk
    assert Message.objects.count() == 1


def test_other_words_on_a_page_gone_back_to_are_another_reply(send):
    send()
    send("No!")
    assert Message.objects.count() == 2


def test_who_was_slower_is_told_and_may_send_all_the_same(send, marketer):
    first = send()
    with pytest.raises(replies.RepliedMeanwhile, match="agent answered meanwhile"):
        send("Yes, it is", token="b" * 16, by=marketer)
    assert Message.objects.count() == 1
    assert send("Yes, it is", token="b" * 16, by=marketer, seen=first.pk).written_by == marketer


def test_nobody_is_told_about_their_own_reply(send):
    send()
    assert send("And more", token="b" * 16)


# --- Whether -------------------------------------------------------------------------------------


def test_who_opted_out_is_not_answered_and_it_is_said_why(send, thread):
    OptOut.objects.create(phone=PHONE, source="reply", evidence="Replied “STOP”")
    assert "They opted out on" in find_route(thread).barrier
    assert "by replying “STOP”." in find_route(thread).barrier
    with pytest.raises(RuleBroken, match="They opted out on"):
        send()


def test_who_may_have_opted_out_waits_for_a_judgement(thread):
    OptOut.objects.create(phone=PHONE, source="review", evidence="This is spam")
    assert find_route(thread).barrier == JUDGE


def test_an_opt_out_of_one_channel_leaves_the_other(thread, channel, make_channel):
    other = make_channel("Other")
    OptOut.objects.create(phone=PHONE, channel=channel, source="staff", evidence="Called")
    assert find_route(thread).channel == other


def test_a_paused_channel_gives_way_to_another_with_the_number_or_says_so(
    thread, channel, make_channel
):
    type(channel).objects.update(paused_at=timezone.now(), paused_reason="The key was refused.")
    assert "“Main” is paused" in find_route(thread).barrier
    assert "The key was refused." in find_route(thread).barrier
    other = make_channel("Other")
    assert find_route(thread).channel == other


def test_a_number_that_is_no_sender_any_more_says_so(thread, channel):
    channel.senders.all().delete()
    assert "no number of a channel any more" in find_route(thread).barrier


# --- When ----------------------------------------------------------------------------------------


def they_wrote(hours, before=NIGHT):
    at = before - timedelta(hours=hours)
    InboundMessage.objects.update(received_at=at, sent_at=at)


def test_who_wrote_within_a_day_is_answered_at_night_too(send, quiet_nights):
    they_wrote(23)
    message = send(now=NIGHT)
    assert (message.send_after, message.reason, message.place) == (NIGHT, "", "")


def test_later_a_reply_waits_for_their_window_and_says_so(send, quiet_nights):
    they_wrote(25)
    message = send(now=NIGHT)
    assert message.send_after == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert message.reason.startswith("Quiet hours at their place until")
    assert message.status == S.QUEUED


def test_by_day_a_later_reply_goes_at_once_and_still_heeds_the_hours(send, quiet_nights):
    they_wrote(25, NIGHT + timedelta(hours=8))
    message = send(now=NIGHT + timedelta(hours=8))
    assert message.send_after == NIGHT + timedelta(hours=8)
    assert message.place


def test_who_may_say_so_sends_in_quiet_hours(send, quiet_nights):
    they_wrote(25)
    message = send(now=NIGHT, hurry=True)
    assert (message.send_after, message.place) == (NIGHT, "")
    assert AuditEntry.objects.get(verb="thread.replied").after["in quiet hours"] is True


def test_at_the_instant_of_sending_quiet_hours_are_asked_again(send, channel, quiet_nights):
    """A late reply that a busy lane meets only at night is held; an answer is not."""
    evening = NIGHT + timedelta(hours=16)
    they_wrote(30, evening)
    late = send(now=evening)
    they_wrote(1, evening)
    answer = send("At once", token="b" * 16, now=evening)
    night = evening + timedelta(hours=4)
    claimed = claim(channel.pk, None, 10, owner="x", now=night)
    awake, asleep = OpenHours().part(claimed, lambda parcel: None, night)
    assert [parcel.id for parcel in awake] == [answer.pk]
    assert [(held.id, held.status) for held in asleep] == [(late.pk, S.QUEUED)]


def test_a_reply_that_waits_is_taken_back_and_one_that_went_is_not(send, quiet_nights, agent):
    they_wrote(25)
    message = send(now=NIGHT)
    take_back(message, by=agent, now=NIGHT)
    message.refresh_from_db()
    assert message.status == S.CANCELLED
    with pytest.raises(RuleBroken, match="too late"):
        take_back(message, by=agent, now=NIGHT)


def test_who_opts_out_meanwhile_does_not_get_what_waits(send, quiet_nights):
    from campaigns.services.optouts import record_optout

    they_wrote(25)
    message = send(now=NIGHT)
    record_optout(PHONE, source="staff", evidence="Called")
    message.refresh_from_db()
    assert message.status == S.SKIPPED
