"""A file is made to fit where somebody sees it, and both are shown side by side."""

import pytest
from django.urls import reverse

from campaigns.models import Fitting, MediaFile
from campaigns.rules.statuses import FitStatus
from campaigns.services.media import store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr("campaigns.services.fitting.ring", lambda *words: heard.append(words))
    return heard


@pytest.fixture
def library(client, marketer):
    client.force_login(marketer)
    return client


@pytest.fixture
def rose():
    media = store_media(samples.upload("rose.jpg", samples.picture()), by=None)
    MediaFile.objects.filter(pk=media.pk).update(size=2_400_000)
    media.refresh_from_db()
    return media


@pytest.fixture
def fitted(rose):
    media = store_media(samples.upload("small.jpg", samples.picture(size=(9, 9))), by=None)
    MediaFile.objects.filter(pk=media.pk).update(original=rose, size=412_000)
    media.refresh_from_db()
    return media


@pytest.fixture
def make_fitting(rose):
    def make(**fields):
        return Fitting.objects.create(media_file=rose, target_bytes=600_000, **fields)

    return make


def ask(client, media, **asked):
    return client.get(reverse("admin:campaigns_mediafile_fit", args=[media.pk]), asked)


def start(client, media, target, **asked):
    url = reverse("admin:campaigns_mediafile_fit", args=[media.pk], query=asked)
    return client.post(url, {"target": target})


def test_why_it_is_needed_and_the_weights_to_choose_are_told(library, rose, make_channel):
    make_channel(size_limit=500_000)
    page = ask(library, rose).content.decode()
    assert "It weighs 2.40 MB" in page
    for words in ("600 KB", "safe everywhere", "300 KB", "always works", "500 KB", "Main carries"):
        assert words in page


def test_a_light_file_is_not_offered_heavier_weights(library, rose):
    MediaFile.objects.filter(pk=rose.pk).update(size=400_000)
    page = ask(library, rose).content.decode()
    assert "300 KB" in page
    assert "600 KB" not in page


def test_choosing_a_weight_starts_it_and_the_page_asks_again(library, rose, rings):
    answer = start(library, rose, 300_000)
    fitting = Fitting.objects.get()
    assert fitting.target_bytes == 300_000
    assert rings == [("media.fit", fitting.pk)]
    assert answer.status_code == 200
    assert 'hx-trigger="every 1s"' in answer.content.decode()
    assert f"fitting={fitting.pk}" in answer.content.decode()


def test_progress_is_told_while_a_worker_is_at_it(library, rose, make_fitting):
    make_fitting(status=FitStatus.WORKING, progress=45)
    answer = ask(library, rose)
    assert answer.status_code == 200
    assert "45 %" in answer.content.decode()


def test_both_are_shown_side_by_side_when_it_is_done_and_the_asking_ends(
    library, rose, fitted, make_fitting
):
    make_fitting(status=FitStatus.DONE, result=fitted)
    answer = ask(library, rose)
    page = answer.content.decode()
    assert answer.status_code == 286
    assert "2.4 MB → 412 KB, 83 % lighter" in page
    assert rose.public_name in page
    assert fitted.public_name in page
    assert "Use the fitted one" in page
    assert "every 1s" not in page


def test_what_failed_says_why_and_the_asking_ends(library, rose, make_fitting):
    make_fitting(status=FitStatus.FAILED, reason="The video runs 4 minutes: cut it.")
    answer = ask(library, rose)
    assert answer.status_code == 286
    assert "The video runs 4 minutes: cut it." in answer.content.decode()


def test_using_the_fitted_one_replaces_the_original(library, rose, fitted, make_fitting, make_mms):
    make_fitting(status=FitStatus.DONE, result=fitted)
    mms = make_mms()
    mms.head.slides.get().media.create(media_file=rose)
    url = reverse("admin:campaigns_mediafile_replace", args=[rose.pk])
    assert url in ask(library, rose).content.decode()
    library.post(url, {"with": fitted.pk})
    assert mms.head.slides.get().media.get().media_file == fitted


def test_keeping_the_original_is_confirmed(library, rose, fitted, make_fitting):
    make_fitting(status=FitStatus.DONE, result=fitted)
    page = ask(library, rose, keep="1").content.decode()
    assert "The original stays as it is." in page
    assert "Use the fitted one" not in page


def test_in_the_composer_the_choice_is_a_step_of_it(library, rose, fitted, make_fitting):
    make_fitting(status=FitStatus.DONE, result=fitted)
    page = ask(library, rose, slide="2", mms="").content.decode()
    assert f'value="swap-2-{rose.pk}-{fitted.pk}"' in page
    assert "<form" not in page  # it stands in the composer's own


def test_the_place_in_the_composer_comes_back_with_every_answer(library, rose):
    page = start(library, rose, 600_000, slide="2", mms="7").content.decode()
    assert "slide=2&amp;mms=7" in page


def test_a_result_that_was_deleted_is_not_shown(library, rose, make_fitting):
    make_fitting(status=FitStatus.DONE, result=None)
    page = ask(library, rose).content.decode()
    assert "Make it fit into" in page


@pytest.mark.parametrize(
    "asked",
    [{"slide": "x"}, {"mms": "x", "slide": "1"}, {"channel": "x"}, {"fitting": "9" * 40}],
)
def test_an_address_that_somebody_changed_is_no_error(library, rose, asked):
    assert ask(library, rose, **asked).status_code == 286


@pytest.mark.parametrize("target", ["", "x", "-5", "0"])
def test_a_weight_that_is_none_means_the_usual_one(library, rose, target):
    start(library, rose, target)
    assert Fitting.objects.get().target_bytes == 600_000


def test_who_only_looks_sees_how_far_it_is_and_starts_nothing(client, approver, agent, rose):
    client.force_login(approver)
    page = ask(client, rose)
    assert page.status_code == 286
    assert 'name="target"' not in page.content.decode()
    assert start(client, rose, 300_000).status_code == 403
    client.force_login(agent)
    assert ask(client, rose).status_code == 403


def test_a_file_that_was_deleted_meanwhile_is_not_found(library, rose):
    url = reverse("admin:campaigns_mediafile_fit", args=[rose.pk])
    rose.delete()
    assert library.get(url).status_code == 404
