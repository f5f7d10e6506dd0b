"""The media library takes many files at once, and says why it does not take one."""

import pytest
from django.urls import reverse

from campaigns.models import MediaFile
from campaigns.services.media import public_url, store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/mediafile/add/"


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def library(client, marketer):
    client.force_login(marketer)
    return client


@pytest.fixture
def picture():
    return store_media(samples.upload("offer.jpg", samples.picture()), by=None)


def change_url(media):
    return reverse("admin:campaigns_mediafile_change", args=[media.pk])


def test_several_files_are_taken_at_once(library):
    files = [samples.upload(f"{n}.jpg", samples.picture(size=(n, 9))) for n in (5, 6, 7)]
    page = library.post(ADD, {"files": files}, follow=True).content.decode()
    assert "3 files uploaded." in page
    assert MediaFile.objects.count() == 3


def test_a_refused_file_has_its_own_sentence_and_stops_no_other(library):
    files = [
        samples.upload("a.heic", samples.HEIC),
        samples.upload("b.jpg", samples.picture("PNG")),
        samples.upload("c.jpg", b""),
    ]
    page = library.post(ADD, {"files": files}).content.decode()
    assert "2 files could not be taken" in page
    assert "a.heic: HEIC pictures do not show on many phones" in page
    assert "c.jpg: The file is empty." in page
    assert "“b.jpg” is really PNG and is kept as that." in page
    assert MediaFile.objects.get().name == "b.jpg"


def test_no_file_is_said(library):
    assert "Choose at least one file." in library.post(ADD).content.decode()


def test_a_page_of_a_file_tells_its_address_and_its_uses(library, picture, make_mms):
    make_mms("Spring").head.slides.get().media.create(media_file=picture)
    page = library.get(change_url(picture)).content.decode()
    assert public_url(picture) in page
    assert "Spring" in page
    assert "Delete this file" not in page


def test_a_file_is_renamed(library, picture):
    library.post(change_url(picture), {"name": "Spring offer"})
    picture.refresh_from_db()
    assert picture.name == "Spring offer"


def test_a_file_in_use_is_not_deleted_and_the_page_says_why(library, picture, make_mms):
    make_mms("Spring").head.slides.get().media.create(media_file=picture)
    url = reverse("admin:campaigns_mediafile_delete", args=[picture.pk])
    for response in (
        library.get(url, follow=True),
        library.post(url, {"post": "yes"}, follow=True),
    ):
        assert "is used in Spring" in response.content.decode()


def test_a_file_without_use_is_deleted(library, picture):
    url = reverse("admin:campaigns_mediafile_delete", args=[picture.pk])
    assert library.get(url).status_code == 200
    library.post(url, {"post": "yes"})
    assert not MediaFile.objects.exists()


def test_an_approver_looks_and_does_not_touch(client, approver, picture):
    client.force_login(approver)
    assert "Rename" not in client.get(change_url(picture)).content.decode()
    assert client.post(change_url(picture), {"name": "x"}).status_code == 403
    assert client.get(ADD).status_code == 403


def test_an_agent_does_not_see_the_library(client, agent, picture):
    client.force_login(agent)
    assert client.get("/admin/campaigns/mediafile/").status_code == 403
    url = reverse("admin:campaigns_mediafile_check", args=[picture.pk])
    assert client.post(url).status_code == 403


def test_names_are_shown_as_text(library, picture):
    MediaFile.objects.update(name="<script>alert(1)</script>.jpg")
    for url in ("/admin/campaigns/mediafile/", change_url(picture)):
        assert "<script>alert" not in library.get(url).content.decode()


def test_a_file_that_is_there_already_is_named_by_its_first_name(library, picture):
    again = samples.upload("again.jpg", samples.picture())
    page = library.post(ADD, {"files": [again]}, follow=True).content.decode()
    assert "“again.jpg” was here already, as “offer.jpg”." in page
