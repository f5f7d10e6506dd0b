"""Doorbell of the imports."""

from django.utils import timezone

from campaigns.services import import_rows


def run_import(import_id: int) -> None:
    """Import the next rows of a file."""
    import_rows.run_import(import_id, timezone.now())
