"""Versions are edited until somebody relies on them; a frozen one never changes."""

from dataclasses import replace

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Mms
from campaigns.rules.problems import RuleBroken
from campaigns.services.content import delete_mms, duplicate_mms, find_pinned, freeze
from campaigns.services.content_checks import find_mms_problems
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.media import delete_media, store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return store_media(samples.upload("a.jpg", samples.picture()), by=None)


@pytest.fixture
def draft(picture):
    return MmsDraft(
        name="Spring",
        subject="Sale",
        slides=(DraftSlide("20 % off", (picture,)), DraftSlide("Until Sunday")),
        fallback_text="See our offer:",
    )


def test_what_is_saved_comes_back_as_it_was(draft, marketer):
    revision = save_draft(None, draft, by=marketer)
    assert draft_of(revision) == draft
    assert revision.number == 1
    assert AuditEntry.objects.filter(verb="mms.added", target="Spring").count() == 1


def test_an_unfinished_mms_can_be_saved(marketer):
    assert save_draft(None, MmsDraft(name="Idea"), by=marketer).slides.count() == 1


def test_an_mms_needs_a_name(marketer):
    with pytest.raises(RuleBroken, match="Give the MMS a name"):
        save_draft(None, MmsDraft(name=" "), by=marketer)
    assert not Mms.objects.exists()


def test_a_version_nobody_relies_on_is_edited_in_place(draft, marketer):
    revision = save_draft(None, draft, by=marketer)
    again = save_draft(revision.mms, replace(draft, subject="Sale!"), by=marketer)
    assert (again.pk, again.subject) == (revision.pk, "Sale!")


def test_a_frozen_version_stays_and_the_next_one_is_written(draft, marketer):
    revision = freeze(save_draft(None, draft, by=marketer), timezone.now())
    changed = replace(draft, slides=(*draft.slides, DraftSlide("PS")))
    again = save_draft(revision.mms, changed, by=marketer)
    assert again.number == 2
    assert draft_of(again) == changed
    assert draft_of(revision) == draft


def test_saving_a_frozen_version_unchanged_makes_no_new_one(draft, marketer):
    revision = freeze(save_draft(None, draft, by=marketer), timezone.now())
    assert save_draft(revision.mms, draft, by=marketer) == revision


def test_freezing_twice_keeps_the_first_moment(draft, marketer):
    now = timezone.now()
    revision = freeze(save_draft(None, draft, by=marketer), now)
    assert freeze(revision, timezone.now()).frozen_at == now


def test_the_same_file_twice_on_a_slide_is_kept_once(draft, picture, marketer):
    twice = replace(draft, slides=(DraftSlide("", (picture, picture)),))
    assert save_draft(None, twice, by=marketer).slides.get().media.count() == 1


def test_a_copy_has_the_same_content_and_its_own_life(draft, marketer):
    revision = freeze(save_draft(None, draft, by=marketer), timezone.now())
    copy = duplicate_mms(revision.mms, by=marketer)
    assert draft_of(copy.head) == replace(draft, name="Copy of Spring")
    assert copy.head.frozen_at is None


def test_an_mms_of_a_campaign_is_not_deleted(make_campaign, marketer):
    campaign = make_campaign(contacts=0)
    with pytest.raises(RuleBroken, match="belongs to the campaign “Spring”"):
        delete_mms(campaign.mms, by=marketer)


def test_a_saved_mms_is_not_deleted_and_the_channel_is_named(make_mms, make_channel, marketer):
    mms, channel = make_mms(), make_channel("Shop")
    mms.head.saved.create(channel=channel, reference="saved-1")
    with pytest.raises(RuleBroken, match="is saved at Sinch, on Shop"):
        delete_mms(mms, by=marketer)


@pytest.mark.parametrize(("status", "pinned"), [("sending", [1]), ("done", [])])
def test_campaigns_under_way_keep_their_version(make_campaign, draft, marketer, status, pinned):
    revision = freeze(save_draft(None, draft, by=marketer), timezone.now())
    make_campaign(contacts=0, mms=revision.mms, revision=revision, status=status)
    changed = save_draft(revision.mms, replace(draft, subject="Other"), by=marketer)
    assert find_pinned(changed) == pinned
    assert find_pinned(revision) == []


def test_an_mms_without_use_is_deleted(make_mms, marketer):
    delete_mms(make_mms(), by=marketer)
    assert not Mms.objects.exists()


def test_a_file_deleted_just_before_it_is_saved_is_told_and_nothing_written(
    draft, picture, marketer
):
    delete_media(picture, by=marketer)
    with pytest.raises(RuleBroken, match=f"“{picture.name}” was deleted .* not on slide 1 any"):
        save_draft(None, draft, by=marketer)
    assert not Mms.objects.exists()


def test_problems_follow_the_channel(draft, picture, marketer, make_channel):
    picture.size = 1_500_000
    picture.save()
    revision = save_draft(None, draft, by=marketer)
    plain, transcoding = make_channel("A"), make_channel("B", transcodes=True)
    assert len(find_mms_problems(revision, plain)[0]) == 2  # the file, and the sum
    assert find_mms_problems(revision, transcoding)[0] == []
    assert len(find_mms_problems(revision, None)[0]) == 2
