"""Files of imports are kept as long as somebody needs them: people's numbers lie in them."""

from datetime import datetime, timedelta

from django.db import transaction

from campaigns.models import ContactImport
from campaigns.services.audit import record
from campaigns.services.chunks import delete_in_chunks
from campaigns.services.import_undo import UNDO_WITHIN

#: A file that nobody confirms.
PREVIEW_KEPT = timedelta(days=7)
#: No more of them at a time: the next sweep is a minute away.
MOST_AT_ONCE = 20
CHUNK = 5_000
Status = ContactImport.Status
_ENDED = (Status.DONE, Status.FAILED, Status.UNDONE)


def delete_old_files(now: datetime) -> None:
    """A day after its end an import has no file, no rejected rows and no undo; what it counted
    stays. A preview of a week ago goes altogether."""
    waiting = ContactImport.objects.filter(status=Status.PREVIEW, created_at__lt=now - PREVIEW_KEPT)
    for contact_import in waiting[:MOST_AT_ONCE]:
        _forget(contact_import)
    ended = ContactImport.objects.filter(
        status__in=_ENDED, finished_at__lt=now - UNDO_WITHIN
    ).exclude(file="")
    for contact_import in ended[:MOST_AT_ONCE]:
        _empty(contact_import)


def _forget(contact_import: ContactImport) -> None:
    name, storage = contact_import.file.name, contact_import.file.storage
    with transaction.atomic():
        still = ContactImport.objects.filter(pk=contact_import.pk, status=Status.PREVIEW)
        if still.select_for_update().exists():
            record("import.forgotten", contact_import, by=None)
            still.delete()
            transaction.on_commit(lambda: storage.delete(name))


def _empty(contact_import: ContactImport) -> None:
    """The row stays: the ledger refers to it. Nothing is undone any more, so nobody waits for
    these rows."""
    delete_in_chunks(contact_import.problems.all(), CHUNK)
    delete_in_chunks(contact_import.changes.all(), CHUNK)
    contact_import.file.delete(save=False)
    ContactImport.objects.filter(pk=contact_import.pk).update(file="")


def is_emptied(contact_import: ContactImport) -> bool:
    """Whether its file and its rejected rows are gone."""
    return contact_import.status in _ENDED and not contact_import.file
