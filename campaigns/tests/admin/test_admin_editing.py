"""The composer's quiet half: saving by itself, two people at once, and what to do in a conflict."""

from dataclasses import replace

import pytest

from campaigns.models import Mms
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import draft_of
from campaigns.tests.admin.composer_pages import ADD, change_url

pytestmark = pytest.mark.django_db


def test_a_new_mms_is_made_by_its_first_autosave_and_gets_an_address(compose):
    page = compose("autosave", htmx=True, name="", tab="tab1").content.decode()
    mms = Mms.objects.get()
    assert mms.name.startswith("Untitled, ")
    assert f'data-edit-number="1" data-address="{change_url(mms)}"' in page


def test_saving_by_itself_leaves_no_message_and_no_second_mms(compose, client):
    compose("autosave", htmx=True, tab="tab1")
    compose("save", tab="tab1", edit_number=1, subject="More")
    assert Mms.objects.get().head.subject == "More"


def test_what_cannot_be_kept_is_told_beside_the_title(compose):
    page = compose("autosave", htmx=True, subject="s" * 201).content.decode()
    assert 'data-problem="The subject has 201 characters; shorten it to 200."' in page
    assert not Mms.objects.exists()


def test_the_page_of_a_new_mms_posted_twice_makes_one(compose):
    """Saved, gone back to, and saved again, without a script."""
    compose("save", tab="tab1", edit_number=0)
    compose("save", tab="tab1", edit_number=0, subject="More")
    assert Mms.objects.get().head.subject == "More"


def test_a_save_after_an_answer_that_was_lost_is_no_conflict(compose):
    compose("autosave", htmx=True, tab="tab1", edit_number=0)
    response = compose("save", tab="tab1", edit_number=0, subject="More")
    assert response.url == change_url(Mms.objects.get())


def test_a_tab_whose_answer_was_lost_hears_of_no_other_words(compose):
    compose("autosave", htmx=True, tab="tab1", edit_number=0)
    page = compose("here", tab="tab1", edit_number=0).content.decode()
    assert "saved other words" not in page


@pytest.fixture
def contested(make_mms, administrator):
    """An MMS that the administrator changed after the marketer opened it."""
    mms = make_mms()
    save_draft(mms, replace(draft_of(mms.head), subject="Hers"), by=administrator)
    return Mms.objects.get()


def test_a_conflict_says_who_and_offers_three_ways(compose, contested):
    page = compose("autosave", change_url(contested), htmx=True, edit_number=0).content.decode()
    assert "administrator saved other words" in page
    for way in ("Take theirs", "Keep mine as a copy", "Overwrite theirs"):
        assert way in page
    assert contested.head.subject == "Hers"


@pytest.mark.parametrize("seen", [{"edit_number": 0}, {"edit_number": "x"}, {}])
def test_a_pressed_save_overwrites_as_little_as_a_silent_one(compose, contested, seen):
    page = compose("save", change_url(contested), subject="Mine", **seen).content.decode()
    assert "Nothing was overwritten" in page
    assert 'value="Mine"' in page
    assert contested.head.subject == "Hers"


def test_a_page_that_came_back_has_still_not_seen_theirs(compose, contested):
    page = compose("save", change_url(contested), subject="Mine", edit_number=0).content.decode()
    assert 'name="edit_number" id="edit_number" value="0"' in page


def test_theirs_is_overwritten_when_somebody_says_so(compose, contested):
    compose("overwrite", change_url(contested), subject="Mine", theirs=1)
    assert [row.subject for row in contested.revisions.all()] == ["Mine", "Hers"]


def test_only_words_that_differ_stay_in_a_version(compose, client, contested):
    compose("overwrite", change_url(contested), subject="Mine", theirs=1)
    compose("overwrite", change_url(contested), subject="Mine", theirs=2)
    told = client.get(change_url(contested)).content.decode()
    assert told.count("is saved as you wrote it. The other words stay in version 1.") == 1
    assert told.count("is saved as you wrote it.") == 2
    assert contested.revisions.count() == 2


def test_overwriting_something_newer_than_what_was_shown_asks_again(compose, contested):
    page = compose("overwrite", change_url(contested), subject="Mine", theirs=0).content.decode()
    assert "Nothing was overwritten" in page
    assert contested.head.subject == "Hers"


def test_mine_is_kept_as_a_copy(compose, contested):
    response = compose("copy", change_url(contested), name="Spring sale", subject="Mine")
    copy = Mms.objects.exclude(pk=contested.pk).get()
    assert (response.url, copy.head.subject) == (change_url(copy), "Mine")
    assert contested.head.subject == "Hers"


def test_who_else_is_here_is_told_and_gone_when_they_leave(
    compose, client, contested, administrator, sign_in
):
    hers = sign_in(administrator)
    hers.post(change_url(contested), {"do": "here", "tab": "hers", "edit_number": 1})
    page = compose("here", change_url(contested), tab="mine", edit_number=1).content.decode()
    assert "administrator is editing this now." in page
    hers.post(change_url(contested), {"do": "leave", "tab": "hers"})
    page = compose("here", change_url(contested), tab="mine", edit_number=1).content.decode()
    assert "administrator" not in page


def test_a_page_hears_that_it_is_out_of_date_before_anything_is_typed(compose, contested):
    page = compose("here", change_url(contested), tab="mine", edit_number=0).content.decode()
    assert "administrator saved other words." in page


def test_what_was_deleted_meanwhile_can_still_be_kept(compose, make_mms):
    mms = make_mms()
    url = change_url(mms)
    mms.delete()
    page = compose("autosave", url, htmx=True, edit_number=0).content.decode()
    assert "This MMS was deleted while you wrote on it" in page
    compose("copy", ADD, subject="Mine")
    assert Mms.objects.get().head.subject == "Mine"
