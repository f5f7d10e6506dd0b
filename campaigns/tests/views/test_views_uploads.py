"""What is sent beyond the limit is counted and not kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from campaigns.rules.problems import RuleBroken
from campaigns.services.media import store_media
from campaigns.views import uploads

LARGE = 3_000_000  # more than is taken into memory


@pytest.fixture
def send(settings, monkeypatch):
    """Upload so many bytes; returns the file as a view gets it."""
    settings.MEDIA_MAX_BYTES = LARGE
    monkeypatch.setattr(uploads, "MOST_BYTES", LARGE)

    def post(size):
        content = SimpleUploadedFile("film.mp4", b"\0" * size)
        return RequestFactory().post("/", {"file": content}).FILES["file"]

    return post


def test_a_file_within_the_limit_is_kept_whole(send):
    file = send(LARGE)
    assert file.size == len(file.read()) == LARGE
    file.close()


def test_a_file_beyond_the_limit_is_counted_and_not_kept(send):
    file = send(LARGE * 3)
    assert file.size == LARGE * 3
    assert len(file.read()) < LARGE + 200_000
    file.close()


@pytest.mark.django_db
def test_a_file_beyond_the_limit_is_refused_with_its_true_weight(send):
    file = send(LARGE * 3)
    with pytest.raises(RuleBroken, match="weighs 9 MB; at most 3 MB"):
        store_media(file, by=None)
    file.close()


def test_a_file_of_contacts_keeps_its_own_limit(send, settings):
    settings.MEDIA_MAX_BYTES = 1000
    file = send(LARGE)
    assert len(file.read()) == LARGE
    file.close()
