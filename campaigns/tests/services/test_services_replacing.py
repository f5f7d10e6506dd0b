"""Another file takes the place of one: in what people work on, not in what was sent."""

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, MediaFile
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.content import freeze
from campaigns.services.drafts import draft_of
from campaigns.services.library import set_tags
from campaigns.services.replacing import (
    bring_back,
    list_uses,
    plan_replacement,
    replace_media,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_file(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def make(name="rose.jpg", **fields):
        fields = {"kind": "image", "mime": "image/jpeg", "size": 9, **fields}
        number = MediaFile.objects.count()
        return MediaFile.objects.create(
            name=name, file=f"{number}.jpg", sha256=number, public_name=f"{number}.jpg", **fields
        )

    return make


@pytest.fixture
def rose(make_file):
    return make_file("rose")


@pytest.fixture
def lily(make_file):
    return make_file("lily")


@pytest.fixture
def show(make_mms):
    def show(media, name="Spring"):
        mms = make_mms(name)
        mms.head.slides.get().media.create(media_file=media)
        return mms

    return show


@pytest.fixture
def sent(make_campaign):
    """The MMS as a campaign that is done has sent it."""

    def sent(mms, status=CampaignStatus.DONE):
        revision = freeze(mms.head, timezone.now())
        return make_campaign(mms=mms, revision=revision, status=status)

    return sent


def media_of(revision):
    return [medium for slide in draft_of(revision).slides for medium in slide.media]


# --- Where it is shown ---------------------------------------------------------------------------


def test_a_use_names_its_versions_and_campaigns(rose, lily, show, sent, marketer):
    mms = show(rose)
    campaign = sent(mms)
    replace_media(rose, lily, by=marketer)
    (use,), more = list_uses(rose)
    assert (use.mms, use.numbers, use.is_current, use.campaigns) == (mms, (1,), False, (campaign,))
    assert more == 0
    (use,), _ = list_uses(lily)
    assert (use.numbers, use.is_current, use.campaigns) == ((2,), True, ())


def test_a_draft_of_a_campaign_counts_as_a_use_of_the_working_version(rose, show, make_campaign):
    campaign = make_campaign(mms=show(rose))
    (use,), _ = list_uses(rose)
    assert use.campaigns == (campaign,)


def test_many_uses_are_told_up_to_a_number_and_counted(rose, show, monkeypatch):
    monkeypatch.setattr("campaigns.services.replacing.USES_SHOWN", 2)
    for name in "abc":
        show(rose, name)
    uses, more = list_uses(rose)
    assert ([use.mms.name for use in uses], more) == (["a", "b"], 1)


def test_telling_uses_takes_as_many_queries_for_many_as_for_one(
    rose, show, sent, django_assert_max_num_queries
):
    for name in "abcde":
        sent(show(rose, name))
    with django_assert_max_num_queries(5):
        list_uses(rose)


# --- Replacing ---------------------------------------------------------------------------------


def test_a_working_version_shows_the_new_file_in_the_same_place(rose, lily, show, marketer):
    mms = show(rose)
    replace_media(rose, lily, by=marketer)
    assert mms.head.number == 1
    assert media_of(mms.head) == [lily]


def test_what_was_sent_stays_and_the_next_version_shows_the_new_file(
    rose, lily, show, sent, marketer
):
    mms = show(rose)
    campaign = sent(mms)
    replace_media(rose, lily, by=marketer)
    campaign.refresh_from_db()
    assert media_of(campaign.revision) == [rose]
    assert mms.head.number == 2
    assert media_of(mms.head) == [lily]


def test_an_mms_whose_working_version_shows_another_file_is_left_alone(
    rose, lily, make_file, show, sent, marketer
):
    mms = show(rose)
    sent(mms)
    replace_media(rose, lily, by=marketer)
    replacement = replace_media(rose, make_file("tulip"), by=marketer)
    assert replacement.changing == ()
    assert media_of(mms.head) == [lily]


def test_what_will_change_is_told_before_and_after(rose, lily, show, sent, marketer):
    show(rose, "Summer")
    mms = show(rose, "Spring")
    sent(mms)
    sent(mms, CampaignStatus.SENDING)
    plan = plan_replacement(rose)
    assert [mms.name for mms in plan.changing] == ["Spring", "Summer"]
    assert plan.words == (
        "2 MMS will show the new file; 1 campaign that was sent and 1 campaign under way keep "
        "the old one."
    )
    assert replace_media(rose, lily, by=marketer) == plan


def test_a_replaced_file_says_by_what_and_its_tags_go_along(rose, lily, marketer):
    set_tags(rose, ["flower"], by=marketer)
    replace_media(rose, lily, by=marketer)
    rose.refresh_from_db()
    assert rose.replaced_by == lily
    assert [tag.name for tag in lily.tags.all()] == ["flower"]


def test_the_way_back_is_replacing_again(rose, lily, show, marketer):
    mms = show(rose)
    replace_media(rose, lily, by=marketer)
    replace_media(lily, rose, by=marketer)
    rose.refresh_from_db()
    lily.refresh_from_db()
    assert (rose.replaced_by, lily.replaced_by) == (None, rose)
    assert media_of(mms.head) == [rose]


def test_a_file_is_not_replaced_by_itself(rose, marketer):
    with pytest.raises(RuleBroken, match="same file"):
        replace_media(rose, rose, by=marketer)


def test_a_picture_is_not_replaced_by_a_document(rose, make_file, marketer):
    terms = make_file("terms", kind="pdf", mime="application/pdf")
    with pytest.raises(RuleBroken, match="one of its own kind"):
        replace_media(rose, terms, by=marketer)
    rose.refresh_from_db()
    assert rose.replaced_by is None


def test_replacing_is_written_down(rose, lily, show, marketer):
    show(rose)
    replace_media(rose, lily, by=marketer)
    entry = AuditEntry.objects.get(verb="media.replaced")
    assert entry.after == {"file": "lily", "MMS": ["Spring"]}


def test_a_replaced_file_is_brought_back_into_the_library(rose, lily, show, marketer):
    mms = show(rose)
    replace_media(rose, lily, by=marketer)
    bring_back(rose, by=marketer)
    rose.refresh_from_db()
    assert rose.replaced_by is None
    assert media_of(mms.head) == [lily]
