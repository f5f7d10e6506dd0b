"""Whether the provider can fetch a file is really tried, and said in words."""

import threading

import pytest

from campaigns.gateways.http import (
    Fetched,
    FetchRefused,
    NoAnswer,
    NotPublic,
    NotTrusted,
    RedirectsTooOften,
    TooLate,
)
from campaigns.services.media import store_media
from campaigns.services.reach import fetch_files, say_trip, sum_up
from campaigns.services.samples import sample_video
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_an_address(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.SANDBOX = ""
    settings.PUBLIC_BASE_URL = "https://mms.example.org"


@pytest.fixture
def picture():
    return store_media(samples.upload("offer.jpg", samples.picture()), by=None)


def arriving(media, **wrong):
    """Answers as our own portal does, apart from what is `wrong`."""
    with media.file.open("rb") as file:
        body = file.read()
    good = {
        "status": 200,
        "headers": {},
        "body": body,
        "final_url": f"https://mms.example.org/m/{media.public_name}",
        "redirects": 0,
        "seconds": 0.2,
        "chunked": False,
        "length": media.size,
        "content_type": media.mime,
    }
    return lambda url, **options: Fetched(**{**good, **wrong})


def refusing(error):
    def fetch(url, **options):
        raise error

    return fetch


def test_a_file_that_arrives_as_it_should_is_good(picture):
    [trip] = fetch_files({picture: (2,)}, fetch=arriving(picture))
    assert (trip.tone, trip.is_same, trip.slides) == ("ok", True, (2,))
    assert say_trip(trip) == f"“offer.jpg” is reachable: image/jpeg, {picture.size} bytes, 0.2 s."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"status": 404}, "mms.example.org answers 404 instead of 200"),
        ({"chunked": True, "length": None}, "has no Content-Length"),
        ({"length": None}, "has no Content-Length"),
        ({"length": 7}, "arrives with 7 bytes instead of"),
        ({"body": b"x"}, "arrives with other content"),
        ({"content_type": "text/html; charset=utf-8"}, "arrives as text/html instead of image/"),
        ({"content_type": "application/octet-stream"}, "arrives as application/octet-stream"),
        ({"content_type": ""}, "arrives as nothing"),
    ],
)
def test_what_the_provider_would_refuse_is_a_problem_of_its_slide(picture, wrong, words):
    [trip] = fetch_files({picture: (2, 3)}, fetch=arriving(picture, **wrong))
    [problem] = trip.problems
    assert words in problem.text
    assert problem.remedy
    assert (problem.slide, trip.tone, trip.is_same) == (2, "bad", False)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (NotPublic("The address does not lead to a public place."), "Set PUBLIC_BASE_URL to the"),
        (NotTrusted("Its certificate is not trusted."), "certificate of a public authority"),
        (TooLate("It took too long."), "busy or blocked"),
        (NoAnswer("Nothing answers at this address."), "are up at PUBLIC_BASE_URL"),
        (RedirectsTooOften("It redirects more than once."), "that the redirects lead to"),
        (FetchRefused("It redirects to what is no address."), "Set PUBLIC_BASE_URL"),
    ],
)
def test_each_cause_has_a_remedy_of_its_own(picture, error, remedy):
    [trip] = fetch_files({picture: (1,)}, fetch=refusing(error))
    [problem] = trip.problems
    assert problem.text == f"Sinch cannot fetch “offer.jpg”. {error}"
    assert remedy in problem.remedy
    assert trip.cause == str(error)


def test_a_type_with_parameters_and_capitals_is_the_same_type(picture):
    fetch = arriving(picture, content_type="Image/JPEG; q=1")
    assert fetch_files({picture: ()}, fetch=fetch)[0].tone == "ok"


def test_one_redirect_is_followed_and_is_well(picture):
    [trip] = fetch_files({picture: ()}, fetch=arriving(picture, redirects=1))
    assert trip.tone == "ok"


def test_of_a_large_file_only_the_beginning_is_compared(picture):
    [trip] = fetch_files({picture: ()}, fetch=arriving(picture, body=b"x", is_complete=False))
    assert (trip.tone, trip.is_same) == ("ok", False)


@pytest.mark.parametrize(
    ("doubtful", "words"),
    [
        ({"seconds": 8.0}, "It took 8 s to fetch"),
        ({"final_url": "http://mms.example.org/m/a.mp4"}, "redirected from https to http"),
        ({"final_url": "https://cdn.example.org/a.mp4?token=1"}, "an address with a “?”"),
    ],
)
def test_what_works_and_may_cost_something_is_a_doubt(doubtful, words):
    film = store_media(samples.upload(*sample_video(1)), by=None)
    [trip] = fetch_files({film: (4,)}, fetch=arriving(film, **doubtful))
    [doubt] = trip.warnings
    assert words in doubt.text
    assert (doubt.slide, trip.tone, trip.problems) == (4, "warn", ())


def test_what_follows_a_question_mark_does_not_matter_to_a_picture(picture):
    fetch = arriving(picture, final_url="https://cdn.example.org/a.jpg?token=1")
    assert fetch_files({picture: ()}, fetch=fetch)[0].tone == "ok"


def test_files_are_fetched_at_the_same_time(picture):
    other = store_media(samples.upload("b.jpg", samples.picture(size=(41, 30))), by=None)
    both_are_here = threading.Barrier(2, timeout=5)

    def fetch(url, **options):
        both_are_here.wait()
        media = picture if picture.public_name in url else other
        return arriving(media)(url)

    trips = fetch_files({picture: (1,), other: (2,)}, fetch=fetch)
    assert [(trip.media, trip.tone) for trip in trips] == [(picture, "ok"), (other, "ok")]


def test_what_is_still_missing_at_the_deadline_took_too_long(picture):
    is_over = threading.Event()

    def fetch(url, **options):
        is_over.wait(10)
        return arriving(picture)(url)

    [trip] = fetch_files({picture: (1,)}, fetch=fetch, seconds=0.01)
    is_over.set()
    assert trip.cause == "It took too long."


def test_no_fetch_is_given_more_time_than_there_is(picture):
    given = []

    def fetch(url, timeout, **options):
        given.append(timeout)
        return arriving(picture)(url)

    fetch_files({picture: ()}, fetch=fetch, seconds=60)
    fetch_files({picture: ()}, fetch=fetch, seconds=3)
    assert given[0] == 10
    assert given[1] <= 3


def test_all_files_are_summed_up_in_one_sentence(picture):
    def trips(*seconds):
        found = []
        for taken in seconds:
            fetch = arriving(picture, **({"seconds": taken} if taken else {"status": 404}))
            found += fetch_files({picture: ()}, fetch=fetch)
        return sum_up(found)

    assert trips() == "There is no file that Sinch would have to fetch."
    assert trips(0.31) == "The file can be fetched: it took 0.3 s."
    assert trips(0.1, 0.5, 0.2) == "All 3 files can be fetched: the slowest took 0.5 s."
    assert trips(0.1, 0) == "1 of 2 files can be fetched as they should."
    assert trips(0, 0) == "None of the 2 files can be fetched."
    assert trips(0) == "The file cannot be fetched."


def test_a_laptop_cannot_be_reached_and_that_is_said(picture, settings):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    [trip] = fetch_files({picture: ()})
    assert "Set PUBLIC_BASE_URL" in str(trip.problems[0])


def test_with_the_sandbox_this_machine_is_public_enough(picture, settings, live_server):
    settings.SANDBOX = "on"
    settings.PUBLIC_BASE_URL = live_server.url
    [trip] = fetch_files({picture: (1,)})
    assert (trip.tone, trip.is_same) == ("ok", True), trip
