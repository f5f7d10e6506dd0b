"""Doorbells of the callbacks, and of what is fetched beside them."""

from campaigns.services import clock, polling, posts


def read_posts() -> None:
    """Read the callbacks that were kept."""
    posts.read_posts()


def poll(channel_id: int) -> None:
    """Fetch reports and replies of a channel."""
    polling.poll_channel(channel_id, clock.now())
