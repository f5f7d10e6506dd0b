"""How long the files of imports are kept, and what stays of them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.models import Consent, Contact, ContactImport, ImportChange, ImportProblem
from campaigns.services import import_rows, imports
from campaigns.services.import_consent import Agreed
from campaigns.services.import_rejects import write_rejects
from campaigns.services.import_retention import delete_old_files, is_emptied

PEOPLE = "Phone,Name\n12015550101,Ann\n12345,Bo\n"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def files(tmp_path):
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def waiting(marketer):
    upload = SimpleUploadedFile("people.csv", PEOPLE.encode())
    return imports.start_import(upload, list_name="Spring", by=marketer)


@pytest.fixture
def done(waiting, marketer):
    Contact.objects.create(phone="12015550101")
    agreed = Agreed("web", "Text me", "https://example.com", timezone.now())
    mapping = {int(place): name for place, name in waiting.mapping.items()}
    imports.confirm_import(waiting, mapping, agreed=agreed, by=marketer, in_background=False)
    import_rows.run_import(waiting.pk, timezone.now())
    waiting.refresh_from_db()
    return waiting


@pytest.fixture
def sweep(django_capture_on_commit_callbacks):
    def sweep(later):
        with django_capture_on_commit_callbacks(execute=True):
            delete_old_files(timezone.now() + later)

    return sweep


def test_a_finished_import_keeps_its_file_for_a_day(done, files, sweep):
    sweep(DAY - timedelta(minutes=1))
    assert files()
    assert ImportProblem.objects.exists()
    assert ImportChange.objects.exists()


def test_a_day_later_nothing_of_the_file_is_left_but_its_numbers(done, files, sweep):
    sweep(DAY + timedelta(minutes=1))
    done.refresh_from_db()
    assert files() == []
    assert not ImportProblem.objects.exists()
    assert not ImportChange.objects.exists()
    assert (done.updated_count, done.problem_count) == (1, 1)
    assert is_emptied(done)
    assert Consent.objects.get().contact_import == done
    assert len(list(write_rejects(done))) == 2  # the mark and the header only
    sweep(DAY + timedelta(minutes=2))  # again: nothing more to do


@pytest.mark.parametrize(("days", "is_there"), [(6, True), (8, False)])
def test_a_file_that_nobody_confirms_goes_after_a_week(waiting, files, sweep, days, is_there):
    sweep(timedelta(days=days))
    assert ContactImport.objects.exists() is bool(files()) is is_there


@pytest.mark.parametrize("status", ["running", "undoing"])
def test_what_is_under_way_is_left_alone(done, files, sweep, status):
    ContactImport.objects.update(status=status)
    sweep(30 * DAY)
    assert files()


def test_a_confirmed_import_is_never_discarded(done, marketer):
    with pytest.raises(imports.RuleBroken, match="was started"):
        imports.discard_import(done, by=marketer)
    assert ContactImport.objects.exists()
