"""Threads as people sort and find them, and what stands in one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from test_services_indexes import plans_of

from campaigns.gateways.events import InboundEvent
from campaigns.models import (
    AuditEntry,
    InboundMedia,
    InboundMessage,
    Message,
    OptOut,
    Thread,
    ThreadLabel,
    WebhookPost,
)
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus as S
from campaigns.services import thread_changes
from campaigns.services.bubbles import Spot, find_newest, find_spot_after, read_end, read_news
from campaigns.services.erasure import erase_person
from campaigns.services.inbox import copy_again, record_inbound
from campaigns.services.merging import merge_contacts
from campaigns.services.replies import Wording, send_reply
from campaigns.services.thread_list import Cursor, Wanted, read_list
from campaigns.services.threads import note_words
from campaigns.tests.conftest import agreeing, make_reply

NUMBER = "12015550100"
NOW = timezone.now()
State = Thread.State
only_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="plans are read as SQLite writes them"
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(make_channel):
    return make_channel()


@pytest.fixture
def say(channel):
    """Somebody writes; the thread, as it is then."""

    def say(text="Hello", phone="12015550123", minutes_ago=10, **fields):
        count = InboundMessage.objects.count()
        reply = make_reply(
            channel=fields.pop("channel", channel),
            phone=phone,
            text=text,
            provider_id=f"mo-{count}",
            received_at=NOW - timedelta(minutes=minutes_ago),
            **fields,
        )
        note_words(reply.thread_id, text)
        return Thread.objects.get(pk=reply.thread_id)

    return say


def found(**wanted):
    return [thread.phone[-2:] for thread in read_list(Wanted(0, **wanted)).threads]


# --- The list ------------------------------------------------------------------------------------


def test_unread_ones_stand_first_then_the_newest(say, agent):
    say(phone="12015550101", minutes_ago=1)
    say(phone="12015550102", minutes_ago=3)
    say(phone="12015550103", minutes_ago=2)
    thread_changes.mark_read(Thread.objects.get(phone="12015550101"), by=agent)
    assert found() == ["03", "02", "01"]


def test_pages_follow_each_other_without_gap_or_repeat(say, agent):
    for number in range(10):
        thread = say(phone=f"120155501{number:02}", minutes_ago=number // 2)
        if number % 3 == 0:
            thread_changes.mark_read(thread, by=agent)
    whole = [t.pk for t in read_list(Wanted(0)).threads]
    paged, before = [], None
    while True:
        page = read_list(Wanted(0), before, size=3)
        paged += [thread.pk for thread in page.threads]
        if page.older is None:
            break
        before = Cursor.read(str(page.older))
    assert paged == whole
    assert len(whole) == 10


def test_done_ones_are_away_until_they_write_again(say, agent):
    thread_changes.finish(say(), by=agent)
    assert (found(), found(view="done"), found(view="all")) == ([], ["23"], ["23"])
    say("One more thing")
    assert (found(), found(view="done")) == (["23"], [])


def test_each_filter_shows_its_own(say, agent, marketer, make_channel):
    mine, other = say(phone="12015550101"), say(phone="12015550102")
    say(phone="12015550103", channel=make_channel("Other"))
    thread_changes.assign(mine, agent, by=marketer)
    label = thread_changes.add_label(other, "Complaint", by=agent)
    OptOut.objects.create(phone="12015550103", source="staff", evidence="Called")
    assert [t.phone for t in read_list(Wanted(agent.pk, view="mine")).threads] == [mine.phone]
    assert sorted(found(view="nobody")) == ["02", "03"]
    assert found(label=label.pk) == ["02"]
    assert found(opted_out=True) == ["03"]
    assert sorted(found(channel=other.channel_id)) == ["01", "02"]


@pytest.mark.parametrize("many", [10_000, 0])
def test_few_and_many_hits_find_the_same(say, agent, monkeypatch, many):
    """Beyond a bound each thread is asked instead of each hit."""
    monkeypatch.setattr("campaigns.services.thread_list.MANY", many)
    for number in (1, 2, 3):
        say(f"Where is order {number}?", phone=f"1201555010{number}", minutes_ago=number)
    thread_changes.add_label(Thread.objects.get(phone="12015550102"), "Order", by=agent)
    OptOut.objects.create(phone="12015550103", source="staff", evidence="Called")
    assert found(label=ThreadLabel.objects.get().pk) == ["02"]
    assert found(opted_out=True) == ["03"]
    assert found(words="order") == ["01", "02", "03"]


@pytest.mark.parametrize(
    "words", ["+1 (201) 555-0123", "201 555 0123", "1201555012", "ann", "O'Ne", "sund", "OPEN sun"]
)
def test_a_thread_is_found_by_number_name_and_words(say, words):
    agreeing("12015550123", first_name="Ann", last_name="O'Neil").save()
    say("Are you open on Sunday?")
    say("Closed", phone="12025550199")
    assert found(words=words) == ["23"]


def test_words_of_a_name_that_came_later_find_it(say):
    say()
    agreeing("12015550123", first_name="Late").save()
    assert found(words="late") == ["23"]


@pytest.mark.parametrize("words", ["nothing like it", "open monday", "!?", "\0", "%", "' OR 1=1"])
def test_what_nobody_wrote_finds_nothing(say, words):
    say("Are you open on Sunday?")
    assert found(words=words) == []


def test_accents_case_and_invisible_signs_hide_no_word(say):
    say("Caf\u00e9 ge\u200b\u00f6ffnet")
    assert found(words="CAFE") == found(words="geoff") == ["23"]


@only_sqlite
@pytest.mark.parametrize(
    "wanted",
    [{}, {"view": "unread"}, {"view": "mine"}, {"view": "nobody"}, {"channel": 1}],
    ids=str,
)
def test_no_list_walks_or_sorts_all_threads(say, wanted):
    say()
    after = Cursor(State.OPEN, NOW, 5)
    plans = plans_of(
        lambda: (read_list(Wanted(1, **wanted)), read_list(Wanted(1, **wanted), after))
    )
    asked = [plan for sql, plan in plans if 'FROM "campaigns_thread"' in sql]
    assert asked
    for plan in asked:
        assert "SEARCH campaigns_thread USING INDEX thread_" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "SCAN campaigns_thread" not in plan, plan


@only_sqlite
def test_a_thread_opens_by_its_indexes(say):
    thread = say()
    plans = plans_of(
        lambda: (read_end(thread), read_end(thread, Spot(9, 9)), read_news(thread, Spot(1, 1)))
    )
    theirs = [plan for sql, plan in plans if 'FROM "campaigns_inboundmessage"' in sql]
    ours = [plan for sql, plan in plans if 'FROM "campaigns_message"' in sql]
    assert theirs
    assert ours
    assert all("inbound_of_thread" in plan for plan in theirs), theirs
    assert all("message_by_phone (phone=? AND sender=?" in plan for plan in ours), ours
    assert not [plan for plan in theirs + ours if "TEMP B-TREE" in plan]


# --- What people do ------------------------------------------------------------------------------


def test_opening_reads_every_reply_and_says_so_once(say, agent):
    say("One")
    thread = say("Two")
    assert (thread.state, thread.unread_count) == (State.UNREAD, 2)
    thread_changes.mark_read(thread, by=agent)
    thread_changes.mark_read(thread, by=agent)
    thread.refresh_from_db()
    assert (thread.state, thread.unread_count) == (State.OPEN, 0)
    assert AuditEntry.objects.get(verb="thread.read").after == {"replies": 2}


def test_reading_does_not_take_up_what_is_done(say, agent):
    thread = say()
    thread_changes.finish(thread, by=agent)
    thread_changes.mark_read(thread, by=agent)
    thread.refresh_from_db()
    assert thread.state == State.DONE


def test_left_unread_it_counts_again(say, agent):
    thread = say()
    thread_changes.mark_read(thread, by=agent)
    thread_changes.mark_unread(thread, by=agent)
    thread.refresh_from_db()
    assert (thread.state, thread.unread_count) == (State.UNREAD, 1)
    assert InboundMessage.objects.filter(read_at=None).count() == 1


def test_who_may_not_work_in_the_inbox_is_given_nothing(say, agent, approver):
    with pytest.raises(RuleBroken, match="approver may not work in the inbox"):
        thread_changes.assign(say(), approver, by=agent)
    assert approver not in thread_changes.find_agents()
    assert agent in thread_changes.find_agents()


def test_a_label_is_one_whatever_its_case_and_goes_with_its_last_thread(say, agent):
    thread = say()
    label = thread_changes.add_label(thread, "  Late   delivery ", by=agent)
    assert thread_changes.add_label(thread, "late delivery", by=agent) == label
    assert label.name == "Late delivery"
    thread_changes.remove_label(thread, label, by=agent)
    assert not ThreadLabel.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 41])
def test_a_label_has_a_name_that_fits(say, agent, name):
    with pytest.raises(RuleBroken):
        thread_changes.add_label(say(), name, by=agent)


def test_everything_that_is_done_with_a_thread_is_in_the_audit(say, agent):
    thread = say()
    thread_changes.mark_read(thread, by=agent)
    thread_changes.assign(thread, agent, by=agent)
    label = thread_changes.add_label(thread, "VIP", by=agent)
    thread_changes.remove_label(thread, label, by=agent)
    thread_changes.finish(thread, by=agent)
    thread_changes.reopen(thread, by=agent)
    thread_changes.mark_unread(thread, by=agent)
    verbs = AuditEntry.objects.filter(target_type="thread").order_by("pk")
    assert [verb.partition(".")[2] for verb in verbs.values_list("verb", flat=True)] == [
        "read",
        "assigned",
        "labelled",
        "label_removed",
        "finished",
        "reopened",
        "left_unread",
    ]


# --- What stands in one --------------------------------------------------------------------------


@pytest.fixture
def sent(channel, make_mms):
    mms = make_mms(text="Hello {{ first_name|there }}")

    def sent(minutes_ago, phone="12015550123", **fields):
        at = NOW - timedelta(minutes=minutes_ago)
        message = Message.objects.create(
            channel=channel,
            revision=mms.head,
            sender=NUMBER,
            phone=phone,
            reference=f"r-{Message.objects.count()}",
            **{"status": S.DELIVERED, "accepted_at": at, **fields},
        )
        Message.objects.filter(pk=message.pk).update(created_at=at)
        return message

    return sent


def test_both_sides_stand_in_one_row_oldest_first(say, sent):
    sent(40, merge_values='{"first_name": "Ann"}')
    say("Hi", minutes_ago=30)
    sent(20)
    thread = say("Bye", minutes_ago=10, via="SMS")
    sent(5, phone="12015550199")
    bubbles = read_end(thread).bubbles
    assert [b.is_ours for b in bubbles] == [True, False, True, False]
    assert bubbles[0].pieces[0].text == "Hello Ann"
    assert [b.via for b in bubbles] == ["MMS", "MMS", "MMS", "SMS"]


def test_who_was_left_out_of_a_campaign_was_sent_nothing(say, sent):
    thread = say()
    sent(5, status=S.SKIPPED, reason="Opted out")
    assert [b.is_ours for b in read_end(thread).bubbles] == [False]


def test_a_long_thread_is_read_from_its_end_without_gap_or_repeat(say, sent):
    for number in range(12):
        thread = say(str(number), minutes_ago=100 - number)
        if number % 3 == 0:
            sent(100 - number - 0.5)
    stretch, seen = read_end(thread, size=5), []
    assert stretch.bubbles[-1].row.text == "11"
    while True:
        seen = [*stretch.bubbles, *seen]
        if stretch.earlier is None:
            break
        stretch = read_end(thread, Spot.read(str(stretch.earlier)), size=5)
    assert [b.row.text for b in seen if not b.is_ours] == [str(n) for n in range(12)]
    assert sum(b.is_ours for b in seen) == 4


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_side_that_wrote_alone_is_read_on_too(say, sent, is_ours):
    thread = say("0", minutes_ago=50)
    for number in range(1, 7):
        sent(50 - number) if is_ours else say(str(number), minutes_ago=50 - number)
    stretch = read_end(thread, size=6)
    assert len(stretch.bubbles) == 6
    assert len(read_end(thread, stretch.earlier).bubbles) == 1


def test_news_are_what_came_since(say, sent):
    newest = read_end(say("Old")).newest
    thread = say("New")
    sent(0)
    news = read_news(thread, Spot.read(str(newest)))
    assert [b.is_ours for b in news.bubbles] == [False, True]
    assert read_news(thread, news.newest).bubbles == ()


def test_an_older_reply_is_the_end_of_the_part_it_is_shown_in(say, sent):
    say("First", minutes_ago=30)
    sent(20)
    thread = say("Second", minutes_ago=10)
    first = InboundMessage.objects.get(text="First")
    assert [b.row.pk for b in read_end(thread, find_spot_after(first)).bubbles] == [first.pk]


@pytest.mark.parametrize("text", ["", "-", "x-y", "1-2-3", "²-1", f"{2**63}-1", "-1--1"])
def test_a_spot_that_nobody_wrote_is_no_error(text):
    spot = Spot.read(text)
    assert spot is None or spot == Spot()


@pytest.mark.parametrize(
    "text", ["", "1", "9,2026-01-01T00:00:00+00:00,1", "0,x,1", "0,2026-01-01,1"]
)
def test_a_cursor_that_nobody_wrote_begins_at_the_front(text):
    assert Cursor.read(text) is None


def test_the_line_of_a_thread_says_what_was_said_last(say, agent):
    thread = say("Hi")
    assert find_newest([thread])[thread.pk].text == "Hi"
    now = timezone.now()
    message = send_reply(thread, Wording("Hello"), token="a" * 16, seen=0, by=agent, now=now)
    assert find_newest([thread])[thread.pk] == message


# --- Files ---------------------------------------------------------------------------------------


def test_a_lost_file_is_tried_again_once_and_one_under_way_goes_on(say, agent):
    say()
    reply = InboundMessage.objects.get()
    lost = InboundMedia.objects.create(message=reply, url="x", status="lost", attempts=11)
    busy = InboundMedia.objects.create(message=reply, url="x", attempts=3, try_after=NOW)
    kept = InboundMedia.objects.create(message=reply, url="x", status="copied")
    for medium in (lost, busy, kept):
        copy_again(medium, by=agent)
        medium.refresh_from_db()
    assert (lost.status, lost.attempts, lost.try_after) == ("waiting", 10, None)
    assert (busy.status, busy.attempts, busy.try_after) == ("waiting", 3, None)
    assert kept.status == "copied"
    assert AuditEntry.objects.filter(verb="reply.copied_again").count() == 2


# --- People --------------------------------------------------------------------------------------


def test_with_a_person_goes_the_thread_and_what_was_written_to_them_alone(
    say, agent, administrator
):
    thread = say("My dog is called Rex")
    thread_changes.add_label(thread, "Dog people", by=agent)
    reply = send_reply(
        thread, Wording("Greetings to Rex"), token="a" * 16, seen=0, by=agent, now=timezone.now()
    )
    erase_person("12015550123", by=administrator)
    assert not Thread.objects.exists()
    reply.refresh_from_db()
    assert [slide.text for slide in reply.revision.slides.all()] == [""]
    assert reply.revision.fallback_text == ""


def test_an_mms_that_was_sent_as_a_reply_stays_as_it_is(say, agent, administrator, make_mms):
    mms = make_mms(text="Our offer")
    send_reply(say(), Wording(mms=mms), token="a" * 16, seen=0, by=agent, now=timezone.now())
    erase_person("12015550123", by=administrator)
    assert mms.head.slides.get().text == "Our offer"


def test_merged_contacts_have_both_threads(say, administrator):
    kept, other = agreeing("12015550123"), agreeing("12015550124")
    kept.save()
    other.save()
    say(phone=kept.phone)
    say(phone=other.phone)
    merge_contacts(kept, other, by=administrator)
    assert set(kept.threads.values_list("phone", flat=True)) == {"12015550123", "12015550124"}


def test_words_are_found_as_soon_as_a_reply_is_recorded(channel):
    post = WebhookPost.objects.create(channel=channel, body=b"", received_at=NOW)
    event = InboundEvent(
        key="k", provider_id="I1", sender="12015550123", to=NUMBER, text="Bonjour", subject="Été"
    )
    record_inbound(post, event, NOW)
    assert found(words="ete bonj") == ["23"]
