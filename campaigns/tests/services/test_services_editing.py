"""Several people at one MMS: nothing is overwritten silently, whoever is here is known."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import AuditEntry, Mms, MmsEditor
from campaigns.services.content import delete_mms, freeze
from campaigns.services.content_writing import EditedMeanwhile, MmsGone, save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.editing import (
    find_others,
    forget_editor,
    is_untitled,
    name_untitled,
    note_editor,
    overwrite,
    save_beside,
    say_others,
)
from campaigns.services.editing import (
    keep as keep_from_tab,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def words(text, name="Spring"):
    return MmsDraft(name=name, slides=(DraftSlide(text),), fallback_text="Hi")


@pytest.fixture
def mms(marketer):
    return save_draft(None, words("first"), by=marketer).mms


def keep(mms, draft, by, *, tab="tab1", seen=0):
    return keep_from_tab(mms, draft, by=by, tab=tab, seen=seen, now=timezone.now())


# --- Saving by itself ----------------------------------------------------------------------------


def test_every_real_change_raises_the_number_and_names_who_made_it(mms, administrator):
    assert mms.edit_number == 1
    saved = keep(mms, words("second"), administrator, seen=1).mms
    assert (saved.edit_number, saved.edited_by) == (2, administrator)


def test_saying_the_same_again_changes_nothing(mms, marketer):
    before = Mms.objects.get()
    saved = keep(mms, words("first"), marketer, seen=1).mms
    assert (saved.edit_number, saved.updated_at) == (1, before.updated_at)


def test_an_answer_that_was_lost_is_no_conflict_when_the_same_is_sent_again(mms, marketer):
    keep(mms, words("second"), marketer, seen=1)
    assert keep(mms, words("second"), marketer, seen=1).mms.edit_number == 2


def test_words_typed_after_an_answer_was_lost_are_no_conflict_with_oneself(mms, marketer):
    keep(mms, words("second"), marketer, seen=1)
    keep(mms, words("second, longer"), marketer, seen=1)
    assert keep(mms, words("second, longer still"), marketer, seen=1).mms.edit_number == 4


def test_what_somebody_saved_after_the_lost_answer_is_not_overwritten(mms, marketer, administrator):
    keep(mms, words("mine"), marketer, tab="mine", seen=1)
    keep(mms, words("hers"), administrator, tab="hers", seen=2)
    with pytest.raises(EditedMeanwhile):
        keep(mms, words("mine, longer"), marketer, tab="mine", seen=1)


def test_what_ones_other_tab_saved_is_not_overwritten(mms, marketer):
    keep(mms, words("one"), marketer, tab="one", seen=1)
    with pytest.raises(EditedMeanwhile):
        keep(mms, words("other"), marketer, tab="other", seen=1)


def test_what_was_sent_long_ago_and_comes_late_overwrites_nothing(mms, marketer):
    keep(mms, words("a"), marketer, seen=1)
    keep(mms, words("ab"), marketer, seen=2)
    with pytest.raises(EditedMeanwhile):
        keep(mms, words("late"), marketer, seen=1)


def test_a_tab_without_a_name_has_only_its_number(mms, marketer):
    keep(mms, words("second"), marketer, tab="", seen=1)
    with pytest.raises(EditedMeanwhile):
        keep(mms, words("third"), marketer, tab="", seen=1)


def test_a_new_mms_without_a_name_is_called_untitled_with_the_moment(marketer):
    saved = keep(None, words("first", name=""), marketer).mms
    assert is_untitled(saved.name)


def test_untitled_tells_day_and_minute_in_local_time(settings):
    settings.TIME_ZONE = "America/New_York"
    moment = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
    assert name_untitled(moment) == "Untitled, 21 Nov 09:30"


def test_a_tab_that_does_not_know_its_address_yet_makes_no_second_mms(marketer):
    first = keep(None, words("first", name=""), marketer)
    again = keep(None, words("first", name=""), marketer, seen=0)
    assert again.mms == first.mms
    assert Mms.objects.count() == 1


def test_another_persons_tab_of_the_same_name_makes_its_own(marketer, administrator):
    keep(None, words("first"), marketer)
    keep(None, words("first"), administrator)
    assert Mms.objects.count() == 2


def test_a_name_taken_away_is_kept_until_there_is_another(mms, marketer):
    assert keep(mms, words("second", name=""), marketer, seen=1).mms.name == "Spring"


def test_many_saves_of_one_sitting_are_one_entry_of_the_audit_trail(mms, marketer):
    for number in range(5):
        keep(mms, words(f"text {number}"), marketer, seen=number + 1)
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["mms.added"]


def test_after_five_minutes_a_change_is_noted_again(mms, marketer, monkeypatch):
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: later)
    keep(mms, words("second"), marketer, seen=1)
    keep(mms, words("third"), marketer, seen=2)
    assert AuditEntry.objects.filter(verb="mms.changed").count() == 1


def test_another_person_and_another_version_are_noted_at_once(mms, marketer, administrator):
    keep(mms, words("second"), administrator, seen=1)
    freeze(mms.head, NOW)
    keep(mms, words("third"), administrator, seen=2)
    entries = AuditEntry.objects.filter(verb="mms.changed").order_by("id")
    assert [entry.after["version"] for entry in entries] == [1, 2]


def test_typing_makes_no_versions_while_nobody_relies_on_the_newest(mms, marketer):
    for number in range(4):
        keep(mms, words(f"text {number}"), marketer, seen=number + 1)
    assert mms.revisions.count() == 1


def test_a_frozen_version_is_followed_by_one_however_long_somebody_types(mms, marketer):
    freeze(mms.head, NOW)
    for number in range(4):
        keep(mms, words(f"text {number}"), marketer, seen=number + 1)
    assert mms.revisions.count() == 2


# --- Conflicts -----------------------------------------------------------------------------------


def test_what_was_saved_meanwhile_is_not_overwritten(mms, marketer, administrator):
    keep(mms, words("hers"), administrator, seen=1)
    with pytest.raises(EditedMeanwhile, match="administrator saved other words meanwhile"):
        keep(mms, words("mine"), marketer, seen=1)
    assert draft_of(mms.head).slides[0].text == "hers"


def test_whoever_saw_nothing_overwrites_nothing(mms, marketer):
    with pytest.raises(EditedMeanwhile):
        save_draft(mms, words("mine"), by=marketer, seen=-1)


def test_what_was_deleted_meanwhile_is_told(mms, marketer):
    delete_mms(Mms.objects.get(), by=marketer)
    with pytest.raises(MmsGone, match="deleted meanwhile"):
        save_draft(mms, words("mine"), by=marketer, seen=1)


def test_two_turns_each_saw_the_others_so_both_are_kept(mms, marketer, administrator):
    mine = keep(mms, words("mine"), marketer, seen=1).mms
    keep(mms, words("hers"), administrator, seen=mine.edit_number)
    assert draft_of(mms.head).slides[0].text == "hers"


def test_a_copy_keeps_mine_and_leaves_theirs(mms, marketer):
    copy = save_beside(mms, words("mine"), by=marketer).mms
    assert copy.name == "Spring (marketer’s copy)"
    assert draft_of(copy.head).slides[0].text == "mine"
    assert draft_of(mms.head).slides[0].text == "first"


def test_the_copy_of_a_long_name_still_fits(mms, marketer):
    long = Mms.objects.get()
    long.name = "n" * 120
    long.save()
    assert len(save_beside(long, words("mine", name=""), by=marketer).mms.name) == 120


def test_overwriting_keeps_theirs_among_the_versions(mms, marketer, administrator):
    theirs = keep(mms, words("hers"), administrator, seen=1).mms
    revision = overwrite(mms, words("mine"), by=marketer, seen=theirs.edit_number)
    texts = [draft_of(row).slides[0].text for row in mms.revisions.all()]
    assert texts == ["mine", "hers"]
    assert revision.number == 2


def test_overwriting_with_the_same_words_freezes_nothing(mms, marketer):
    revision = overwrite(mms, words("first"), by=marketer, seen=1)
    assert (revision.number, revision.frozen_at) == (1, None)
    assert mms.revisions.count() == 1


def test_overwriting_is_refused_when_a_third_came_between(mms, marketer, administrator):
    shown = keep(mms, words("hers"), administrator, seen=1).mms.edit_number
    keep(mms, words("hers again"), administrator, seen=shown)
    with pytest.raises(EditedMeanwhile):
        overwrite(mms, words("mine"), by=marketer, seen=shown)
    assert draft_of(mms.head).slides[0].text == "hers again"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_two_saves_at_the_same_moment_one_is_refused(marketer):
    mms = save_draft(None, words("first"), by=marketer).mms
    gate, outcomes = threading.Barrier(2), []

    def save(text):
        gate.wait(10)
        try:
            save_draft(mms, words(text), by=marketer, seen=1)
            outcomes.append(text)
        except EditedMeanwhile:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert "refused" in outcomes
    kept = next(text for text in outcomes if text != "refused")
    assert draft_of(mms.head).slides[0].text == kept
    assert Mms.objects.get().edit_number == 2


# --- Who has it open -----------------------------------------------------------------------------


def sentences(mms, by, *, tab="mine", now=NOW):
    fresh = Mms.objects.get(pk=mms.pk)
    return say_others(fresh, find_others(fresh, tab=tab, now=now), by=by, now=now)


def test_nobody_else_is_here(mms, marketer):
    note_editor(mms, by=marketer, tab="mine", now=NOW)
    assert sentences(mms, marketer) == []


def test_somebody_who_only_reads_has_it_open(mms, marketer, administrator):
    Mms.objects.update(updated_at=NOW - timedelta(minutes=5))
    note_editor(mms, by=administrator, tab="hers", now=NOW)
    assert sentences(mms, marketer) == ["administrator has this open too."]


def test_somebody_who_saved_just_now_is_editing(mms, marketer, administrator):
    administrator.first_name = "Ada"
    administrator.save()
    keep(mms, words("hers"), administrator, tab="hers", seen=1)
    now = timezone.now()
    assert sentences(mms, marketer, now=now) == ["Ada is editing this now."]


def test_ones_own_second_tab_is_told(mms, marketer):
    note_editor(mms, by=marketer, tab="other", now=NOW)
    assert sentences(mms, marketer) == ["You have this open in another tab, too."]


def test_two_tabs_of_one_person_are_one_sentence(mms, marketer, administrator):
    for tab in ("a", "b"):
        note_editor(mms, by=administrator, tab=tab, now=NOW)
    assert len(sentences(mms, marketer)) == 1


def test_a_tab_that_fell_silent_is_gone(mms, marketer, administrator):
    note_editor(mms, by=administrator, tab="hers", now=NOW - timedelta(seconds=31))
    assert sentences(mms, marketer) == []


def test_a_closed_tab_is_gone_at_once(mms, marketer, administrator):
    note_editor(mms, by=administrator, tab="hers", now=NOW)
    forget_editor(mms, by=administrator, tab="hers", now=NOW)
    assert sentences(mms, marketer) == []


def test_seen_again_and_again_a_tab_is_one_row(mms, marketer):
    for seconds in range(3):
        note_editor(mms, by=marketer, tab="mine", now=NOW + timedelta(seconds=seconds))
    assert MmsEditor.objects.get().seen_at == NOW + timedelta(seconds=2)


def test_tabs_of_yesterday_are_forgotten(mms, marketer):
    note_editor(mms, by=marketer, tab="old", now=NOW - timedelta(days=2))
    note_editor(mms, by=marketer, tab="new", now=NOW)
    assert [row.tab for row in MmsEditor.objects.all()] == ["new"]
