"""An MMS that is too heavy is made to fit with one button, and all of it is taken with another."""

import pytest
from django.urls import reverse

from campaigns.models import Fitting, MediaFile
from campaigns.rules.statuses import FitStatus
from campaigns.services.media import store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/mms/add/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("campaigns.services.fitting.ring", lambda *words: None)


@pytest.fixture
def make_file():
    def make(number, size, original=None):
        content = samples.picture(size=(20 + number, 20))
        media = store_media(samples.upload(f"rose {number}.jpg", content), by=None)
        MediaFile.objects.filter(pk=media.pk).update(size=size, original=original)
        media.refresh_from_db()
        return media

    return make


@pytest.fixture
def compose(client, marketer):
    client.force_login(marketer)

    def post(do, *files):
        fields = {"name": "Spring", "fallback_text": "Hi", "fallback": "on", "do": do}
        for number, media in enumerate(files):
            fields |= {f"slide-{number}-text": "Hello", f"slide-{number}-media": media.pk}
        answer = client.post(ADD, fields, headers={"HX-Request": "true"})
        return answer.content.decode()

    return post


def test_two_files_that_fit_alone_but_not_together_get_a_button(compose, make_file):
    page = compose("look", make_file(1, 542_000), make_file(2, 560_000))
    assert "1.10 MB of 1.00 MB" in page
    assert page.count("Make all fit</button>") == 2  # under the total and in the check


def test_an_mms_that_fits_gets_none(compose, make_file):
    assert 'value="fit-all"' not in compose("look", make_file(1, 412_000), make_file(2, 560_000))


def test_the_button_starts_every_file_into_its_share_and_shows_how_far_it_is(compose, make_file):
    page = compose("fit-all", make_file(1, 542_000), make_file(2, 560_000))
    assert [row.target_bytes for row in Fitting.objects.all()] == [290_000, 290_000]
    assert "Making 2 files fit…" in page
    assert page.count('class="medium__fit" id="fit-') == 2
    compose("fit-all", *MediaFile.objects.order_by("pk"))
    assert Fitting.objects.count() == 2


def test_a_fitted_file_is_made_anew_from_its_original(compose, make_file):
    rose = make_file(1, 2_400_000)
    compose("fit-all", make_file(2, 542_000, original=rose), make_file(3, 560_000))
    assert rose in [row.media_file for row in Fitting.objects.all()]


def test_all_are_taken_with_one_step(compose, make_file):
    one, two = make_file(1, 542_000), make_file(2, 560_000)
    compose("fit-all", one, two)
    results = {media: make_file(media.pk + 50, 200_000, original=media) for media in (one, two)}
    for row in Fitting.objects.all():
        row.status, row.result = FitStatus.DONE, results[row.media_file]
        row.save()
    page = compose("look", one, two)
    step = f"swap-0-{one.pk}-{results[one].pk}-1-{two.pk}-{results[two].pk}"
    assert f'value="{step}"' in page
    assert "Use all fitted" in page
    assert 'value="fit-all"' not in compose(step, one, two)


def test_what_failed_is_named_with_its_slide_and_the_asking_goes_on_until_then(
    compose, client, make_file
):
    one, two = make_file(1, 542_000), make_file(2, 560_000)
    compose("fit-all", one, two)
    first, second = Fitting.objects.order_by("pk")
    fits = f"0-{one.pk}-{first.pk}_1-{two.pk}-{second.pk}"
    url = reverse("admin:campaigns_mediafile_fit_all")
    assert "every 1s" in client.get(url, {"fits": fits}).content.decode()
    Fitting.objects.update(status=FitStatus.FAILED, reason="It does not get smaller.")
    page = client.get(url, {"fits": fits, "where": "check"}).content.decode()
    assert "every 1s" not in page
    assert "“rose 2.jpg”: It does not get smaller." in page


@pytest.mark.parametrize("fits", ["", "x", "1-2", "0-999-999", "9" * 50])
def test_an_address_that_somebody_changed_is_no_error(client, marketer, fits):
    client.force_login(marketer)
    answer = client.get(reverse("admin:campaigns_mediafile_fit_all"), {"fits": fits})
    assert answer.status_code == 200


def test_every_file_that_can_be_lighter_says_so_on_its_slide(compose, make_file):
    page = compose("redraw", make_file(1, 400_000), make_file(2, 50_000))
    assert page.count("Make it smaller</button>") == 1


def test_a_new_file_is_made_to_fit_beside_the_others(compose, make_file):
    there, new = make_file(1, 542_000), make_file(2, 2_400_000)
    compose(f"attach-0-{new.pk}", there)
    assert Fitting.objects.get().target_bytes == 450_000


def test_who_may_not_make_files_gets_no_button(client, approver, make_file, make_mms):
    client.force_login(approver)
    mms = make_mms()
    slide = mms.head.slides.get()
    for number in (1, 2):
        slide.media.create(media_file=make_file(number, 700_000))
    page = client.get(reverse("admin:campaigns_mms_change", args=[mms.pk])).content.decode()
    assert 'value="fit-all"' not in page
