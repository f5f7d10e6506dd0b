"""Doorbell of the callbacks."""

from campaigns.services import receipts


def read_posts() -> None:
    """Read the callbacks that were kept."""
    receipts.read_posts()
