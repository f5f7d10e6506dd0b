"""A file is made to fit once, by one worker, and what cannot be made to fit says why."""

from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from campaigns.models import AuditEntry, Fitting, MediaFile
from campaigns.rules.media import say_size
from campaigns.rules.slides import Capacity
from campaigns.rules.statuses import FitStatus
from campaigns.services import fitting
from campaigns.services.content_checks import capacity_of
from campaigns.services.fitting import (
    find_need,
    ring_stalled,
    run_fitting,
    start_fitting,
)
from campaigns.services.media import delete_media, store_media
from campaigns.services.samples import sample_calendar, sample_pdf, sample_vcard
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def store(marketer):
    def make(name, content):
        return store_media(samples.upload(name, content), by=marketer)

    return make


@pytest.fixture
def heavy(store):
    return store("Our offer.PNG", samples.noisy_picture("PNG", size=(300, 200)))


@pytest.fixture
def fit(marketer):
    def make(media, target=30_000, channel=None):
        row = start_fitting(media, channel, by=marketer, target_bytes=target)
        run_fitting(row.pk, timezone.now())
        row.refresh_from_db()
        return row

    return make


@pytest.fixture
def rung(django_capture_on_commit_callbacks):
    """How many doorbells an action rings."""

    def count(action, *args, **options):
        with django_capture_on_commit_callbacks() as callbacks:
            action(*args, **options)
        return len(callbacks)

    return count


# --- Whether it must ---------------------------------------------------------------------------


def test_a_file_that_the_channel_takes_needs_nothing(store, make_channel):
    media = store("a.jpg", samples.picture())
    assert find_need(media, capacity_of(make_channel())) == ""
    assert find_need(media, capacity_of(None)) == ""


def test_a_form_that_no_channel_takes_must_be_changed(store):
    assert find_need(store("a.webp", samples.picture("WEBP")), Capacity()) == (
        "Few phones play or show a WEBP as it is."
    )


def test_what_is_too_heavy_for_the_channel_must_get_lighter(heavy):
    capacity = Capacity(total=100_000)
    assert find_need(heavy, capacity) == "It weighs 180 KB; the channel takes 100 KB."
    assert find_need(heavy, Capacity(total=100_000, transcodes=True)) == ""


# --- Starting ----------------------------------------------------------------------------------


def test_starting_rings_for_a_worker_and_is_written_down(heavy, marketer, rung):
    assert rung(start_fitting, heavy, None, by=marketer) == 1
    row = Fitting.objects.get()
    assert (row.status, row.target_bytes, row.created_by) == ("waiting", 600_000, marketer)
    entry = AuditEntry.objects.get(verb="media.fitting_started")
    assert (entry.actor, entry.after) == (marketer, {"target": 600_000})


def test_asking_twice_gives_the_same_row_and_rings_once(heavy, marketer, rung):
    first = start_fitting(heavy, None, by=marketer)
    assert rung(start_fitting, heavy, None, by=marketer) == 0
    assert Fitting.objects.get() == first


def test_the_target_comes_from_the_channel(heavy, marketer, make_channel):
    channel = make_channel(size_limit=300_000)
    assert start_fitting(heavy, channel, by=marketer).target_bytes == 300_000
    assert Fitting.objects.count() == 1
    assert start_fitting(heavy, None, by=marketer).target_bytes == 600_000
    assert Fitting.objects.count() == 2


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (sample_pdf, "export it again for the screen"),
        (sample_vcard, "remove its photo"),
        (sample_calendar, "remove its attachments"),
    ],
)
def test_a_document_cannot_be_made_to_fit_and_says_what_to_do(store, marketer, rung, sample, words):
    media = store(*sample())
    assert rung(start_fitting, media, None, by=marketer) == 0
    row = Fitting.objects.get()
    assert row.status == FitStatus.FAILED
    assert words in row.reason


def test_a_film_that_is_too_long_says_so_at_once(store, marketer):
    media = store("a.mov", samples.film("mov"))
    MediaFile.objects.filter(pk=media.pk).update(seconds=240)
    media.refresh_from_db()
    row = start_fitting(media, None, by=marketer)
    assert row.status == FitStatus.FAILED
    assert row.reason == (
        "The video runs 4 minutes: at 600 KB it would be unwatchable. Cut it to under 60 s."
    )


# --- Making it ---------------------------------------------------------------------------------


def test_the_result_is_a_file_of_its_own_and_the_original_stays(heavy, fit, marketer):
    row = fit(heavy)
    assert (row.status, row.progress, row.reason) == (FitStatus.DONE, 100, "")
    result = row.result
    assert result.original == heavy
    assert result.name == f"Our offer, {say_size(result.size)}.jpg"
    assert result.mime == "image/jpeg"
    assert result.size <= 30_000 < heavy.size
    assert result.uploaded_by == marketer
    assert result.file.size == result.size
    heavy.refresh_from_db()
    assert heavy.file.size == heavy.size
    entry = AuditEntry.objects.get(verb="media.fitted")
    assert (entry.actor, entry.after["fitted_from"]) == (marketer, heavy.pk)


