"""Versions: who uses them, what changed, and bringing one back without losing another."""

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import AuditEntry, Message, SavedMms
from campaigns.rules.problems import RuleBroken
from campaigns.rules.words import Change
from campaigns.services.content import freeze
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.media import store_media
from campaigns.services.samples import sample_image
from campaigns.services.version_comparing import compare_versions
from campaigns.services.version_uses import find_uses
from campaigns.services.versions import list_versions, restore_version
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(marketer):
    """A version with these slides, frozen, so that the next is another one."""

    def write(mms, *texts, frozen=True, **fields):
        slides = tuple(text if isinstance(text, DraftSlide) else DraftSlide(text) for text in texts)
        draft = MmsDraft(**{"name": "Spring", "fallback_text": "See:", **fields, "slides": slides})
        revision = save_draft(mms, draft, by=marketer)
        return freeze(revision, timezone.now()) if frozen else revision

    return write


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return store_media(samples.upload(*sample_image()), by=None)


def entries_of(mms):
    return list_versions(mms, list(mms.revisions.order_by("-number")))


# --- The history -------------------------------------------------------------------------------


def test_every_version_tells_what_it_changed(write):
    mms = write(None, "One", "Two").mms
    write(mms, "One", "Other", subject="News")
    write(mms, "One", "Other", "Three", subject="News")
    found = [(entry.revision.number, entry.changes, entry.is_working) for entry in entries_of(mms)]
    assert found == [
        (3, "Slide 3 added.", True),
        (2, "Slide 2: text; subject.", False),
        (1, "The first version, with 2 slides.", False),
    ]


def test_the_last_of_a_page_is_compared_with_the_one_before_it(write):
    mms = write(None, "One").mms
    for text in ("Two", "Three"):
        write(mms, text)
    page = list(mms.revisions.order_by("-number")[:1])
    assert [entry.changes for entry in list_versions(mms, page)] == ["Slide 1: text."]


def test_nothing_is_no_history(make_mms):
    assert list_versions(make_mms(), []) == []


def test_a_version_knows_who_uses_it(write, make_campaign, make_channel):
    revision = write(None, "One")
    channel = make_channel()
    for number in range(5):
        make_campaign(0, channel=channel, mms=revision.mms, revision=revision, name=str(number))
    SavedMms.objects.create(revision=revision, channel=channel, reference="r", status="ready")
    for number in range(2):
        Message.objects.create(
            channel=channel, revision=revision, sender="1", phone="1", reference=f"test-{number}"
        )
    later = write(revision.mms, "Two")
    newest, oldest = entries_of(revision.mms)
    assert newest.revision == later
    assert not newest.uses
    uses = oldest.uses
    assert [campaign.name for campaign in uses.campaigns] == ["4", "3", "2"]
    assert (uses.campaign_count, uses.more_campaigns, uses.test_count) == (5, 2, 2)
    assert [row.channel for row in uses.saved] == [channel]


def test_messages_of_campaigns_are_no_tests(write, make_campaign):
    revision = write(None, "One")
    campaign = make_campaign(0, mms=revision.mms, revision=revision)
    Message.objects.create(
        campaign=campaign,
        channel=campaign.channel,
        revision=revision,
        sender="1",
        phone="1",
        reference="r",
    )
    assert entries_of(revision.mms)[0].uses.test_count == 0


def test_a_draft_that_would_send_it_uses_the_mms(make_campaign, make_mms):
    campaign = make_campaign(0)
    uses = find_uses(campaign.mms)
    assert (uses.campaigns, uses.campaign_count) == ([campaign], 1)
    assert not find_uses(make_mms("Other"))


