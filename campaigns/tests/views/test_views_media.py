"""The provider gets a file exactly as it wants it: length, type, nothing else."""

import pytest

from campaigns.services.media import store_media
from campaigns.services.posters import make_poster
from campaigns.services.samples import sample_image, sample_pdf
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return store_media(samples.upload(*sample_image()), by=None)


@pytest.fixture
def fetch(client, picture):
    def get(**headers):
        response = client.get(f"/m/{picture.public_name}", headers=headers)
        return response, b"".join(response.streaming_content)

    return get


def test_a_file_comes_whole_with_its_true_length_and_type(fetch, picture):
    response, body = fetch()
    assert response.status_code == 200
    assert response["Content-Length"] == str(picture.size) == str(len(body))
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"].startswith("inline")


def test_a_file_is_harmless_lasting_and_anonymous(fetch):
    response, _ = fetch(**{"Accept-Encoding": "gzip"})
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "immutable" in response["Cache-Control"]
    assert not response.cookies
    assert "Vary" not in response
    assert "Content-Encoding" not in response
    assert "Transfer-Encoding" not in response


def test_head_tells_the_same_without_the_content(client, picture):
    response = client.head(f"/m/{picture.public_name}")
    assert response["Content-Length"] == str(picture.size)
    assert response["Content-Type"] == "image/jpeg"
    assert response.content == b""


def test_a_document_is_offered_as_a_download(client, picture):
    media = store_media(samples.upload(*sample_pdf()), by=None)
    response = client.get(f"/m/{media.public_name}")
    response.close()
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=0-99", 0, 99), ("bytes=100-", 100, None)]
)
def test_a_player_may_ask_for_a_part(fetch, picture, asked, first, last):
    whole = fetch()[1]
    last = len(whole) - 1 if last is None else last
    response, body = fetch(Range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    assert response["Content-Length"] == str(len(body))
    assert body == whole[first : last + 1]


def test_a_part_beyond_the_end_is_416(client, picture):
    response = client.get(f"/m/{picture.public_name}", headers={"Range": "bytes=9999999-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{picture.size}"


@pytest.mark.parametrize("asked", ["bytes=-5", "bytes=0-1,3-4", "lines=1-2", "bytes=x-y"])
def test_a_range_we_do_not_speak_gets_the_whole(fetch, picture, asked):
    response, body = fetch(Range=asked)
    assert (response.status_code, len(body)) == (200, picture.size)


@pytest.mark.parametrize("name", ["nothing.jpg", "..%2f..%2fsettings.py"])
def test_an_unknown_name_is_a_plain_404(client, db, name):
    response = client.get(f"/m/{name}")
    assert response.status_code == 404


def test_other_methods_are_refused(client, picture):
    assert client.post(f"/m/{picture.public_name}").status_code == 405


# --- Posters -----------------------------------------------------------------------------------


@pytest.fixture
def film(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return store_media(samples.upload("a.mov", samples.film("mov")), by=None)


def test_a_poster_is_a_jpeg_whatever_it_stands_for(client, film):
    make_poster(film.pk)
    film.refresh_from_db()
    response = client.get(f"/m/p/{film.public_name}")
    body = b"".join(response.streaming_content)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(film.poster.size) == str(len(body))
    assert response["Content-Disposition"].startswith("inline")
    assert body.startswith(b"\xff\xd8\xff")


def test_a_poster_is_as_harmless_lasting_and_anonymous_as_its_file(client, film):
    make_poster(film.pk)
    response = client.get(f"/m/p/{film.public_name}")
    response.close()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "immutable" in response["Cache-Control"]
    assert not response.cookies


def test_a_poster_that_is_not_made_yet_is_a_404_that_nobody_remembers(client, film):
    response = client.get(f"/m/p/{film.public_name}")
    assert response.status_code == 404
    assert "Cache-Control" not in response
    assert client.get("/m/p/nothing.jpg").status_code == 404


def test_a_poster_whose_file_is_gone_is_a_404(client, film):
    make_poster(film.pk)
    film.refresh_from_db()
    film.poster.storage.delete(film.poster.name)
    assert client.get(f"/m/p/{film.public_name}").status_code == 404


def test_head_of_a_poster_has_no_content(client, film):
    make_poster(film.pk)
    response = client.head(f"/m/p/{film.public_name}")
    response.close()
    assert response.status_code == 200
    assert client.post(f"/m/p/{film.public_name}").status_code == 405
