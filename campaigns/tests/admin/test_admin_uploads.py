"""One file per request: a tile, or one sentence that says why not."""

import io
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import MediaFile
from campaigns.services.media import store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(client, marketer):
    client.force_login(marketer)
    return client


def send(client, name, content):
    return client.post(
        reverse("admin:campaigns_mediafile_upload"), {"file": samples.upload(name, content)}
    )


def test_a_file_that_is_kept_answers_with_its_tile(library):
    answer = send(library, "rose.jpg", samples.picture())
    media = MediaFile.objects.get()
    assert answer.status_code == 200
    assert answer["X-Media-Id"] == str(media.pk)
    assert f'id="file-{media.pk}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.jpg", b"", "The file is empty."),
        ("sale.jpg", samples.HTML, "This is a web page, not a picture"),
        ("photo.heic", samples.HEIC, "HEIC pictures do not show on many phones"),
    ],
)
def test_a_refused_file_answers_with_its_sentence_alone(library, name, content, sentence):
    answer = send(library, name, content)
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode().startswith(sentence)
    assert not MediaFile.objects.exists()


def test_a_request_without_a_file_is_answered_in_a_sentence(library):
    answer = library.post(reverse("admin:campaigns_mediafile_upload"))
    assert (answer.status_code, answer.content.decode()) == (
        422,
        "No file came through: try again.",
    )


def test_a_connection_that_breaks_off_half_way_keeps_nothing(library):
    class Gone(io.BytesIO):
        def read(self, *sizes):
            raise OSError("The connection is gone.")

    answer = library.generic(
        "POST",
        reverse("admin:campaigns_mediafile_upload"),
        b"--b",
        content_type="multipart/form-data; boundary=b",
        **{"wsgi.input": Gone(), "CONTENT_LENGTH": "1000"},
    )
    assert answer.status_code == 422
    assert not MediaFile.objects.exists()


def test_a_long_foreign_name_with_slashes_and_marks_is_made_harmless(library):
    answer = send(library, "a\\b\u202egpj." + "ü" * 300 + ".jpg", samples.picture())
    name = unquote(answer["X-Media-Name"])
    assert name == MediaFile.objects.get().name
    assert len(name) <= 255
    assert not set("\\/\u202e") & set(name)


def test_a_file_above_the_limit_is_refused_where_no_script_asked_first(library, settings):
    settings.MEDIA_MAX_BYTES = 100
    answer = send(library, "rose.jpg", samples.picture())
    assert answer.status_code == 422
    assert "at most 100 bytes can be uploaded" in answer.content.decode()


def test_what_is_surprising_about_a_file_travels_beside_its_tile(library):
    png = samples.picture("PNG")
    assert "is really PNG" in unquote(send(library, "rose.jpg", png)["X-Media-Note"])
    assert "was here already, as “rose.jpg”" in unquote(
        send(library, "lily.png", png)["X-Media-Note"]
    )


def test_a_tile_shows_names_as_text(library):
    answer = send(library, "<img src=x onerror=alert(1)>.jpg", samples.picture())
    assert "<img src=x" not in answer.content.decode()


def test_uploading_is_for_those_who_may_add_files(client, approver, agent):
    for person in (approver, agent):
        client.force_login(person)
        assert send(client, "rose.jpg", samples.picture()).status_code == 403
    assert not MediaFile.objects.exists()


def test_who_is_signed_out_is_led_to_another_page(client):
    answer = send(client, "rose.jpg", samples.picture())
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_uploading_needs_the_token_of_the_page(marketer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(marketer)
    assert send(client, "rose.jpg", samples.picture()).status_code == 403


def test_nothing_is_uploaded_by_following_a_link(library):
    assert library.get(reverse("admin:campaigns_mediafile_upload")).status_code == 405


def test_the_same_file_sent_twice_is_one_file(library):
    store_media(samples.upload("rose.jpg", samples.picture()), by=None)
    send(library, "rose.jpg", samples.picture())
    assert MediaFile.objects.count() == 1
