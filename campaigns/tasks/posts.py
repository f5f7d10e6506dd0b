"""Doorbell of the callbacks."""

from campaigns.services import posts


def read_posts() -> None:
    """Read the callbacks that were kept."""
    posts.read_posts()