@pytest.mark.parametrize(
    ("made", "name", "mime"),
    [("mov", "Party.mp4", "video/mp4"), ("amr", "Party.mp3", "audio/mpeg")],
)
def test_films_and_sounds_are_made_to_fit_too(store, fit, made, name, mime):
    row = fit(store(f"Party.{made}", samples.film(made)), 600_000)
    assert row.status == FitStatus.DONE, row.reason
    stem, _, ending = name.partition(".")
    assert row.result.name == f"{stem}, {say_size(row.result.size)}.{ending}"
    assert row.result.mime == mime
    assert row.result.seconds == pytest.approx(1, abs=0.15)


def test_a_gif_is_made_to_fit(store, fit):
    media = store("a.gif", samples.moving_picture(frames=8, size=(120, 90), noisy=True))
    row = fit(media, media.size // 2)
    assert (row.status, row.result.mime) == (FitStatus.DONE, "image/gif")
    with row.result.file.open("rb") as file, Image.open(file) as image:
        assert image.n_frames > 1


def test_a_name_that_fills_the_field_still_gets_its_ending(store, fit):
    row = fit(store("x" * 300 + ".png", samples.noisy_picture("PNG", size=(300, 200))))
    assert len(row.result.name) == 255
    assert row.result.name.endswith(f"x, {say_size(row.result.size)}.jpg")


def test_the_same_result_again_is_the_same_file(heavy, fit):
    first = fit(heavy, 30_000)
    second = fit(heavy, first.result.size)
    assert second != first
    assert second.result == first.result
    assert MediaFile.objects.count() == 2


def test_a_file_that_does_not_get_smaller_says_so(store, fit):
    row = fit(store("a.jpg", samples.noisy_picture(size=(90, 60), quality=20)))
    assert row.status == FitStatus.FAILED
    assert "does not get smaller: it is well made already" in row.reason
    assert row.result is None


def test_what_cannot_get_so_small_fails_with_a_sentence(heavy, fit):
    row = fit(heavy, 400)
    assert row.status == FitStatus.FAILED
    assert row.reason == "The picture does not get below 400 bytes: crop it first."
    assert MediaFile.objects.count() == 1


def test_a_failure_that_stays_true_is_not_tried_again(heavy, fit, marketer, rung):
    fit(heavy, 400)
    assert rung(start_fitting, heavy, None, by=marketer, target_bytes=400) == 0
    assert Fitting.objects.get().status == FitStatus.FAILED


def test_what_took_too_long_may_be_asked_for_again(heavy, marketer, rung):
    row = start_fitting(heavy, None, by=marketer)
    Fitting.objects.update(status=FitStatus.FAILED, reason=fitting.TOO_SLOW)
    assert rung(start_fitting, heavy, None, by=marketer) == 1
    row.refresh_from_db()
    assert (row.status, row.reason) == (FitStatus.WAITING, "")


def test_a_result_that_was_deleted_is_made_again(heavy, fit, marketer):
    delete_media(fit(heavy).result, by=marketer)
    row = fit(heavy)
    assert row.status == FitStatus.DONE
    assert row.result is not None


# --- One worker --------------------------------------------------------------------------------


def test_only_one_worker_takes_it(heavy, marketer):
    row = start_fitting(heavy, None, by=marketer, target_bytes=30_000)
    earlier = timezone.now() - timedelta(seconds=5)
    Fitting.objects.update(status=FitStatus.WORKING, started_at=earlier)
    run_fitting(row.pk, timezone.now())
    row.refresh_from_db()
    assert (row.status, row.started_at) == (FitStatus.WORKING, earlier)
    assert MediaFile.objects.count() == 1


def test_a_doorbell_for_what_is_done_does_nothing(heavy, fit):
    row = fit(heavy)
    before = row.updated_at
    run_fitting(row.pk, timezone.now())
    row.refresh_from_db()
    assert row.updated_at == before


def test_a_doorbell_for_a_file_that_is_gone_does_nothing():
    run_fitting(4711, timezone.now())


def test_half_of_the_workers_stay_free_for_sending(heavy, store, marketer, settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 2}
    busy = start_fitting(heavy, None, by=marketer)
    Fitting.objects.update(status=FitStatus.WORKING, started_at=timezone.now())
    media = store("b.webp", samples.picture("WEBP"))
    row = start_fitting(media, None, by=marketer)
    run_fitting(row.pk, timezone.now())
    row.refresh_from_db()
    assert row.status == FitStatus.WAITING
    Fitting.objects.filter(pk=busy.pk).update(status=FitStatus.DONE)
    run_fitting(row.pk, timezone.now())
    row.refresh_from_db()
    assert row.status == FitStatus.DONE


def test_whoever_waits_is_rung_for_when_one_is_done(heavy, store, marketer, rung):
    row = start_fitting(heavy, None, by=marketer, target_bytes=30_000)
    start_fitting(store("b.webp", samples.picture("WEBP")), None, by=marketer)
    assert rung(run_fitting, row.pk, timezone.now()) == 2  # the poster of the result, the next one


def test_a_busy_moment_leaves_no_worker_idle_afterwards(heavy, marketer, settings, rung):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 4}
    for target in range(30_000, 30_005):
        start_fitting(heavy, None, by=marketer, target_bytes=target)
    assert rung(fitting.ring_next) == 2


