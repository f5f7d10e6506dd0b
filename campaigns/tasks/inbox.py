"""Doorbells of the inbox."""

from django.utils import timezone

from campaigns.services import feedback, inbox


def copy_media(message_id: int) -> None:
    """Copy the files of a reply."""
    inbox.copy_media(message_id, timezone.now())


def tell_received(reply_id: int) -> None:
    """Tell the provider that the message this reply answers was received."""
    feedback.tell_received(reply_id, timezone.now())
