"""The gallery of MMS, and what is done with one as a whole."""

import pytest
from django.urls import reverse

from campaigns.models import Mms
from campaigns.services.media import store_media
from campaigns.services.samples import sample_image
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture():
    return store_media(samples.upload(*sample_image()), by=None)


def change_url(mms):
    return reverse("admin:campaigns_mms_change", args=[mms.pk])


def test_the_picker_finds_by_name_and_offers_it_for_this_slide(client, marketer, picture):
    client.force_login(marketer)
    found = client.get(reverse("admin:campaigns_mms_pick"), {"words": "SPRING", "slide": 2})
    assert f'value="attach-2-{picture.pk}"' in found.content.decode()
    nothing = client.get(reverse("admin:campaigns_mms_pick"), {"words": "autumn"})
    assert "Nothing matches “autumn”." in nothing.content.decode()


def test_a_copy_is_made_from_the_page(client, marketer, make_mms):
    client.force_login(marketer)
    response = client.post(reverse("admin:campaigns_mms_duplicate", args=[make_mms().pk]))
    assert response.url == change_url(Mms.objects.get(name="Copy of Spring sale"))


def test_an_mms_of_a_campaign_is_not_deleted_and_the_page_says_why(client, marketer, make_campaign):
    mms = make_campaign(contacts=0).mms
    client.force_login(marketer)
    url = reverse("admin:campaigns_mms_delete", args=[mms.pk])
    for response in (client.get(url, follow=True), client.post(url, {"post": "yes"}, follow=True)):
        assert "belongs to the campaign “Spring”" in response.content.decode()
    assert Mms.objects.filter(pk=mms.pk).exists()


def test_the_gallery_asks_few_questions_however_many_there_are(
    client, marketer, make_mms, django_assert_max_num_queries
):
    for number in range(12):
        make_mms(f"MMS {number}")
    client.force_login(marketer)
    with django_assert_max_num_queries(20):
        page = client.get("/admin/campaigns/mms/").content.decode()
    assert "MMS 11" in page