def test_a_long_history_asks_no_more_than_a_short_one(write, django_assert_num_queries):
    mms = write(None, "Words 0").mms
    for number in range(1, 12):
        write(mms, f"Words {number}", "More")
    with django_assert_num_queries(9):
        assert len(list_versions(mms, list(mms.revisions.order_by("-number")[:10]))) == 10


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite writes them")
def test_tests_are_found_without_walking_through_the_messages_of_their_version(write):
    revision = write(None, "One")
    statements = []

    def note(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        list_versions(revision.mms, [revision])
    [(sql, params)] = [s for s in statements if "campaigns_message" in s[0]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = " | ".join(row[3] for row in cursor.fetchall())
    assert "campaign_id=?" in plan
    assert "revision_id=?" not in plan


# --- Side by side ------------------------------------------------------------------------------


def test_slides_are_shown_with_what_went_and_came(write, picture):
    old = write(None, "Come on Sunday", DraftSlide("Look", (picture,)), "Bye", subject="A")
    new = write(old.mms, DraftSlide("Look", ()), "Come on Monday", "Welcome back", subject="B")
    found = compare_versions(old, new)
    told = [(s.before, s.after, s.word, s.is_moved) for s in found.slides]
    assert told == [(2, 1, "changed", False), (1, 2, "changed", True), (3, 3, "changed", False)]
    assert [(c.medium, c.change) for c in found.slides[0].media] == [(picture, Change.GONE)]
    assert [(p.change, p.text) for p in found.slides[1].text] == [
        (Change.SAME, "Come on "),
        (Change.GONE, "Sunday"),
        (Change.NEW, "Monday"),
    ]
    assert [p.text for p in found.subject] == ["A", "B"]


def test_added_and_removed_slides_are_told_whole(write):
    old = write(None, "One", "Two")
    new = write(old.mms, "Two")
    assert [s.word for s in compare_versions(old, new).slides] == ["removed", "same"]
    assert [s.word for s in compare_versions(new, old).slides] == ["added", "same"]


def test_foreign_text_is_compared_by_what_readers_see(write):
    old = write(None, "今日は休みです")
    new = write(old.mms, "今日は仕事です")
    [slide] = compare_versions(old, new).slides
    assert [p.text for p in slide.text] == ["今日は", "休み", "仕事", "です"]


def test_switching_the_fallback_off_is_seen(write):
    old = write(None, "One", fallback_text="See:")
    new = write(old.mms, "One", fallback_text="See:", fallback=False)
    assert [p.text for p in compare_versions(old, new).fallback if p.change == Change.NEW]


# --- Bringing one back -------------------------------------------------------------------------


def test_an_older_version_becomes_the_working_one(write, marketer):
    first = write(None, "One", subject="A")
    write(first.mms, "Two", subject="B")
    revision = restore_version(first.mms, 1, by=marketer)
    assert (revision.number, revision.restored_from, revision.frozen_at) == (3, 1, None)
    revision.refresh_from_db()
    assert revision.restored_from == 1
    assert draft_of(revision) == draft_of(first)
    entry = AuditEntry.objects.get(verb="mms.restored")
    assert (entry.actor, entry.after) == (marketer, {"version": 3, "restored_from": 1})


def test_what_was_being_written_stays_in_the_history(write, marketer):
    mms = write(None, "One").mms
    write(mms, "Unsaved elsewhere", frozen=False)
    restore_version(mms, 1, by=marketer)
    numbers = [revision.number for revision in mms.revisions.order_by("number")]
    assert numbers == [1, 2, 3]
    kept = mms.revisions.get(number=2)
    assert kept.frozen_at
    assert draft_of(kept).slides[0].text == "Unsaved elsewhere"


def test_the_name_of_today_stays(write, marketer):
    mms = write(None, "One", name="Before").mms
    write(mms, "Two", name="Now")
    restore_version(mms, 1, by=marketer)
    mms.refresh_from_db()
    assert mms.name == "Now"


def test_an_open_composer_learns_that_it_is_not_up_to_date(write, marketer):
    mms = write(None, "One").mms
    write(mms, "Two")
    mms.refresh_from_db()
    seen = mms.edit_number
    restore_version(mms, 1, by=marketer)
    mms.refresh_from_db()
    assert mms.edit_number > seen
    assert mms.edited_by == marketer


@pytest.mark.parametrize("number", [2, 3, 0])
def test_what_is_there_already_or_nowhere_is_not_brought_back(write, marketer, number):
    mms = write(None, "One").mms
    write(mms, "Two")
    with pytest.raises(RuleBroken):
        restore_version(mms, number, by=marketer)
    assert mms.revisions.count() == 2
