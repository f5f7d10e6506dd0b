"""One file's page: its tags, its uses, and another file in its place."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import MediaFile
from campaigns.rules.statuses import CampaignStatus
from campaigns.services import samples as nice
from campaigns.services.content import freeze
from campaigns.services.drafts import draft_of
from campaigns.services.media import store_media
from campaigns.services.replacing import replace_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(client, marketer):
    client.force_login(marketer)
    return client


@pytest.fixture
def rose():
    return store_media(samples.upload("rose.jpg", samples.picture()), by=None)


@pytest.fixture
def lily():
    return store_media(samples.upload("lily.jpg", samples.picture(size=(50, 50))), by=None)


@pytest.fixture
def show(make_mms):
    def show(media, name="Spring"):
        mms = make_mms(name)
        mms.head.slides.get().media.create(media_file=media)
        return mms

    return show


def url_of(name, media):
    return reverse(f"admin:campaigns_mediafile_{name}", args=[media.pk])


def page_of(client, media, **asked):
    return client.get(url_of("change", media), asked).content.decode()


def media_of(mms):
    return [medium for slide in draft_of(mms.head).slides for medium in slide.media]


# --- What it tells -----------------------------------------------------------------------------


def test_uses_are_linked_with_their_versions_and_campaigns(library, rose, show, make_campaign):
    mms = show(rose)
    revision = freeze(mms.head, timezone.now())
    campaign = make_campaign(mms=mms, revision=revision, status=CampaignStatus.DONE)
    page = page_of(library, rose)
    assert reverse("admin:campaigns_mms_change", args=[mms.pk]) in page
    assert reverse("admin:campaigns_campaign_change", args=[campaign.pk]) in page
    assert "(the newest)" in page


def test_a_contact_card_says_what_stands_on_it(library):
    name, content = nice.sample_vcard()
    card = store_media(samples.upload(name, content), by=None)
    assert "Wren Gardens" in page_of(library, card)


def test_an_original_and_its_fitted_files_name_each_other(library, rose, lily):
    MediaFile.objects.filter(pk=lily.pk).update(original=rose)
    assert "Fitted from" in page_of(library, lily)
    assert url_of("change", lily) in page_of(library, rose)


def test_a_page_takes_as_many_queries_with_many_uses_as_with_few(
    library, rose, show, django_assert_max_num_queries
):
    for number in range(30):
        show(rose, f"MMS {number}")
    with django_assert_max_num_queries(32):
        page_of(library, rose)


# --- Tags --------------------------------------------------------------------------------------


def test_tags_are_added_and_taken_off(library, rose):
    library.post(url_of("tags", rose), {"tag": "Spring, sale"})
    library.post(url_of("tags", rose), {"remove": "sale"})
    assert [tag.name for tag in rose.tags.all()] == ["Spring"]


def test_a_page_that_asks_for_its_tags_gets_them_alone(library, rose):
    answer = library.post(url_of("tags", rose), {"tag": "Spring"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "Spring" in page
    assert "<html" not in page


def test_a_tag_of_nothing_is_said(library, rose):
    answer = library.post(url_of("tags", rose), {"tag": " , "}, headers={"HX-Request": "true"})
    assert "Type a tag" in answer.content.decode()
    page = library.post(url_of("tags", rose), {"tag": ""}, follow=True)
    assert "Type a tag" in page.content.decode()


def test_a_tag_is_shown_as_text(library, rose):
    library.post(url_of("tags", rose), {"tag": "<b>x</b>"})
    assert "<b>x</b>" not in page_of(library, rose)
    assert "<b>x</b>" not in library.get("/admin/campaigns/mediafile/").content.decode()


# --- Another file in its place -------------------------------------------------------------------


def test_a_new_file_is_shown_beside_the_old_one_before_anything_changes(library, rose, show):
    mms = show(rose)
    new = samples.upload("tulip.jpg", samples.picture(size=(60, 60)))
    page = library.post(url_of("replace", rose), {"file": new}, follow=True).content.decode()
    assert "1 MMS will show the new file." in page
    assert "“Spring”" in page
    assert media_of(mms) == [rose]


def test_a_file_is_replaced_and_the_page_says_what_changed(library, rose, lily, show):
    mms = show(rose)
    answer = library.post(url_of("replace", rose), {"with": lily.pk}, follow=True)
    assert (
        "“lily.jpg” took the place of “rose.jpg”. 1 MMS shows the new file now."
        in answer.content.decode()
    )
    assert media_of(mms) == [lily]


def test_a_replaced_file_says_by_what_and_comes_back_when_asked(library, rose, lily, marketer):
    replace_media(rose, lily, by=marketer)
    page = page_of(library, rose)
    assert "Replaced by" in page
    assert url_of("change", lily) in page
    library.post(url_of("return", rose))
    assert "Replaced by" not in page_of(library, rose)


def test_a_file_of_another_kind_is_refused_where_it_would_be_compared(library, rose):
    name, content = nice.sample_pdf()
    terms = store_media(samples.upload(name, content), by=None)
    assert "one of its own kind" in page_of(library, rose, **{"with": terms.pk})
    answer = library.post(url_of("replace", rose), {"with": terms.pk}, follow=True)
    assert "one of its own kind" in answer.content.decode()
    rose.refresh_from_db()
    assert rose.replaced_by is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "The file is empty."), (samples.HTML, "This is a web page"), (None, "No file came")],
)
def test_a_bad_file_replaces_nothing_and_is_told(library, rose, content, sentence):
    fields = {} if content is None else {"file": samples.upload("x.jpg", content)}
    answer = library.post(url_of("replace", rose), fields, follow=True)
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("with_", ["x", "", "-1", "99999", "9" * 30])
def test_a_file_that_is_not_there_replaces_nothing(library, rose, with_):
    assert library.get(url_of("change", rose), {"with": with_}).status_code == 200
    assert library.post(url_of("replace", rose), {"with": with_}).status_code == 404


def test_a_replaced_file_that_is_uploaded_again_is_in_the_library_again(
    library, rose, lily, marketer
):
    replace_media(rose, lily, by=marketer)
    file = samples.upload("rose.jpg", samples.picture())
    library.post(reverse("admin:campaigns_mediafile_upload"), {"file": file})
    rose.refresh_from_db()
    assert rose.replaced_by is None


# --- Who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tags", "replace", "return"])
def test_who_only_looks_changes_nothing(client, approver, rose, lily, name):
    client.force_login(approver)
    answer = client.post(url_of(name, rose), {"tag": "x", "with": lily.pk})
    assert answer.status_code == 403
    assert not rose.tags.exists()
    rose.refresh_from_db()
    assert rose.replaced_by is None


def test_who_may_not_change_mms_replaces_no_file(client, marketer, rose, lily):
    group = marketer.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="change_mms"))
    client.force_login(marketer)
    assert client.post(url_of("replace", rose), {"with": lily.pk}).status_code == 403
    assert "Replace with another file" not in page_of(client, rose)


def test_an_approver_sees_no_buttons(client, approver, rose):
    client.force_login(approver)
    page = page_of(client, rose)
    for words in ("Replace with another", "Rename", "Delete this file", 'name="target"'):
        assert words not in page


@pytest.mark.parametrize("name", ["tags", "replace", "return", "check"])
def test_nothing_changes_by_following_a_link(library, rose, name):
    assert library.get(url_of(name, rose)).status_code == 405
