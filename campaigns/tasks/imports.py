"""Doorbell of the imports."""

from django.utils import timezone

from campaigns.services import import_rows, import_undo


def run_import(import_id: int) -> None:
    """Import the next rows of a file."""
    import_rows.run_import(import_id, timezone.now())


def run_undo(import_id: int) -> None:
    """Undo the next rows of an import."""
    import_undo.run_undo(import_id)