# --- Progress and the end of patience ----------------------------------------------------------


@pytest.fixture
def working(heavy, marketer):
    row = start_fitting(heavy, None, by=marketer)
    Fitting.objects.update(status=FitStatus.WORKING, started_at=timezone.now())
    row.refresh_from_db()
    return row


def test_progress_is_written_at_most_twice_a_second(working, django_assert_num_queries):
    tell = fitting._Teller(working)
    with django_assert_num_queries(1):
        for share in (0.1, 0.2, 0.3, 0.4):
            tell(share)
    working.refresh_from_db()
    assert working.progress == 10


def test_nobody_is_done_before_it_is_done(working):
    fitting._Teller(working)(1.7)
    working.refresh_from_db()
    assert working.progress == 99


def test_what_takes_too_long_is_ended_with_a_sentence(heavy, marketer, monkeypatch):
    monkeypatch.setattr(fitting, "MOST_SECONDS", -1)
    row = start_fitting(heavy, None, by=marketer, target_bytes=30_000)
    run_fitting(row.pk, timezone.now())
    row.refresh_from_db()
    assert (row.status, row.reason) == (FitStatus.FAILED, fitting.TOO_SLOW)


def test_patience_ends_before_the_queue_ends_the_task(settings):
    assert settings.Q_CLUSTER["timeout"] > fitting.MOST_SECONDS
    assert fitting.GIVE_UP.total_seconds() > settings.Q_CLUSTER["timeout"]


# --- Left behind -------------------------------------------------------------------------------


def test_what_a_dead_worker_left_is_tried_once_more_and_then_given_up(working, rung):
    later = working.started_at + fitting.GIVE_UP + timedelta(seconds=1)
    assert rung(ring_stalled, later) == 1
    working.refresh_from_db()
    assert (working.status, working.started_at) == (FitStatus.WAITING, None)
    assert working.reason == fitting.SECOND_TRY
    Fitting.objects.update(status=FitStatus.WORKING, started_at=later)
    assert rung(ring_stalled, later + fitting.GIVE_UP + timedelta(seconds=1)) == 0
    working.refresh_from_db()
    assert (working.status, working.reason) == (FitStatus.FAILED, fitting.TOO_MUCH)


def test_a_second_try_that_goes_well_is_done(working):
    ring_stalled(working.started_at + fitting.GIVE_UP + timedelta(seconds=1))
    run_fitting(working.pk, timezone.now())
    working.refresh_from_db()
    assert (working.status, working.reason) == (FitStatus.DONE, "")


def test_a_worker_that_was_given_up_does_not_write_over_the_next(working):
    given_up = Fitting.objects.get()
    next_start = working.started_at + fitting.GIVE_UP + timedelta(seconds=1)
    ring_stalled(next_start)
    assert fitting._take(working.pk, next_start)
    with pytest.raises(fitting.RuleBroken):
        fitting._Teller(given_up)(0.5)
    fitting._end(given_up, status=FitStatus.FAILED, reason="late")
    working.refresh_from_db()
    assert (working.status, working.progress) == (FitStatus.WORKING, 0)


def test_who_is_at_work_is_left_alone(working, rung):
    assert rung(ring_stalled, working.started_at + timedelta(seconds=90)) == 0
    working.refresh_from_db()
    assert working.status == FitStatus.WORKING


def test_a_lost_doorbell_is_rung_again(heavy, marketer, rung):
    row = start_fitting(heavy, None, by=marketer)
    assert rung(ring_stalled, row.updated_at + timedelta(seconds=10)) == 0
    assert rung(ring_stalled, row.updated_at + timedelta(seconds=90)) == 1


def test_what_a_library_makes_of_a_strange_file_ends_the_row_at_once(heavy, fit, monkeypatch):
    def fail(*args):
        raise AttributeError("no such decoder")

    monkeypatch.setitem(fitting._FITTERS, "image", fail)
    row = fit(heavy)
    assert (row.status, row.reason) == (FitStatus.FAILED, fitting.BROKEN)


def test_a_file_deleted_while_it_is_fitted_leaves_nothing_behind(
    heavy, fit, marketer, monkeypatch, tmp_path, django_capture_on_commit_callbacks
):
    make, ends = fitting._FITTERS["image"], []

    def fit_and_delete(*args):
        made = make(*args)
        with django_capture_on_commit_callbacks(execute=True):
            delete_media(MediaFile.objects.get(pk=heavy.pk), by=marketer)
        return made

    monkeypatch.setitem(fitting._FITTERS, "image", fit_and_delete)
    monkeypatch.setattr(fitting, "_end", lambda row, **fields: ends.append(fields["reason"]))
    row = start_fitting(heavy, None, by=marketer, target_bytes=30_000)
    run_fitting(row.pk, timezone.now())
    assert ends == ["The file was deleted while it was made to fit."]
    assert not MediaFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
