"""A version is saved at the provider once, and what became of it is told in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.errors import OutcomeUnknown, Refused, Unreachable
from campaigns.gateways.events import SavedEvent
from campaigns.gateways.outcomes import Saved
from campaigns.models import SavedMms
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import SavedStatus
from campaigns.services.media import public_url, store_media
from campaigns.services.template_reports import apply_saved_event
from campaigns.services.template_saving import LEFT, ring_stalled, run_save, save_to_provider
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


class Provider:
    """Answers `save` as told; an exception is raised."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def __call__(self, channel):
        return self

    def save(self, content, reference):
        self.asked.append((content, reference))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def channel(make_channel):
    return make_channel()


@pytest.fixture
def row(make_mms, channel, marketer):
    return save_to_provider(make_mms().head, channel, by=marketer)


def run(row, answer):
    provider = Provider(answer)
    run_save(row.pk, timezone.now(), connect=provider)
    row.refresh_from_db()
    return provider


def ready(**fields):
    return SavedEvent(**{"key": "k", "code": "N003", "saved_id": "35674", "ready": True, **fields})


def test_saving_freezes_the_version_and_rings_the_worker(row):
    assert row.status == SavedStatus.SAVING
    assert row.revision.frozen_at
    assert len(row.reference) <= 64


def test_a_version_with_problems_is_not_saved(make_mms, channel, marketer):
    with pytest.raises(RuleBroken, match="Slide 1: it is empty"):
        save_to_provider(make_mms(text="").head, channel, by=marketer)
    assert not SavedMms.objects.exists()


def test_the_provider_takes_it_and_converts(row):
    provider = run(row, Saved("35674", "tracking"))
    assert (row.status, row.mms_id, row.provider_id) == ("transcoding", "35674", "tracking")
    [(content, reference)] = provider.asked
    assert (content.name, reference) == ("Spring sale", row.reference)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (Refused("The name is missing.", code="E311"), "failed", "The name is missing."),
        (Unreachable("No connection."), "failed", "Nothing was saved"),
        (OutcomeUnknown("No answer."), "in_doubt", "It may be saved"),
    ],
)
def test_a_failure_is_told_in_words(row, answer, status, words):
    run(row, answer)
    assert row.status == status
    assert words in row.reason
    assert row.code == answer.code


def test_a_doorbell_that_rings_twice_saves_once(row):
    run(row, Saved("35674"))
    assert run(row, Saved("99999")).asked == []
    assert row.mms_id == "35674"


def test_a_save_under_way_is_not_begun_by_a_second_worker(row):
    SavedMms.objects.filter(pk=row.pk).update(started_at=timezone.now())
    assert run(row, Saved("1")).asked == []


def test_a_save_whose_worker_died_is_in_doubt_and_not_repeated(row):
    SavedMms.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(minutes=5))
    ring_stalled(timezone.now())
    assert run(row, Saved("1")).asked == []
    assert (row.status, row.reason) == (SavedStatus.IN_DOUBT, LEFT)


def test_an_answer_after_all_settles_a_save_in_doubt(row):
    class Slow(Provider):
        def save(self, content, reference):
            ring_stalled(timezone.now() + timedelta(minutes=5))
            return super().save(content, reference)

    run_save(row.pk, timezone.now(), connect=Slow(Saved("35674", ready=True)))
    row.refresh_from_db()
    assert (row.status, row.reason, row.mms_id) == (SavedStatus.READY, "", "35674")


def test_a_late_error_does_not_touch_the_save_begun_since(row, channel, marketer):
    class Slow(Provider):
        def save(self, content, reference):
            ring_stalled(timezone.now() + timedelta(minutes=5))
            save_to_provider(row.revision, channel, by=marketer)
            return super().save(content, reference)

    run_save(row.pk, timezone.now(), connect=Slow(Unreachable("No connection.")))
    row.refresh_from_db()
    assert (row.status, row.reason) == (SavedStatus.SAVING, "")


