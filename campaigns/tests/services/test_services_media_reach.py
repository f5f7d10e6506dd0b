"""Whether the provider can fetch a file is really tried, and said in words."""

import dataclasses

import pytest

from campaigns.gateways.http import Fetched
from campaigns.services.media import store_media
from campaigns.services.reach import check_public
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.SANDBOX = ""
    return store_media(samples.upload("offer.jpg", samples.picture()), by=None)


@pytest.fixture
def good(picture):
    return Fetched(
        status=200,
        headers={},
        body=b"",
        final_url="",
        redirects=0,
        seconds=0.2,
        chunked=False,
        length=picture.size,
        content_type="image/jpeg",
    )


def test_a_file_that_arrives_as_it_should_is_good(picture, good):
    [finding] = check_public(picture, fetch=lambda url, **options: good)
    assert finding.good
    assert "“offer.jpg” is reachable: image/jpeg" in finding.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"status": 404}, "answers 404 instead of 200"),
        ({"chunked": True, "length": None}, "has no Content-Length"),
        ({"length": 7}, "arrives with 7 bytes instead of"),
        ({"content_type": "text/html; charset=utf-8"}, "arrives as text/html"),
        ({"seconds": 8.0}, "It took 8 s to fetch"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(picture, good, wrong, words):
    fetched = dataclasses.replace(good, **wrong)
    [finding] = check_public(picture, fetch=lambda url, **options: fetched)
    assert not finding.good
    assert words in finding.text


def test_one_redirect_is_followed_and_is_well(picture, good):
    fetched = dataclasses.replace(good, redirects=1)
    [finding] = check_public(picture, fetch=lambda url, **options: fetched)
    assert finding.good


def test_a_laptop_cannot_be_reached_and_that_is_said(picture):
    [finding] = check_public(picture)
    assert not finding.good
    assert "Set PUBLIC_BASE_URL" in finding.text


def test_with_the_sandbox_this_machine_is_public_enough(picture, settings, live_server):
    settings.SANDBOX = "on"
    settings.PUBLIC_BASE_URL = live_server.url
    [finding] = check_public(picture)
    assert finding.good, finding.text
