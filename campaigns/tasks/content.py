"""Tasks about content."""

from django.utils import timezone

from campaigns.services.template_saving import run_save


def save_mms(saved_id: int) -> None:
    """Send one template to its provider."""
    run_save(saved_id, timezone.now())
