"""Doorbell of the inbox."""

from django.utils import timezone

from campaigns.services import inbox


def copy_media(message_id: int) -> None:
    """Copy the files of a reply."""
    inbox.copy_media(message_id, timezone.now())