def test_a_save_that_no_worker_took_is_rung_again(row, django_capture_on_commit_callbacks):
    now = timezone.now()
    with django_capture_on_commit_callbacks() as early:
        ring_stalled(now)
    with django_capture_on_commit_callbacks() as late:
        ring_stalled(now + timedelta(minutes=2))
    assert (len(early), len(late)) == (0, 1)
    row.refresh_from_db()
    assert row.status == SavedStatus.SAVING


def test_a_report_makes_it_ready(row, channel):
    run(row, Saved("35674"))
    assert apply_saved_event([channel.pk], ready())
    row.refresh_from_db()
    assert row.status == SavedStatus.READY


def test_a_report_before_the_answer_waits_or_is_known_by_its_reference(row, channel):
    assert not apply_saved_event([channel.pk], ready())
    assert apply_saved_event([channel.pk], ready(reference=row.reference))
    row.refresh_from_db()
    assert (row.status, row.mms_id) == (SavedStatus.READY, "35674")
    run(row, Saved("35674"))
    assert row.status == SavedStatus.READY


def test_a_report_settles_a_save_in_doubt(row, channel):
    run(row, OutcomeUnknown("No answer."))
    assert apply_saved_event([channel.pk], ready(reference=row.reference))
    row.refresh_from_db()
    assert row.status == SavedStatus.READY


def test_a_report_of_another_channel_touches_nothing(row, make_channel):
    run(row, Saved("35674"))
    assert not apply_saved_event([make_channel("Other").pk], ready())


def test_what_is_ready_stays_ready(row, channel):
    run(row, Saved("35674"))
    apply_saved_event([channel.pk], ready())
    assert apply_saved_event([channel.pk], ready(ready=False, code="E003", text="No."))
    row.refresh_from_db()
    assert row.status == SavedStatus.READY


def test_a_failed_conversion_names_the_slide(row, channel, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    media = store_media(samples.upload("a.jpg", samples.picture()), by=None)
    row.revision.slides.get().media.create(media_file=media)
    run(row, Saved("35674"))
    text = "The image could not be encoded."
    apply_saved_event(
        [channel.pk], ready(ready=False, code="E004", text=text, url=public_url(media))
    )
    row.refresh_from_db()
    assert (row.status, row.code, row.reason) == ("failed", "E004", f"Slide 1, “a.jpg”: {text}")


@pytest.mark.parametrize(
    ("kind", "words"), [("image", "Slide 1: No."), ("video", "No."), ("", "No.")]
)
def test_a_failure_that_names_no_file_names_the_slides_with_such_files(
    row, channel, settings, tmp_path, kind, words
):
    settings.MEDIA_ROOT = tmp_path
    media = store_media(samples.upload("a.jpg", samples.picture()), by=None)
    row.revision.slides.get().media.create(media_file=media)
    run(row, Saved("35674"))
    apply_saved_event([channel.pk], ready(ready=False, code="E004", text="No.", kind=kind))
    row.refresh_from_db()
    assert row.reason == words


def test_a_refusal_that_names_a_slide_begins_with_it(row):
    run(row, Refused("A video is too big. (Sinch: The video in slide 1 is too big.)", code="E333"))
    assert row.reason.startswith("Slide 1: A video is too big.")


def test_what_failed_can_be_saved_again(row, channel, marketer):
    run(row, Refused("No.", code="E229"))
    again = save_to_provider(row.revision, channel, by=marketer)
    assert (again.pk, again.status, again.code) == (row.pk, SavedStatus.SAVING, "")
    assert again.reference != row.reference


def test_what_is_ready_or_on_its_way_is_not_saved_again(row, channel, marketer):
    with pytest.raises(RuleBroken, match="on its way"):
        save_to_provider(row.revision, channel, by=marketer)
    apply_saved_event([channel.pk], ready(reference=row.reference))
    with pytest.raises(RuleBroken, match="need not be saved again"):
        save_to_provider(row.revision, channel, by=marketer)
