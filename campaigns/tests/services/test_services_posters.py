"""Every picture and film gets a small picture of its own; the sweep finds missing ones."""

from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from campaigns.models import MediaFile
from campaigns.rules.fitting import POSTER_BYTES
from campaigns.services.media import delete_media, poster_path, store_media
from campaigns.services.posters import make_poster, ring_missing
from campaigns.services.samples import sample_pdf
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def store():
    return lambda name, content: store_media(samples.upload(name, content), by=None)


@pytest.fixture
def see():
    """Make the poster of a file and look at it."""

    def look(media):
        make_poster(media.pk)
        media.refresh_from_db()
        with media.poster.open("rb") as file, Image.open(file) as image:
            image.load()
            assert image.format == "JPEG"
            return image

    return look


def test_a_picture_gets_a_small_one(store, see):
    media = store("a.png", samples.noisy_picture("PNG", size=(1000, 500)))
    image = see(media)
    assert image.size == (480, 240)
    assert media.poster.size <= POSTER_BYTES
    assert media.size > POSTER_BYTES


def test_a_small_picture_stays_as_small_as_it_is(store, see):
    assert see(store("a.jpg", samples.picture())).size == (40, 30)


def test_a_gif_shows_its_first_frame(store, see):
    red, green, blue = see(store("a.gif", samples.moving_picture())).getpixel((2, 20))
    assert red > 200 > 100 > blue
    assert green > 150


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm", "mkv", "3gp"])
def test_a_film_of_any_kind_shows_a_frame(store, see, kind):
    image = see(store("a", samples.film(kind)))
    assert image.size == (64, 48)
    assert image.getpixel((32, 10))[0] > 150


def test_a_film_that_begins_in_the_dark_shows_its_first_light(store, see):
    image = see(store("a.mp4", samples.film("mp4", seconds=3, dark=2)))
    assert image.getpixel((32, 40))[0] > 150


def test_a_film_that_is_dark_all_along_shows_that(store, see):
    assert see(store("a.mp4", samples.film("mp4", dark=1))).getpixel((32, 40))[0] < 24


def test_a_film_taken_on_its_side_stands_upright(store, see):
    image = see(store("a.mov", samples.turned(samples.film("mov"), 90)))
    assert image.size == (48, 64)
    red, green, _ = image.getpixel((40, 32))
    assert red > 150 > 90 > green


def test_what_is_neither_picture_nor_film_gets_none(store, media_root):
    media = store(*sample_pdf())
    make_poster(media.pk)
    media.refresh_from_db()
    assert not media.poster
    assert poster_path(media) == ""


def test_a_poster_is_made_once(store, see, media_root):
    media = store("a.jpg", samples.picture())
    see(media)
    name = media.poster.name
    make_poster(media.pk)
    media.refresh_from_db()
    assert media.poster.name == name
    assert len([path for path in media_root.rglob("posters/**/*") if path.is_file()]) == 1


def test_a_file_that_cannot_be_drawn_stays_without(store):
    media = store("a.jpg", samples.picture())
    with media.file.storage.open(media.file.name, "wb") as file:
        file.write(b"nothing")
    make_poster(media.pk)
    media.refresh_from_db()
    assert not media.poster


def test_a_file_that_is_gone_is_no_error():
    make_poster(4711)


def test_keeping_a_picture_or_film_rings_for_its_poster(store, django_capture_on_commit_callbacks):
    for name, content, rings in (
        ("a.jpg", samples.picture(), 1),
        ("a.mov", samples.film("mov"), 1),
        ("a.pdf", sample_pdf()[1], 0),
        ("a.mp3", samples.film("mp3"), 0),
    ):
        with django_capture_on_commit_callbacks() as callbacks:
            store(name, content)
        assert len(callbacks) == rings, name


def test_the_path_of_a_poster_is_public(store, see):
    media = store("a.jpg", samples.picture())
    assert poster_path(media) == ""
    see(media)
    assert poster_path(media) == f"/m/p/{media.public_name}"


def test_a_poster_goes_with_its_file(
    store, see, media_root, marketer, django_capture_on_commit_callbacks
):
    media = store("a.jpg", samples.picture())
    see(media)
    with django_capture_on_commit_callbacks(execute=True):
        delete_media(media, by=marketer)
    assert not [path for path in media_root.rglob("*") if path.is_file()]


def test_missing_posters_are_rung_for_some_in_a_minute_and_all_in_the_end(
    django_capture_on_commit_callbacks,
):
    MediaFile.objects.bulk_create(
        MediaFile(
            name="a",
            kind="image",
            mime="image/jpeg",
            size=1,
            sha256=str(n),
            public_name=f"{n}.jpg",
        )
        for n in range(50)
    )
    now, rung = datetime(2026, 4, 1, tzinfo=UTC), 0
    for minute in range(3):
        with django_capture_on_commit_callbacks() as callbacks:
            ring_missing(now + timedelta(minutes=minute))
        assert 0 < len(callbacks) <= 20
        rung += len(callbacks)
    assert rung == 50


def test_nothing_is_rung_for_when_no_poster_is_missing(
    store, see, django_capture_on_commit_callbacks
):
    see(store("a.jpg", samples.picture()))
    with django_capture_on_commit_callbacks() as callbacks:
        ring_missing(datetime(2026, 4, 1, tzinfo=UTC))
    assert callbacks == []
